"""Heal the walk network: join walkways that end within a step of a way they should meet.

A walkway's dead end (a node that no other edge has) is joined to the nearest edge within a short
reach that it does not meet yet, and so is one of a street of the district's own, which is drawn and
not mapped; a dead end of another street to one that lies at the same place. It is not joined where
a barrier lies between, where it or the other edge is a bridge or a tunnel, which may pass above or
below, to an edge of another level, nor at a closed gate.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.crs import require_metric
from geo.model.vocabulary import GateAccess, Origin
from geo.network.prepare.cut_at_barriers import GATE_REACH_M, barrier_lines, is_new
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges, with_columns
from geo.tolerances import TOUCH_M

EPSILON_M: Final = 2.0
"""Reach of healing, metres: about the width of a walkway, and of the error it is drawn with."""

HEALED: Final = frozenset({"cycleway", "footway", "path", "pedestrian", "steps"})
"""Kinds of edge whose dead ends are joined to what they nearly meet."""

ONE_PLACE_M: Final = 0.1
"""Reach for dead ends of all other kinds, metres: ten steps of the coordinates of OpenStreetMap. A
street may end before another one on purpose, but not so near."""

_KNOWN_WAY: Final = 5.0
"""A dead end is left where the network leads to the same place in so many times the reach."""


def heal(
    edges: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    epsilon_m: float = EPSILON_M,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Join dead ends of walkways to the edge they nearly meet, of streets where they meet it.

    The other edge is split, with a fresh negative node, where the dead end comes nearest to it;
    within `epsilon_m` of a node of that edge, that node is taken. The dead end's node becomes this
    one, and its edge grows by the gap.

    Parameters
    ----------
    edges, barriers, gates : GeoDataFrame
        Layers ``walk_edges``, ``barriers`` and ``gates`` in one metric CRS. Where `edges` has a
        column ``new``, only dead ends of what it marks are joined (:func:`leads` for the rest).
    epsilon_m : float
        Reach of walkways, metres; inclusive. That of streets is :data:`ONE_PLACE_M`.

    Returns
    -------
    edges : GeoDataFrame
        The layer, by ``edge_id`` but for split pieces, which follow one another; index 0..n-1.
    repairs : GeoDataFrame
        One row per dead end that was joined, by edge and node: ``edge_id``, ``osm_id``, ``node``,
        ``to_edge_id`` and ``to_osm_id`` of the edge it was joined to, ``to_node`` that stands for
        it now, ``done`` (joined to an ``edge`` or a ``node``), ``gap_m``, and where it
        was (Point).

    Raises
    ------
    CrsError
        If the edges' CRS is not metric.

    Notes
    -----
    O(m log m). The result does not depend on the order of rows.
    """
    require_metric(edges.crs, what="crs.walk_network")
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    joins = _joins(edges, _dead_ends(edges, gates, epsilon_m), barriers)
    splits, becomes = _nodes(joins, iter(fresh_nodes(edges, len(joins)).tolist()))
    healed = _joined(edges, joins, splits, becomes) if len(joins) else edges
    return healed, _repairs(edges, joins, becomes)


def _dead_ends(edges: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, epsilon_m: float) -> pd.DataFrame:
    """Return ``row, node, other, place, reach_m`` of each dead end that may be joined, by row."""
    geometry = np.asarray(edges.geometry.array, object)
    ends = edges[["u", "v"]].to_numpy(np.int64)
    _, index, degree = np.unique(ends, return_inverse=True, return_counts=True)
    may = ~edges["bridge"] & ~edges["tunnel"]
    dead = (degree[index] == 1).reshape(ends.shape) & may.to_numpy(bool)[:, None]
    row, side = np.nonzero(dead)
    place = shapely.get_point(geometry[row], -side)
    closed = gates.geometry[(gates["access"] == GateAccess.CLOSED).to_numpy(bool)]
    tree = shapely.STRtree(np.asarray(closed.array, object))
    shut = tree.query(place, predicate="dwithin", distance=GATE_REACH_M)[0]
    far = edges["kind"].isin(HEALED) | _is_given(edges)
    reach_m = np.where(far, epsilon_m, min(ONE_PLACE_M, epsilon_m))[row]
    table = pd.DataFrame(
        {"row": row, "node": ends[row, side], "other": ends[row, 1 - side], "place": place,
         "reach_m": reach_m}
    )  # fmt: skip
    return table[~table.index.isin(shut)].reset_index(drop=True)


def _joins(edges: gpd.GeoDataFrame, ends: pd.DataFrame, barriers: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return for each dead end the nearest edge to join it to, if there is one, by row and node.

    Columns as of `ends`, and ``to`` (row of that edge), ``offset_m`` along it, ``is_node`` and
    ``to_node`` where the dead end becomes a node of that edge, and ``goal``, the place to go to.
    """
    geometry = np.asarray(edges.geometry.array, object)
    level = edges["level"].to_numpy(np.int64)
    grounded = np.flatnonzero(~(edges["bridge"] | edges["tunnel"]).to_numpy(bool))
    tree = shapely.STRtree(geometry[grounded])
    places, reach_m = ends["place"].to_numpy(), ends["reach_m"].to_numpy()
    end, near = tree.query(places, predicate="dwithin", distance=reach_m)
    row, to = ends["row"].to_numpy()[end], grounded[near]
    new = is_new(edges)
    other_edge = (row != to) & (level[row] == level[to]) & new[row]
    pairs = ends.iloc[end[other_edge]].assign(to=to[other_edge])
    to, reach_m = pairs["to"].to_numpy(), pairs["reach_m"].to_numpy()
    line, place = geometry[to], pairs["place"].to_numpy()
    to_u = shapely.line_locate_point(line, place)
    to_v = shapely.length(line) - to_u
    u, v = edges["u"].to_numpy(np.int64)[to], edges["v"].to_numpy(np.int64)[to]
    ahead = np.where(to_u <= to_v, 0.0, to_u + to_v)
    is_node = np.minimum(to_u, to_v) <= reach_m
    goal = shapely.line_interpolate_point(line, np.where(is_node, ahead, to_u))
    other = pairs["other"].to_numpy()
    way_m = np.minimum(np.where(other == u, to_u, np.inf), np.where(other == v, to_v, np.inf))
    way_m += edges["length_m"].to_numpy()[pairs["row"].to_numpy()]
    apart = (way_m > _KNOWN_WAY * reach_m) & ~_parted(place, goal, level[to], barriers)
    pairs = pairs.assign(
        offset_m=to_u,
        is_node=is_node,
        to_node=np.where(is_node, np.where(to_u <= to_v, u, v), 0),
        goal=goal,
        near_m=shapely.distance(place, line),
    )
    pairs = pairs.loc[apart].sort_values(["row", "node", "near_m", "to"])
    return pd.DataFrame(pairs.drop_duplicates("node").reset_index(drop=True))


def leads(
    lines: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    reach_m: float = EPSILON_M,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return short lines that lead dead ends of edges to lines that they nearly meet.

    They are joined by the rules of :func:`heal`, but the edges stay as they are.

    Parameters
    ----------
    lines : GeoDataFrame
        Metric, with ``bridge``, ``tunnel`` and ``level``.
    edges, barriers, gates : GeoDataFrame
        Layers in the same CRS.
    reach_m : float
        As `epsilon_m` there, metres.

    Returns
    -------
    GeoDataFrame, GeoDataFrame
        Rows of `lines` with a geometry from the dead end to the line; and for each the row of
        `edges` that ends there.
    """
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    ends = _dead_ends(edges, gates, reach_m)
    geometry = np.asarray(lines.geometry.array, object)
    met = shapely.STRtree(geometry).query(ends["place"], predicate="dwithin", distance=TOUCH_M)[0]
    ends = ends[~np.isin(np.arange(len(ends)), met)].reset_index(drop=True)
    flat = np.flatnonzero(~(lines["bridge"] | lines["tunnel"]).to_numpy(bool))
    end, near = shapely.STRtree(geometry[flat]).query(
        ends["place"].to_numpy(), predicate="dwithin", distance=ends["reach_m"].to_numpy()
    )
    to = flat[near]
    pairs = ends.iloc[end].assign(end=end, to=to)
    place, row, level = pairs["place"], pairs["row"], lines["level"].to_numpy(np.int64)[to]
    goal = _end_or_foot(geometry[to], place.to_numpy(), pairs["reach_m"].to_numpy())
    own = np.asarray(edges.geometry.array, object)[row]
    may = (level == edges["level"].to_numpy(np.int64)[row]) & ~_parted(place, goal, level, barriers)
    may &= shapely.distance(own, geometry[to]) > TOUCH_M
    pairs = pairs.assign(goal=goal, near_m=shapely.distance(place, geometry[to]))[may]
    pairs = pairs.sort_values(["end", "near_m", "to"]).drop_duplicates("end")
    xy = [shapely.get_coordinates(pairs[name].to_numpy()) for name in ("place", "goal")]
    shapes = gpd.GeoSeries(shapely.linestrings(np.stack(xy, axis=1)), crs=lines.crs)
    short = lines.iloc[pairs["to"].to_numpy()].reset_index(drop=True).set_geometry(shapes)
    return short, edges.iloc[pairs["row"].to_numpy()]


def _end_or_foot(lines: GeometryArray, places: GeometryArray, reach_m: FloatArray) -> GeometryArray:
    """Return the end of each line that is within reach along it, else its nearest place."""
    along_m, length_m = shapely.line_locate_point(lines, places), shapely.length(lines)
    at_end = np.where(length_m - along_m <= reach_m, length_m, along_m)
    offset_m = np.where(along_m <= reach_m, 0.0, at_end)
    return np.asarray(shapely.line_interpolate_point(lines, offset_m), object)


def _is_given(edges: gpd.GeoDataFrame) -> BoolArray:
    """Return which edges are streets of the district's own."""
    if "origin" not in edges.columns:
        return np.zeros(len(edges), np.bool_)
    return np.asarray(edges["origin"] == Origin.GIVEN, np.bool_)


def _parted(
    start: GeometryArray, end: GeometryArray, level: IntArray, barriers: gpd.GeoDataFrame
) -> BoolArray:
    """Return which straight ways from `start` to `end` meet a barrier of their level."""
    ends = np.stack([shapely.get_coordinates(start), shapely.get_coordinates(end)], axis=1)
    lines, barrier = barrier_lines(barriers)
    way, line = shapely.STRtree(lines).query(
        shapely.linestrings(ends), predicate="dwithin", distance=TOUCH_M
    )
    met = np.zeros(len(ends), np.bool_)
    met[way[level[way] == barriers["level"].to_numpy(np.int64)[barrier[line]]]] = True
    return met


def _nodes(joins: pd.DataFrame, fresh: Iterator[int]) -> tuple[list[Split], dict[int, int]]:
    """Return where edges are split for the dead ends, and the node that each dead end becomes.

    An edge is split with a fresh node. Dead ends may be joined to one another, in chains and in
    circles: all nodes of a chain become the one at its end, of a circle the lowest.
    """
    splits: list[Split] = []
    follows: dict[int, int] = {}
    ordered = joins.sort_values(["to", "offset_m", "node"])
    columns = (ordered[name].tolist() for name in ("node", "to", "offset_m", "is_node", "to_node"))
    for node, to, offset_m, is_node, to_node in zip(*columns, strict=True):
        if is_node:
            follows[node] = to_node
            continue
        last = splits[-1] if splits else None
        if last is None or last.row != to or offset_m - last.offset_m > TOUCH_M:
            middle = next(fresh)
            splits.append(Split(to, offset_m, middle, middle))
        follows[node] = splits[-1].before
    return splits, {node: _root(node, follows) for node in follows}


def _root(node: int, follows: Mapping[int, int]) -> int:
    """Return the end of the chain from `node`; of a circle the lowest node."""
    seen: list[int] = []
    while node in follows and node not in seen:
        seen.append(node)
        node = follows[node]
    return min(seen[seen.index(node) :]) if node in seen else node


def _joined(
    edges: gpd.GeoDataFrame,
    joins: pd.DataFrame,
    splits: Sequence[Split],
    becomes: Mapping[int, int],
) -> gpd.GeoDataFrame:
    """Split the edges that dead ends are joined to, and lead the dead ends there."""
    geometry = np.asarray(edges.geometry.array, object)
    place = dict(zip(joins["to_node"], joins["goal"], strict=True)) | {
        split.before: shapely.line_interpolate_point(geometry[split.row], split.offset_m)
        for split in splits
    }
    out = split_edges(edges, splits)
    ends, length_m = out[["u", "v"]].to_numpy(np.int64).copy(), out["length_m"].to_numpy().copy()
    lines = np.asarray(out.geometry.array, object).copy()
    for row, side in np.argwhere(np.isin(ends, list(becomes))):
        ends[row, side] = stands = becomes[int(ends[row, side])]
        place_xy = shapely.get_coordinates(place[stands])
        xy = shapely.get_coordinates(lines[row])
        gap_m = float(np.hypot(*(place_xy[0] - xy[-side])))
        if gap_m > 0:
            lines[row] = shapely.linestrings(
                np.concatenate([xy, place_xy] if side else [place_xy, xy])
            )
            length_m[row] += gap_m
    return with_columns(out, {"u": ends[:, 0], "v": ends[:, 1], "length_m": length_m}, lines)


def _repairs(
    edges: gpd.GeoDataFrame, joins: pd.DataFrame, becomes: Mapping[int, int]
) -> gpd.GeoDataFrame:
    """Return what was joined."""
    row, to = joins["row"].to_numpy(), joins["to"].to_numpy()
    edge_id, osm_id = edges["edge_id"].to_numpy(), edges["osm_id"].to_numpy()
    return gpd.GeoDataFrame(
        {
            "edge_id": edge_id[row],
            "osm_id": osm_id[row],
            "node": joins["node"].to_numpy(),
            "to_edge_id": edge_id[to],
            "to_osm_id": osm_id[to],
            "to_node": np.array([becomes[node] for node in joins["node"].tolist()], np.int64),
            "done": np.where(joins["is_node"], "node", "edge"),
            "gap_m": shapely.distance(joins["place"].to_numpy(), joins["goal"].to_numpy()),
        },
        geometry=joins["place"].to_numpy(),
        crs=edges.crs,
    )
