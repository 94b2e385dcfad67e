"""Read one layer of a district from a vector file, with a report on every row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from boundaries.column_names import COLUMN_NAMES, column_in_file
from boundaries.import_report import LayerReport
from boundaries.layer_names import LAYER_NAMES
from boundaries.readers import attributes, shapes
from boundaries.readers.aliases import (
    COLUMN_ALIASES,
    CONTROL_POINTS,
    HOUSEHOLDS,
    REQUIRED,
    our_columns,
)
from boundaries.readers.encoding import garbled
from boundaries.readers.files.declared_frames import frame_column, frames_of_rows
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.layers.grids import grids
from boundaries.readers.layers.streets import streets
from boundaries.readers.layers.workers import posts_of_grids, workers
from boundaries.readers.places.crs_search import check_not_packed, found_crs
from boundaries.readers.places.frame_fit import check_frame
from boundaries.readers.places.source_crs import SourceCrs, source_crs
from boundaries.readers.rows import Rows
from boundaries.readers.source import read_source
from boundaries.readers.tables.persons import without_persons
from boundaries.readers.tables.places import JOINED, no_places
from boundaries.readers.tables.totals import is_called_total
from boundaries.standards.catalogue import load_standard
from geo.crs import STORED_EPSG
from geo.errors import CrsError, EmptyError, FileFormatError, InputError, SchemaError
from geo.messages import Message
from geo.model.keys import is_hidden_in, key_columns
from geo.model.layer_columns import KEYS, TABLES
from geo.model.layers import District, Layers, conform_layer, empty_layer
from geo.model.standard import Standard

READABLE: Final = tuple(
    layer for layer in COLUMN_ALIASES if layer not in {HOUSEHOLDS, CONTROL_POINTS}
)
"""Layers that a file can bring."""

_HEAP: Final = 5
"""Rows at one place that are worth a word: a stairwell has a household row or two."""

_MAX_DEGREES: Final = 360.0
_SHOWN: Final = 3
_ROUNDED: Final = r"\d(\.\d+)?[eE]\+?\d{2}|\d{7,}0{6}|\d{15,}0{3}"
"""A number as a spreadsheet shows it, and one that it has kept to too few digits."""

_FEWEST_SUMMED: Final = 5
"""Rows above a last one whose count is their sum, for it to be a total by that alone."""

_COUNTED: Final = {
    "buildings": "households", "service_points": "capacity", HOUSEHOLDS: "households",
}  # fmt: skip
"""Layers whose rows are counted, and by what."""


def read_layer(
    path: str | Path,
    layer: str,
    *,
    district: District | None,
    crs: str | int | pyproj.CRS | None = None,
    encoding: str | None = None,
    part: str | None = None,
    columns: Mapping[str, str] | None = None,
    remembered: bool = False,
    standard: Standard | None = None,
    known: Layers | None = None,
) -> tuple[gpd.GeoDataFrame, LayerReport]:
    """Read one layer from a file of a geographic program, a table or a workbook.

    Parameters
    ----------
    path : str or Path
        One of :data:`boundaries.readers.files.formats.LAYER_FORMATS`. Chinese text is as declared,
        else UTF-8 or GB18030, whichever makes sense.
    layer : str
        ``boundary``, ``grids``, ``buildings``, ``service_points``, ``open_grounds``,
        ``walk_edges``, ``entrances``, ``organisations`` or ``workers``. Columns may have the names
        of :data:`geo.model.layer_columns.COLUMNS` or one of
        :data:`boundaries.readers.aliases.COLUMN_ALIASES`.
    district : District, optional
        The district it is for; rows far from its boundary are rejected. May be missing for a
        boundary.
    crs : str, int or pyproj.CRS, optional
        The CRS of the file where it does not say so, or says so wrongly; also a frame of map
        services, ``GCJ-02`` or ``BD-09``.
    encoding : str, optional
        The encoding of its text where it does not say so, or says so wrongly, such as ``BIG5``.
    part : str, optional
        Layer or sheet of the file, where it has several; ``*`` for all sheets with the same
        columns.
    columns : mapping of str to str, optional
        Columns of ours, and what the file calls them, where their names do not tell.
    remembered : bool, default False
        Whether `columns` were told for another file, so that this one may lack them.
    standard : Standard, optional
        Whose categories count; the default standard if omitted.
    known : Layers, optional
        What is stored of the district: its grids are those that posts are for, its buildings and
        streets tell in which frame undeclared coordinates are.

    Returns
    -------
    frame : GeoDataFrame
        Conformed layer in EPSG:4326; for ``boundary`` one row with ``name_zh``, ``name_en`` and the
        union of all polygons; for ``walk_edges`` lines that have no nodes yet
        (:func:`boundaries.readers.layers.streets.streets`).
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
    hints = FileHints(encoding, part, columns or {}, remembered)
    frame, rows = _read(
        path, layer, hints, district=district, crs=crs, standard=standard, known=known
    )
    return frame, rows.report


def read_grids_with_posts(
    path: str | Path,
    *,
    district: District,
    crs: str | int | pyproj.CRS | None = None,
    encoding: str | None = None,
    part: str | None = None,
    columns: Mapping[str, str] | None = None,
    remembered: bool = False,
    known: Layers | None = None,
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
    hints = FileHints(encoding, part, columns or {}, remembered)
    frame, rows = _read(path, "grids", hints, district=district, crs=crs, known=known)
    return frame, posts_of_grids(rows), rows.report


def _read(
    path: str | Path,
    layer: str,
    hints: FileHints,
    *,
    district: District | None,
    crs: str | int | pyproj.CRS | None = None,
    standard: Standard | None = None,
    known: Layers | None = None,
) -> tuple[gpd.GeoDataFrame, Rows]:
    """Return a layer of a file, and its rows with all columns that were understood."""
    if layer not in READABLE:
        raise InputError("reading.unknown_layer", layer=layer, known=list(READABLE))
    if district is None and layer != "boundary":
        raise InputError("reading.no_district", layer=layer)
    path, report = Path(path), LayerReport()
    joinable = layer in JOINED and known is not None and len(getattr(known, layer)) > 0
    rows = open_rows(path, layer, report, hints, joinable=joinable)
    report.columns = [*rows.theirs, *([] if layer in TABLES else ["geometry"])]
    if joinable and known is not None:
        _join_stored(rows, layer, getattr(known, layer))
    if layer not in TABLES:
        source = _crs_of(rows, crs, None if layer == "boundary" else district, path.name)
        shapes.place(rows, source, district, stray=layer != "boundary")
        if crs is not None:
            said = {"crs": source.name if isinstance(crs, pyproj.CRS) else str(crs)}
            report.understand("frame", Message("reading.crs_as_told", said), "declared")
        elif rows.frames is not None:
            names = sorted({str(frame) for frame in rows.frames if frame})
            declared = Message("reading.frames_declared", {"frames": names})
            report.understand("frame", declared, "declared")
        elif district is not None and layer != "boundary" and "geometry" in report.columns:
            _note_heaps(rows)
            placed = np.asarray(rows.frame.geometry.to_numpy(), dtype=object)
            check_frame(placed, layer, district, known, report, what=path.name)
    plan = None if known is None else known.grids
    frame = _fill(rows, layer, district, standard=standard, plan=plan)
    if not len(frame):
        row, reason = report.rejected[0]
        raise EmptyError(
            "reading.all_rejected", n=report.read, name=path.name, row=row, reason=reason
        )
    rows.close()
    return frame, rows


def _note_heaps(rows: Rows) -> None:
    """Note places that many rows share: somebody put there what could not be found."""
    xy = shapely.get_coordinates(shapely.centroid(rows.frame.geometry.to_numpy()))
    places, rows_there = np.unique(xy, axis=0, return_counts=True)
    for at in np.flatnonzero(rows_there >= _HEAP):
        said = {"x": float(places[at, 0]), "y": float(places[at, 1])}
        rows.report.note(Message("reading.rows_on_one_point", said), int(rows_there[at]))


def _join_stored(rows: Rows, layer: str, stored: gpd.GeoDataFrame) -> None:
    """Give rows without a place that of the stored row with their id, else with their name.

    A name counts where it is that of one row here and of one there.
    """
    frame, key = rows.frame, KEYS[layer]
    lacking = np.asarray(frame.geometry.isna() | frame.geometry.is_empty)
    whole = bool(lacking.all())
    if not lacking.any() or not len(stored) or not (whole or frame.crs == STORED_EPSG):
        return
    ids = rows.text(key)
    if key not in frame.columns and "name" in frame.columns and "name" in stored.columns:
        names = rows.text("name")
        once = stored.drop_duplicates("name", keep=False).set_index("name")[key]
        alone = ~names.duplicated(keep=False) & (names != "")
        ids = names.where(alone, "").map(once).fillna("")
        rows.report.understand("rows", Message("reading.joined_by_name"), "likely")
        frame = frame.assign(**{key: ids})
    places = ids.map(stored.set_index(key).geometry.to_dict())
    shapes_now = frame.geometry.to_numpy().copy()
    found = lacking & places.notna().to_numpy()
    shapes_now[found] = places.to_numpy()[found]
    rows.frame = frame.set_geometry(
        gpd.GeoSeries(shapes_now, index=frame.index, crs=STORED_EPSG if whole else frame.crs)
    )
    if whole:
        rows.report.columns.remove("geometry")
        rows.report.understand("rows", Message("reading.places_stored"))
    rows.repair(found, Message("reading.place_of_stored"))
    rows.reject(lacking & ~found, Message("reading.not_in_layer"))


def _crs_of(
    rows: Rows, crs: str | int | pyproj.CRS | None, district: District | None, what: str
) -> pyproj.CRS:
    """Return the CRS of the file, and set the frame of its rows where one is declared."""
    own = rows.frame.crs
    source = source_crs(own, crs, what=what)
    shapes_given = rows.frame.geometry.to_numpy()
    if crs is None and district is not None and (source.crs is None or source.crs.is_geographic):
        check_not_packed(shapes_given, district, what=what)
    if crs is None and district is not None and not _in_degrees(shapes_given, source.crs):
        found, swapped = found_crs(shapes_given, source.crs, district, rows.report, what=what)
        if swapped:
            rows.frame = rows.frame.set_geometry(
                gpd.GeoSeries(shapes.flip(shapes_given), index=rows.frame.index, crs=own)
            )
        source = SourceCrs(found, source.frame)
    if source.crs is None:
        raise CrsError("reading.no_crs", what=what)
    if own is not None and source.crs != own:
        said = {"read": source.crs.name, "own": own.name}
        rows.report.note(Message("reading.other_crs", said))
    if crs is not None:
        rows.frames = None  # the user's word is the last
    if source.frame is not None:
        rows.frames = pd.Series(source.frame, rows.frame.index, dtype=object)
    return source.crs


def _in_degrees(geometry: npt.NDArray[np.object_], crs: pyproj.CRS | None) -> bool:
    """Return whether coordinates are declared as degrees and can be."""
    if crs is None or not crs.is_geographic:
        return False
    return not bool((np.abs(shapely.get_coordinates(geometry)) > _MAX_DEGREES).any())


def open_rows(
    path: Path, layer: str, report: LayerReport, hints: FileHints, *, joinable: bool
) -> Rows:
    """Read a file and give its columns our names; rows are numbered from 1."""
    source = read_source(path, layer, report, hints)
    raw = source.frame if layer != HOUSEHOLDS else without_persons(source.frame, report)
    report.read = len(raw)
    if not len(raw):
        raise EmptyError("reading.no_rows", name=path.name, layer=LAYER_NAMES[layer])
    theirs = [str(column) for column in raw.columns if column != raw.geometry.name]
    if not hints.is_remembered:
        _check_told(hints.columns, layer, theirs, path.name)
    if source.placeless and not joinable:
        raise no_places(theirs, path.name)
    ours = our_columns(layer, theirs, hints.columns)
    lacking = [column for column in REQUIRED[layer] if column not in ours.values()]
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
    for column in unused:
        for twin in our_columns(layer, [column]).values():
            taken = next(name for name, meant in ours.items() if meant == twin)
            said = {"column": column, "taken": taken}
            report.note(Message("reading.twin_column", said))
    if unused:
        report.note(Message("reading.unused_columns", {"columns": unused}), len(unused))
    report.columns_told = {
        meant: name for meant, name in hints.columns.items()
        if ours.get(name) == meant or meant in {"lon", "lat"}
    }  # fmt: skip
    _show_columns(ours, hints, report)
    frame = raw[[*ours, raw.geometry.name]].rename(columns=ours)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    theirs_of = {column: name for name, column in ours.items()}
    rows = Rows(frame, report, key=KEYS.get(layer, "name"), theirs=theirs_of, parts=source.parts)
    for how, done in source.repaired.items():
        rows.repair(done, how)
    for how, done in source.named.items():
        rows.repair(done, how, by_name=True)
    rows.frames = _declared_frames(source, theirs, path.name)
    _refuse_garbled(rows, path.name)
    _note_lost_digits(rows, layer)
    _leave_out_totals(rows, layer)
    _reject_hidden(rows, layer)
    return rows


def _show_columns(ours: dict[str, str], hints: FileHints, report: LayerReport) -> None:
    """Tell which column was taken for which of ours, where the names differ."""
    taken = [column_in_file(meant, name) for name, meant in ours.items()
             if name != meant and meant in COLUMN_NAMES]  # fmt: skip
    if taken:
        as_before = hints.is_remembered and report.columns_told
        code = "reading.columns_as_before" if as_before else "reading.columns_taken"
        sure = "declared" if report.columns_told else "likely"
        report.understand("columns", Message(code, {"columns": taken}), sure)


def _check_told(told: Mapping[str, str], layer: str, theirs: list[str], what: str) -> None:
    """Raise if the user tells a column that the file, or the layer, does not have."""
    for ours, column in told.items():
        is_place = ours in {"lon", "lat"} and layer not in TABLES  # taken by now
        if not is_place and our_columns(layer, theirs, {ours: column}).get(column) != ours:
            named = column_in_file(ours)
            said = {"name": what, "column": column, "ours": named, "columns": theirs}
            raise SchemaError("reading.told_column_lacks", **said)


def _declared_frames(source: Source, columns: list[str], what: str) -> pd.Series | None:
    """Return the frame of each row as the headings or a column say it; None if neither does.

    Raises
    ------
    CrsError
        If a frame is not known, or headings and column contradict each other.
    """
    column = frame_column(columns)
    if column is None:
        found = source.frames
    else:
        found = frames_of_rows(source.frame[column], column=column, what=what)
        headings = source.frames
        if headings is not None and any(a and a != b for a, b in zip(found, headings, strict=True)):
            raise CrsError("reading.frames_contradict", what=what, column=column)
        found = found if headings is None else headings
    return None if found is None else pd.Series(found, range(1, len(found) + 1), dtype=object)


def _refuse_garbled(rows: Rows, what: str) -> None:
    """Raise if text was read in a wrong encoding before it was written into this file."""
    broken = [
        value
        for column in rows.frame.columns
        if column != rows.frame.geometry.name
        for value in garbled(each for each in rows.frame[column] if isinstance(each, str))
    ]
    if broken:
        shown = broken[:_SHOWN]
        raise FileFormatError("reading.garbled", what=what, n=len(broken), values=shown)


def _note_lost_digits(rows: Rows, layer: str) -> None:
    """Note codes that a spreadsheet has rounded: 3.71602E+14, or 15 digits that end in zeros."""
    for column in (*(key_columns(layer) if layer in KEYS else ()), "parent_code"):
        texts = rows.text(column)
        lost = texts[texts.str.fullmatch(_ROUNDED)]
        if len(lost):
            said = {"n": len(lost), "column": rows.column(column), "first": lost.iloc[0]}
            rows.report.losses.append(Message("reading.digits_lost", said))


def _leave_out_totals(rows: Rows, layer: str) -> None:
    """Leave out rows that are sums of others: 合计, or a last count that equals the sum above."""
    if layer not in _COUNTED:
        return
    texts = [rows.text(column) for column in rows.frame.columns if column != "geometry"]
    called = np.zeros(len(rows.frame), dtype=bool)
    for column in texts:
        total = [text for text in column.unique() if is_called_total(text)]
        called |= column.isin(total).to_numpy(bool)
    counts = pd.to_numeric(rows.text(_COUNTED[layer]), errors="coerce").to_numpy()
    if len(counts) > _FEWEST_SUMMED and not called.any() and counts[-1] > 0:
        called[-1] = counts[-1] == counts[:-1].sum()
    rows.leave_out(called, Message("reading.totals_row"))


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
    elif layer == "walk_edges":
        return streets(rows)
    elif layer == "organisations":
        attributes.organisations(rows)
    elif layer == "workers":
        workers(rows, empty_layer("grids") if plan is None else plan)
    elif layer == "open_grounds":
        shapes.polygons(rows, district)
        attributes.open_grounds(rows, epsg=district.epsg)
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
