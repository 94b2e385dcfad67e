"""``lifecircle editions``: list, publish and delete editions of the grids."""

from typing import Annotated, Literal

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    day_of,
    settings_for,
    store_of,
)
from api.console.output import print_json, print_table, print_text
from api.formats.aliases import Json
from geo.errors import InputError


def work_on_editions(
    ctx: typer.Context,
    code: CodeArgument,
    action: Annotated[
        Literal["list", "save", "publish"],
        typer.Argument(help="save keeps the grids as a draft; publish makes it final."),
    ] = "list",
    name: Annotated[str | None, typer.Argument(help="Name of the edition.")] = None,
    *,
    dated: Annotated[
        str | None, typer.Option("--dated", metavar="DAY", help="Day that the plan bears.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="What a reader should know.")] = "",
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the editions of the grid plan, save a draft, or publish one."""
    from api.editions.answers import edition_row, editions_answer  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    if action == "list":
        answer = editions_answer(store, code)
        if as_json:
            print_json(answer)
        else:
            print_table(f"Editions of {code}", [_edition(row) for row in answer["editions"]])
        return
    if name is None:
        raise InputError(f"Got {action} without a name; wanted the name of an edition.")
    deed = Deed(actor=actor_of(settings_for(ctx, db=db)))
    if action == "publish":
        done = store.publish_edition(code, name, deed=deed)
    else:
        if dated is None:
            raise InputError("Got save without --dated; wanted the day that the plan bears.")
        day = day_of(dated, name="--dated")
        done = store.save_edition(code, name, dated=day, note=note, deed=deed)
    if as_json:
        print_json({"district": code, **edition_row(done)})
    else:
        print_text(
            "; ".join(f"{key}: {value}" for key, value in _edition(edition_row(done)).items())
        )


def _edition(row: Json) -> Json:
    return {
        "name": row["name"],
        "state": row["state"],
        "dated": row["dated"],
        "revision": row["revision"],
        "who": row["actor"] or "-",
        "at": row["at"][:19],
        "sha256": row["sha256"][:12],
        "note": row["note"] or "-",
    }
