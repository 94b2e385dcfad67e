"""Read one layer of a district from a vector file, with a report on every row."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers import attributes, shapes
from boundaries.readers.aliases import COLUMN_ALIASES, our_columns
from boundaries.readers.grids import grids
from boundaries.readers.rows import Rows
from boundaries.readers.source import read_source
from boundaries.standards.catalogue import load_standard
from geo.crs import STORED_EPSG
from geo.errors import EmptyError, InputError, SchemaError
from geo.model.layers import KEYS, TABLES, District, conform_layer
from geo.model.standard import Standard

READABLE: Final = tuple(COLUMN_ALIASES)
"""Layers that a file can bring."""

_REQUIRED: Final = {
    "boundary": (),
    "grids": ("code",),
    "buildings": ("households",),
    "service_points": ("category",),
    "organisations": ("name",),
}


def read_layer(
    path: str | Path,
    layer: str,
    *,
    district: District | None,
    crs: str | int | pyproj.CRS | None = None,
    standard: Standard | None = None,
) -> tuple[gpd.GeoDataFrame, LayerReport]:
    """Read one layer from GeoJSON, GeoPackage, Shapefile or CSV.

    Parameters
    ----------
    path : str or Path
        ``.geojson``, ``.json``, ``.gpkg``, ``.shp``, ``.zip``, ``.csv`` or ``.txt``. Chinese text
        is UTF-8 or GB18030, whatever a ``.cpg`` file says.
    layer : str
        ``boundary``, ``grids``, ``buildings``, ``service_points`` or
        ``organisations``. Columns may have the names of
        :data:`geo.model.layers.COLUMNS` or one of
        :data:`boundaries.readers.aliases.COLUMN_ALIASES`.
    district : District, optional
        The district it is for; rows far from its boundary are rejected. May be missing for a
        boundary.
    crs : str, int or pyproj.CRS, optional
        The CRS of the file where it does not say so, or says so wrongly.
    standard : Standard, optional
        Whose categories count; the default standard if omitted.

    Returns
    -------
    frame : GeoDataFrame
        Conformed layer in EPSG:4326; for ``boundary`` one row with ``name_zh``, ``name_en`` and the
        union of all polygons.
    report : LayerReport
        Rows read, accepted, repaired (how), rejected (which and why).

    Raises
    ------
    NotFoundError, FileFormatError
        If there is no such file or it cannot be read.
    CrsError
        If the CRS is unknown, or its datum cannot be converted exactly.
    SchemaError
        If a required column is missing.
    EmptyError
        If there are no rows, or every one was rejected.

    Examples
    --------
    >>> from tests.scenes import tiny_district
    >>> table = pd.DataFrame({"id": ["a", "b"], "lon": 118.0, "lat": 37.38, "households": [24, -1]})
    >>> table.to_csv("homes.csv", index=False)
    >>> homes, report = read_layer("homes.csv", "buildings", district=tiny_district()[0])
    >>> homes["households"].tolist(), report.rejected
    ([24], [('row 2 (b)', "households '-1' is no whole number from 0 on")])
    """
    if layer not in READABLE:
        raise InputError(f"Got layer {layer!r}; wanted one of {', '.join(READABLE)}.")
    if district is None and layer != "boundary":
        raise InputError(f"Got no district for the layer {layer}; wanted the one it belongs to.")
    path, report = Path(path), LayerReport()
    rows = _open(path, layer, report)
    source = shapes.source_crs(rows.frame.crs, crs, what=path.name)
    if rows.frame.crs is not None and source != rows.frame.crs:
        report.note(f"read as {source.name} instead of {rows.frame.crs.name}")
    if layer not in TABLES:
        shapes.place(rows, source, district)
    frame = _fill(rows, layer, district, standard)
    if not len(frame):
        raise EmptyError(_all_rejected(path, report))
    rows.close()
    return frame, report


def _open(path: Path, layer: str, report: LayerReport) -> Rows:
    """Read a file and give its columns our names; rows are numbered from 1."""
    raw = read_source(path, layer, report)
    report.read = len(raw)
    if not len(raw):
        raise EmptyError(f"{path.name} has no rows; wanted {layer}. Name a file with rows.")
    theirs = [str(column) for column in raw.columns if column != raw.geometry.name]
    ours = our_columns(layer, theirs)
    lacking = [column for column in _REQUIRED[layer] if column not in ours.values()]
    if lacking:
        accepted = "; ".join(
            f"{column} (or {', '.join(COLUMN_ALIASES[layer][column][:3])})" for column in lacking
        )
        raise SchemaError(
            f"{path.name} has the columns {', '.join(theirs) or 'none'}; wanted {accepted} for "
            f"{layer}. Rename or add the column."
        )
    unused = [column for column in theirs if column not in ours]
    if unused:
        report.note(f"columns not used: {', '.join(unused)}", len(unused))
    frame = raw[[*ours, raw.geometry.name]].rename(columns=ours)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return Rows(frame, report, key=KEYS.get(layer, "name"))


def _fill(
    rows: Rows, layer: str, district: District | None, standard: Standard | None
) -> gpd.GeoDataFrame:
    """Repair geometry and attributes of a layer and return it conformed."""
    if layer == "boundary" or district is None:
        shapes.polygons(rows, district)
        return _boundary(rows)
    if layer == "grids":
        shapes.polygons(rows, district)
        grids(rows, district)
    elif layer == "organisations":
        attributes.organisations(rows)
    elif layer == "buildings":
        shapes.footprints(rows, district)
        attributes.buildings(rows)
    else:
        shapes.points(rows, district)
        attributes.service_points(rows, standard or load_standard())
    return conform_layer(layer, rows.frame)


def _boundary(rows: Rows) -> gpd.GeoDataFrame:
    """Return all polygons as one row, named after the first."""
    if not len(rows.frame):
        return rows.frame
    names = [rows.text(column) for column in ("name_zh", "name", "name_en")]
    zh = next((name.iloc[0] for name in names if name.iloc[0]), "")
    en = next((name.iloc[0] for name in reversed(names) if name.iloc[0]), "")
    rows.report.note("polygons joined into one boundary", max(len(rows.frame) - 1, 0))
    union = shapely.union_all(np.asarray(rows.frame.geometry.to_numpy(), dtype=object))
    return gpd.GeoDataFrame({"name_zh": [zh], "name_en": [en]}, geometry=[union], crs=STORED_EPSG)


def _all_rejected(path: Path, report: LayerReport) -> str:
    row, reason = report.rejected[0]
    return (
        f"All {report.read} rows of {path.name} were rejected, the first ({row}) because: "
        f"{reason}. Correct the file; nothing was changed."
    )
