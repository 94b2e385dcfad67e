"""Snap index: edges, barriers and gates in buckets, built once, patched where streets change."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from shapely.ops import substring

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.geometry.segment_index import Segments, bucketed, segments_of
from geo.network.snap_kernel import CLOSED, UNKNOWN, Gates, SnapIndex, Standing, link_gates
from geo.tolerances import TOUCH_M

_TRIM_M: Final = 2 * TOUCH_M
"""How far a piece of an edge stays from the barrier that cuts it, metres: twice what an access leg
may touch it with."""


@dataclass(frozen=True, slots=True)
class LinkPieces:
    """Edges cut where a barrier meets them, so that each piece lies on one side of it.

    Attributes
    ----------
    geometry : ndarray of LineString, shape (p,)
    edge : ndarray of int64, shape (p,)
        Index of the edge that the piece is cut from.
    offset_m : ndarray of float64, shape (p,)
        Where on that edge the piece starts, metres.
    """

    geometry: GeometryArray
    edge: IntArray
    offset_m: FloatArray

    def take(self, rows: IntArray) -> "LinkPieces":
        """Return the pieces `rows`."""
        return LinkPieces(self.geometry[rows], self.edge[rows], self.offset_m[rows])


def link_pieces(geometry: GeometryArray, barriers: GeometryArray) -> LinkPieces:
    """Cut the edges where they meet a barrier, and draw the cut ends in by :data:`_TRIM_M`.

    An end that stood in the barrier itself would be in reach from the wrong side of it.
    """
    cut_edge, cut_m = _barrier_offsets(geometry, barriers)
    cut, first = np.unique(cut_edge, return_index=True)
    whole = np.setdiff1d(np.arange(len(geometry)), cut)
    parts: list[Any] = []
    part_edge: list[int] = []
    part_offset: list[float] = []
    for index, offsets in zip(cut, np.split(cut_m, first[1:]), strict=False):
        for low, part in _cut_at(geometry[index], offsets):
            parts.append(part)
            part_edge.append(int(index))
            part_offset.append(low)
    of_edge = np.concatenate([whole, np.array(part_edge, np.int64)]).astype(np.int64)
    order = np.argsort(of_edge, kind="stable")  # ties in linking go to the lowest piece
    return LinkPieces(
        geometry=np.concatenate([geometry[whole], np.array(parts, dtype=object)])[order],
        edge=of_edge[order],
        offset_m=np.concatenate([np.zeros(len(whole)), np.array(part_offset, np.float64)])[order],
    )


def _barrier_offsets(
    geometry: GeometryArray, barriers: GeometryArray
) -> tuple[IntArray, FloatArray]:
    """Return the edges that meet a barrier, in order, and where on them, metres.

    An end of an edge within :data:`TOUCH_M` of a barrier meets it: a gate stands in its wall even
    where the coordinates of the two differ by a rounding.
    """
    edge, barrier = shapely.STRtree(barriers).query(geometry, predicate="dwithin", distance=TOUCH_M)
    meeting = shapely.intersection(geometry[edge], barriers[barrier])
    coords, which = shapely.get_coordinates(meeting, return_index=True)
    edges = [edge[which]]
    offsets = [shapely.line_locate_point(geometry[edge[which]], shapely.points(coords))]
    for end, offset_m in ((0, np.zeros(len(edge))), (-1, shapely.length(geometry[edge]))):
        places = shapely.get_point(geometry[edge], end)
        touching = shapely.distance(places, barriers[barrier]) <= TOUCH_M
        edges.append(edge[touching])
        offsets.append(offset_m[touching])
    edge, at = np.concatenate(edges), np.concatenate(offsets)
    order = np.lexsort((at, edge))
    return edge[order].astype(np.int64), np.asarray(at[order], np.float64)


def _cut_at(line: shapely.LineString, offsets: FloatArray) -> Iterator[tuple[float, Any]]:
    """Yield the start and the geometry of each part of `line` between `offsets`."""
    ends = np.array([0.0, line.length])
    for low, high in pairwise(np.unique(np.concatenate([ends, offsets]))):
        at_barrier = np.abs(offsets - low).min() < _TRIM_M, np.abs(offsets - high).min() < _TRIM_M
        first, last = low + _TRIM_M * at_barrier[0], high - _TRIM_M * at_barrier[1]
        if last > first:
            yield float(first), substring(line, first, last)


def build_snap_index(
    pieces: LinkPieces,
    *,
    barriers: GeometryArray,
    gates: GeometryArray,
    length_m: FloatArray,
    standing: Standing,
) -> SnapIndex:
    """Return the snap index of a compiled network.

    Parameters
    ----------
    pieces : LinkPieces
        Of its edges.
    barriers : ndarray of geometry
        Lines.
    gates : ndarray of Point
        That are not closed.
    length_m : ndarray of float64, shape (m,)
        Of each edge.
    standing : ndarray of uint8, shape (m,)
    """
    none = np.zeros(len(barriers), np.int64)
    snap_index = SnapIndex(
        streets=(_segments(pieces), _segments(pieces.take(np.zeros(0, np.int64)))),
        standing=standing,
        length=length_m,
        walls=segments_of(barriers, edge=none, offset_m=none.astype(np.float64)),
        gates=_unlinked(gates),
    )
    link_gates(snap_index)
    return snap_index


def patch_snap_index(
    snap_index: SnapIndex,
    added: LinkPieces,
    *,
    gates: GeometryArray,
    length_m: FloatArray,
    standing: Standing,
    closed: IntArray,
) -> SnapIndex:
    """Return the index with streets added and closed; `snap_index` itself stays as it is.

    Links by it are bit for bit those by the index of the network compiled from the edited edges.
    Gates are linked where they are first needed, so it serves one thread.

    Parameters
    ----------
    snap_index : SnapIndex
        Of :func:`build_snap_index`.
    added : LinkPieces
        Of the added edges, whose indices follow those of the others.
    gates : ndarray of Point
        That are not closed, after the edits.
    length_m, standing : ndarray, shape (m + a,)
        As for :func:`build_snap_index`, added edges included.
    closed : ndarray of int64
        Indices of the edges closed.
    """
    standing = standing.copy()
    standing[closed] = CLOSED
    return snap_index._replace(
        streets=(snap_index.streets[0], _segments(added)),
        standing=standing,
        length=length_m,
        gates=_unlinked(gates),
    )


def _segments(pieces: LinkPieces) -> Segments:
    return segments_of(pieces.geometry, edge=pieces.edge, offset_m=pieces.offset_m)


def _unlinked(gates: GeometryArray) -> Gates:
    ends = np.tile(shapely.get_coordinates(gates), 2)
    n = len(ends)
    nowhere = np.full((2, n), np.nan)
    return Gates(ends, bucketed(ends), np.full(n, UNKNOWN, np.int32), nowhere[0], nowhere[1])
