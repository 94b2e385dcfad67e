"""Commands about the past of a district: log, imports, undo, lineage, editions."""

from typing import Annotated

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    store_of,
)
from api.console.output import percent, print_json, print_table
from api.console.terms import CHANGES, LAYERS, LEVELS, SUCCESSIONS, term
from geo.messages import Message, language


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
            "heads.revision": row["revision"],
            "heads.at": row["at"][:19],
            "heads.true_from": row["valid_from"],
            "heads.who": row["actor"] or "-",
            "heads.what": row["what"],
            "heads.rows": _counted(row["counts"]),
        }
        for row in answer["changes"]
    ]
    print_table(Message("cli_history.log", {"code": code}), rows, limit=limit)


def _counted(counts: dict[str, dict[str, int]]) -> str:
    semicolon = "；" if language() == "zh" else "; "
    return semicolon.join(
        str(Message("cli_history.layer", {"layer": term(layer, LAYERS), "counts": _rows(result)}))
        for layer, result in counts.items()
        if any(result.values())
    )


def _rows(result: dict[str, int]) -> list[Message]:
    return [
        Message("cli_history.counted", {"n": n, "what": term(what, CHANGES)})
        for what, n in result.items()
        if n
    ]


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
            "heads.revision": row["revision"],
            "heads.true_from": row["valid_from"],
            "heads.level": term(row["level"], LEVELS),
            "heads.kind": term(row["kind"], SUCCESSIONS),
            "heads.old_code": row["old_code"],
            "heads.new_code": row["new_code"],
            "heads.area_share": percent(row["share"]),
        }
        for row in answer["rows"]
    ]
    print_table(Message("cli_history.lineage", {"code": code}), rows)
