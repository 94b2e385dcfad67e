"""Commands that print a result: districts, coverage, gaps, walk."""

from typing import Annotated, Any

import typer

from api.cli.console import percent, print_json, print_table, print_text, say
from api.cli.options import (
    AsOfOption,
    AtOption,
    ByOption,
    CategoryOption,
    CodeArgument,
    DbOption,
    JsonOption,
    LevelOption,
    MinutesOption,
    ProfileOption,
    RowsOutOption,
    StandardOption,
    check_minutes,
    settings_for,
    snapshot_at,
    snapshots_of,
)
from api.cli.runs import keep_coverage
from api.cli.telling import tell, tell_missing, tell_written
from api.settings import settings_table
from api.walkers import walker_text

Row = dict[str, Any]


def print_districts(
    ctx: typer.Context, *, db: DbOption = None, as_json: JsonOption = False
) -> None:
    """List the districts in the database."""
    from api import views  # noqa: PLC0415 - heavy

    snapshots = snapshots_of(settings_for(ctx, db=db))
    codes = [district.code for district in snapshots.store.districts()]
    rows = [views.summary(snapshots.current(code)) for code in codes]
    if as_json:
        print_json({"districts": rows})
        return
    shown = [
        {
            "code": row["code"],
            "name": " ".join(dict.fromkeys((row["name_zh"], row["name_en"]))),
            "origin": row["origin"],
            "revision": row["revision"],
            **{name: row["counts"][name] for name in ("small", "buildings", "households")},
        }
        for row in rows
    ]
    print_table("Districts", shown)


def print_settings(*, as_json: JsonOption = False) -> None:
    """List the settings that the environment may give, with their defaults."""
    rows = [row._asdict() for row in settings_table()]
    if as_json:
        print_json({"settings": rows})
        return
    print_table("Settings", rows)


def print_coverage(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    minutes: MinutesOption = 15,
    profile: ProfileOption = "adult",
    at: AtOption = None,
    as_of: AsOfOption = None,
    by: ByOption = "district",
    own_points: Annotated[
        bool,
        typer.Option(
            "--own-points", help="Count service points inside the district, not of neighbours."
        ),
    ] = False,
    out: RowsOutOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result as a run, with all that made it.")
    ] = False,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who reaches what within the threshold."""
    from api import exports, views  # noqa: PLC0415 - heavy
    from api.runs import CoverageQuestion  # noqa: PLC0415 - heavy

    check_minutes(minutes)
    if out is not None:
        exports.check_target(out)
    if keep:
        question = CoverageQuestion(minutes, profile, own_points, at)
        run = keep_coverage(ctx, code, question, as_of=as_of, db=db, standard=standard)
        say(f"Kept as run {run}; `lifecircle rerun {run}` computes it again.")
    snapshot, told = snapshot_at(ctx, code, at, as_of=as_of, db=db, standard=standard)
    if own_points:
        snapshot = snapshot.with_own_points()
    if out is not None:
        table = snapshot.coverage_rows(by, minutes=minutes, profile=profile)
        about = {**views.meta(snapshot, profile=profile, minutes=minutes), **told}
        about["own_points"] = own_points
        tell_written(exports.export_coverage(snapshot, table, out, by=by, about=about))
        if not as_json:
            tell(about)
            return
    found = views.coverage(snapshot, by=by, minutes=minutes, profile=profile, own_points=own_points)
    answer = {**found, **told}
    if as_json:
        print_json(answer)
        return
    _print_coverage(answer)
    tell_missing(answer["without_points"])


def _print_coverage(answer: Row) -> None:
    total = answer["total"]
    name = " ".join(dict.fromkeys(total[key] for key in ("code", "name_zh", "name_en")))
    head = f"{name}: {total['households']:,.0f} households, {answer['minutes']:g} min on foot"
    print_text(f"{head} ({answer['metres']:g} m, {walker_text(answer['profile'])})")
    if answer["by"] == "district":
        rows = [
            {"category": c, "households": share["covered"], "coverage": percent(share["coverage"])}
            for c, share in total["categories"].items()
        ]
        print_table("Households that reach", rows)
    elif answer["by"] == "building":
        print_table("Buildings", [_building_row(row) for row in answer["rows"]])
    else:
        rows = [_grid_row(row, without=answer["without_points"]) for row in answer["rows"]]
        print_table(f"{answer['by']} grids".capitalize(), rows)
    k = len(total["categories"])
    mean = "-" if total["count_mean"] is None else f"{total['count_mean']:.2f}"
    print_text(
        f"All {k} categories: {percent(total['coverage_all'])} of households; "
        f"on average {mean} of {k}; unlinked: {total['unlinked']:,.0f} households"
    )
    tell(answer)


def _grid_row(row: Row, *, without: list[str]) -> Row:
    known = [
        (share["coverage"], category)
        for category, share in row["categories"].items()
        if share["coverage"] is not None and category not in without
    ]
    worst = min(known, default=(None, "-"))
    return {
        "code": row["code"],
        "name": row["name_zh"] or row["name_en"],
        "households": row["households"],
        "all": percent(row["coverage_all"]),
        "mean": row["count_mean"],
        "worst": worst[1],
        "worst coverage": percent(worst[0]),
    }


def _building_row(row: Row) -> Row:
    missing = [c for c, reach in row["categories"].items() if reach["status"] != "covered"]
    return {
        "building": row["building_id"],
        "households": row["households"],
        "reached": row["reached"],
        "not reached": ", ".join(missing) or "-",
    }


def print_gaps(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    minutes: MinutesOption = 15,
    profile: ProfileOption = "adult",
    at: AtOption = None,
    as_of: AsOfOption = None,
    level: LevelOption = "small",
    category: CategoryOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is left out: households per category and grid, and the areas they live in."""
    from api import views  # noqa: PLC0415 - heavy

    check_minutes(minutes)
    snapshot, told = snapshot_at(ctx, code, at, as_of=as_of, db=db, standard=standard)
    found = views.gaps(snapshot, minutes=minutes, profile=profile, level=level, category=category)
    answer = {**found, **told}
    if as_json:
        print_json(answer)
        return
    _print_gaps(answer)
    tell_missing([c for c in snapshot.without_points if category in (None, c)])


def _print_gaps(answer: Row) -> None:
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


def print_walk(
    ctx: typer.Context,
    code: CodeArgument,
    start: Annotated[str, typer.Argument(metavar="LON,LAT", help="Start, degrees.")],
    end: Annotated[str, typer.Argument(metavar="LON,LAT", help="End, degrees.")],
    *,
    profile: ProfileOption = "adult",
    at: AtOption = None,
    as_of: AsOfOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the shortest walk between two places: metres, seconds, path."""
    from api import views  # noqa: PLC0415 - heavy
    from api.params import parse_position  # noqa: PLC0415 - heavy

    places = parse_position(start, name="start"), parse_position(end, name="end")
    snapshot, told = snapshot_at(ctx, code, at, as_of=as_of, db=db)
    answer = {**views.walk(snapshot, *places, profile=profile), **told}
    if as_json:
        print_json(answer)
        return
    minutes = answer["seconds"] / 60
    print_text(
        f"{answer['metres']:.1f} m along the network, {answer['seconds']:.1f} s in all "
        f"({minutes:.1f} min, {profile})"
    )
    print_text(
        f"access legs: {answer['leg_from_m']:.1f} m at the start, {answer['leg_to_m']:.1f} m at "
        f"the end; {answer['total_m']:.1f} m on foot"
    )
    from orjson import loads  # noqa: PLC0415 - heavy

    path = loads(views.dumps(answer["geometry"]))["coordinates"]
    print_text("path: " + " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in path))
    tell(answer)
