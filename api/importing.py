"""What an import does to a district that is already there, and grids for one that has none."""

from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries.readers.osm import read_osm
from boundaries.households import ESTIMATED_NOTE, ESTIMATED_NOTE_ZH
from boundaries.readers.vector import read_layer
from boundaries.report import ImportReport
from geo.blocks import draw_grids
from geo.crs import metric_epsg, project_geometry, to_metric
from geo.district import KEYS, District, Layers, Origin, conform_layer
from geo.standard import Standard


def import_osm(
    path: Path,
    *,
    code: str,
    standard: Standard,
    names: tuple[str | None, str | None] = (None, None),
    boundary: object = None,
    before: tuple[District, Layers] | None = None,
) -> tuple[District, Layers, ImportReport]:
    """Read an extract into a new district, or into one that is there.

    What is already known better than from OpenStreetMap stays: the boundary unless `boundary` is
    given, names, given grids and their workers, counted buildings, given service points. Grids that
    nobody gave are drawn from street blocks.

    Parameters
    ----------
    path : Path
    code : str
    standard : Standard
    names : tuple of str or None
        Chinese and English.
    boundary : shapely geometry, optional
        EPSG:4326.
    before : tuple of District and Layers, optional
        What is stored.

    Returns
    -------
    tuple of District, Layers (EPSG:4326), ImportReport

    Raises
    ------
    InputError, EmptyError
        As :func:`boundaries.readers.osm.read_osm`.
    """
    zh, en = names
    if before is not None:
        zh, en = zh or before[0].name_zh, en or before[0].name_en
        boundary = boundary if boundary is not None else before[0].boundary
    district, layers, report = read_osm(
        path,
        code=code,
        standard=standard,
        name_zh=zh,
        name_en=en,
        boundary=boundary,  # type: ignore[arg-type]
    )
    if before is not None:
        district = _joined(district, before[0])
        layers = _keep_better(layers, before[1], report)
    if layers.grids.empty:
        layers = replace(layers, grids=drawn_grids(district, layers))
        report.layer("grids").note("drawn from street blocks", len(layers.grids))
    return district, layers, report


def import_boundary(
    path: Path,
    *,
    code: str,
    crs: str | None = None,
    names: tuple[str | None, str | None] = (None, None),
) -> tuple[District, ImportReport]:
    """Read an outline as a new district without content.

    Names that are not given are those of the file, else the code.

    Raises
    ------
    InputError, EmptyError
        As :func:`boundaries.readers.vector.read_layer`.
    """
    frame, account = read_layer(path, "boundary", district=None, crs=crs)
    row = frame.iloc[0]
    outline = frame.geometry.iloc[0]
    zh = names[0] or row["name_zh"] or names[1] or code
    en = names[1] or row["name_en"] or names[0] or code
    district = District(
        code=code,
        name_zh=zh,
        name_en=en,
        epsg=metric_epsg(outline.centroid.x, outline.centroid.y),
        boundary=outline,
        origin=Origin.GIVEN,
    )
    return district, ImportReport(path.name, {"boundary": account})


def import_layer(
    path: Path,
    name: str,
    *,
    before: tuple[District, Layers],
    crs: str | None,
    add: bool,
    standard: Standard,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read layer `name` for a district; with `add`, the rows that are there stay.

    Returns
    -------
    frame : GeoDataFrame
        The layer as it is to be stored, EPSG:4326.
    report : ImportReport

    Raises
    ------
    InputError, EmptyError
        As :func:`boundaries.readers.vector.read_layer`.
    """
    district, layers = before
    frame, account = read_layer(path, name, district=district, crs=crs, standard=standard)
    there = getattr(layers, name)
    if add:
        frame = added(name, there, frame)
        account.note("rows in the layer now", len(frame))
    else:
        account.note("rows replaced", len(there))
    return frame, ImportReport(path.name, {name: account})


def without_stale_note(district: District, buildings: gpd.GeoDataFrame) -> District:
    """Return `district` without the note on estimated households once none are estimated."""
    if (buildings["households_source"] == "estimated").any():
        return district
    return replace(district, note=district.note.replace(ESTIMATED_NOTE, "").strip())


def file_sha256(path: Path) -> str:
    """Return the hash by which the store remembers a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def drawn_grids(district: District, layers: Layers) -> gpd.GeoDataFrame:
    """Return grids drawn from the street blocks of a district, EPSG:4326, origin `drawn`."""
    boundary = project_geometry(district.boundary, 4326, district.epsg)
    edges = to_metric(layers.walk_edges, district.epsg)
    buildings = to_metric(layers.buildings, district.epsg)
    grids = draw_grids(boundary, edges, code=district.code, buildings=buildings)
    return conform_layer("grids", grids.to_crs(4326))


def _joined(district: District, before: District) -> District:
    """Return `district` with the credits and notes of what stays."""
    thanks = dict.fromkeys([*before.credits, *district.credits])
    notes = dict.fromkeys(note for note in (before.note, district.note) if note)
    synthetic = before.origin == Origin.SYNTHETIC
    origin = before.origin if synthetic else district.origin
    return replace(district, credits=tuple(thanks), note=" ".join(notes), origin=origin)


def _keep_better(layers: Layers, before: Layers, report: ImportReport) -> Layers:
    """Return `layers` with what the user gave before."""
    given = before.grids[before.grids["origin"].isin([Origin.GIVEN, Origin.SYNTHETIC])]
    if len(given):
        layers = replace(layers, grids=before.grids, workers=before.workers)
        report.layer("grids").note("kept as they were", len(before.grids))
    if before.buildings["households_source"].isin(["counted", "synthetic"]).any():
        layers = replace(layers, buildings=before.buildings)
        report.layer("buildings").note("kept as they were", len(before.buildings))
    points = before.service_points
    own = points[points["origin"] == Origin.GIVEN]
    if len(own):
        layers = replace(layers, service_points=added("service_points", layers.service_points, own))
        report.layer("service_points").note("given ones kept", len(own))
    return layers


def added(name: str, frame: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return layer `name` with the rows of `more` added; the same key takes the new row."""
    key = KEYS[name]
    rest = frame[~frame[key].isin(more[key])]
    return conform_layer(name, pd.concat([rest, more], ignore_index=True))
