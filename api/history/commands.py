"""Commands about the past of a district: log, imports, undo, lineage, editions."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    store_of,
)
from api.console.output import print_json, print_table

if TYPE_CHECKING:
    pass


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
    from api.history.answers import changes_answer  # noqa: PLC0415 - heavy

    answer = changes_answer(store_of(ctx, db), code, after=after, limit=limit)
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
        f"{layer}: " + ", ".join(f"{n} {what}" for what, n in result.items() if n)
        for layer, result in counts.items()
        if any(result.values())
    )


def print_lineage(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    grid: Annotated[str | None, typer.Option("--grid", metavar="CODE", help="One grid.")] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which grid came from which, oldest first."""
    from api.history.answers import lineage_answer  # noqa: PLC0415 - heavy

    answer = lineage_answer(store_of(ctx, db), code, grid)
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
