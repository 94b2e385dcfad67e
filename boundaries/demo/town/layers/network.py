"""The walk network: streets split at every junction, and lanes; nodes are shared coordinates."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from boundaries.demo.town.layers.lanes import Lanes, Openings
from boundaries.demo.town.parcels.parcels import InnerStreets
from boundaries.demo.town.streets.streets import StreetLines
from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.model.vocabulary import GateAccess

NODE_DECIMALS: Final = 3
"""Decimals of a node's coordinates in metres; what agrees in all of them is the same node."""


def walk_network(
    lines: StreetLines,
    used: BoolArray,
    inner: InnerStreets,
    lanes: Lanes,
    found: Openings,
    *,
    crs: str,
) -> tuple[gpd.GeoDataFrame, IntArray]:
    """Return the layer ``walk_edges`` (metric CRS) and the node at each opening's gate.

    Parameters
    ----------
    lines, used
        Street lines of the lattice, and which of them exist.
    inner : InnerStreets
    lanes : Lanes
        Those inside parcels and those through gates.
    found : Openings
    """
    start, end, of = _split_streets(lines, used, inner, found)
    n_inner, n_lanes = len(inner.start), len(lanes.start)
    kind = np.concatenate([lines.kind, np.full(n_inner, "residential", dtype=object)])[of]
    name = np.concatenate([lines.name, _inner_names(n_inner)])[of]
    bridge = np.concatenate([lines.bridge, np.zeros(n_inner, np.bool_)])[of]
    start, end = np.concatenate([start, lanes.start]), np.concatenate([end, lanes.end])
    xy = np.round(np.concatenate([start, end, found.gate]), NODE_DECIMALS)
    coordinates, node = np.unique(xy, axis=0, return_inverse=True)
    node = node.reshape(-1) + 1
    u, v = node[: len(start)], node[len(start) : 2 * len(start)]
    edges = gpd.GeoDataFrame(
        {
            "u": u,
            "v": v,
            "kind": np.concatenate([kind, lanes.kind]),
            "forward": True,
            "backward": True,
            "private": np.concatenate([np.zeros(len(of), np.bool_), lanes.private]),
            "bridge": np.concatenate([bridge, np.zeros(n_lanes, np.bool_)]),
            "tunnel": False,
            "level": np.concatenate([bridge, np.zeros(n_lanes, np.bool_)]).astype(np.int64),
            "name": np.concatenate([name, np.full(n_lanes, "", dtype=object)]),
            "osm_id": 0,
        },
        geometry=shapely.linestrings(np.stack([coordinates[u - 1], coordinates[v - 1]], axis=1)),
        crs=crs,
    )
    edges = edges.loc[u != v].reset_index(drop=True)
    edges.insert(0, "edge_id", np.arange(1, len(edges) + 1))
    edges.insert(3, "length_m", edges.geometry.length)
    return edges, node[2 * len(start) :]


def _inner_names(count: int) -> ObjectArray:
    words = ("和平", "文化", "建设", "胜利", "新华", "育才", "友谊", "光明", "向阳", "幸福")
    return np.array(
        [
            f"{words[k % len(words)]}{'一二三四五六七八九'[k // len(words) % 9]}巷"
            for k in range(count)
        ],
        dtype=object,
    )


def _split_streets(
    lines: StreetLines, used: BoolArray, inner: InnerStreets, found: Openings
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Split every street where a lane or another street meets it; return ends and street line."""
    start = np.concatenate([lines.start, inner.start])
    end = np.concatenate([lines.end, inner.end])
    exists = np.concatenate([np.flatnonzero(used), len(lines.u) + np.arange(len(inner.start))])
    passable = found.access != GateAccess.CLOSED.value
    line = np.concatenate([exists, exists, inner.start_line, inner.end_line, found.line[passable]])
    xy = np.concatenate([start[exists], end[exists], inner.start, inner.end, found.foot[passable]])
    along = end - start
    offset = ((xy - start[line]) * along[line]).sum(axis=1) / (along[line] ** 2).sum(axis=1)
    order = np.lexsort((offset, line))
    line, xy = line[order], xy[order]
    same = line[1:] == line[:-1]
    return xy[:-1][same], xy[1:][same], line[:-1][same]
