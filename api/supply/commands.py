"""Commands that print how service is shared: access, equity."""

from typing import Annotated, Literal

import typer

from api.console.notices import tell, tell_written
from api.console.options import (
    AsOfOption,
    ByOption,
    CategoryOption,
    CodeArgument,
    DbOption,
    JsonOption,
    MinutesOption,
    OneCategoryOption,
    ProfileOption,
    RowsOutOption,
    StandardOption,
    check_minutes,
    snapshot_of,
    told_as_of,
)
from api.console.output import print_json, print_table, print_text
from api.formats.aliases import Json
from api.snapshot.profiles import walker_text

GroupName = Literal["households", "residents", "residents_60plus", "residents_under15"]
MethodName = Literal["2sfca", "e2sfca", "3sfca", "gravity"]
DecayOption = Annotated[
    Literal["step", "linear", "gaussian", "exponential", "logistic", "zones"] | None,
    typer.Option(
        "--decay", help="How a point counts by walking time; the method's own by default."
    ),
]
_PER = 1_000
"""Scores are shown per so many."""


def print_access(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    category: OneCategoryOption,
    method: Annotated[
        MethodName, typer.Option("--method", help="How supply is shared; gravity shares nothing.")
    ] = "2sfca",
    decay: DecayOption = None,
    minutes: MinutesOption = 15,
    profile: ProfileOption = "adult",
    group: Annotated[
        GroupName, typer.Option("--group", help="Whose demand shares the supply.")
    ] = "households",
    by: ByOption = "district",
    out: RowsOutOption = None,
    as_of: AsOfOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how much service there is when it is shared by all who reach it."""
    from api.console.files import check_target, export_table  # noqa: PLC0415 - heavy
    from api.snapshot.provenance import meta  # noqa: PLC0415 - heavy
    from api.supply.answers import (  # noqa: PLC0415 - heavy
        Sharing,
        access_answer,
        access_rows,
        shared_supply,
    )

    check_minutes(minutes)
    if out is not None:
        check_target(out)
    how = Sharing(method, decay, minutes, profile)
    snapshot = snapshot_of(ctx, code, as_of=as_of, db=db, standard=standard)
    if out is not None:
        supply = shared_supply(snapshot, category, how=how, group=group)
        table = access_rows(snapshot, supply, by)
        about = {**meta(snapshot, profile=profile, minutes=minutes), **told_as_of(as_of)}
        tell_written(export_table(snapshot, table, out, by=by, about=about, name=f"access_{by}"))
        if not as_json:
            tell(about)
            return
    result = access_answer(snapshot, category, how=how, group=group, by=by)
    answer = {**result, **told_as_of(as_of)}
    if as_json:
        print_json(answer)
        return
    _print_access(answer)


def _print_access(answer: Json) -> None:
    sums, total = answer["supply"], answer["total"]
    print_text(
        f"{answer['category']}: {sums['points']:,} service points ({sums['capacity']}), "
        f"{answer['method']}, {answer['decay']['name']} decay to {answer['minutes']:g} min "
        f"({answer['metres']:g} m, {walker_text(answer['profile'])})"
    )
    print_text(
        f"reached: {sums['reached']:g}; reached by nobody: {sums['idle']:g}; "
        f"unlinked: {sums['unlinked']:g}"
    )
    per, unit = _unit(answer["method"], answer["supply"]["capacity"])
    if answer["by"] == "building":
        rows = [
            {
                "building": row["building_id"],
                answer["group"]: row["demand"],
                unit: _times(row["score"], per),
                "points": row["points"],
                "status": row["status"],
            }
            for row in answer["rows"]
        ]
        print_table("Buildings", rows)
    else:
        shown = [_spread_row(row, per) for row in answer["rows"]]
        print_table(f"Supply access, {unit} {answer['group']}", shown)
    if answer["by"] != "district":
        print_table("District", [_spread_row(total, per)])
    tell(answer)


def print_equity(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    category: CategoryOption = None,
    measure: Annotated[
        Literal["time", "access"],
        typer.Option("--measure", help="Walking time to the nearest point, or supply access."),
    ] = "time",
    weight: Annotated[GroupName, typer.Option("--weight", help="Who is weighed.")] = "households",
    by: Annotated[
        Literal["small", "medium", "large", "district"],
        typer.Option("--by", help="Within what it is spread."),
    ] = "district",
    method: Annotated[
        MethodName | None, typer.Option("--method", help="With --measure access; 2sfca by default.")
    ] = None,
    decay: DecayOption = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="With --measure access; 15 by default.")
    ] = None,
    profile: ProfileOption = "adult",
    as_of: AsOfOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how evenly walking time, or supply access, is spread over households or a group."""
    from api.supply.answers import equity_answer, sharing_for  # noqa: PLC0415 - heavy

    if minutes is not None:
        check_minutes(minutes)
    how = sharing_for(measure, method=method, decay=decay, minutes=minutes, profile=profile)
    snapshot = snapshot_of(ctx, code, as_of=as_of, db=db, standard=standard)
    result = equity_answer(snapshot, category, measure=measure, how=how, weight=weight, by=by)
    answer = {**result, **told_as_of(as_of)}
    if as_json:
        print_json(answer)
        return
    per, unit = _unit(answer["method"], answer["capacity"])
    if by != "district":
        rows = [{"category": row["category"], **_spread_row(row, per)} for row in answer["rows"]]
        print_table(f"{by} grids, {unit}".capitalize(), rows)
    totals = [
        {"category": row["category"], **_spread_row(row, per), **_parts(row, by)}
        for row in answer["totals"]
    ]
    print_table(f"District, {unit}, weighed by {weight}", totals)
    tell(answer)


def _unit(method: str | None, capacity: str | None) -> tuple[int, str]:
    """Return the display factor of a score and its unit."""
    from api.supply.answers import ALIKE  # noqa: PLC0415 - heavy
    from geo.accessibility.floating_catchment import Method  # noqa: PLC0415 - heavy

    if method is None:
        return 1, "seconds"
    what = "points" if capacity == ALIKE else "capacity"
    return (1, what) if method == Method.GRAVITY else (_PER, f"{what} per {_PER:,}")


def _parts(row: Json, by: str) -> Json:
    if by == "district":
        return {}
    return {
        "between grids": _rounded(row["theil_between"]),
        "within": _rounded(row["theil_within"]),
    }


def _spread_row(row: Json, per: int) -> Json:
    return {
        "code": row["code"],
        "name": row["name_zh"] or row["name_en"],
        "weight": row["weight"],
        "excluded": row["excluded"],
        **{name: _times(row[name], per) for name in ("mean", "p10", "p50", "p90")},
        **{name: _rounded(row[name]) for name in ("gini", "theil", "palma")},
        "why not": row["reason"],
    }


def _times(value: float | None, factor: int) -> float | None:
    return None if value is None else value * factor


def _rounded(value: float | None) -> str:
    """Return three decimals; two, as in other columns, would hide small differences."""
    return "-" if value is None else f"{value:.3f}"
