"""Barriers to walking: walls, water and railways at ground level."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.levels import barrier_level
from boundaries.readers.osm.layers.walk_rules import is_set
from boundaries.readers.osm.scan.extract import Extract, Way, name_of
from boundaries.readers.osm.scan.shapes import area_polygon, polygonal, way_lines, way_polygon
from geo.crs import STORED_EPSG
from geo.messages import Message
from geo.model.vocabulary import BarrierKind

WALLS: Final = frozenset({"wall", "city_wall", "fence", "retaining_wall"})
"""Values of `barrier` that are walls."""

_STREAMS: Final = frozenset({"river", "canal"})
_RAILS: Final = frozenset({"rail", "light_rail", "subway"})
_BURYING: Final = ("tunnel", "covered", "culvert")
Row = tuple[str, BarrierKind, str, int, BaseGeometry]

BARRIERS: Final = {
    BarrierKind.WALL: Message("osm.wall"),
    BarrierKind.RIVER: Message("osm.river"),
    BarrierKind.RAILWAY: Message("osm.railway"),
}
"""What each kind is called."""


def is_wall(tags: Mapping[str, str]) -> bool:
    """Return whether a way is a wall or a fence."""
    return tags.get("barrier") in WALLS


def is_rail(tags: Mapping[str, str]) -> bool:
    """Return whether a way is a railway that stops walkers."""
    return tags.get("railway") in _RAILS and not passable(tags)


def is_water_area(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way or a relation is a surface of water."""
    return tags.get("natural") == "water" or tags.get("waterway") == "riverbank"


def barrier_kind(tags: Mapping[str, str]) -> BarrierKind | None:
    """Return the kind of barrier that an object is, passable or not; None if it is none.

    The coast is the bank of the sea.

    Examples
    --------
    >>> barrier_kind({"railway": "rail"}).value, barrier_kind({"railway": "tram"})
    ('railway', None)
    """
    if is_wall(tags):
        return BarrierKind.WALL
    if (
        tags.get("waterway") in _STREAMS
        or is_water_area(tags)
        or tags.get("natural") == "coastline"
    ):
        return BarrierKind.RIVER
    return BarrierKind.RAILWAY if tags.get("railway") in _RAILS else None


def passable(tags: Mapping[str, str]) -> Message | None:
    """Return why a barrier stops nobody; None if it does.

    Below the ground one walks over it, on a bridge one walks under it. A negative `layer` alone
    buries a railway but not water: mappers give it to open rivers, to put them below bridges.
    """
    if any(is_set(tags, key) for key in _BURYING) or tags.get("location") == "underground":
        return Message("osm.below_ground")
    if tags.get("railway") in _RAILS and _layer(tags) < 0:
        return Message("osm.below_ground")
    if is_set(tags, "bridge") and not is_wall(tags):
        return Message("osm.on_a_bridge")
    return None


def find_barriers(extract: Extract, report: LayerReport) -> gpd.GeoDataFrame:
    """Return the layer `barriers`, EPSG:4326, ways before relations, by id.

    Water is a polygon where its ring closes and a line where the extract cuts it. What lies below
    ground or on a bridge is left out and counted.
    """
    rows: list[Row] = []
    for way in extract.ways:
        _add(rows, f"way/{way.id}", way.tags, _way_shape(way, extract), report)
    for area in extract.areas:
        if is_water_area(area.tags):
            shape = area_polygon(area, extract.coordinates)
            _add(rows, f"relation/{area.id}", area.tags, shape, report)
    for broken in extract.broken:
        if is_water_area(broken.tags):
            refs = [way_lines(way.refs, extract.coordinates) for way in broken.ways]
            for number, line in enumerate(refs):
                _add(rows, f"relation/{broken.id}/{number}", broken.tags, line, report)
            report.repair(Message("osm.banks_kept"))
    return _frame(rows, report)


def _way_shape(way: Way, extract: Extract) -> BaseGeometry | None:
    if is_water_area(way.tags):
        polygon = way_polygon(way, extract.coordinates)
        if polygon is not None:
            return polygon
    return way_lines(way.refs, extract.coordinates) if barrier_kind(way.tags) else None


def _add(
    rows: list[Row],
    row: str,
    tags: Mapping[str, str],
    shape: BaseGeometry | None,
    report: LayerReport,
) -> None:
    """Add one barrier, or say why not."""
    kind = barrier_kind(tags)
    if kind is None:
        return
    report.read += 1
    why = Message("osm.too_few_nodes") if shape is None else passable(tags)
    if why is not None:
        report.reject(row, why)
        report.note(Message("osm.barrier_left_out", {"kind": BARRIERS[kind], "why": why}))
    elif shape is not None:
        rows.append((row, kind, name_of(tags), barrier_level(tags), shape))


def _frame(rows: list[Row], report: LayerReport) -> gpd.GeoDataFrame:
    """Make water polygons valid and build the layer."""
    shapes = [shape for *_, shape in rows]
    areal = [i for i, shape in enumerate(shapes) if shape.geom_type in {"Polygon", "MultiPolygon"}]
    polygons, repaired = polygonal([shapes[i] for i in areal])
    for i, polygon in zip(areal, polygons, strict=True):
        shapes[i] = polygon
    report.repair(Message("osm.outlines_made_valid"), repaired)
    frame = gpd.GeoDataFrame(
        {
            "barrier_id": [row for row, *_ in rows],
            "kind": [kind.value for _, kind, *_ in rows],
            "name": [name for _, _, name, *_ in rows],
            "level": np.array([level for *_, level, _ in rows], np.int64),
        },
        geometry=shapes,
        crs=STORED_EPSG,
    )
    kept = frame[~frame.geometry.is_empty]
    for row in frame.loc[frame.geometry.is_empty, "barrier_id"]:
        report.reject(row, Message("osm.outline_without_area"))
    report.accepted = len(kept)
    return kept.reset_index(drop=True)


def _layer(tags: Mapping[str, str]) -> float:
    """Parse the tag `layer`; 0 if it is no number."""
    try:
        return float(tags.get("layer", "0"))
    except ValueError:
        return 0.0
