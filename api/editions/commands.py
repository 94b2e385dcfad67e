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
from api.console.output import line_of, print_json, print_table, print_text
from api.console.terms import STATES, term
from api.formats.aliases import Json
from geo.errors import InputError
from geo.messages import Message


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
    """List editions of the grid plan, save or publish one."""
    from api.editions.answers import edition_row, editions_answer  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    store = store_of(ctx, db)
    if action == "list":
        answer = editions_answer(store, code)
        if as_json:
            print_json(answer)
        else:
            title = Message("cli_editions.title", {"code": code})
            print_table(title, [_edition(row) for row in answer["editions"]])
        return
    if name is None:
        raise InputError("cli_editions.no_name", action=action)
    commit = Commit(actor=actor_of(settings_for(ctx, db=db)))
    if action == "publish":
        done = store.publish_edition(code, name, commit=commit)
    else:
        if dated is None:
            raise InputError("cli_editions.no_day")
        day = day_of(dated, name="--dated")
        done = store.save_edition(code, name, dated=day, note=note, commit=commit)
    if as_json:
        print_json({"district": code, **edition_row(done)})
    else:
        print_text(line_of(_edition(edition_row(done))))


def _edition(row: Json) -> Json:
    return {
        "heads.name": row["name"],
        "heads.state": term(row["state"], STATES),
        "heads.dated": row["dated"],
        "heads.revision": row["revision"],
        "heads.who": row["actor"] or "-",
        "heads.at": row["at"][:19],
        "heads.sha256": row["sha256"][:12],
        "heads.note": row["note"] or "-",
    }
