"""Commands about the past of a district: log, imports, undo, lineage, editions."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.console import print_json, print_table, print_text
from api.cli.options import CodeArgument, DbOption, JsonOption, actor_of, day_of, settings_for
from geo.errors import InputError

if TYPE_CHECKING:
    from boundaries.store import Store

Row = dict[str, Any]


def print_log(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many changes.")] = 30,
    after: Annotated[int, typer.Option("--after", min=0, help="Only later than a revision.")] = 0,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who changed what and when, newest first."""
    from api.past import changes_answer  # noqa: PLC0415 - heavy

    answer = changes_answer(_store(ctx, db), code, after=after, limit=limit)
    if as_json:
        print_json(answer)
        return
    rows = [
        {
            "revision": row["revision"],
            "at": row["at"][:19],
            "true from": row["valid_from"],
            "who": row["actor"] or "-",
            "what": row["what"],
            "rows": _counted(row["counts"]),
        }
        for row in answer["changes"]
    ]
    print_table(f"Changes of {code} (values before and after with --json)", rows, limit=limit)


def _counted(counts: dict[str, dict[str, int]]) -> str:
    return "; ".join(
        f"{layer}: " + ", ".join(f"{n} {what}" for what, n in found.items() if n)
        for layer, found in counts.items()
        if any(found.values())
    )


def print_imports(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """Show the files that were imported, newest first."""
    from api.past import imports_answer  # noqa: PLC0415 - heavy

    answer = imports_answer(_store(ctx, db), code)
    if as_json:
        print_json(answer)
        return
    rows = [
        {
            "revision": row["revision"],
            "at": row["imported_at"][:19],
            "source": row["source"],
            "sha256": row["sha256"][:12] or "-",
            "accepted": ", ".join(f"{n} {x['accepted']}" for n, x in row["layers"].items()),
            "rejected": sum(len(x["rejected"]) for x in row["layers"].values()),
            "undone by": row["undone"] or "-",
        }
        for row in answer["imports"]
    ]
    print_table(f"Imports of {code} (reports with --json)", rows)


def undo_import(
    ctx: typer.Context, code: CodeArgument, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """Undo the last import, if nothing else changed the district since."""
    from api.past import undo  # noqa: PLC0415 - heavy
    from boundaries.history import Deed  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    found = undo(_store(ctx, db), code, deed=Deed(actor=actor_of(settings)))
    if as_json:
        print_json(found)
        return
    now = f"district {code} is at revision {found['revision']}"
    if not found["revision"]:
        now = f"it had made district {code}, which is gone"
    print_text(f"The import of {found['source']} is undone: {now}.")


def print_lineage(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    grid: Annotated[str | None, typer.Option("--grid", metavar="CODE", help="One grid.")] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which grid came from which, oldest first."""
    from api.past import lineage_answer  # noqa: PLC0415 - heavy

    answer = lineage_answer(_store(ctx, db), code, grid)
    if as_json:
        print_json(answer)
        return
    rows = [
        {
            "revision": row["revision"],
            "true from": row["valid_from"],
            "level": row["level"],
            "kind": row["kind"],
            "from": row["old_code"],
            "to": row["new_code"],
            "of its area": f"{100 * row['share']:.1f} %",
        }
        for row in answer["rows"]
    ]
    print_table(f"Which grid of {code} came from which", rows)


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
    from api.past import edition_row, editions_answer  # noqa: PLC0415 - heavy
    from boundaries.history import Deed  # noqa: PLC0415 - heavy

    store = _store(ctx, db)
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


def _edition(row: Row) -> Row:
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


def _store(ctx: typer.Context, db: str | None) -> "Store":
    from boundaries.store import open_store  # noqa: PLC0415 - heavy

    return open_store(settings_for(ctx, db=db).db)
