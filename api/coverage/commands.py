"""Commands that print a result: districts, coverage, gaps, walk."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell, tell_missing
from api.console.options import (
    ByOption,
    CodeArgument,
    DbOption,
    JsonOption,
    RowsOutOption,
    StandardOption,
)
from api.console.output import percent, print_json, print_table, print_text, say
from api.console.question import COMMAND_LINE, POINTS, snapshot_for
from api.formats.aliases import Json
from api.runs.commands import keep_coverage
from api.snapshot.profiles import walker_text

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*POINTS, after={"own_points": "by"})
def print_coverage(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    question: "CoverageQuestion",
    by: ByOption = "district",
    out: RowsOutOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result as a run, with all that made it.")
    ] = False,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who reaches what within the threshold."""
    from api.console.files import check_target  # noqa: PLC0415 - heavy
    from api.coverage.answers import coverage  # noqa: PLC0415 - heavy
    from api.coverage.files import export_coverage  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out)
    if keep:
        run = keep_coverage(ctx, code, question, db=db, standard=standard)
        say(f"Kept as run {run}; `lifecircle rerun {run}` computes it again.")
    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    if out is not None:
        about = export_coverage(snapshot, question, out, by=by)
        if not as_json:
            tell(about)
            return
    answer = coverage(snapshot, question, by=by)
    if as_json:
        print_json(answer)
        return
    _print_coverage(answer)
    tell_missing(answer["without_points"])


def _print_coverage(answer: Json) -> None:
    total = answer["total"]
    name = " ".join(dict.fromkeys(total[key] for key in ("code", "name_zh", "name_en")))
    head = f"{name}: {total['households']:,.0f} households, {answer['minutes']:g} min on foot"
    print_text(f"{head} ({answer['metres']:g} m, {walker_text(answer['profile'])})")
    if answer["by"] == "district":
        rows = [
            {"category": c, "households": share["covered"], "coverage": percent(share["coverage"])}
            for c, share in total["categories"].items()
        ]
        print_table("Households that reach", rows)
    elif answer["by"] == "building":
        print_table("Buildings", [_building_row(row) for row in answer["rows"]])
    else:
        rows = [_grid_row(row, without=answer["without_points"]) for row in answer["rows"]]
        print_table(f"{answer['by']} grids".capitalize(), rows)
    k = len(total["categories"])
    mean = "-" if total["count_mean"] is None else f"{total['count_mean']:.2f}"
    print_text(
        f"All {k} categories: {percent(total['coverage_all'])} of households; "
        f"on average {mean} of {k}; unlinked: {total['unlinked']:,.0f} households"
    )
    tell(answer)


def _grid_row(row: Json, *, without: list[str]) -> Json:
    known = [
        (share["coverage"], category)
        for category, share in row["categories"].items()
        if share["coverage"] is not None and category not in without
    ]
    worst = min(known, default=(None, "-"))
    return {
        "code": row["code"],
        "name": row["name_zh"] or row["name_en"],
        "households": row["households"],
        "all": percent(row["coverage_all"]),
        "mean": row["count_mean"],
        "worst": worst[1],
        "worst coverage": percent(worst[0]),
    }


def _building_row(row: Json) -> Json:
    missing = [c for c, reach in row["categories"].items() if reach["status"] != "covered"]
    return {
        "building": row["building_id"],
        "households": row["households"],
        "reached": row["reached"],
        "not reached": ", ".join(missing) or "-",
    }
