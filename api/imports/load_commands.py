"""``lifecircle load``: files into the database, each in one transaction, with a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

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
from api.settings import Settings

if TYPE_CHECKING:
    from boundaries.imports.optimistic_update import Imported
    from boundaries.store.tables.records import Deed


NameZh = Annotated[str | None, typer.Option("--name-zh", help="Chinese name of a new district.")]
NameEn = Annotated[str | None, typer.Option("--name-en", help="English name of a new district.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")]
AddOption = Annotated[
    bool, typer.Option("--add", help="Keep the rows that are there; the same id takes the new row.")
]
ValidFrom = Annotated[
    str | None,
    typer.Option(
        "--valid-from", metavar="DAY", help="Day as of which it is true, 2026-03-01; else today."
    ),
]


class LoadRequest(NamedTuple):
    """The options that all load commands share."""

    ctx: typer.Context
    file: Path
    district: str
    crs: str | None
    valid_from: str | None
    dry_run: bool
    db: str | None
    as_json: bool


def load_osm(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    name_zh: NameZh = None,
    name_en: NameEn = None,
    boundary: Annotated[
        Path | None,
        typer.Option("--boundary", metavar="FILE", help="Boundary; else the extract's own."),
    ] = None,
    standard: StandardOption = None,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load an OpenStreetMap extract (.pbf, .osm, .gz): network, points, buildings, barriers."""
    from boundaries.imports.import_files import load_osm as load  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy

    request = LoadRequest(ctx, file, district, None, valid_from, dry_run, db, as_json)
    existing_file(file)
    if boundary is not None:
        existing_file(boundary)
    settings = settings_for(ctx, db=db, standard=standard)
    with step(f"loading {file.name}"):
        outcome = load(
            settings.db,
            district,
            file,
            name_zh=name_zh,
            name_en=name_en,
            boundary=boundary,
            standard=load_standard(settings.standard or None),
            dry_run=dry_run,
            deed=_deed(request, settings),
        )
    _report(request, outcome, db=settings.db)


def load_boundary(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    name_zh: NameZh = None,
    name_en: NameEn = None,
    crs: CrsOption = None,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load the outline of a district; it makes the district if it is new."""
    request = LoadRequest(ctx, file, district, crs, valid_from, dry_run, db, as_json)
    _load_layer(request, "boundary", name_zh=name_zh, name_en=name_en)


def load_grids(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load governance grids in place of those that are there."""
    _load_layer(
        LoadRequest(ctx, file, district, crs, valid_from, dry_run, db, as_json), "grids", add=add
    )


def load_buildings(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load buildings with their households in place of those that are there."""
    request = LoadRequest(ctx, file, district, crs, valid_from, dry_run, db, as_json)
    _load_layer(request, "buildings", add=add)


def load_organisations(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    add: AddOption = False,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load organisations and the grids they serve, in place of those that are there."""
    request = LoadRequest(ctx, file, district, None, valid_from, dry_run, db, as_json)
    _load_layer(request, "organisations", add=add)


def load_points(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    standard: StandardOption = None,
    valid_from: ValidFrom = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load service points in place of those that are there."""
    request = LoadRequest(ctx, file, district, crs, valid_from, dry_run, db, as_json)
    _load_layer(request, "service_points", add=add, standard=standard)


def _load_layer(
    request: LoadRequest,
    layer: str,
    *,
    standard: str | None = None,
    add: bool = False,
    name_zh: str | None = None,
    name_en: str | None = None,
) -> None:
    from boundaries.imports.import_files import load_layer as load  # noqa: PLC0415 - heavy
    from boundaries.standards.catalogue import load_standard  # noqa: PLC0415 - heavy

    existing_file(request.file)
    settings = settings_for(request.ctx, db=request.db, standard=standard)
    with step(f"loading {request.file.name}"):
        outcome = load(
            settings.db,
            request.district,
            layer,
            request.file,
            crs=request.crs,
            standard=load_standard(settings.standard or None),
            add=add,
            name_zh=name_zh,
            name_en=name_en,
            dry_run=request.dry_run,
            deed=_deed(request, settings),
        )
    _report(request, outcome, db=settings.db)


def _deed(request: LoadRequest, settings: Settings) -> "Deed":
    """Return the actor of a load and the day that it is valid from."""
    from boundaries.store.tables.records import Deed  # noqa: PLC0415 - heavy

    day = None if request.valid_from is None else day_of(request.valid_from, name="--valid-from")
    return Deed(actor=actor_of(settings), valid_from=day)


def _report(request: LoadRequest, outcome: "Imported", *, db: str) -> None:
    from api.imports.report import print_report  # noqa: PLC0415 - heavy

    print_report(
        outcome.report,
        code=request.district,
        revision=outcome.revision,
        db=db,
        as_json=request.as_json,
    )
