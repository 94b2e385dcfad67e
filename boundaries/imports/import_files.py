"""Import files into a store: read, validate, merge with stored rows, commit once, report."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyproj
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import ImportReport
from boundaries.imports.merge_with_stored import (
    added,
    drawn_grids,
    joined_district,
    joined_layers,
    without_stale_note,
)
from boundaries.imports.optimistic_update import (
    Before,
    Database,
    Imported,
    PendingUpdate,
    Progress,
    carry_out,
    opened,
    silent,
)
from boundaries.readers.osm import read_osm
from boundaries.readers.vector import read_layer
from boundaries.standards.catalogue import load_standard
from boundaries.store.interface import Store
from boundaries.store.rows.validate import checked_district, checked_layer, checked_layers
from boundaries.store.tables.records import ANONYMOUS, Deed
from geo.crs import metric_epsg
from geo.errors import NotFoundError
from geo.model.layers import District, Layers, Origin
from geo.model.standard import Standard


def load_layer(
    database: Database,
    code: str,
    layer: str,
    path: str | Path,
    *,
    crs: str | int | pyproj.CRS | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    standard: Standard | None = None,
    add: bool = False,
    dry_run: bool = False,
    deed: Deed = ANONYMOUS,
    progress: Progress = silent,
) -> Imported:
    """Load a file as one layer of a district, replacing the stored layer.

    Loading the same file again changes nothing and makes no revision. New grids take away the
    workers of grids that are gone; the report names them. A boundary of a code that is not stored
    makes the district. Counted buildings end the note that households are estimated.

    Parameters
    ----------
    database : Store, str or Path
        A path need not exist yet; a file is made only when something is written.
    code : str
        Code of the district.
    layer : str
        ``boundary``, ``grids``, ``buildings``, ``service_points`` or ``organisations``.
    path : str or Path
        See :func:`boundaries.readers.vector.read_layer`, also for `crs` and `standard`.
    name_zh, name_en : str, optional
        Names of a new district; otherwise those of the file, else the code.
    add : bool, default False
        Keep the rows that are there; the same key takes the new row. Not for a boundary.
    dry_run : bool, default False
        Read and check, but store nothing.
    deed : Deed
        Who does it, and as of when; the import fills in the rest.
    progress : callable, optional
        Called with the share done, 0..1, and the next step.

    Raises
    ------
    NotFoundError
        If there is no such file, or no such district and the layer is no boundary.
    InputError, EmptyError
        If the file cannot be used; the store is unchanged.
    ConflictError
        If the district is changed again and again meanwhile, or stays locked.
    """
    path = Path(path)
    digest = _sha256(path)

    def boundary(before: Before) -> PendingUpdate:
        names = name_zh, name_en
        return _boundary_change(
            path,
            code,
            before,
            crs=crs,
            names=names,
            deed_for=lambda report: _import_deed(deed, report, digest),
        )

    def rows(before: Before) -> PendingUpdate:
        if before is None:
            raise _no_district(database, code, layer)
        district, layers = before
        frame, account = read_layer(path, layer, district=district, crs=crs, standard=standard)
        report = ImportReport(path.name, {layer: account})
        existing = getattr(layers, layer)
        if add:
            frame = added(layer, existing, frame)
            account.note("rows in the layer now", len(frame))
        else:
            account.note("rows replaced", len(existing))
        checked = checked_layer(layer, frame)
        done = _import_deed(deed, report, digest)
        return _rows_change(before, layer, checked, report=report, deed=done)

    work = boundary if layer == "boundary" else rows
    return carry_out(database, code, work, dry_run=dry_run, progress=progress)


def load_osm(
    database: Database,
    code: str,
    path: str | Path,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    boundary: str | Path | None = None,
    standard: Standard | None = None,
    dry_run: bool = False,
    deed: Deed = ANONYMOUS,
    progress: Progress = silent,
) -> Imported:
    """Load an OpenStreetMap extract as a new district, or into one that is there.

    What is already known better than from OpenStreetMap stays: the boundary unless `boundary` is
    given, names, given grids and their workers, counted buildings, given service points. Grids that
    nobody gave are drawn from street blocks.

    Parameters
    ----------
    database, code, dry_run, deed, progress
        As for :func:`load_layer`.
    path : str or Path
        ``.osm.pbf``, ``.osm`` or ``.osm.gz``.
    name_zh, name_en : str, optional
        Otherwise those that are stored; one stands for the other, and the code for both.
    boundary : str or Path, optional
        File with the outline; otherwise the one that is stored, else the extract's own.
    standard : Standard, optional
        Whose categories count; the default standard if omitted.

    Raises
    ------
    NotFoundError, InputError, EmptyError
        As :func:`boundaries.readers.osm.read_osm`; the store is unchanged.
    ConflictError
        If the district is changed again and again meanwhile, or stays locked.
    """
    path = Path(path)
    digest = _sha256(path)
    measure = standard or load_standard()
    outline = _outline(boundary)

    def work(before: Before) -> PendingUpdate:
        known = before[0] if before else None
        district, layers, report = read_osm(
            path,
            code=code,
            standard=measure,
            name_zh=name_zh or (known.name_zh if known else None),
            name_en=name_en or (known.name_en if known else None),
            boundary=outline or (known.boundary if known else None),
        )
        if before is not None:
            layers = joined_layers(layers, before[1], report)
            district = without_stale_note(joined_district(district, before[0]), layers.buildings)
        if layers.grids.empty:
            layers = replace(layers, grids=drawn_grids(district, layers))
            report.layer("grids").note("drawn from street blocks", len(layers.grids))
        if dry_run:
            checked_layers(layers)
        done = _import_deed(deed, report, digest)
        return PendingUpdate(report, _whole(district, layers, before, deed=done))

    return carry_out(database, code, work, dry_run=dry_run, progress=progress)


def _import_deed(deed: Deed, report: ImportReport, sha256: str) -> Deed:
    """Return `deed` completed for the log: files, report, checksum."""
    what = f"import of {', '.join(report.layers)} from {report.source}"
    return replace(deed, what=what, report=report, sha256=sha256)


def _no_district(database: Database, code: str, layer: str) -> NotFoundError:
    store = opened(database)
    codes = ", ".join(district.code for district in store.districts()) if store else ""
    return NotFoundError(
        f"There is no district {code} in the database ({codes or 'none'}); wanted one to load "
        f"{layer} into. Make it with `lifecircle load boundary` or `lifecircle load osm`."
    )


def _outline(path: str | Path | None) -> BaseGeometry | None:
    if path is None:
        return None
    outline: BaseGeometry = read_layer(path, "boundary", district=None)[0].geometry.iloc[0]
    return outline


def _whole(
    district: District, layers: Layers, before: Before, *, deed: Deed
) -> Callable[[Store], int]:
    """Return how a whole district is written in place of `before`."""
    based_on = before[0].revision if before else 0
    return lambda store: store.replace(district, layers, deed=deed, based_on=based_on)


def _rows_change(
    before: tuple[District, Layers],
    layer: str,
    frame: gpd.GeoDataFrame,
    *,
    deed: Deed,
    report: ImportReport,
) -> PendingUpdate:
    """Return the change of one layer, and of the note that its rows make untrue."""
    district, layers = before
    updated = without_stale_note(district, frame) if layer == "buildings" else district
    if updated != district:
        changed = replace(layers, **{layer: frame})
        return PendingUpdate(report, _whole(updated, changed, before, deed=deed), layer)

    def write(store: Store) -> int:
        return store.replace_layer(
            district.code, layer, frame, deed=deed, based_on=district.revision
        )

    return PendingUpdate(report, write, layer)


def _boundary_change(
    path: Path,
    code: str,
    before: Before,
    *,
    crs: str | int | pyproj.CRS | None,
    names: tuple[str | None, str | None],
    deed_for: Callable[[ImportReport], Deed],
) -> PendingUpdate:
    """Return the update of a boundary; it creates the district if there is none."""
    known = before[0] if before else None
    frame, account = read_layer(path, "boundary", district=known, crs=crs)
    report = ImportReport(path.name, {"boundary": account})
    deed = deed_for(report)
    if known is None:
        district = checked_district(_new_district(code, frame, names))
        write = _whole(district, Layers(), None, deed=deed)
        return PendingUpdate(report, write, "boundary")
    outline = checked_district(replace(known, boundary=frame.geometry.iloc[0])).boundary
    return PendingUpdate(
        report,
        lambda store: store.set_boundary(code, outline, deed=deed),
        "boundary",
    )


def _new_district(
    code: str, frame: gpd.GeoDataFrame, names: tuple[str | None, str | None]
) -> District:
    """Return a district without content that measures around its middle."""
    row, outline = frame.iloc[0], frame.geometry.iloc[0]
    zh = names[0] or row["name_zh"] or names[1] or row["name_en"] or code
    en = names[1] or row["name_en"] or names[0] or row["name_zh"] or code
    epsg = metric_epsg(outline.centroid.x, outline.centroid.y)
    return District(code, str(zh), str(en), epsg, outline, Origin.GIVEN)


def _sha256(path: Path) -> str:
    """Return the digest of a file; of a shapefile, of its main file."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}; wanted one to read. Check the path.")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
