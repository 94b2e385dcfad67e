"""``lifecircle gaps``: households that are not covered."""

from collections.abc import Mapping

from api.console.notices import print_floors, print_missing
from api.console.options import CategoryOption, LevelOption
from api.console.output import percent, print_table
from api.console.question import ROADS, DistrictCommand, district_command
from api.console.terms import category_names, name_of, walker_name
from api.console.thresholds import within
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*ROADS, "floors")
def print_gaps(
    command: DistrictCommand, *, level: LevelOption = "small", category: CategoryOption = None
) -> None:
    """Show who is left out, by category and grid. Lists households, and the areas they live in."""
    from api.gaps.answers import gaps  # noqa: PLC0415 - heavy

    snapshot = command.snapshot()
    answer = gaps(snapshot, command.question, level=level, category=category)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_gaps(result, names))
    if not command.as_json:
        without = answer["without_points"]
        print_missing([names[each] for each in without if category in (None, "all", each)])


def _print_gaps(answer: Json, names: Mapping[str, str]) -> None:
    rows = [
        {
            "heads.rank": row["rank"],
            "heads.category": names[row["category"]],
            "heads.grid": row["code"] or Message("cli_gaps.no_grid"),
            "heads.name": name_of(row),
            "heads.households": row["households"],
            "heads.beyond": row["beyond"],
            "heads.unlinked": row["unlinked"],
            "heads.coverage": percent(row["coverage"]),
        }
        for row in answer["rows"]
    ]
    about = {"within": within(answer), "walker": walker_name(answer["profile"])}
    print_table(Message("cli_gaps.rows", about), rows, limit=20)
    areas = [
        {
            "heads.area": area["area_id"],
            "heads.category": names[area["category"]],
            "heads.households": area["households"],
            "heads.buildings": area["buildings"],
            "heads.bbox": ", ".join(f"{x:.5f}" for x in area["bbox"]),
        }
        for area in answer["areas"]
    ]
    print_table(Message("cli_gaps.areas"), areas, limit=5)
    print_floors(answer)
