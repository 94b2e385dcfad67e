"""``lifecircle grids``: check, repair and edit the grid plan, and see whether it is staffed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import print_json, print_table, print_text, say
from api.cli.options import (
    AsOfOption,
    CodeArgument,
    DbOption,
    JsonOption,
    LangOption,
    ProfileOption,
    StandardOption,
    actor_of,
    check_minutes,
    existing_file,
    moment_of,
    settings_for,
    snapshot_of,
    snapshots_of,
    told_as_of,
)
from api.cli.telling import tell
from geo.errors import InputError

if TYPE_CHECKING:
    from api.grid_models import GridEdit
    from geo.edit_preview import Preview

app = typer.Typer(no_args_is_help=True, help="Check, repair and edit the grid plan.")

FAULTY = 1
"""Exit code of a check that found a grave fault."""

SaveOption = Annotated[
    bool, typer.Option("--save", help="Store it; without this it is only shown.")
]
LineOption = Annotated[
    str,
    typer.Option("--line", metavar="LON,LAT ...", help="Places parted by blanks, degrees."),
]
GridArgument = Annotated[str, typer.Argument(metavar="GRID", help="Code of a grid.")]


@app.command("check")
def check_plan(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    as_of: AsOfOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name every fault of the plan with its place, size and repair; exit 1 if one is grave."""
    from api.grid_plans import check_answer, find_faults  # noqa: PLC0415 - heavy

    snapshots, moment = snapshots_of(settings_for(ctx, db=db)), moment_of(as_of)
    snapshot = snapshots.current(code, moment)
    faults = find_faults(snapshot, snapshots.store, as_of=moment)
    answer = {**check_answer(snapshot, faults), **told_as_of(as_of)}
    if as_json:
        print_json(answer)
    else:
        if as_of is not None:
            say(f"As of {as_of}: revision {answer['revision']}.")
        grids = len(snapshot.layers.grids)
        print_text(f"{len(answer['faults'])} faults in the {grids} grids of {code}")
        rows = [
            {
                "rule": fault["rule"] if fault["grave"] else f"{fault['rule']} (advice)",
                "size": f"{fault['size']:,.2f} {fault['unit']}",
                "lon, lat": f"{fault['lon']}, {fault['lat']}",
                "fault": fault["text"],
                "repair": fault["repair"],
            }
            for fault in answer["faults"]
        ]
        print_table("Faults", rows)
    if any(fault["grave"] for fault in answer["faults"]):
        raise typer.Exit(FAULTY)


@app.command("repair")
def repair_plan(
    ctx: typer.Context, code: CodeArgument, *, save: SaveOption = False, db: DbOption = None
) -> None:
    """Close slivers, overlaps and borders that do not match; show first which ground changes.

    A grid that bears a code which was another grid's before gets one that no grid ever bore.
    """
    from api.grid_repairs import (  # noqa: PLC0415 - heavy
        propose_repair,
        renumbered_rows,
        save_repair,
    )
    from boundaries.history import Deed  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(settings)
    snapshot = snapshots.current(code)
    done = propose_repair(snapshot, snapshots.store)
    print_text(f"{len(done.mended)} faults mended, {len(done.left)} left")
    print_table("Ground that changes hands, m2", [
        {str(name): value for name, value in row.items()} for row in done.areas.to_dict("records")
    ])  # fmt: skip
    if done.renumbered:
        print_table("New codes", renumbered_rows(done))
    for fault in done.left:
        say(f"Left: {fault.text} {fault.repair}")
    if done.gone:
        say(f"Nothing is left of {', '.join(done.gone)}.")
    if save:
        deed = Deed(what="grids repaired", actor=actor_of(settings))
        say(f"Stored as revision {save_repair(snapshot, snapshots.store, done, deed=deed)}.")
    else:
        say("Nothing was changed; --save stores it.")


@app.command("complete")
def print_completeness(
    ctx: typer.Context,
    code: CodeArgument,
    *,
    organisations: Annotated[
        Path | None,
        typer.Option(
            "--organisations",
            metavar="FILE",
            help="CSV: role, name, grid code; of hubs and stations a point_id or lon and lat.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", help="Threshold of hubs and stations; by default the rule's."),
    ] = None,
    profile: ProfileOption = "adult",
    lang: LangOption = "en",
    as_of: AsOfOption = None,
    db: DbOption = None,
    standard: StandardOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which branch, group, window, worker and station each grid has, and which it lacks."""
    from api.cli.completeness import print_report  # noqa: PLC0415 - heavy
    from api.completeness import completeness_answer  # noqa: PLC0415 - heavy
    from boundaries.organisation_roles import read_organisations  # noqa: PLC0415 - heavy

    if minutes is not None:
        check_minutes(minutes)
    table = None if organisations is None else read_organisations(existing_file(organisations))
    snapshot = snapshot_of(ctx, code, as_of=as_of, db=db, standard=standard)
    found = completeness_answer(snapshot, table, minutes=minutes, profile=profile)
    answer = {**found, **told_as_of(as_of)}
    if as_json:
        print_json(answer)
        return
    print_report(answer, lang=lang)
    tell(answer)


@app.command("split")
def split_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *, line: LineOption,
    save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Split a grid along a line; the part with the most households keeps the code."""
    from api.grid_models import SplitIn  # noqa: PLC0415 - heavy

    edit = SplitIn(op="split", code=grid, line=_places(line))
    _edit(ctx, code, edit, save=save, db=db, as_json=as_json)


@app.command("merge")
def merge_grids(
    ctx: typer.Context, code: CodeArgument,
    grids: Annotated[list[str], typer.Argument(metavar="GRID...", help="First: keeps its code.")],
    *, save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Merge neighbouring grids; the first keeps its code."""
    from api.grid_models import MergeIn  # noqa: PLC0415 - heavy

    _edit(ctx, code, MergeIn(op="merge", codes=grids), save=save, db=db, as_json=as_json)


@app.command("border")
def move_border(
    ctx: typer.Context, code: CodeArgument, first: GridArgument, second: GridArgument, *,
    line: LineOption, save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Draw the border between two grids anew; their neighbours follow."""
    from api.grid_models import BorderIn  # noqa: PLC0415 - heavy

    edit = BorderIn(op="border", first=first, second=second, line=_places(line))
    _edit(ctx, code, edit, save=save, db=db, as_json=as_json)


@app.command("transfer")
def transfer_building(
    ctx: typer.Context, code: CodeArgument,
    building: Annotated[str, typer.Argument(metavar="BUILDING")],
    to: GridArgument, *,
    along: Annotated[
        list[str] | None,
        typer.Option("--along", metavar="BUILDING", help="Another one that goes with it."),
    ] = None,
    save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Give a building with the ground around it to a neighbouring grid."""
    from api.grid_models import TransferIn  # noqa: PLC0415 - heavy

    edit = TransferIn(op="transfer", building_id=building, to=to, along=along or [])
    _edit(ctx, code, edit, save=save, db=db, as_json=as_json)


@app.command("retire")
def retire_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *,
    to: Annotated[str | None, typer.Option("--to", metavar="GRID", help="The heir.")] = None,
    save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Retire a grid; its ground goes to a neighbour, and its code is never used again."""
    from api.grid_models import RetireIn  # noqa: PLC0415 - heavy

    _edit(ctx, code, RetireIn(op="retire", code=grid, to=to), save=save, db=db, as_json=as_json)


@app.command("add")
def add_grid(
    ctx: typer.Context, code: CodeArgument,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="A large or medium grid.")],
    *, outline: Annotated[str, typer.Option("--outline", metavar="LON,LAT ...", help="Corners.")],
    name: Annotated[str, typer.Option("--name", help="Name; else the code.")] = "",
    save: SaveOption = False, db: DbOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Add a grid where none is."""
    from api.grid_models import AddIn  # noqa: PLC0415 - heavy

    edit = AddIn(op="add", outline=_places(outline), parent=parent, name=name)
    _edit(ctx, code, edit, save=save, db=db, as_json=as_json)


def _places(text: str) -> list[tuple[float, float]]:
    """Return the places of ``lon,lat lon,lat ...``."""
    try:
        pairs = [tuple(map(float, pair.split(","))) for pair in text.split()]
        places = [(lon, lat) for lon, lat in pairs]
    except ValueError:
        places = []
    if len(places) < 2:  # noqa: PLR2004 - of a line
        raise InputError(
            f"Got {text[:80]!r}; wanted places as longitude,latitude parted by blanks, for "
            "instance '118.01,37.38 118.02,37.38'."
        )
    return places


def _edit(
    ctx: typer.Context, code: str, edit: "GridEdit", *, save: bool, db: str | None, as_json: bool
) -> None:
    """Show what an edit does, and store it if that is asked for."""
    from api.grid_plans import edit_answer, preview_edit, save_grids  # noqa: PLC0415 - heavy
    from boundaries.history import Deed  # noqa: PLC0415 - heavy

    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(settings)
    snapshot = snapshots.current(code)
    done: Preview = preview_edit(snapshot, snapshots.store, edit)
    revision = None
    if save:
        deed = Deed(what=f"grids: {edit.op}", actor=actor_of(settings))
        revision = save_grids(snapshot, snapshots.store, done, deed=deed)
    answer = edit_answer(snapshot, done, revision=revision)
    if as_json:
        print_json(answer)
        return
    print_text(
        f"New: {', '.join(done.given) or 'none'}. Retired: {', '.join(done.retired) or 'none'}."
    )
    print_table("Lineage", answer["lineage"])
    print_table("Before and after", answer["effect"])
    say("Nothing was changed; --save stores it." if revision is None
        else f"Stored as revision {revision}.")  # fmt: skip
