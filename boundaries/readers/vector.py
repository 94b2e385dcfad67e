"""Read one layer of a district from a vector file, with a report on every row."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.layer_names import LAYER_NAMES
from boundaries.readers import attributes, shapes
from boundaries.readers.aliases import COLUMN_ALIASES, our_columns
from boundaries.readers.grids import grids
from boundaries.readers.rows import Rows
from boundaries.readers.source import read_source
from boundaries.readers.workers import posts_of_grids, workers
from boundaries.standards.catalogue import load_standard
from geo.crs import STORED_EPSG
from geo.errors import EmptyError, InputError, SchemaError
from geo.messages import Message
from geo.model.keys import is_hidden_in, key_columns
from geo.model.layer_columns import KEYS, TABLES
from geo.model.layers import District, conform_layer, empty_layer
from geo.model.standard import Standard

READABLE: Final = tuple(COLUMN_ALIASES)
"""Layers that a file can bring."""

_REQUIRED: Final = {
    "boundary": (),
    "grids": ("code",),
    "buildings": ("households",),
    "service_points": ("category",),
    "entrances": (),
    "organisations": ("name",),
    "workers": ("worker_code", "grid_code"),
}


def read_layer(
    path: str | Path,
    layer: str,
    *,
    district: District | None,
    crs: str | int | pyproj.CRS | None = None,
    standard: Standard | None = None,
    plan: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, LayerReport]:
    """Read one layer from GeoJSON, GeoPackage, Shapefile, CSV or an Excel workbook.

    Parameters
    ----------
    path : str or Path
        ``.geojson``, ``.json``, ``.gpkg``, ``.shp``, ``.zip``, ``.csv``, ``.txt`` or ``.xlsx``.
        Chinese text is UTF-8 or GB18030, whatever a ``.cpg`` file says.
    layer : str
        ``boundary``, ``grids``, ``buildings``, ``service_points``, ``entrances``,
        ``organisations`` or ``workers``. Columns may have the names of
        :data:`geo.model.layer_columns.COLUMNS` or one of
        :data:`boundaries.readers.aliases.COLUMN_ALIASES`.
    district : District, optional
        The district it is for; rows far from its boundary are rejected. May be missing for a
        boundary.
    crs : str, int or pyproj.CRS, optional
        The CRS of the file where it does not say so, or says so wrongly.
    standard : Standard, optional
        Whose categories count; the default standard if omitted.
    plan : GeoDataFrame, optional
        Layer ``grids`` that the posts of ``workers`` are for.

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
    >>> homes["households"].tolist(), [str(why) for _, why in report.rejected]
    ([24], ["households '-1' is no whole number from 0 on"])
    """
    frame, rows = _read(path, layer, district=district, crs=crs, standard=standard, plan=plan)
    return frame, rows.report


def read_grids_with_posts(
    path: str | Path, *, district: District, crs: str | int | pyproj.CRS | None = None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None, LayerReport]:
    """Read grids, and who looks after them where the file says it, as an exported plan does.

    Parameters and errors are those of :func:`read_layer`.

    Returns
    -------
    grids : GeoDataFrame
    workers : DataFrame or None
        Layer ``workers``; None where no grid of the file has a post.
    report : LayerReport
    """
    frame, rows = _read(path, "grids", district=district, crs=crs)
    return frame, posts_of_grids(rows), rows.report


def _read(
    path: str | Path,
    layer: str,
    *,
    district: District | None,
    crs: str | int | pyproj.CRS | None = None,
    standard: Standard | None = None,
    plan: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, Rows]:
    """Return a layer of a file, and its rows with all columns that were understood."""
    if layer not in READABLE:
        raise InputError("reading.unknown_layer", layer=layer, known=list(READABLE))
    if district is None and layer != "boundary":
        raise InputError("reading.no_district", layer=layer)
    path, report = Path(path), LayerReport()
    rows = _open(path, layer, report)
    source = shapes.source_crs(rows.frame.crs, crs, what=path.name)
    if rows.frame.crs is not None and source != rows.frame.crs:
        said = {"read": source.name, "own": rows.frame.crs.name}
        report.note(Message("reading.other_crs", said))
    if layer not in TABLES:
        shapes.place(rows, source, district)
    frame = _fill(rows, layer, district, standard=standard, plan=plan)
    if not len(frame):
        row, reason = report.rejected[0]
        raise EmptyError(
            "reading.all_rejected", n=report.read, name=path.name, row=row, reason=reason
        )
    rows.close()
    return frame, rows


def _open(path: Path, layer: str, report: LayerReport) -> Rows:
    """Read a file and give its columns our names; rows are numbered from 1."""
    raw, closed = read_source(path, layer, report)
    report.read = len(raw)
    if not len(raw):
        raise EmptyError("reading.no_rows", name=path.name, layer=LAYER_NAMES[layer])
    theirs = [str(column) for column in raw.columns if column != raw.geometry.name]
    ours = our_columns(layer, theirs)
    lacking = [column for column in _REQUIRED[layer] if column not in ours.values()]
    if lacking:
        others = {column: list(COLUMN_ALIASES[layer][column][:3]) for column in lacking}
        raise SchemaError(
            "reading.missing_columns",
            name=path.name,
            columns=theirs or Message("reading.none"),
            wanted=[
                Message("reading.column_or", {"column": column, "others": names})
                for column, names in others.items()
            ],
            layer=LAYER_NAMES[layer],
        )
    unused = [column for column in theirs if column not in ours]
    if unused:
        report.note(Message("reading.unused_columns", {"columns": unused}), len(unused))
    frame = raw[[*ours, raw.geometry.name]].rename(columns=ours)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    theirs_of = {column: name for name, column in ours.items()}
    rows = Rows(frame, report, key=KEYS.get(layer, "name"), theirs=theirs_of)
    rows.repair(closed, Message("reading.ring_closed"))
    _reject_hidden(rows, layer)
    return rows


def _reject_hidden(rows: Rows, layer: str) -> None:
    """Reject rows with a key whose characters cannot be seen."""
    for column in key_columns(layer) if layer in KEYS else ():
        texts = rows.text(column).tolist()
        hidden = np.array([is_hidden_in(text) for text in texts], dtype=bool)
        named = rows.column(column)
        rows.reject(
            hidden,
            [
                Message("reading.hidden_characters", {"column": named, "text": text})
                for text in texts
            ],
        )


def _fill(
    rows: Rows,
    layer: str,
    district: District | None,
    *,
    standard: Standard | None,
    plan: gpd.GeoDataFrame | None,
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
    elif layer == "workers":
        workers(rows, empty_layer("grids") if plan is None else plan)
    elif layer == "entrances":
        shapes.points(rows, district)
        attributes.entrances(rows)
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
    rows.report.note(Message("reading.joined_boundary"), max(len(rows.frame) - 1, 0))
    union = shapely.union_all(np.asarray(rows.frame.geometry.to_numpy(), dtype=object))
    return gpd.GeoDataFrame({"name_zh": [zh], "name_en": [en]}, geometry=[union], crs=STORED_EPSG)
