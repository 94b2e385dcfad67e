"""The edits of ``lifecircle grids``: each is shown, and stored if that is asked for."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from api.console.options import (
    CodeArgument,
    DbOption,
    JsonOption,
    actor_of,
    settings_for,
    snapshots_of,
)
from api.console.output import percent, print_json, print_table, print_text, say
from api.console.terms import LEVELS, RULES, SUCCESSIONS, term
from api.formats.aliases import Json
from geo.errors import InputError
from geo.messages import Message

if TYPE_CHECKING:
    from api.grid_plans.schemas import GridEdit

_SIZES: Final = {
    "m2": "cli_grids.size_m2",
    "m": "cli_grids.size_m",
    "count": "cli_grids.size_count",
}
"""How large a fault is, by the unit of its rule."""

_EFFECTS: Final = {
    "area_m2_before": "heads.area_before",
    "area_m2_after": "heads.area_after",
    "buildings_before": "heads.buildings_before",
    "buildings_after": "heads.buildings_after",
    "households_before": "heads.households_before",
    "households_after": "heads.households_after",
    "covered_before": "heads.covered_before",
    "covered_after": "heads.covered_after",
}
"""Column of an edit's effect -> head."""

SaveOption = Annotated[
    bool, typer.Option("--save", help="Store it; without this it is only shown.")
]
PreviewedOption = Annotated[
    int | None,
    typer.Option(
        "--previewed",
        metavar="REVISION",
        min=0,
        help="Store it only if what it touches is as it was previewed at that revision.",
    ),
]
AcceptOption = Annotated[
    Literal["barrier"] | None,
    typer.Option(
        "--accept",
        help="Store it although a barrier parts the buildings of a grid.",
    ),
]
LineOption = Annotated[
    str,
    typer.Option("--line", metavar="LON,LAT ...", help="Places separated by blanks, degrees."),
]
GridArgument = Annotated[str, typer.Argument(metavar="GRID", help="Code of a grid.")]
HeirOption = Annotated[
    str | None, typer.Option("--to", metavar="GRID", help="Grid that takes its ground.")
]


def split_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *, line: LineOption,
    names: Annotated[
        str, typer.Option("--names", metavar="RULE", help="Names of new parts: {name}-{n}, {code}.")
    ] = "",
    accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Split a grid along a line."""
    from api.grid_plans.schemas import SplitIn  # noqa: PLC0415 - heavy

    edit = SplitIn(op="split", code=grid, line=_places(line), names=names)
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def merge_grids(
    ctx: typer.Context, code: CodeArgument,
    grids: Annotated[list[str], typer.Argument(metavar="GRID...", help="First: keeps its code.")],
    *, accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Merge neighbouring grids; the first keeps its code."""
    from api.grid_plans.schemas import MergeIn  # noqa: PLC0415 - heavy

    edit = MergeIn(op="merge", codes=grids)
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def move_border(
    ctx: typer.Context, code: CodeArgument, first: GridArgument, second: GridArgument, *,
    line: LineOption, accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Redraw the border between two grids."""
    from api.grid_plans.schemas import BorderIn  # noqa: PLC0415 - heavy

    edit = BorderIn(op="border", first=first, second=second, line=_places(line))
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def transfer_building(
    ctx: typer.Context, code: CodeArgument,
    building: Annotated[str, typer.Argument(metavar="BUILDING")],
    to: GridArgument, *,
    along: Annotated[
        list[str] | None,
        typer.Option("--along", metavar="BUILDING", help="Another one that goes with it."),
    ] = None,
    accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Transfer a building with its ground to a neighbouring grid."""
    from api.grid_plans.schemas import TransferIn  # noqa: PLC0415 - heavy

    edit = TransferIn(op="transfer", building_id=building, to=to, along=along or [])
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def retire_grid(
    ctx: typer.Context, code: CodeArgument, grid: GridArgument, *,
    to: HeirOption = None,
    accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Retire a grid; its code is never used again."""
    from api.grid_plans.schemas import RetireIn  # noqa: PLC0415 - heavy

    edit = RetireIn(op="retire", code=grid, to=to)
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def add_grid(
    ctx: typer.Context, code: CodeArgument,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="A large or medium grid.")],
    *, outline: Annotated[str, typer.Option("--outline", metavar="LON,LAT ...", help="Corners.")],
    name: Annotated[str, typer.Option("--name", help="Name; else the code.")] = "",
    accept: AcceptOption = None, save: SaveOption = False,
    previewed: PreviewedOption = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Add a grid where none is."""
    from api.grid_plans.schemas import AddIn  # noqa: PLC0415 - heavy

    edit = AddIn(op="add", outline=_places(outline), parent=parent, name=name)
    _edit(ctx, code, edit, accept=accept, save=save, previewed=previewed, db=db, as_json=as_json)


def _places(text: str) -> list[tuple[float, float]]:
    """Return the places of ``lon,lat lon,lat ...``."""
    try:
        pairs = [tuple(map(float, pair.split(","))) for pair in text.split()]
        places = [(lon, lat) for lon, lat in pairs]
    except ValueError:
        places = []
    if len(places) < 2:  # noqa: PLR2004 - of a line
        raise InputError("cli_grids.places", got=text[:80])
    return places


def _edit(
    ctx: typer.Context,
    code: str,
    edit: "GridEdit",
    *,
    accept: str | None,
    save: bool,
    previewed: int | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Show what an edit does, and store it if that is asked for."""
    from api.grid_plans.answers import edit_answer, preview_edit, refused_faults, with_rule  # noqa: PLC0415 - heavy
    from api.grid_plans.saving import save_edit  # noqa: PLC0415 - heavy
    from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

    edit = edit.model_copy(update={"accept": [accept] if accept else []})
    settings = settings_for(ctx, db=db)
    snapshots = snapshots_of(ctx, settings)
    edit = with_rule(edit, snapshots.current(code), settings)
    revision = None
    if save:
        seen = None if previewed is None else frozenset({previewed})
        commit = Commit(actor=actor_of(settings))
        snapshot, preview, revision = save_edit(snapshots, code, edit, seen=seen, commit=commit)
    else:
        snapshot = snapshots.current(code)
        preview = preview_edit(snapshot, snapshots.store, edit)
    answer = edit_answer(snapshot, preview, revision=revision)
    if as_json:
        print_json(answer)
        return
    new, retired = preview.given, preview.retired
    nobody = Message("cli_grids.nobody")
    codes = {"new": list(new) or nobody, "retired": list(retired) or nobody}
    print_text(Message("cli_grids.given", codes))
    print_table(Message("cli_grids.lineage"), [_lineage(row) for row in answer["lineage"]])
    print_table(Message("cli_grids.effect"), [_effect(row) for row in answer["effect"]])
    print_faults(Message("cli_grids.causes"), answer["faults"], repair="heads.instead")
    if revision is not None:
        say(Message("console.stored", {"revision": revision}))
    elif refused_faults(preview, edit):
        say(Message("cli_grids.only_accepted"))
    else:
        say(Message("console.not_stored"))
        say(Message("cli_grids.previewed", {"revision": answer["revision"]}))


def _lineage(row: Json) -> Json:
    return {
        "heads.level": term(row["level"], LEVELS),
        "heads.kind": term(row["kind"], SUCCESSIONS),
        "heads.old_code": row["old_code"],
        "heads.new_code": row["new_code"],
        "heads.area_share": percent(row["share"]),
    }


def _effect(row: Json) -> Json:
    return {"heads.code": row["code"]} | {
        head: row[name] for name, head in _EFFECTS.items() if name in row
    }


def print_faults(title: Message, faults: list[Json], *, repair: str = "heads.repair") -> None:
    """Print faults as a table; `repair` heads the column of what would do."""
    rows = [
        {
            "heads.rule": _rule(fault),
            "heads.size": str(Message(_SIZES[fault["unit"]], {"size": fault["size"]})),
            "heads.lon_lat": f"{fault['lon']}, {fault['lat']}",
            "heads.fault": fault["text"],
            repair: fault["repair"],
        }
        for fault in faults
    ]
    print_table(title, rows)


def _rule(fault: Json) -> Message | str:
    rule = term(fault["rule"], RULES)
    return rule if fault["grave"] else Message("cli_grids.advice", {"rule": rule})
