"""Linking: the access leg from a place to the nearest point of an edge, crossing no barrier."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.link_pieces import LinkPieces
from geo.network import WalkNetwork

LINK_LIMIT_M: Final = 200.0
"""Longest access leg, metres (ARCHITECTURE: what coverage means, 1)."""

_SHRINK_M: Final = 0.01
"""A leg may touch a barrier with its two ends (a gate stands in its wall); each end is drawn in by
this much, metres, before crossing is tested."""

REASONS: Final = ("no_network", "too_far", "blocked")
"""Why a place can be unlinked: there is no edge at all, none within the limit, or every leg to an
edge within the limit crosses a barrier."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where each of n places meets the walk network.

    Attributes
    ----------
    edge : ndarray of int64, shape (n,)
        Index of the edge; -1 where unlinked.
    offset_m : ndarray of float64, shape (n,)
        Place on that edge, metres from its start; NaN where unlinked.
    leg_m : ndarray of float64, shape (n,)
        Access leg, metres; NaN where unlinked.
    reason : ndarray of str, shape (n,)
        Empty where linked, else one of :data:`REASONS`.
    """

    edge: IntArray
    offset_m: FloatArray
    leg_m: FloatArray
    reason: npt.NDArray[np.object_]

    @property
    def linked(self) -> BoolArray:
        """Whether each place is linked, shape (n,)."""
        return self.edge >= 0

    def take(self, rows: Sequence[int] | IntArray) -> "Links":
        """Return the links of the places `rows`."""
        at = np.asarray(rows, np.int64)
        return Links(self.edge[at], self.offset_m[at], self.leg_m[at], self.reason[at])


def link(xy: FloatArray, network: WalkNetwork, *, limit_m: float = LINK_LIMIT_M) -> Links:
    """Link places to the nearest point of an edge by a straight leg that crosses no barrier.

    Edges of tiny islands are candidates only for places that no other edge can take. Among edges at
    the same distance the one with the lowest ``edge_id`` wins. A place whose every leg crosses a
    barrier, as in a compound without mapped lanes, leaves by a gate: straight to the gate and from
    there straight to the edge that the gate itself is linked to, the shortest such leg.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Places in the network's CRS, metres.
    network : WalkNetwork
    limit_m : float
        Longest leg, metres; inclusive.

    Returns
    -------
    Links
    """
    barriers = shapely.STRtree(network.barriers)
    links = _link_straight(xy, network, barriers, limit_m)
    if len(network.gates):
        _link_by_gates(xy, links, network, barriers, limit_m)
    return links


def _link_straight(
    xy: FloatArray, network: WalkNetwork, barriers: shapely.STRtree, limit_m: float
) -> Links:
    """Link places by straight legs only; main network first, then tiny islands."""
    places = np.atleast_1d(np.asarray(shapely.points(xy), dtype=object))
    edge = np.full(len(xy), -1, np.int64)
    offset_m = np.full(len(xy), np.nan)
    leg_m = np.full(len(xy), np.nan)
    near = np.zeros(len(xy), np.bool_)
    tiny = network.tiny_island[network.pieces.edge]
    for candidates in (np.flatnonzero(~tiny), np.flatnonzero(tiny)):
        open_ = np.flatnonzero(edge < 0)
        if not len(open_) or not len(candidates):
            continue
        pieces = network.pieces.take(candidates)
        for found in _nearest_visible(places[open_], pieces, barriers, limit_m):
            near[open_[found.near]] = True
            took = open_[found.place]
            edge[took] = found.pieces.edge[found.piece]
            lines = found.pieces.geometry[found.piece]
            along = np.asarray(shapely.line_locate_point(lines, places[took]), np.float64)
            offset_m[took] = found.pieces.offset_m[found.piece] + along
            leg_m[took] = shapely.distance(lines, places[took])
    linked = edge >= 0
    offset_m[linked] = np.minimum(offset_m[linked], network.length_m[edge[linked]])
    reason = np.where(linked, "", np.where(near, "blocked", "too_far")).astype(object)
    if not network.component_m.any():
        reason[:] = "no_network"
    return Links(edge=edge, offset_m=offset_m, leg_m=leg_m, reason=reason)


def _link_by_gates(
    xy: FloatArray, links: Links, network: WalkNetwork, barriers: shapely.STRtree, limit_m: float
) -> None:
    """Link those blocked places that a gate lets out, in place."""
    blocked = np.flatnonzero(links.reason == "blocked")
    if not len(blocked):
        return
    places = np.atleast_1d(np.asarray(shapely.points(xy[blocked]), dtype=object))
    place, gate = shapely.STRtree(network.gates).query(
        places, predicate="dwithin", distance=limit_m
    )
    legs = shapely.shortest_line(places[place], network.gates[gate])
    first_m = shapely.length(legs)
    used, at = np.unique(gate, return_inverse=True)
    beyond = _link_straight(
        shapely.get_coordinates(network.gates[used]), network, barriers, limit_m
    )
    total_m = first_m + beyond.leg_m[at]
    good = ~_crosses(legs, first_m, barriers) & (total_m <= limit_m)  # NaN compares as too far
    place, gate, at, total_m = place[good], gate[good], at[good], total_m[good]
    order = np.lexsort((gate, total_m, place))
    first = np.unique(place[order], return_index=True)[1]
    row, at = blocked[place[order][first]], at[order][first]
    links.edge[row], links.offset_m[row] = beyond.edge[at], beyond.offset_m[at]
    links.leg_m[row] = total_m[order][first]
    links.reason[row] = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """Places that found a piece, the pieces looked through, and the places that had any near."""

    place: IntArray
    piece: IntArray
    pieces: LinkPieces
    near: IntArray


def _nearest_visible(
    places: GeometryArray, pieces: LinkPieces, barriers: shapely.STRtree, limit_m: float
) -> Iterator[_Found]:
    """Find for each place the nearest piece that a leg reaches without crossing a barrier.

    Most places see the nearest point of their nearest piece. The others look through every straight
    segment of every piece in reach, each of which has a nearest point of its own.
    """
    tree = shapely.STRtree(pieces.geometry)
    place, piece = tree.query_nearest(places, max_distance=limit_m, all_matches=True)
    near = np.unique(place).astype(np.int64)
    place, piece = _first_visible(places, pieces.geometry, place, piece, barriers)
    yield _Found(place, piece, pieces, near)
    blocked = np.setdiff1d(near, place)
    if len(blocked):
        reach = np.unique(tree.query(places[blocked], predicate="dwithin", distance=limit_m)[1])
        segments = pieces.take(reach).segments()
        second, candidate = shapely.STRtree(segments.geometry).query(
            places[blocked], predicate="dwithin", distance=limit_m
        )
        place, piece = _first_visible(
            places, segments.geometry, blocked[second], candidate, barriers
        )
        yield _Found(place, piece, segments, near)


def _first_visible(
    places: GeometryArray,
    pieces: GeometryArray,
    place: IntArray,
    piece: IntArray,
    barriers: shapely.STRtree,
) -> tuple[IntArray, IntArray]:
    """Keep of the given pairs the nearest visible one of each place, ties to the lowest piece."""
    legs = shapely.shortest_line(places[place], pieces[piece])
    distance = shapely.length(legs)
    visible = ~_crosses(legs, distance, barriers)
    place, piece, distance = place[visible], piece[visible], distance[visible]
    order = np.lexsort((piece, distance, place))
    first = np.unique(place[order], return_index=True)[1]
    return place[order][first], piece[order][first]


def _crosses(legs: GeometryArray, length_m: FloatArray, barriers: shapely.STRtree) -> BoolArray:
    """Say which legs cross a barrier; legs too short to be drawn in at both ends never do."""
    crossing = np.zeros(len(legs), np.bool_)
    long = np.flatnonzero(length_m > 3 * _SHRINK_M)
    ends = shapely.get_coordinates(legs[long]).reshape(-1, 2, 2)
    step = (ends[:, 1] - ends[:, 0]) * (_SHRINK_M / length_m[long])[:, None]
    inner = shapely.linestrings(np.stack([ends[:, 0] + step, ends[:, 1] - step], axis=1))
    crossing[long[np.unique(barriers.query(inner, predicate="intersects")[0])]] = True
    return crossing
