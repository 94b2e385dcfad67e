"""Loading one layer from a file into a store: read, check, one transaction, a report."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyproj

from boundaries.checks import checked_district, checked_layer
from boundaries.readers.vector import read_layer
from boundaries.report import ImportReport
from boundaries.store import Store
from geo.crs import metric_epsg
from geo.district import District, Layers, Origin
from geo.errors import InputError, NotFoundError
from geo.standard import Standard

UNCHANGED: Final = "stored already, nothing changed"
"""Note of a report when the store had every row of the file."""


def load_layer(
    store: Store,
    code: str,
    layer: str,
    path: str | Path,
    *,
    crs: str | int | pyproj.CRS | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    standard: Standard | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Load a file as one layer of a district, in place of what the layer held.

    Loading the same file again changes nothing and makes no revision. New grids take away the
    workers of grids that are gone; the report names them. A boundary of a code that is not stored
    makes the district.

    Parameters
    ----------
    store : Store
    code : str
        Code of the district.
    layer : str
        ``boundary``, ``grids``, ``buildings`` or ``service_points``.
    path : str or Path
        See :func:`boundaries.readers.vector.read_layer`, also for `crs` and `standard`.
    name_zh, name_en : str, optional
        Names of a new district, where the file has none.
    dry_run : bool, default False
        Read and check, but store nothing.

    Returns
    -------
    ImportReport

    Raises
    ------
    NotFoundError
        If there is no such file, or no such district and the layer is no boundary.
    InputError, EmptyError
        If the file cannot be used; the store is unchanged.
    """
    path = Path(path)
    district = _find(store, code)
    if district is None and layer != "boundary":
        store.district(code)  # raises, and says which districts there are
    frame, account = read_layer(path, layer, district=district, crs=crs, standard=standard)
    report = ImportReport(path.name, {layer: account})
    if layer == "boundary":
        target = _with_boundary(district, code, frame, name_zh=name_zh, name_en=name_en)
        if not dry_run:
            _store_boundary(store, district, target, report=report, sha256=_sha256(path))
        return report
    checked = checked_layer(layer, frame)
    if not dry_run:
        before = store.district(code).revision
        after = store.replace_layer(code, layer, checked, report=report, sha256=_sha256(path))
        _note_unchanged(report, layer, before, after)
    return report


def _find(store: Store, code: str) -> District | None:
    try:
        return store.district(code)
    except NotFoundError:
        return None


def _with_boundary(
    district: District | None,
    code: str,
    frame: gpd.GeoDataFrame,
    *,
    name_zh: str | None,
    name_en: str | None,
) -> District:
    """Return the district to store: a new one needs a name, and measures around its middle."""
    boundary = frame.geometry.iloc[0]
    if district is not None:
        return checked_district(replace(district, boundary=boundary))
    zh = name_zh or frame["name_zh"].iloc[0] or name_en
    en = name_en or frame["name_en"].iloc[0] or zh
    if not zh or not en:
        raise InputError(
            f"The district {code} is new and neither the file nor the call names it; wanted a "
            "name. Give one with --name."
        )
    west, south, east, north = boundary.bounds
    epsg = metric_epsg((west + east) / 2, (south + north) / 2)
    return checked_district(District(code, str(zh), str(en), epsg, boundary, Origin.GIVEN))


def _store_boundary(
    store: Store, old: District | None, target: District, *, report: ImportReport, sha256: str
) -> None:
    if old is None:
        store.replace(target, Layers(), report=report, sha256=sha256)
        return
    revision = store.set_boundary(target.code, target.boundary, report=report, sha256=sha256)
    _note_unchanged(report, "boundary", old.revision, revision)


def _note_unchanged(report: ImportReport, layer: str, before: int, after: int) -> None:
    if before == after:
        report.layer(layer).note(UNCHANGED)


def _sha256(path: Path) -> str:
    """Return the digest of a file; of a shapefile, of its main file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
