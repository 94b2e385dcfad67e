"""Entrances of buildings, and of service points that are areas.

A building is entered at the nodes of its outline with ``entrance``; so is a service point that is
one. Another area is entered at such nodes, at gates, and where ways meet its outline or run beside
it and no barrier stands. Where nothing of all that is known of a service point, it is entered at
a free place of its outline, before the way nearest to its middle. Free places are bounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.buildings import is_building
from boundaries.readers.osm.layers.gates import GATE_VALUES, Gate, gate_access
from boundaries.readers.osm.scan.extract import Extract, Node, name_of
from boundaries.readers.osm.scan.shapes import area_polygon, way_polygon
from geo.arrays import BoolArray, GeometryArray
from geo.crs import STORED_EPSG, project_points, to_metric
from geo.messages import Message
from geo.model.layer_columns import COLUMNS
from geo.model.layers import conform_layer, empty_layer
from geo.model.vocabulary import EntranceKind, GateAccess
from geo.network.entrances import NOT_ENTERED
from geo.network.snap_kernel import LINK_LIMIT_M

BESIDE_M: Final = 20.0
"""A way this near to the outline of an open area runs beside it, metres: one steps in there."""

APART_M: Final = 15.0
"""Of free places nearer to each other than this one is kept, metres."""

MOST: Final = 24
"""Free places that are kept of one outline."""

AT_BARRIER_M: Final = 0.5
"""A place on an outline this near to a barrier is not free, metres."""

AT_GATE_M: Final = 5.0
"""A gate this near to the outline of an open area leads into it, metres: fences are often drawn
beside the outline."""

_INSIDE: Final = ("building:part", "indoor")
_AREAS: Final = (3, 6)  # polygon, multipolygon


@dataclass(frozen=True, slots=True)
class _Found:
    """A node by which places are entered."""

    node: Node
    kind: EntranceKind
    access: GateAccess

    @property
    def serves(self) -> bool:
        """Whether those who seek a service enter here."""
        return self.access is GateAccess.OPEN and self.kind not in NOT_ENTERED


@dataclass(frozen=True, slots=True)
class _PlaceOutline:
    """The outline of a place: an id, its nodes, the shape, and whether walls close it."""

    id: str
    refs: tuple[int, ...]
    shape: BaseGeometry
    is_walled: bool


class _WaysAndWalls:
    """Ways on the ground, barriers and gates, in metres."""

    def __init__(
        self, layers: Mapping[str, gpd.GeoDataFrame], gates: list[_Found], epsg: int
    ) -> None:
        edges = layers["walk_edges"]
        on_ground = to_metric(edges[edges["level"] == 0], epsg)
        barriers = layers["barriers"]
        barriers = to_metric(barriers[barriers["level"] == 0], epsg)
        walls = np.array(barriers.geometry.array, dtype=object)
        is_area = np.isin(shapely.get_type_id(walls), _AREAS)
        walls[is_area] = shapely.boundary(walls[is_area])
        self._ways = np.asarray(on_ground.geometry.array, dtype=object)
        self._way_tree, self._wall_tree = shapely.STRtree(self._ways), shapely.STRtree(walls)
        self._gates = gates
        lonlat = np.array([(gate.node.lon, gate.node.lat) for gate in gates]).reshape(-1, 2)
        at = project_points(lonlat[:, 0], lonlat[:, 1], epsg)
        self._gate_tree = shapely.STRtree(np.asarray(shapely.points(at), object))

    def gates_at(self, outline: BaseGeometry) -> list[_Found]:
        """Return the gates on or beside an outline."""
        rows = self._gate_tree.query(outline, predicate="dwithin", distance=AT_GATE_M)
        return [self._gates[row] for row in sorted(rows)]

    def free_places(self, outline: BaseGeometry) -> GeometryArray:
        """Return where an outline meets ways or has them beside it, and no barrier is.

        The nearest come first; a way that meets the outline gives each place where it does so.
        """
        ways = self._ways_around(outline, BESIDE_M)
        met = shapely.intersection(ways, outline)
        is_apart = shapely.is_empty(met)
        crossed = shapely.get_parts(shapely.extract_unique_points(met[~is_apart]))
        legs = [shapely.shortest_line(crossed, crossed)]
        return self._free([*legs, shapely.shortest_line(outline, ways[is_apart])])

    def place_towards_ways(self, outline: BaseGeometry) -> GeometryArray:
        """Return the one place of an outline, if any is free, before the way nearest its middle."""
        middle = shapely.centroid(outline)
        to_ways = shapely.shortest_line(middle, self._ways_around(outline, LINK_LIMIT_M))
        nearest = np.argsort(shapely.length(to_ways), kind="stable")
        feet = shapely.get_point(to_ways[nearest], 1)
        legs = shapely.shortest_line(outline, feet)
        return shapely.get_point(legs[self._is_free(legs)], 0)[:1]

    def _ways_around(self, outline: BaseGeometry, within_m: float) -> GeometryArray:
        rows = self._way_tree.query(outline, predicate="dwithin", distance=within_m)
        ways: GeometryArray = self._ways[np.sort(rows)]
        return ways

    def _free(self, each: list[GeometryArray]) -> GeometryArray:
        legs = np.concatenate(each)
        legs = legs[self._is_free(legs)]
        starts: GeometryArray = shapely.get_point(legs, 0)
        return starts[np.argsort(shapely.length(legs), kind="stable")]

    def _is_free(self, legs: GeometryArray) -> BoolArray:
        """Return whether no barrier lies at the start of each leg, or on it."""
        is_free = np.ones(len(legs), np.bool_)
        at = self._wall_tree.query(shapely.get_point(legs, 0), "dwithin", distance=AT_BARRIER_M)[0]
        is_free[at] = False
        is_free[self._wall_tree.query(legs, "intersects")[0]] = False
        return is_free


def find_entrances(
    extract: Extract,
    gates: list[Gate],
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    epsg: int,
    report: LayerReport,
) -> gpd.GeoDataFrame:
    """Return the layer `entrances`, EPSG:4326.

    Parameters
    ----------
    extract : Extract
    gates : list of Gate
    layers : dict of str to GeoDataFrame
        Layers `buildings`, `service_points`, `walk_edges` and `barriers`, EPSG:4326.
    epsg : int
        Metric CRS to measure in.
    report : LayerReport
        Gets how many buildings and points are entered how.
    """
    nodes = {node.id: found for node in extract.nodes if (found := _found(node))}
    at_gates = [
        nodes.get(gate.node.id) or _Found(gate.node, EntranceKind.GATE, gate.access)
        for gate in gates
        if gate.node.tags.get("barrier") in GATE_VALUES
    ]
    ground = _WaysAndWalls(layers, at_gates, epsg)
    homes, points = layers["buildings"]["building_id"], layers["service_points"]["point_id"]
    rows = [
        _row(nodes[ref], building_id=outline.id)
        for outline in _outlines(extract, set(homes))
        for ref in outline.refs
        if ref in nodes
    ]
    report.note(Message("osm.buildings_with_entrance"), len({row["building_id"] for row in rows}))
    outlines = list(_outlines(extract, set(points)))
    shapes = gpd.GeoDataFrame(geometry=[each.shape for each in outlines], crs=STORED_EPSG)
    places: list[tuple[str, GeometryArray]] = []
    for outline, shape in zip(outlines, to_metric(shapes, epsg).geometry, strict=True):
        border = shapely.boundary(shape)
        known = [nodes[ref] for ref in outline.refs if ref in nodes]
        if not outline.is_walled:
            known += [gate for gate in ground.gates_at(border) if gate not in known]
        rows += [_row(each, point_id=outline.id) for each in known]
        is_served = any(each.serves for each in known)
        free = _free_places(border, ground, is_served=is_served, is_walled=outline.is_walled)
        places.append((outline.id, free))
        report.note(Message("osm.points_with_entrance"), int(is_served))
        report.note(Message("osm.points_entered_at_outline"), int(len(free) > 0))
    return _frame(rows, places, epsg, report)


def _found(node: Node) -> _Found | None:
    """Return a node with ``entrance`` as one by which places are entered."""
    value = node.tags.get("entrance", "no")
    if value == "no":
        return None
    known = value if value in set(EntranceKind) else "yes"
    return _Found(node, EntranceKind(known), gate_access(node.tags))


def _outlines(extract: Extract, wanted: set[str]) -> Iterator[_PlaceOutline]:
    """Yield the outlines of closed ways and of areas, by their ids, EPSG:4326."""
    for way in extract.ways:
        shape = way_polygon(way, extract.coordinates) if f"way/{way.id}" in wanted else None
        if shape is not None:
            refs = tuple(dict.fromkeys(way.refs))
            yield _PlaceOutline(f"way/{way.id}", refs, shape, _is_walled(way.tags))
    for area in extract.areas:
        if f"relation/{area.id}" in wanted:
            rings = [ring for outer, inners in area.parts for ring in (outer, *inners)]
            refs = tuple(dict.fromkeys(ref for ring in rings for ref in ring))
            shape = area_polygon(area, extract.coordinates)
            yield _PlaceOutline(f"relation/{area.id}", refs, shape, _is_walled(area.tags))


def _is_walled(tags: Mapping[str, str]) -> bool:
    """Return whether walls close an area: it is a building, a part of one, or within one."""
    return is_building(tags) or any(tags.get(key, "no") != "no" for key in _INSIDE)


def _free_places(
    border: BaseGeometry, ground: _WaysAndWalls, *, is_served: bool, is_walled: bool
) -> GeometryArray:
    """Return the places of a border, in metres, by which a service point is entered as well."""
    if is_walled:
        return np.empty(0, object) if is_served else ground.place_towards_ways(border)
    found = ground.free_places(border)
    if not len(found) and not is_served:
        return ground.place_towards_ways(border)
    xy = shapely.get_coordinates(found)
    kept: list[int] = []
    for at in range(len(found)):
        if (np.hypot(*(xy[kept] - xy[at]).T) >= APART_M).all():
            kept.append(at)
    if len(kept) > MOST:  # evenly along the border
        along = np.argsort(shapely.line_locate_point([border], found[kept]), kind="stable")
        kept = np.array(kept)[along][np.arange(MOST) * len(kept) // MOST].tolist()
    return found[kept]


def _row(found: _Found, **leads_into: str) -> dict[str, object]:
    return {
        "entrance_id": f"node/{found.node.id}",
        "kind": found.kind.value,
        "access": found.access.value,
        "name": name_of(found.node.tags) or found.node.tags.get("ref", ""),
        "geometry": shapely.Point(found.node.lon, found.node.lat),
        **leads_into,
    }


def _frame(
    rows: list[dict[str, object]],
    places: list[tuple[str, GeometryArray]],
    epsg: int,
    report: LayerReport,
) -> gpd.GeoDataFrame:
    """Return the layer; what one node leads into beside the first place has its number behind."""
    at = np.concatenate([np.empty(0, object), *(free for _, free in places)])
    free = gpd.GeoDataFrame(
        {
            "entrance_id": [f"{name}/outline" for name, shapes in places for _ in shapes],
            "point_id": [name for name, shapes in places for _ in shapes],
            "kind": EntranceKind.OUTLINE.value,
        },
        geometry=at,
        crs=epsg,
    ).to_crs(STORED_EPSG)
    if not rows and not len(free):
        return empty_layer("entrances")
    known = gpd.GeoDataFrame(rows, geometry="geometry", crs=STORED_EPSG) if rows else free[:0]
    frame = pd.concat([known, free], ignore_index=True)
    number = frame.groupby("entrance_id").cumcount() + 1
    behind = ("/" + number.astype(str)).where((number > 1) | (frame["kind"] == "outline"), "")
    report.read = report.accepted = len(frame)
    named = frame.assign(entrance_id=frame["entrance_id"] + behind)
    whole = named.reindex(columns=[*COLUMNS["entrances"], "geometry"])
    blank = {"access": GateAccess.OPEN.value, "name": ""}
    # Where nothing tells of access, its column is empty and takes no words.
    told = whole.astype(dict.fromkeys(blank, object)).fillna(blank)
    return conform_layer("entrances", told)
