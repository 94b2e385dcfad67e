"""Cut walkways where they cross a wall, a river or a railway and nothing lets a walker through.

What is a crossing
    An edge crosses a barrier of its own level where the barriers of that level within 10 m part
    the walker's side before the meeting from the side after it; on the ground only an edge that is
    neither bridge nor tunnel. So it is no crossing where an edge
    only touches a barrier, where one can step round the end of the barrier, and where the edge runs
    along a barrier and leaves it on the side it came from; where it leaves on the other side, it
    crosses in the middle of the stretch.
What opens a barrier
    A gate that is not closed, within 3 m of the place; level crossings and fords are gates. A node
    where edges meet, within a metre: the way was drawn through there on purpose.
What is left open all the same, and listed
    Data lack bridges, gates and level crossings far more often than they show a street where there
    is none. Streets that carry vehicles, pedestrian streets and steps were built through what they
    cross. A walkway beside such a street, within 20 m, crosses where the street does. A walkway
    that crosses a barrier and comes back within 50 m was drawn along it.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import BoolArray, GeometryArray, IntArray
from geo.crs import require_metric
from geo.model.vocabulary import GateAccess
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges

GATE_REACH_M: Final = 3.0
"""A gate this near to a crossing stands there, metres: many are drawn beside the line."""

AROUND_M: Final = 10.0
"""A barrier that ends this near to the meeting stops nobody: one steps round its end, metres."""

AT_NODE_M: Final = 1.0
"""Nearer to an end of an edge than this, a barrier is met at the node, metres."""

BESIDE_M: Final = 20.0
"""A walkway within this distance of a street's crossing uses the same opening, metres."""

WEAVE_M: Final = 50.0
"""A walkway that crosses a barrier and comes back within this distance runs along it, metres."""

WALKWAYS: Final = frozenset(
    {"bridleway", "corridor", "crossing", "cycleway", "footway", "path", "platform", "trail"}
)
"""Kinds of edge that may be drawn where nobody can pass; all others were built through."""

_AT_END_M: Final = 0.05
"""Nearer to the end of a wall than this is at its end, metres."""

_STEP_M: Final = 0.5
"""Distance before and after the meeting at which the edge is on one side, metres."""

_LINE_M: Final = 0.001
"""Half the width that a barrier is given to part what lies on its two sides, metres."""


class Crossing(StrEnum):
    """What was done where an edge crosses a barrier."""

    CUT = "cut"
    STREET = "street"  # left open: a street was built through
    BESIDE = "beside"  # left open: beside a street that crosses
    WEAVING = "weaving"  # left open: drawn along the barrier


def cut_at_barriers(
    edges: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    walkways: Collection[str] = WALKWAYS,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Cut walkways where they cross a barrier and nothing lets a walker through.

    Parameters
    ----------
    edges, barriers, gates : GeoDataFrame
        Layers ``walk_edges``, ``barriers`` and ``gates`` in one metric CRS. Where `edges` has a
        column ``new``, only edges that it marks are cut and listed.
    walkways : collection of str
        Kinds of edge that are cut; edges of other kinds are listed only.

    Returns
    -------
    edges : GeoDataFrame
        The layer with pieces in place of what was cut, which end in fresh negative nodes; index
        0..n-1.
    crossings : GeoDataFrame
        One row per crossing without an opening, by edge and place: ``edge_id``, ``osm_id``,
        ``barrier_id``, ``kind`` of the barrier, ``offset_m`` along the edge as it was, ``done``
        (:class:`Crossing`), and the place (Point).

    Raises
    ------
    CrsError
        If the edges' CRS is not metric.

    Notes
    -----
    O((m + b) log b), and a fraction of a millisecond for each meeting of an edge and a barrier.
    """
    require_metric(edges.crs, what="crs.walk_network")
    crossings = _crossings(edges, barriers, gates)
    crossings["done"] = _judged(
        crossings, edges["kind"].isin(list(walkways)).to_numpy()[crossings["row"]]
    )
    crossings = crossings[is_new(edges)[crossings["row"]]]
    cut = crossings[crossings["done"] == Crossing.CUT]
    nodes = iter(fresh_nodes(edges, 2 * len(cut)).tolist())
    splits = [
        Split(row, offset, next(nodes), next(nodes))
        for row, offset in zip(cut["row"], cut["offset_m"], strict=True)
    ]
    crossings = gpd.GeoDataFrame(
        {
            "edge_id": crossings["edge_id"].to_numpy(),
            "osm_id": edges["osm_id"].to_numpy()[crossings["row"]],
            "barrier_id": barriers["barrier_id"].to_numpy()[crossings["barrier"]],
            "kind": barriers["kind"].to_numpy()[crossings["barrier"]],
            "offset_m": crossings["offset_m"].to_numpy(),
            "done": crossings["done"].to_numpy(),
        },
        geometry=crossings["place"].to_numpy(),
        crs=edges.crs,
    )
    return split_edges(edges, splits), crossings


def is_new(edges: gpd.GeoDataFrame) -> BoolArray:
    """Return which edges are not prepared yet: all, unless a column ``new`` tells."""
    if "new" not in edges.columns:
        return np.ones(len(edges), np.bool_)
    return np.asarray(edges["new"], np.bool_)


def barrier_lines(barriers: gpd.GeoDataFrame) -> tuple[GeometryArray, IntArray]:
    """Return the barriers as plain lines, an area by its boundary, and the row of each line."""
    geometry = np.asarray(barriers.geometry.array, object).copy()
    area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - dimension of a polygon
    geometry[area] = shapely.boundary(geometry[area])
    lines, row = shapely.get_parts(geometry, return_index=True)
    return lines, row


def _crossings(
    edges: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return ``row, offset_m, barrier, place`` of each cut, by edge_id and place."""
    geometry = np.asarray(edges.geometry.array, object)
    lines, barrier = barrier_lines(barriers)
    of_line = barriers["level"].to_numpy(np.int64)[barrier]
    of_edge = edges["level"].to_numpy(np.int64)
    over = (edges["bridge"] | edges["tunnel"]).to_numpy(bool) & (of_edge == 0)
    met = pd.concat([
        _crossed(geometry, np.flatnonzero(~over & (of_edge == level)), lines,
                 np.flatnonzero(of_line == level), gates)
        for level in (np.unique(of_line) if len(of_line) else [0])
    ])  # fmt: skip
    row, middle = met["row"].to_numpy(), (met["low"] + met["high"]).to_numpy() / 2
    crossings = pd.DataFrame(
        {
            "row": row,
            "offset_m": middle,
            "barrier": barrier[met["line"].to_numpy()],
            "place": shapely.line_interpolate_point(geometry[row], middle),
            "edge_id": edges["edge_id"].to_numpy()[row],
        }
    ).sort_values(["edge_id", "offset_m", "barrier"])
    apart = crossings.groupby("row")["offset_m"].diff().fillna(np.inf) > _LINE_M
    return pd.DataFrame(crossings.loc[apart].reset_index(drop=True))


def _crossed(
    geometry: GeometryArray,
    rows: IntArray,
    lines: GeometryArray,
    on: IntArray,
    gates: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Return the meetings of edges `rows` with lines `on`, all of one level, that are crossings."""
    met = _meetings(geometry, rows, lines[on])
    met = met[~_at_gate(met["shape"].to_numpy(), gates)]
    met = met[_parted(geometry, met, lines[on])]
    return met.assign(line=on[met["line"].to_numpy()])


def _judged(crossings: pd.DataFrame, walkway: BoolArray) -> npt.NDArray[np.object_]:
    """Return what to do at each crossing, by the rules at the head of this module."""
    done = np.where(walkway, Crossing.CUT, Crossing.STREET).astype(object)
    place, row = crossings["place"].to_numpy(), crossings["row"].to_numpy()
    barrier, offset = crossings["barrier"].to_numpy(), crossings["offset_m"].to_numpy()
    streets = np.flatnonzero(~walkway)
    tree = shapely.STRtree(place[streets])
    beside, street = tree.query(place, predicate="dwithin", distance=BESIDE_M)
    beside = beside[barrier[beside] == barrier[streets[street]]]
    done[beside[walkway[beside]]] = Crossing.BESIDE
    back = 0
    while back < len(crossings) - 1:  # by edge and place: a way out is followed by its way back
        out, back = back, back + 1
        same = row[out] == row[back] and barrier[out] == barrier[back]
        if (
            same
            and offset[back] - offset[out] <= WEAVE_M
            and done[out] == done[back] == Crossing.CUT
        ):
            done[[out, back]] = Crossing.WEAVING
            back += 1
    return done


def _meetings(geometry: GeometryArray, level: IntArray, lines: GeometryArray) -> pd.DataFrame:
    """Return where the edges `level` meet barriers other than at an end of either.

    Columns ``row`` of the edge, ``line``, the ``shape`` of the meeting (a LineString where they run
    together) and where it begins and ends along the edge, ``low`` and ``high``, metres.
    """
    at, line = shapely.STRtree(lines).query(geometry[level], predicate="intersects")
    row = level[at]
    shape, pair = _parts(shapely.intersection(geometry[row], lines[line]))
    row, line = row[pair], line[pair]
    xy, of = shapely.get_coordinates(shape, return_index=True)
    along = shapely.line_locate_point(geometry[row[of]], shapely.points(xy))
    low, high = np.full(len(shape), np.inf), np.full(len(shape), -np.inf)
    np.minimum.at(low, of, along)
    np.maximum.at(high, of, along)
    inside = (low > AT_NODE_M) & (high < shapely.length(geometry[row]) - AT_NODE_M)
    inside &= ~(shapely.distance(shape, shapely.boundary(lines[line])) <= _AT_END_M)  # NaN: a ring
    table = {"row": row, "line": line, "shape": shape, "low": low, "high": high}
    return pd.DataFrame(pd.DataFrame(table)[inside])


def _parts(shapes: GeometryArray) -> tuple[GeometryArray, IntArray]:
    """Return points and lines of the shapes, what runs on in one piece, and the row of each."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    dimension = shapely.get_dimensions(parts)
    points, rows = [parts[dimension == 0]], [row[dimension == 0]]
    if (dimension == 1).any():
        together, first = np.unique(row[dimension == 1], return_inverse=True)
        runs = shapely.line_merge(shapely.multilinestrings(parts[dimension == 1], indices=first))
        runs, of = shapely.get_parts(runs, return_index=True)
        points.append(runs)
        rows.append(together[of])
    return np.concatenate(points), np.concatenate(rows)


def _at_gate(shape: GeometryArray, gates: gpd.GeoDataFrame) -> BoolArray:
    """Return whether a gate that is not closed stands at each place."""
    passable = gates.geometry[(gates["access"] != GateAccess.CLOSED).to_numpy(bool)]
    tree = shapely.STRtree(np.asarray(passable.array, object))
    gated = np.zeros(len(shape), np.bool_)
    gated[tree.query(shape, predicate="dwithin", distance=GATE_REACH_M)[0]] = True
    return gated


def _parted(geometry: GeometryArray, met: pd.DataFrame, lines: GeometryArray) -> BoolArray:
    """Return whether barriers part the edge before each meeting from the edge after it."""
    if not len(met):
        return np.zeros(0, np.bool_)
    edge = geometry[met["row"].to_numpy()]
    around = shapely.buffer(met["shape"].to_numpy(), AROUND_M)
    at, line = shapely.STRtree(lines).query(around, predicate="intersects")
    pieces, pair = shapely.get_parts(
        shapely.intersection(lines[line], around[at]), return_index=True
    )
    linear = shapely.get_dimensions(pieces) == 1
    walls = shapely.multilinestrings(pieces[linear], indices=at[pair[linear]])
    sides = shapely.difference(around, shapely.buffer(walls, _LINE_M, cap_style="flat"))
    part, of = shapely.get_parts(sides, return_index=True)
    low, high = met["low"].to_numpy(), met["high"].to_numpy()
    before = shapely.line_interpolate_point(edge, np.maximum(low - _STEP_M, 0))
    after = shapely.line_interpolate_point(edge, high + _STEP_M)
    holds = [np.asarray(shapely.covers(part, point[of])) for point in (before, after)]
    together, known = np.zeros(len(met), np.bool_), np.zeros((2, len(met)), np.bool_)
    together[of[holds[0] & holds[1]]] = True
    for side, held in enumerate(holds):
        known[side, of[held]] = True
    return known.all(axis=0) & ~together
