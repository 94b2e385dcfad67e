"""``lifecircle load``: files into the database, each in one transaction, with a report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from api.cli.console import step
from api.cli.options import (
    DbOption,
    DistrictOption,
    JsonOption,
    StandardOption,
    existing_file,
    open_or_make,
    settings_for,
)
from geo.errors import NotFoundError

if TYPE_CHECKING:
    from boundaries.report import ImportReport
    from boundaries.store import Store
    from geo.district import District, Layers

app = typer.Typer(no_args_is_help=True, help="Load files into a district.")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="File to read.")]
NameZh = Annotated[str | None, typer.Option("--name-zh", help="Chinese name of a new district.")]
NameEn = Annotated[str | None, typer.Option("--name-en", help="English name of a new district.")]
CrsOption = Annotated[
    str | None,
    typer.Option("--crs", metavar="EPSG:n", help="CRS of the file where it does not say."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")]
AddOption = Annotated[
    bool, typer.Option("--add", help="Keep the rows that are there; the same id takes the new row.")
]


class Job(NamedTuple):
    """What every load command is told."""

    ctx: typer.Context
    file: Path
    district: str
    crs: str | None
    dry_run: bool
    db: str | None
    as_json: bool


@app.command("osm")
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
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load an OpenStreetMap extract (.pbf, .osm, .gz): network, points, buildings, barriers."""
    from api.importing import file_sha256, import_osm  # noqa: PLC0415 - heavy
    from boundaries.readers.vector import read_layer  # noqa: PLC0415 - heavy
    from boundaries.standards import load_standard  # noqa: PLC0415 - heavy

    job = Job(ctx, file, district, None, dry_run, db, as_json)
    existing_file(file)
    before = _stored(job)
    outline = None
    if boundary is not None:
        outline = read_layer(existing_file(boundary), "boundary", district=None)[0].geometry.iloc[0]
    settings = settings_for(ctx, db=db, standard=standard)
    with step(f"reading {file.name}"):
        made, layers, report = import_osm(
            file,
            code=district,
            standard=load_standard(settings.standard or None),
            names=(name_zh, name_en),
            boundary=outline,
            before=before,
        )
    digest = file_sha256(file)
    _finish(job, report, lambda store: store.replace(made, layers, report=report, sha256=digest))


@app.command("boundary")
def load_boundary(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    name_zh: NameZh = None,
    name_en: NameEn = None,
    crs: CrsOption = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load the outline of a district; it makes the district if it is new."""
    from api.importing import file_sha256, import_boundary  # noqa: PLC0415 - heavy
    from geo.district import Layers  # noqa: PLC0415 - heavy

    job = Job(ctx, file, district, crs, dry_run, db, as_json)
    existing_file(file)
    before = _stored(job)
    made, report = import_boundary(file, code=district, crs=crs, names=(name_zh, name_en))
    digest = file_sha256(file)

    def write(store: "Store") -> int:
        if before is None:
            return store.replace(made, Layers(), report=report, sha256=digest)
        return store.set_boundary(district, made.boundary, report=report, sha256=digest)

    _finish(job, report, write)


@app.command("grids")
def load_grids(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load governance grids in place of those that are there."""
    _load_layer(Job(ctx, file, district, crs, dry_run, db, as_json), "grids", add=add)


@app.command("buildings")
def load_buildings(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load buildings with their households in place of those that are there."""
    _load_layer(Job(ctx, file, district, crs, dry_run, db, as_json), "buildings", add=add)


@app.command("points")
def load_points(
    ctx: typer.Context,
    file: FileArgument,
    district: DistrictOption,
    *,
    crs: CrsOption = None,
    add: AddOption = False,
    standard: StandardOption = None,
    dry_run: DryRun = False,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load service points in place of those that are there."""
    job = Job(ctx, file, district, crs, dry_run, db, as_json)
    _load_layer(job, "service_points", add=add, standard=standard)


def _load_layer(job: Job, name: str, *, add: bool, standard: str | None = None) -> None:
    from api.importing import file_sha256, import_layer, without_stale_note  # noqa: PLC0415
    from boundaries.standards import load_standard  # noqa: PLC0415 - heavy

    settings = settings_for(job.ctx, db=job.db, standard=standard)
    existing_file(job.file)
    before = _stored(job)
    if before is None:
        raise NotFoundError(
            f"There is no district {job.district} in {settings.db}; wanted one to load {name} "
            "into. Make it with `lifecircle load boundary` or `lifecircle load osm`."
        )
    measure = load_standard(settings.standard or None)
    with step(f"reading {job.file.name}"):
        frame, report = import_layer(
            job.file, name, before=before, crs=job.crs, add=add, standard=measure
        )
    district, layers = before
    told = without_stale_note(district, frame) if name == "buildings" else district
    digest = file_sha256(job.file)

    def write(store: "Store") -> int:
        if told != district:
            changed = replace(layers, **{name: frame})
            return store.replace(told, changed, report=report, sha256=digest)
        return store.replace_layer(job.district, name, frame, report=report, sha256=digest)

    _finish(job, report, write)


def _stored(job: Job) -> "tuple[District, Layers] | None":
    """Return the district and its layers; None where it is not stored yet."""
    store = open_or_make(settings_for(job.ctx, db=job.db), dry_run=True)
    if store is None:
        return None
    try:
        return store.snapshot(job.district)
    except NotFoundError:
        return None


def _finish(job: Job, report: "ImportReport", write: "Callable[[Store], int]") -> None:
    """Write in one transaction, unless this is a dry run, and print the report."""
    from api.cli.reporting import print_report  # noqa: PLC0415 - heavy

    settings = settings_for(job.ctx, db=job.db)
    revision = None
    if not job.dry_run:
        store = open_or_make(settings, dry_run=False)
        with step(f"storing {job.district}"):
            revision = write(store) if store else None
    print_report(report, code=job.district, revision=revision, db=settings.db, as_json=job.as_json)
