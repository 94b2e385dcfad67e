"""The lines that cut the ground: kept grids, barriers, streets; none runs through a building."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.model.layers import Layers
from geo.model.vocabulary import BarrierKind, GroundKind


class Rank(IntEnum):
    """What lies on a border, from the least to the most that it separates."""

    OPEN = 0
    LANE = 1
    SMALL_STREET = 2
    MEDIUM_STREET = 3
    LARGE_STREET = 4
    MAJOR_STREET = 5  # a small grid crosses it only where one side is too small for a grid
    WALL = 6  # people behind it have gates; a beat may pass through them, a grid never does
    RIVER = 7  # rivers and railways, which a beat does not cross either
    KEPT = 8


def _with_links(*kinds: str) -> frozenset[str]:
    return frozenset(f"{kind}{link}" for kind in kinds for link in ("", "_link"))


STREET_KINDS: Final[Mapping[Rank, frozenset[str]]] = MappingProxyType({
    Rank.MAJOR_STREET: _with_links("motorway", "trunk", "primary"),
    Rank.LARGE_STREET: _with_links("secondary"),
    Rank.MEDIUM_STREET: _with_links("tertiary") | {"unclassified", "road"},
    Rank.SMALL_STREET: frozenset({"residential", "living_street", "pedestrian"}),
    Rank.LANE: frozenset({"service", "track", "path", "bridleway"}),
})  # fmt: skip
"""Kinds of street that cut the ground into faces, by rank. Footways cut nothing: beside streets
they would leave strips."""


def bounding_lines(
    layers: Layers,
    kept: Sequence[BaseGeometry] | GeometryArray = (),
    *,
    kinds: Mapping[Rank, frozenset[str]],
) -> list[GeometryArray]:
    """Return the lines that cut the ground, the highest rank first, bent around buildings.

    Parameters
    ----------
    layers : Layers
        Metric CRS; `walk_edges`, `barriers`, `open_grounds` and `buildings` are read. Private
        streets and streets in tunnels bound nothing. The outline of a field is a lane; in town a
        park or school is a block, or shares one with homes.
    kept : sequence of Polygon
        Grids that are kept as they are.
    kinds : mapping by Rank
        Kinds of street of a rank.

    Returns
    -------
    list of arrays of LineString
        Kept grids, rivers and railways, walls, streets from major ones to lanes: ranks 8 to 1.
    """
    edges = layers.walk_edges
    shapes = np.asarray(edges.geometry, dtype=object)
    public = ~(edges["tunnel"].to_numpy(dtype=bool) | edges["private"].to_numpy(dtype=bool))
    streets = [
        shapes[public & edges["kind"].isin(kinds[rank]).to_numpy()]
        for rank in sorted(STREET_KINDS, reverse=True)
    ]
    barriers = np.asarray(layers.barriers.geometry, dtype=object)
    wall = (layers.barriers["kind"] == BarrierKind.WALL).to_numpy(dtype=bool)
    fields = layers.open_grounds["kind"] == GroundKind.FIELD
    edge = _outlines(np.asarray(layers.open_grounds.geometry[fields], dtype=object))
    streets[-1] = np.concatenate([streets[-1], edge])
    lines = [_outlines(kept), _outlines(barriers[~wall]), _outlines(barriers[wall]), *streets]
    footprints = footprints_of(layers.buildings)
    # Kept grids stay what they are: a building on their edge is the former drawing's fault.
    return [lines[0], *(bent(some, footprints) for some in lines[1:])]


def footprints_of(buildings: gpd.GeoDataFrame) -> GeometryArray:
    """Return the footprints of buildings as valid polygons; points stay points."""
    return np.asarray(shapely.make_valid(np.asarray(buildings.geometry, dtype=object)))


def bent(lines: GeometryArray, footprints: GeometryArray) -> GeometryArray:
    """Return lines that run around the footprints they would cross.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
    footprints : ndarray of geometries, shape (b,)
        Points are crossed by nothing.

    Returns
    -------
    ndarray of LineString
        What is left of the lines, and the outlines of the footprints that they crossed.
    """
    line, footprint = crossings(lines, footprints)
    if len(line) == 0:
        return lines
    left = lines.copy()
    turn = _turns(line)
    for each in range(int(turn.max()) + 1):  # a line crosses few footprints: all lines at once
        some = turn == each
        left[line[some]] = shapely.difference(left[line[some]], footprints[footprint[some]])
    parts = shapely.get_parts(left)
    return np.concatenate(
        [parts[~shapely.is_empty(parts)], _outlines(footprints[np.unique(footprint)])]
    )


def crossings(lines: GeometryArray, footprints: GeometryArray) -> tuple[IntArray, IntArray]:
    """Return the lines that run through the inside of footprints, and those footprints."""
    tree = shapely.STRtree(footprints)
    hits = [tree.query(lines, predicate=how) for how in ("crosses", "within")]
    line, footprint = np.concatenate(hits, axis=1)
    flat = shapely.get_dimensions(footprints[footprint]) == 2  # noqa: PLR2004 - an area
    return line[flat], footprint[flat]


def _turns(rows: IntArray) -> IntArray:
    """Return how many equal rows stand before each one."""
    order = np.argsort(rows, kind="stable")
    first = np.concatenate([[True], rows[order][1:] != rows[order][:-1]])
    begin = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    turn = np.empty(len(rows), dtype=np.int64)
    turn[order] = np.arange(len(rows)) - begin
    return turn


def _outlines(shapes: Sequence[BaseGeometry] | GeometryArray) -> GeometryArray:
    """Return lines as they are and areas as their rings, in single parts."""
    every = np.asarray(shapes, dtype=object).reshape(-1)
    area = shapely.get_dimensions(every) == 2  # noqa: PLR2004 - an area
    every = np.where(area, shapely.boundary(every), every)
    parts = shapely.get_parts(every)
    return np.asarray(parts[shapely.get_dimensions(parts) == 1], dtype=object)
