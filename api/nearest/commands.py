"""``lifecircle nearest``: the k nearest service points of every building."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console.notices import tell, tell_written
from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    OneCategoryOption,
    StandardOption,
)
from api.console.output import percent, print_json, print_table
from api.console.question import COMMAND_LINE, THRESHOLD, snapshot_for
from api.formats.aliases import Json

if TYPE_CHECKING:
    from api.parameters import CoverageQuestion


@COMMAND_LINE.asks(*THRESHOLD)
def print_nearest(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    category: OneCategoryOption,
    k: Annotated[int, typer.Option("--k", help="Points per building, 1 to 20.")] = 2,
    building: Annotated[
        str | None, typer.Option("--building", metavar="ID", help="Only this building.")
    ] = None,
    question: "CoverageQuestion",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write k rows per building to FILE.csv.")
    ] = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the walking time of every building to its nearest, second ... k-th nearest point."""
    from api.console.files import check_target, write_csv  # noqa: PLC0415 - heavy
    from api.nearest.answers import nearest_answer, nearest_table  # noqa: PLC0415 - heavy

    if out is not None:
        check_target(out, (".csv",))
    snapshot = snapshot_for(ctx, code, question, db=db, standard=standard)
    table = nearest_table(snapshot, question, category, k=k, building=building)
    answer = nearest_answer(snapshot, question, table, category=category)
    if out is not None:
        tell_written(write_csv(table, out, answer))
    if as_json:
        print_json(answer)
        return
    if out is None:
        within = f"{question.minutes:g} min ({question.profile})"
        print_table(f"{category} within {within}", _buildings(answer))
    print_table("Points to choose from", _choices(answer))
    tell(answer)


def _buildings(answer: Json) -> list[Json]:
    return [
        {
            "building": row["building_id"],
            "households": row["households"],
            "status": row["status"],
            "nearest first": ", ".join(
                f"{point['point_id']} {point['time_s']:.0f} s" for point in row["points"]
            ),
        }
        for row in answer["rows"]
    ]


def _choices(answer: Json) -> list[Json]:
    return [
        {"at least": row["rank"], "households": row["households"], "share": percent(row["share"])}
        for row in answer["choices"]
    ]
