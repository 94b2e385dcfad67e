"""Commands that print how service is shared: access, equity."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import typer

from api.console.notices import print_notices, print_written
from api.console.options import (
    ByGridOption,
    ByOption,
    CategoryOption,
    OneCategoryOption,
    RowsOutOption,
    check_minutes,
)
from api.console.output import print_table, print_text
from api.console.question import PACE, DistrictCommand, district_command
from api.console.terms import DECAYS, GROUPS, METHODS, STATUSES, category_names, name_of, term
from api.formats.aliases import Json
from api.snapshot.profiles import walker_text
from geo.messages import Message

GroupName = Literal["households", "residents", "residents_60plus", "residents_under15"]
MethodName = Literal["2sfca", "e2sfca", "3sfca", "gravity"]
DecayOption = Annotated[
    Literal["step", "linear", "gaussian", "exponential", "logistic", "zones"] | None,
    typer.Option(
        "--decay", help="How a point counts by walking time; the method's own by default."
    ),
]
_PER: Final = 1_000
"""Scores are shown per so many."""

_DEMAND: Final = {
    "households": "heads.demand_households",
    "residents": "heads.demand_residents",
    "residents_60plus": "heads.demand_60plus",
    "residents_under15": "heads.demand_under15",
}
_GRIDS: Final = {
    "small": "cli_access.small",
    "medium": "cli_access.medium",
    "large": "cli_access.large",
}


@district_command("minutes", *PACE)
def print_access(
    command: DistrictCommand,
    *,
    category: OneCategoryOption,
    method: Annotated[
        MethodName, typer.Option("--method", help="How supply is shared; gravity shares nothing.")
    ] = "2sfca",
    decay: DecayOption = None,
    group: Annotated[
        GroupName, typer.Option("--group", help="Whose demand shares the supply.")
    ] = "households",
    by: ByOption = "district",
    out: RowsOutOption = None,
) -> None:
    """Show supply access: service shared by all who reach it."""
    from api.console.files import check_target, export_table  # noqa: PLC0415 - heavy
    from api.snapshot.provenance import meta  # noqa: PLC0415 - heavy
    from api.supply.answers import (  # noqa: PLC0415 - heavy
        Sharing,
        access_answer,
        access_rows,
        shared_supply,
    )

    if out is not None:
        check_target(out)
    minutes, profile = command.question.minutes, command.question.profile
    how = Sharing(method, decay, minutes, profile)
    snapshot = command.snapshot()
    if out is not None:
        supply = shared_supply(snapshot, category, how=how, group=group)
        table = access_rows(snapshot, supply, by)
        about = command.dated(meta(snapshot, profile=profile, minutes=minutes))
        print_written(export_table(snapshot, table, out, by=by, about=about, name=f"access_{by}"))
        if not command.as_json:
            print_notices(about)
            return
    answer = access_answer(snapshot, category, how=how, group=group, by=by)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_access(result, names))


def _print_access(answer: Json, names: Mapping[str, str]) -> None:
    sums, total, group = answer["supply"], answer["total"], answer["group"]
    head = {
        "category": names[answer["category"]],
        "points": sums["points"],
        "capacity": sums["capacity"],
        "method": term(answer["method"], METHODS),
        "decay": term(answer["decay"]["name"], DECAYS),
        "minutes": answer["minutes"],
        "metres": answer["metres"],
        "walker": walker_text(answer["profile"]),
    }
    print_text(Message("cli_access.head", head))
    print_text(Message("cli_access.sums", sums))
    times, unit = _unit(answer["method"], sums["capacity"])
    if answer["by"] == "building":
        rows = [
            {
                "heads.building": row["building_id"],
                _DEMAND[group]: row["demand"],
                unit: _times(row["score"], times),
                "heads.points": row["points"],
                "heads.status": term(row["status"], STATUSES),
            }
            for row in answer["rows"]
        ]
        print_table(Message("cli_access.buildings"), rows)
    else:
        spread = {"unit": Message(unit), "group": term(group, GROUPS)}
        shown = [_spread_row(row, times) for row in answer["rows"]]
        print_table(Message("cli_access.spread", spread), shown)
    if answer["by"] != "district":
        print_table(Message("cli_access.district"), [_spread_row(total, times)])


@district_command(*PACE)
def print_equity(
    command: DistrictCommand,
    *,
    category: CategoryOption = None,
    measure: Annotated[
        Literal["time", "access"],
        typer.Option("--measure", help="Walking time to the nearest point, or supply access."),
    ] = "time",
    weight: Annotated[GroupName, typer.Option("--weight", help="Who is weighed.")] = "households",
    by: ByGridOption = "district",
    method: Annotated[
        MethodName | None, typer.Option("--method", help="With --measure access; 2sfca by default.")
    ] = None,
    decay: DecayOption = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="With --measure access; 15 by default.")
    ] = None,
) -> None:
    """Show how evenly walking time or supply is spread."""
    from api.supply.answers import equity_answer, sharing_for  # noqa: PLC0415 - heavy

    if minutes is not None:
        check_minutes(minutes)
    profile = command.question.profile
    how = sharing_for(measure, method=method, decay=decay, minutes=minutes, profile=profile)
    snapshot = command.snapshot()
    answer = equity_answer(snapshot, category, measure=measure, how=how, weight=weight, by=by)
    names = category_names(snapshot.standard)
    command.print(answer, lambda result: _print_equity(result, names))


def _print_equity(answer: Json, names: Mapping[str, str]) -> None:
    by = answer["by"]
    times, unit = _unit(answer["method"], answer["capacity"])
    if by != "district":
        rows = [_equity_row(row, times, names) for row in answer["rows"]]
        print_table(Message(_GRIDS[by], {"unit": Message(unit)}), rows)
    totals = [{**_equity_row(row, times, names), **_parts(row, by)} for row in answer["totals"]]
    weighed = {"unit": Message(unit), "weight": term(answer["weight"], GROUPS)}
    print_table(Message("cli_access.totals", weighed), totals)


def _unit(method: str | None, capacity: str | None) -> tuple[float, str]:
    """Return the display factor of a score, and the code of its unit."""
    from api.supply.answers import ALIKE  # noqa: PLC0415 - heavy
    from geo.accessibility.floating_catchment import Method  # noqa: PLC0415 - heavy

    if method is None:
        return 1 / 60, "heads.score_minutes"
    alike = capacity == ALIKE.text()
    if method == Method.GRAVITY:
        return 1, "heads.score_points" if alike else "heads.score_capacity"
    return _PER, "heads.score_points_per" if alike else "heads.score_capacity_per"


def _parts(row: Json, by: str) -> Json:
    if by == "district":
        return {}
    return {
        "heads.between_grids": _rounded(row["theil_between"]),
        "heads.within_grids": _rounded(row["theil_within"]),
    }


def _equity_row(row: Json, times: float, names: Mapping[str, str]) -> Json:
    return {"heads.category": names[row["category"]], **_spread_row(row, times)}


def _spread_row(row: Json, times: float) -> Json:
    return {
        "heads.code": row["code"],
        "heads.name": name_of(row),
        "heads.weight": row["weight"],
        "heads.excluded": row["excluded"],
        "heads.mean": _times(row["mean"], times),
        "heads.p10": _times(row["p10"], times),
        "heads.p50": _times(row["p50"], times),
        "heads.p90": _times(row["p90"], times),
        "heads.gini": _rounded(row["gini"]),
        "heads.theil": _rounded(row["theil"]),
        "heads.palma": _rounded(row["palma"]),
        "heads.why_not": row["reason"],
    }


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _rounded(value: float | None) -> str:
    """Return three decimals; two, as in other columns, would hide small differences."""
    return "-" if value is None else f"{value:.3f}"
