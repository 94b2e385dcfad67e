"""``lifecircle dependents``: who would lose a category if one service point closed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.console.notices import print_missing, print_written
from api.console.options import CategoryOption
from api.console.output import print_table
from api.console.question import THRESHOLD, DistrictCommand, district_command
from api.console.terms import category_names, walker_name
from api.console.thresholds import within
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*THRESHOLD)
def print_dependents(
    command: DistrictCommand,
    *,
    category: CategoryOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write one row per service point to FILE.csv.")
    ] = None,
) -> None:
    """Show who would lose a category if one service point closed."""
    from api.console.files import check_target, write_csv  # noqa: PLC0415 - heavy
    from api.dependents.answers import dependents_answer, find_dependents  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv",))
    snapshot, question = command.snapshot(), command.question
    found = find_dependents(snapshot, question, category=category)
    answer = dependents_answer(snapshot, question, found, category=category)
    if out is not None:
        print_written(write_csv(found.points, out, answer))
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print(result, names))
    if not command.as_json:
        without = answer["without_points"]
        print_missing([names[each] for each in without if category in (None, each)])


def _print(answer: Json, names: Mapping[str, str]) -> None:
    rows = [
        {
            "heads.rank": row["rank"],
            "heads.point": row["point_id"],
            "heads.name": row["name"],
            "heads.category": names[row["category"]],
            "heads.reached_households": row["reached"],
            "heads.dependents": row["dependents"],
            "heads.dependents_all": row["dependents_all"],
        }
        for row in answer["rows"]
    ]
    about = {"within": within(answer), "walker": walker_name(answer["profile"])}
    print_table(Message("cli_dependents.rows", about), rows, limit=20)
    choices = [
        {
            "heads.category": names[row["category"]],
            "heads.no_point": row["households_0"],
            "heads.one_point": row["households_1"],
            "heads.two_points": row["households_2"],
            "heads.three_points": row["households_3"],
        }
        for row in answer["choices"]
    ]
    print_table(Message("cli_dependents.choices", about), choices)
