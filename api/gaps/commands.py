"""``lifecircle gaps``: households that are not covered."""

from typing import TYPE_CHECKING

import typer

from api.console.notices import tell, tell_missing
from api.console.options import (
    CategoryOption,
    CodeArgument,
    DbOption,
    JsonOption,
    LevelOption,
    StandardOption,
)
from api.console.output import percent, print_json, print_table
from api.console.question import COMMAND_LINE, THRESHOLD, snapshot_for
from api.formats.aliases import Json

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*THRESHOLD)
def print_gaps(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    question: "CoverageQuestion",
    level: LevelOption = "small",
    category: CategoryOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is left out: households per category and grid, and the areas they live in."""
    from api.gaps.answers import gaps  # noqa: PLC0415 - heavy

    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    answer = gaps(snapshot, question, level=level, category=category)
    if as_json:
        print_json(answer)
        return
    _print_gaps(answer)
    tell_missing([c for c in snapshot.without_points if category in (None, c)])


def _print_gaps(answer: Json) -> None:
    rows = [
        {
            "rank": row["rank"],
            "category": row["category"],
            "grid": row["code"] or "in no grid",
            "name": row["name_zh"] or row["name_en"],
            "households": row["households"],
            "beyond": row["beyond"],
            "unlinked": row["unlinked"],
            "coverage": percent(row["coverage"]),
        }
        for row in answer["rows"]
    ]
    within = f"{answer['minutes']:g} min ({answer['profile']['id']})"
    print_table(f"Households not within {within}", rows, limit=20)
    areas = [
        {
            "area": area["area_id"],
            "category": area["category"],
            "households": area["households"],
            "buildings": area["buildings"],
            "west, south, east, north": ", ".join(f"{x:.5f}" for x in area["bbox"]),
        }
        for area in answer["areas"]
    ]
    print_table("Largest contiguous areas", areas, limit=5)
    tell(answer)
