"""``lifecircle nearest``: the k nearest service points of every building."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.notices import print_floors, print_written
from api.console.options import OneCategoryOption
from api.console.output import listed, minutes, percent, print_table
from api.console.question import ROADS, DistrictCommand, district_command
from api.console.terms import STATUSES, category_names, term, walker_name
from api.formats.aliases import Json
from geo.messages import Message


@district_command(*ROADS, "floors")
def print_nearest(
    command: DistrictCommand,
    *,
    category: OneCategoryOption,
    k: Annotated[int, typer.Option("--k", help="Points per building, 1 to 20.")] = 2,
    building: Annotated[
        str | None, typer.Option("--building", metavar="ID", help="Only this building.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write k rows per building to FILE.csv.")
    ] = None,
) -> None:
    """Show the walk from every building to its k nearest points."""
    from api.console.files import check_target, write_csv  # noqa: PLC0415 - heavy
    from api.nearest.answers import nearest_answer, nearest_table  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv",))
    snapshot, question = command.snapshot(), command.question
    table = nearest_table(snapshot, question, category, k=k, building=building)
    answer = nearest_answer(snapshot, question, table, category=category)
    if out is not None:
        print_written(write_csv(table, out, answer))

    def show(result: Json) -> None:
        if out is None:
            about = {
                "category": category_names(snapshot.standard)[category],
                "minutes": result["minutes"],
                "walker": walker_name(result["profile"]),
            }
            print_table(Message("cli_nearest.rows", about), _buildings(result))
        print_table(Message("cli_nearest.choices"), _choices(result))
        print_floors(result)

    command.print(answer, show)


def _buildings(answer: Json) -> list[Json]:
    return [
        {
            "heads.building": row["building_id"],
            "heads.households": row["households"],
            "heads.status": term(row["status"], STATUSES),
            "heads.nearest_first": listed(_point(point) for point in row["points"]),
        }
        for row in answer["rows"]
    ]


def _point(point: Json) -> Message:
    told = {"point": point["point_id"], "minutes": minutes(point["time_s"])}
    return Message("cli_nearest.point", told)


def _choices(answer: Json) -> list[Json]:
    return [
        {
            "heads.at_least": row["rank"],
            "heads.households": row["households"],
            "heads.share": percent(row["share"]),
        }
        for row in answer["choices"]
    ]
