"""``lifecircle lifts``: where a lift would bring most elderly people within reach."""

from typing import Annotated

import typer

from api.console.options import CategoryOption
from api.console.output import print_table, print_text
from api.console.question import ROADS, DistrictCommand, district_command
from api.console.terms import category_names, walker_name
from api.console.thresholds import within
from api.formats.aliases import Json
from geo.messages import Message

_LIFT = {True: "cli_lifts.yes", False: "cli_lifts.no", None: "cli_lifts.unknown"}


@district_command(*ROADS)
def print_lifts(
    command: DistrictCommand,
    *,
    category: CategoryOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many rows.")] = 20,
) -> None:
    """Show where a lift would help most elderly people."""
    from api.lifts.answers import lifts  # noqa: PLC0415 - heavy

    snapshot = command.snapshot()
    answer = lifts(snapshot, command.question, category=category, limit=limit)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_lifts(result, names[result["category"]]))


def _print_lifts(answer: Json, category: str) -> None:
    rows = [
        {
            "heads.building": row["building_id"],
            "heads.storeys": row["storeys"],
            "heads.lift": Message(_LIFT[row["lift"]]),
            "heads.people_60plus": row["residents_60plus"],
            "heads.gained_60plus": row["gained_60plus"],
            "heads.gained_households": row["gained_households"],
        }
        for row in answer["rows"]
    ]
    about = {
        "category": category,
        "within": within(answer),
        "walker": walker_name(answer["profile"]),
    }
    print_table(Message("cli_lifts.title", about), rows)
    people, unknown = answer["gained_60plus"], answer["floors"]["unknown"]
    print_text(Message("cli_lifts.total", {"people": people, "rows": len(rows), **unknown}))
