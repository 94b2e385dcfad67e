"""``lifecircle nearest``: the k nearest service points of every building."""

from pathlib import Path
from typing import Annotated

import typer

from api.console.notices import tell, tell_written
from api.console.options import (
    AsOfOption,
    AtOption,
    CodeArgument,
    DbOption,
    JsonOption,
    MinutesOption,
    OneCategoryOption,
    ProfileOption,
    StandardOption,
    check_minutes,
    snapshot_at,
)
from api.console.output import percent, print_json, print_table
from api.formats.aliases import Json


def print_nearest(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    category: OneCategoryOption,
    k: Annotated[int, typer.Option("--k", help="Points per building, 1 to 20.")] = 2,
    building: Annotated[
        str | None, typer.Option("--building", metavar="ID", help="Only this building.")
    ] = None,
    minutes: MinutesOption = 15,
    profile: ProfileOption = "adult",
    at: AtOption = None,
    as_of: AsOfOption = None,
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

    check_minutes(minutes)
    if out is not None:
        check_target(out, (".csv",))
    snapshot, told = snapshot_at(ctx, code, at, as_of=as_of, db=db, standard=standard)
    table = nearest_table(
        snapshot, category, k=k, minutes=minutes, profile=profile, building=building
    )
    found = nearest_answer(snapshot, table, category=category, minutes=minutes, profile=profile)
    answer = {**found, **told}
    if out is not None:
        tell_written(write_csv(table, out, answer))
    if as_json:
        print_json(answer)
        return
    if out is None:
        print_table(f"{category} within {minutes:g} min ({profile})", _buildings(answer))
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
