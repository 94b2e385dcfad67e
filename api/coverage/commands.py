"""``lifecircle coverage``: who reaches what."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from api.console.notices import print_floors, print_missing, print_notices
from api.console.options import ByOption, RowsOutOption
from api.console.output import listed, percent, print_table, print_text, say
from api.console.question import POINTS, DistrictCommand, district_command
from api.console.terms import category_names, full_name, name_of
from api.console.thresholds import metres, within
from api.formats.aliases import Json
from api.runs.commands import keep_coverage
from api.snapshot.profiles import walker_text
from geo.messages import Message

_TITLES: Final = {
    "district": "cli_coverage.by_category",
    "building": "cli_coverage.by_building",
    "small": "cli_coverage.by_small",
    "medium": "cli_coverage.by_medium",
    "large": "cli_coverage.by_large",
}
"""Table by what is summed over."""


@district_command(*POINTS)
def print_coverage(
    command: DistrictCommand,
    *,
    by: ByOption = "district",
    out: RowsOutOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result as a run, with all it was made from.")
    ] = False,
) -> None:
    """Show who reaches what within the threshold."""
    from api.console.files import check_target  # noqa: PLC0415 - heavy
    from api.coverage.answers import coverage  # noqa: PLC0415 - heavy
    from api.coverage.files import export_coverage  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out)
    if keep:
        run = keep_coverage(command)
        say(Message("cli_coverage.kept", {"run": run}))
    snapshot, question = command.snapshot(), command.question
    if out is not None:
        about = export_coverage(snapshot, question, out, by=by)
        if not command.as_json:
            print_notices(about)
            return
    answer = coverage(snapshot, question, by=by)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_coverage(result, names))
    if not command.as_json:
        print_missing([names[category] for category in answer["without_points"]])


def _print_coverage(answer: Json, names: Mapping[str, str]) -> None:
    total, without = answer["total"], answer["without_points"]
    head = {
        "name": f"{total['code']} {full_name(total['name_zh'], total['name_en'])}",
        "households": round(total["households"]),
        "within": within(answer),
        "metres": metres(answer),
        "walker": walker_text(answer["profile"]),
    }
    print_text(Message("cli_coverage.head", head))
    if answer["crossings"]:
        hanging = answer["crossings"]["hanging"]
        told = [
            Message("cli_coverage.hanging", {"category": names[name], "households": lost})
            for name, lost in hanging.items()
            if lost
        ]
        about = {"km": answer["crossings"]["wide_m"] / 1000, "each": told}
        code = "cli_coverage.crossings" if told else "cli_coverage.nothing_hangs"
        print_text(Message(code, about))
    print_floors(answer)
    if answer["by"] == "district":
        rows = [
            {
                "heads.category": names[category],
                **_own_minutes(answer, category),
                "heads.households": share["covered"],
                "heads.coverage": percent(share["coverage"]),
            }
            for category, share in total["categories"].items()
        ]
    elif answer["by"] == "building":
        rows = [_building_row(row, names) for row in answer["rows"]]
    else:
        rows = [_grid_row(row, names, without=without) for row in answer["rows"]]
    print_table(Message(_TITLES[answer["by"]]), rows)
    figures = {
        "k": len(answer["judged"]),
        "share": percent(total["coverage_all"]),
        "mean": "-" if total["count_mean"] is None else f"{total['count_mean']:.2f}",
        "unlinked": round(total["unlinked"]),
    }
    print_text(Message("cli_coverage.judged" if without else "cli_coverage.all", figures))
    if answer["paces"]:
        paces = [
            {"metres": pace["pace_m"], "share": percent(pace["coverage_all"])}
            for pace in answer["paces"]
        ]
        told = [Message("cli_coverage.pace", pace) for pace in paces]
        print_text(Message("cli_coverage.paces", {"k": figures["k"], "paces": told}))


def _own_minutes(answer: Json, category: str) -> Json:
    own = answer["thresholds"][category]["minutes"]
    return {"heads.minutes": own} if answer["tier"] else {}


def _grid_row(row: Json, names: Mapping[str, str], *, without: list[str]) -> Json:
    known = [
        (share["coverage"], category)
        for category, share in row["categories"].items()
        if share["coverage"] is not None and share["coverage"] < 1 and category not in without
    ]
    worst, category = min(known, default=(None, ""))
    return {
        "heads.code": row["code"],
        "heads.name": name_of(row),
        "heads.households": row["households"],
        "heads.covered_all": percent(row["coverage_all"]),
        "heads.count_mean": row["count_mean"],
        "heads.worst": names.get(category, "-"),
        "heads.worst_coverage": percent(worst),
    }


def _building_row(row: Json, names: Mapping[str, str]) -> Json:
    missing = [
        names[category]
        for category, reach in row["categories"].items()
        if reach["status"] != "covered"
    ]
    return {
        "heads.building": row["building_id"],
        "heads.households": row["households"],
        "heads.reached": row["reached"],
        "heads.not_reached": listed(missing) or "-",
    }
