"""Node new lines of a walk network: where they cross or meet, they get a node in common.

Lines of a drawing know nothing of nodes. Two that cross on one level, and of which neither or both
are a bridge or a tunnel, are connected there. The end of a line is connected to what it touches on
its level; a bridge, a tunnel or a ramp also to the street on the ground that it ends at. What
passes above or below is not connected.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges, with_columns
from geo.tolerances import TOUCH_M

LEAST_M: Final = 3 * TOUCH_M
"""A line must be longer than this, metres, for its two ends to be two places."""

_NONE: Final = np.iinfo(np.int64).max


class Noded(NamedTuple):
    """Edges with nodes where new ones cross or meet others.

    Attributes
    ----------
    edges : GeoDataFrame
    crossings : int
        Number of places where lines cross and are connected.
    passing : GeoDataFrame
        ``edge_id, other_id`` of lines that cross on other levels and are not connected (Point).
    apart : GeoDataFrame
        ``edge_id`` of new lines that end where old ones end in several nodes (Point).
    """

    edges: gpd.GeoDataFrame
    crossings: int
    passing: gpd.GeoDataFrame
    apart: gpd.GeoDataFrame


class _Meetings(NamedTuple):
    """Places where two lines meet: offsets of the place along both, metres."""

    a: IntArray
    b: IntArray
    place: GeometryArray

    @classmethod
    def together(cls, *parts: "_Meetings") -> "_Meetings":
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def node_lines(edges: gpd.GeoDataFrame) -> Noded:
    """Give the new lines of a walk network nodes where they cross or meet others.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, metric, and ``new``: which rows are lines without nodes, each simple,
        open and longer than :data:`LEAST_M`; their ``u`` and ``v`` are not looked at.

    Returns
    -------
    Noded
        Old edges are split where new lines meet them, and keep their nodes. Where old edges end at
        one place in several nodes, as at a closed gate, new lines that end there stay apart.

    Notes
    -----
    O(m log m). The result does not depend on the order of rows.
    """
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    lines = np.asarray(edges.geometry.array, object)
    new, grade = edges["new"].to_numpy(bool), _grade(edges)
    a, b = _pairs(lines, new)
    alike = grade[a] == grade[b]
    crossed = _crossings(lines, a[alike], b[alike])
    corners = _corners(lines, a[alike], b[alike])
    met = _Meetings.together(crossed, corners, _touching(edges, a, b, grade))
    over = _away_from_ends(lines, _crossings(lines, a[~alike], b[~alike]))
    number = edges["edge_id"].to_numpy()
    passing = {"edge_id": number[over.a], "other_id": number[over.b]}
    noded, apart = _connected(edges, met)
    inner = _away_from_ends(lines, crossed)
    places = np.unique(np.round(shapely.get_coordinates(inner.place) / TOUCH_M), axis=0)
    table = gpd.GeoDataFrame(passing, geometry=over.place, crs=edges.crs)
    return Noded(noded, len(places), table, apart)


def simple_lines(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lines that are simple, open and longer than :data:`LEAST_M`, as nodes need them.

    Parts become rows of their own, a line that crosses itself its straight pieces, a ring two
    halves, one there and back one way; the index of a row stays that of the line it is of.
    """
    whole = lines.explode(index_parts=False)
    shapes = shapely.remove_repeated_points(np.asarray(whole.geometry.array, object))
    whole = whole.set_geometry(gpd.GeoSeries(shapes, index=whole.index, crs=lines.crs))
    rows = np.flatnonzero(~shapely.is_simple(shapes) | shapely.is_closed(shapes))
    pieces, of = [], []
    for row in rows.tolist():
        xy = shapely.get_coordinates(shapes[row])
        cuts = range(len(xy)) if not shapes[row].is_simple else (0, len(xy) // 2, len(xy) - 1)
        pieces += [shapely.linestrings(xy[a : b + 1]) for a, b in pairwise(cuts)]
        of += [row] * (len(cuts) - 1)
    cut = whole.iloc[of].set_geometry(pieces, crs=lines.crs) if of else whole.iloc[:0]
    both = pd.concat([whole.iloc[np.setdiff1d(np.arange(len(whole)), rows)], cut])
    kept = both[both.geometry.length > LEAST_M].sort_index(kind="stable")
    drawn = shapely.to_wkb(shapely.normalize(kept.geometry.to_numpy()))
    again = pd.DataFrame({"of": kept.index, "drawn": drawn}).duplicated().to_numpy(bool)
    kept = kept[~again]  # there and back is one piece
    return gpd.GeoDataFrame(kept, geometry=kept.geometry.name, crs=lines.crs)


def _grade(edges: gpd.GeoDataFrame) -> IntArray:
    """Return a number for each edge: the same where bridge, tunnel and level are the same."""
    numbers: IntArray = edges.groupby(["bridge", "tunnel", "level"]).ngroup().to_numpy(np.int64)
    return numbers


def _pairs(lines: GeometryArray, new: BoolArray) -> tuple[IntArray, IntArray]:
    """Return pairs of lines that touch, of which the first is new; each pair once."""
    rows = np.flatnonzero(new)
    of, b = shapely.STRtree(lines).query(lines[rows], predicate="dwithin", distance=TOUCH_M)
    a = rows[of]
    once = (a < b) | (~new[b] & (a != b))
    return a[once], b[once]


def _crossings(lines: GeometryArray, a: IntArray, b: IntArray) -> _Meetings:
    """Return the places where pairs cross, and where a common stretch begins and ends."""
    parts, pair = shapely.get_parts(shapely.intersection(lines[a], lines[b]), return_index=True)
    some = ~shapely.is_empty(parts)  # of an empty line GEOS says that it is a line
    parts, pair = parts[some], pair[some]
    linear = shapely.get_dimensions(parts) == 1
    ends = [shapely.get_point(parts[linear], at) for at in (0, -1)]
    places = np.concatenate([parts[~linear], *ends])
    of = np.concatenate([pair[~linear], pair[linear], pair[linear]]).astype(np.int64)
    return _Meetings(a[of], b[of], places)


def _corners(lines: GeometryArray, a: IntArray, b: IntArray) -> _Meetings:
    """Return the corners of lines of pairs that touch the other line without crossing it there."""
    crossed = np.asarray(shapely.intersection(lines[a], lines[b]), object)
    found = []
    for row, other in ((a, b), (b, a)):
        xy, pair = shapely.get_coordinates(lines[row], return_index=True)
        place = np.asarray(shapely.points(xy), object)
        touches = shapely.dwithin(place, lines[other][pair], TOUCH_M)
        touches &= ~shapely.dwithin(place, crossed[pair], TOUCH_M)
        found.append(_Meetings(row[pair[touches]], other[pair[touches]], place[touches]))
    return _Meetings.together(*found)


def _touching(edges: gpd.GeoDataFrame, a: IntArray, b: IntArray, grade: IntArray) -> _Meetings:
    """Return the places where an end of a line of a pair touches the other line."""
    lines = np.asarray(edges.geometry.array, object)
    above = (edges["bridge"] | edges["tunnel"] | (edges["level"] != 0)).to_numpy(bool)
    found = []
    for row, other in ((a, b), (b, a)):
        for side in (0, -1):
            end = shapely.get_point(lines[row], side)
            near = shapely.distance(end, lines[other]) <= TOUCH_M
            at_end = _to_ends_m(end, lines[other]) <= TOUCH_M
            joins = (grade[row] == grade[other]) | at_end | (above[row] & ~above[other])
            found.append(_Meetings(row[near & joins], other[near & joins], end[near & joins]))
    return _Meetings.together(*found)


def _to_ends_m(places: GeometryArray, lines: GeometryArray) -> FloatArray:
    """Return the distance of places from the nearer end of lines, metres."""
    both = [shapely.distance(places, shapely.get_point(lines, side)) for side in (0, -1)]
    nearer: FloatArray = np.minimum(*both)
    return nearer


def _away_from_ends(lines: GeometryArray, met: _Meetings) -> _Meetings:
    """Return the meetings that are at an end of neither line."""
    inner = np.minimum(_to_ends_m(met.place, lines[met.a]), _to_ends_m(met.place, lines[met.b]))
    return _Meetings(*(column[inner > TOUCH_M] for column in met))


def _connected(
    edges: gpd.GeoDataFrame, met: _Meetings
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the edges with a node in common at each place where two meet, and what stays apart."""
    lines = np.asarray(edges.geometry.array, object)
    slots, first, second = _slots(lines, met, edges["new"].to_numpy(bool))
    node, apart = _nodes(edges, slots, first, second)
    row, side = slots["row"].to_numpy(), slots["side"].to_numpy()
    ends = edges[["u", "v"]].to_numpy(np.int64).copy()
    at_end = side >= 0
    ends[row[at_end], side[at_end]] = node[at_end]
    table = edges.assign(u=ends[:, 0], v=ends[:, 1])
    inner = slots.assign(node=node)[~at_end]
    splits = [
        Split(of, offset_m, n, n)
        for of, offset_m, n in zip(inner["row"], inner["offset_m"], inner["node"], strict=True)
    ]
    places = shapely.line_interpolate_point(lines[row], slots["offset_m"].to_numpy())
    old = ~edges["new"].to_numpy(bool)[row]
    order = np.argsort(~(old & at_end), kind="stable")[::-1]  # an old node stays where it is
    named = {"edge_id": edges["edge_id"].to_numpy()[row[apart]]}
    led = _led_to(split_edges(table, splits), dict(zip(node[order], places[order], strict=True)))
    return led, gpd.GeoDataFrame(named, geometry=places[apart], crs=edges.crs)


def _slots(
    lines: GeometryArray, met: _Meetings, new: BoolArray
) -> tuple[pd.DataFrame, IntArray, IntArray]:
    """Return the places along lines that become nodes, and for each meeting its two.

    Columns ``row``, ``offset_m`` and ``side``: 0 or 1 at an end of the line, else -1.
    """
    length_m = shapely.length(lines)
    involved = np.unique(np.concatenate([met.a, met.b, np.flatnonzero(new)]))
    row = np.concatenate([met.a, met.b, involved, involved])
    place = np.concatenate([met.place, met.place])
    along = shapely.line_locate_point(lines[row[: len(place)]], place)
    offset = np.concatenate([along, np.zeros(len(involved)), length_m[involved]])
    offset = np.where(offset <= TOUCH_M, 0.0, offset)
    offset = np.where(offset >= length_m[row] - TOUCH_M, length_m[row], offset)
    order = np.lexsort((offset, row))
    fresh = np.ones(len(row), np.bool_)
    fresh[1:] = (np.diff(row[order]) != 0) | (np.diff(offset[order]) > TOUCH_M)
    slot = np.empty(len(row), np.int64)
    slot[order] = np.cumsum(fresh) - 1
    table = pd.DataFrame({"row": row[order][fresh], "offset_m": offset[order][fresh]})
    is_end = [table["offset_m"] == 0, table["offset_m"] == length_m[table["row"]]]
    table["side"] = np.select(is_end, [0, 1], -1)
    return table, slot[: len(met.a)], slot[len(met.a) : 2 * len(met.a)]


def _nodes(
    edges: gpd.GeoDataFrame, slots: pd.DataFrame, first: IntArray, second: IntArray
) -> tuple[IntArray, BoolArray]:
    """Return the node of each slot, an old or a fresh one, and which stay apart from old ones."""
    row, side = slots["row"].to_numpy(), slots["side"].to_numpy()
    new = edges["new"].to_numpy(bool)
    is_old = ~new[row] & (side >= 0)
    old = np.flatnonzero(is_old)
    node = np.full(len(slots), _NONE)
    node[old] = edges[["u", "v"]].to_numpy(np.int64)[row[old], side[old]]
    _, start, same = np.unique(node[old], return_index=True, return_inverse=True)
    tail, head = np.concatenate([first, old]), np.concatenate([second, old[start[same]]])
    graph = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(len(slots), len(slots)))
    _, label = connected_components(graph, directed=False)
    several = pd.Series(node[old]).groupby(label[old]).nunique()
    apart = np.isin(label, several.index[several > 1]) & ~is_old
    label = np.where(apart, label.max(initial=0) + 1 + np.arange(len(slots)), label)
    found = pd.Series(node).groupby(label).transform("min").to_numpy(np.int64, copy=True)
    bare = found == _NONE
    number, _ = pd.factorize(label[bare])
    found[bare] = fresh_nodes(edges[~new], int(number.max(initial=-1)) + 1)[number]
    return np.where(is_old, node, found), np.asarray(apart, np.bool_)


def _led_to(edges: gpd.GeoDataFrame, places: dict[int, shapely.Point]) -> gpd.GeoDataFrame:
    """Return the edges with the ends of new ones just where their nodes are."""
    lines, length_m = np.asarray(edges.geometry.array, object), edges["length_m"].to_numpy().copy()
    lines = lines.copy()
    ends = edges[["u", "v"]].to_numpy(np.int64)
    for row in np.flatnonzero(edges["new"].to_numpy(bool)).tolist():
        xy = shapely.get_coordinates(lines[row])
        for side in (0, -1):
            xy[side] = shapely.get_coordinates(places[int(ends[row, side])])[0]
        lines[row] = shapely.linestrings(xy)
        length_m[row] = lines[row].length
    return with_columns(edges, {"length_m": length_m}, lines)
