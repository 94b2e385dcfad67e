"""``lifecircle load``: files into the database, each in one transaction, with a report."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from api.asking import Interface
from api.console.options import (
    CrsOption,
    DbOption,
    DistrictOption,
    FileArgument,
    JsonOption,
    StandardOption,
    actor_of,
    day_of,
    existing_file,
    settings_for,
)
from api.console.output import step
from geo.messages import Message

if TYPE_CHECKING:
    from boundaries.imports.optimistic_update import Imported


NameZh = Annotated[str | None, typer.Option("--name-zh", help="Chinese name of a new district.")]
NameEn = Annotated[str | None, typer.Option("--name-en", help="English name of a new district.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")]
AddOption = Annotated[
    bool, typer.Option("--add", help="Keep the rows that are there; the same id takes the new row.")
]
FaultyOption = Annotated[
    bool,
    typer.Option("--faulty", help="Store grids that overlap or leave gaps; then repair them."),
]
AcceptLosses = Annotated[
    bool,
    typer.Option(
        "--accept-losses",
        help="Store it though many rows are rejected, digits are lost or the layer is halved.",
    ),
]
EncodingOption = Annotated[
    str | None,
    typer.Option("--encoding", help="Encoding of the text where the file does not say: BIG5."),
]
PartOption = Annotated[
    str | None,
    typer.Option(
        "--sheet",
        "--layer",
        metavar="NAME",
        help="Sheet or layer of the file, where it has several; '*' for all sheets alike.",
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help="What the file calls a column: households=常住户; may be repeated.",
    ),
]
ValidFrom = Annotated[
    str | None,
    typer.Option(
        "--valid-from", metavar="DAY", help="Day as of which it is true, 2026-03-01; else today."
    ),
]


@dataclass(frozen=True, slots=True)
class LoadCommand:
    """A command that loads a file into a district, with the options that all of these have.

    Attributes
    ----------
    ctx : typer.Context
    file : Path
    district : str
    valid_from : str or None
        Day as of which it is true.
    dry_run, as_json : bool
    db, standard : str or None
        As given; None for those of the settings.
    options : dict
        Options that only some of these commands have, as the functions of
        :mod:`boundaries.imports.import_files` take them.
    """

    ctx: typer.Context
    file: Path
    district: str
    valid_from: str | None
    dry_run: bool
    db: str | None
    as_json: bool
    standard: str | None
    options: dict[str, Any]

    def load(self, function: Callable[..., "Imported"], *what: str, **given: object) -> None:
        """Load the file by a function of :mod:`boundaries.imports.import_files`, and report."""
        from api.imports.report import print_report  # noqa: PLC0415 - heavy
        from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy
        from boundaries.store.tables.records import Commit  # noqa: PLC0415 - heavy

        existing_file(self.file)
        settings = settings_for(self.ctx, db=self.db, standard=self.standard)
        day = None if self.valid_from is None else day_of(self.valid_from, name="--valid-from")
        with step(Message("cli_imports.loading", {"file": self.file.name})):
            outcome = function(
                settings.db,
                self.district,
                *what,
                self.file,
                standard=load_standard(settings.standard or None),
                dry_run=self.dry_run,
                commit=Commit(actor=actor_of(settings), valid_from=day),
                **self.options,
                **given,
            )
        print_report(
            outcome.report,
            code=self.district,
            revision=outcome.revision,
            db=settings.db,
            as_json=self.as_json,
        )

    def load_layer(self, layer: str) -> None:
        """Load the file into one layer."""
        from boundaries.imports.import_files import load_layer  # noqa: PLC0415 - heavy

        self.load(load_layer, layer)


def _command(
    *,
    ctx: typer.Context,
    file: Path,
    district: str,
    valid_from: str | None,
    dry_run: bool,
    db: str | None,
    as_json: bool,
    standard: str | None = None,
    **options: Any,  # noqa: ANN401 - of several types
) -> LoadCommand:
    from boundaries.readers.aliases import columns_told  # noqa: PLC0415 - heavy

    if "columns" in options:
        options["columns"] = columns_told(options["columns"] or ())
    return LoadCommand(ctx, file, district, valid_from, dry_run, db, as_json, standard, options)


_INTERFACE: Final = Interface(
    {
        "ctx": (typer.Context, Parameter.empty),
        "file": (FileArgument, Parameter.empty),
        "district": (DistrictOption, Parameter.empty),
        "name_zh": (NameZh, None),
        "name_en": (NameEn, None),
        "crs": (CrsOption, None),
        "encoding": (EncodingOption, None),
        "part": (PartOption, None),
        "columns": (MapOption, None),
        "add": (AddOption, False),
        "faulty": (FaultyOption, False),
        "accept_losses": (AcceptLosses, False),
        "standard": (StandardOption, None),
        "valid_from": (ValidFrom, None),
        "dry_run": (DryRun, False),
        "db": (DbOption, None),
        "as_json": (JsonOption, False),
    },
    _command,
    parameter="command",
)


def _load_command(*options: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace the parameter `command` by the options of every load command, and these."""
    last = (*options, "valid_from", "dry_run", "db", "as_json")
    return _INTERFACE.asks("ctx", "file", "district", last=last)


@_load_command("name_zh", "name_en", "standard")
def load_osm(
    command: LoadCommand,
    *,
    boundary: Annotated[
        Path | None,
        typer.Option("--boundary", metavar="FILE", help="Boundary; else the extract's own."),
    ] = None,
) -> None:
    """Load an OpenStreetMap extract (.pbf, .osm, .gz, .bz2).

    It brings network, points, buildings and barriers.
    """
    from boundaries.imports.import_files import load_osm as load  # noqa: PLC0415 - heavy

    existing_file(command.file)
    if boundary is not None:
        existing_file(boundary)
    command.load(load, boundary=boundary)


@_load_command("name_zh", "name_en", "crs", "encoding", "part", "columns")
def load_boundary(command: LoadCommand) -> None:
    """Load the outline of a district; it may be a new one."""
    command.load_layer("boundary")


@_load_command("crs", "encoding", "part", "columns", "add", "faulty", "accept_losses")
def load_grids(command: LoadCommand) -> None:
    """Load governance grids in place of the present ones.

    What would newly overlap or leave a gap is refused, unless --faulty takes it.
    """
    command.load_layer("grids")


@_load_command("crs", "encoding", "part", "columns", "add", "accept_losses")
def load_open_grounds(command: LoadCommand) -> None:
    """Load open grounds: parks, institutions, works, fields.

    Each row is an area and the kind of its use; `partition` makes those of 5 ha and more grids of
    their own.
    """
    command.load_layer("open_grounds")


@_load_command("crs", "encoding", "part", "columns", "add", "accept_losses")
def load_streets(command: LoadCommand) -> None:
    """Load streets of one's own: centre lines and lanes.

    They are connected where they cross, unless bridge, tunnel or level differ, and with the streets
    of OpenStreetMap, which stay. They take the place of those that were loaded before.
    """
    command.load_layer("walk_edges")


@_load_command("crs", "encoding", "part", "columns", "add", "accept_losses")
def load_entrances(command: LoadCommand) -> None:
    """Load entrances of buildings and service points.

    Each row names the building_id or point_id that it leads into; walks start and end there.
    """
    command.load_layer("entrances")


@_load_command("crs", "encoding", "part", "columns", "add", "accept_losses")
def load_buildings(command: LoadCommand) -> None:
    """Load buildings with households in place of the present ones."""
    command.load_layer("buildings")


@_load_command("encoding", "part", "columns", "accept_losses")
def load_households(command: LoadCommand) -> None:
    """Load households of stored buildings: counts or totals.

    Rows are buildings, stairwells, single households or communities. They are joined by id, else
    by address; the total of a community is spread by floor area and stays marked as estimated.
    Names and numbers of persons are not stored.
    """
    command.load_layer("households")


@_load_command("encoding", "part", "columns", "add", "accept_losses")
def load_organisations(command: LoadCommand) -> None:
    """Load organisations and the grids they serve."""
    command.load_layer("organisations")


@_load_command("encoding", "part", "columns", "add", "accept_losses")
def load_workers(command: LoadCommand) -> None:
    """Load posts of service workers and the grids they look after."""
    command.load_layer("workers")


@_load_command("crs", "encoding", "part", "columns", "add", "accept_losses", "standard")
def load_points(command: LoadCommand) -> None:
    """Load service points in place of the present ones."""
    command.load_layer("service_points")
