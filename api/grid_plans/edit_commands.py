"""The edits of ``lifecircle grids``: each is shown, and stored if that is asked for."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    settings_for,
    snapshots_of,
)
from api.console.output import print_json, print_table, print_text, say
from geo.errors import InputError

if TYPE_CHECKING:
    from api.grid_plans.schemas import GridEdit
    from geo.grids.edits.preview import Preview


SaveOption = Annotated[
    bool, typer.Option("--save", help="Store it; without this it is only shown.")
]
AcceptOption = Annotated[
    Literal["barrier"] | None,
    typer.Option(
        "--accept",
        help="Store it although it leaves a grid whose buildings a barrier parts; the log says so.",
    ),
]
LineOption = Annotated[
    str,
    typer.Option("--line", metavar="LON,LAT ...", help="Places parted by blanks, degrees."),
]
GridArgument = Annotated[str, typer.Argument(metavar="GRID", help="Code of a grid.")]


def split_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *, line: LineOption,
    accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Split a grid along a line; the part with the most households keeps the code."""
    from api.grid_plans.schemas import SplitIn  # noqa: PLC0415 - heavy

    edit = SplitIn(op="split", code=grid, line=_places(line))
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


def merge_grids(
    ctx: typer.Context, code: CodeArgument,
    grids: Annotated[list[str], typer.Argument(metavar="GRID...", help="First: keeps its code.")],
    *, accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Merge neighbouring grids; the first keeps its code."""
    from api.grid_plans.schemas import MergeIn  # noqa: PLC0415 - heavy

    edit = MergeIn(op="merge", codes=grids)
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


def move_border(
    ctx: typer.Context, code: CodeArgument, first: GridArgument, second: GridArgument, *,
    line: LineOption, accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Draw the border between two grids anew; their neighbours follow."""
    from api.grid_plans.schemas import BorderIn  # noqa: PLC0415 - heavy

    edit = BorderIn(op="border", first=first, second=second, line=_places(line))
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


def transfer_building(
    ctx: typer.Context, code: CodeArgument,
    building: Annotated[str, typer.Argument(metavar="BUILDING")],
    to: GridArgument, *,
    along: Annotated[
        list[str] | None,
        typer.Option("--along", metavar="BUILDING", help="Another one that goes with it."),
    ] = None,
    accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Give a building with the ground around it to a neighbouring grid."""
    from api.grid_plans.schemas import TransferIn  # noqa: PLC0415 - heavy

    edit = TransferIn(op="transfer", building_id=building, to=to, along=along or [])
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


def retire_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *,
    to: Annotated[str | None, typer.Option("--to", metavar="GRID", help="The heir.")] = None,
    accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Retire a grid; its ground goes to a neighbour, and its code is never used again."""
    from api.grid_plans.schemas import RetireIn  # noqa: PLC0415 - heavy

    edit = RetireIn(op="retire", code=grid, to=to)
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


def add_grid(
    ctx: typer.Context, code: CodeArgument,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="A large or medium grid.")],
    *, outline: Annotated[str, typer.Option("--outline", metavar="LON,LAT ...", help="Corners.")],
    name: Annotated[str, typer.Option("--name", help="Name; else the code.")] = "",
    accept: AcceptOption = None, save: SaveOption = False, db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Add a grid where none is."""
    from api.grid_plans.schemas import AddIn  # noqa: PLC0415 - heavy

    edit = AddIn(op="add", outline=_places(outline), parent=parent, name=name)
    _edit(ctx, code, edit, accept=accept, save=save, db=db, as_json=as_json)


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
    ctx: typer.Context,
    code: str,
    edit: "GridEdit",
    *,
    accept: str | None,
    save: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Show what an edit does, and store it if that is asked for."""
    from api.grid_plans.answers import edit_answer, preview_edit, refused_faults, save_grids  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    edit = edit.model_copy(update={"accept": [accept] if accept else []})
    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(settings)
    snapshot = snapshots.current(code)
    preview: Preview = preview_edit(snapshot, snapshots.store, edit)
    revision = None
    if save:
        deed = Deed(actor=actor_of(settings))
        revision = save_grids(snapshot, snapshots.store, preview, edit=edit, deed=deed)
    answer = edit_answer(snapshot, preview, revision=revision)
    if as_json:
        print_json(answer)
        return
    new, retired = (", ".join(codes) or "none" for codes in (preview.given, preview.retired))
    print_text(f"New: {new}. Retired: {retired}.")
    print_table("Lineage", answer["lineage"])
    print_table("Before and after", answer["effect"])
    print_faults("Faults that it causes", answer["faults"], repair="instead")
    if revision is not None:
        say(f"Stored as revision {revision}.")
    elif refused_faults(preview, edit):
        say("Nothing was changed; --save stores it only with --accept barrier.")
    else:
        say("Nothing was changed; --save stores it.")


def print_faults(title: str, faults: list[dict[str, Any]], *, repair: str = "repair") -> None:
    """Print faults as a table; `repair` heads the column of what would do."""
    rows = [
        {
            "rule": fault["rule"] if fault["grave"] else f"{fault['rule']} (advice)",
            "size": f"{fault['size']:,.2f} {fault['unit']}",
            "lon, lat": f"{fault['lon']}, {fault['lat']}",
            "fault": fault["text"],
            repair: fault["repair"],
        }
        for fault in faults
    ]
    print_table(title, rows)
