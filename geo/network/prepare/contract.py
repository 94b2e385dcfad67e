"""Contract the walk network: a street is one edge from junction to junction.

A node where just two edges meet, which are alike, says nothing to a walker. The two become one with
the geometry of both, so that no distance changes and fewer nodes are searched. Nodes of gates stay.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import BoolArray, IntArray

ALIKE: Final = (
    "kind", "private", "gated", "bridge", "tunnel", "level", "crossing", "opening_hours", "lanes",
    "one_way", "origin",
)  # fmt: skip
"""Columns, where there, in which two edges must agree to become one."""


class ChainEdge(NamedTuple):
    """An edge of a chain, by its row, and whether it is walked from v to u."""

    row: int
    turned: bool


def contract(edges: gpd.GeoDataFrame, *, keep: Iterable[int] = ()) -> tuple[gpd.GeoDataFrame, int]:
    """Join edges that meet at a node of degree two and are alike.

    Alike are edges of one kind and level that agree in being private, gated, bridge and tunnel and
    in their opening hours, that are walked in the same directions, and of which not both have a
    name, or both the same. Where a nameless edge lies between two names, it goes with the one that
    is met first from the end of the chain with the lower node. Of a ring without junction the
    lowest node stays. Edges that climb stay apart.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, in any CRS.
    keep : iterable of int
        Nodes that stay, for instance those of gates.

    Returns
    -------
    edges : GeoDataFrame
        By ``edge_id``, index 0..n-1. A joined edge has the lowest ``edge_id`` of its parts and runs
        as that one does; `length_m` is their sum, `osm_id` theirs or 0 where they differ.
    gone : int
        Number of nodes that are gone.

    Notes
    -----
    O(m log m). The result does not depend on the order of rows.
    """
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    names = edges["name"].tolist()
    chains = _chains(edges, _partners(edges, keep))
    runs = [run for chain in chains for run in _by_name(chain, names) if len(run) > 1]
    if not runs:
        return edges, 0
    runs = [_along_the_first(run) for run in runs]
    rows = [step.row for run in runs for step in run]
    table = pd.concat([edges.drop(index=rows), _joined(edges, runs)])
    table = table.sort_values("edge_id").reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=edges.crs), len(rows) - len(runs)


def _partners(edges: gpd.GeoDataFrame, keep: Iterable[int]) -> IntArray:
    """Return for each half edge (2 x row, + 1 at v) the half that it is joined with; -1 for none.

    A half edge is an end of an edge.
    """
    ends = edges[["u", "v"]].to_numpy(np.int64).ravel()
    walked = edges[["backward", "forward"]].to_numpy(bool)  # into u, into v
    into, out_of = walked.ravel(), walked[:, ::-1].ravel()
    order = np.argsort(ends, kind="stable")
    node, first, degree = np.unique(ends[order], return_index=True, return_counts=True)
    at = first[(degree == 2) & ~np.isin(node, np.fromiter(keep, np.int64))]  # noqa: PLR2004
    a, b = order[at], order[at + 1]
    alike = (a // 2 != b // 2) & (into[a] == out_of[b]) & (out_of[a] == into[b])
    for column in (name for name in ALIKE if name in edges.columns):
        code = pd.factorize(edges[column])[0]
        alike &= code[a // 2] == code[b // 2]
    if "climb_m" in edges.columns:
        level = (edges["climb_m"] == 0).to_numpy(bool)
        alike &= level[a // 2] & level[b // 2]
    partner = np.full(len(ends), -1, np.int64)
    partner[a[alike]], partner[b[alike]] = b[alike], a[alike]
    return partner


def _chains(edges: gpd.GeoDataFrame, partner: IntArray) -> Iterator[list[ChainEdge]]:
    """Yield each chain of joined edges once, from its end with the lower node.

    A ring starts at its lowest node, along the edge with the lower id.
    """
    ends = edges[["u", "v"]].to_numpy(np.int64).ravel()
    inner = partner >= 0
    other = np.arange(len(ends)) ^ 1
    open_, ring = np.flatnonzero(~inner & inner[other]), np.flatnonzero(inner & inner[other])
    starts = [half[np.argsort(ends[half], kind="stable")] for half in (open_, ring)]
    seen = np.zeros(len(edges), np.bool_)
    follow = partner.tolist()
    for start in np.concatenate(starts).tolist():
        half, chain = start, []
        while half >= 0 and not seen[half // 2]:
            seen[half // 2] = True
            chain.append(ChainEdge(half // 2, bool(half % 2)))
            half = follow[half ^ 1]
        if chain:
            yield chain


def _by_name(chain: Sequence[ChainEdge], names: Sequence[str]) -> Iterator[list[ChainEdge]]:
    """Cut a chain where one name follows another."""
    run: list[ChainEdge] = []
    known = ""
    for step in chain:
        name = names[step.row]
        if known and name and name != known:
            yield run
            run, known = [], ""
        run.append(step)
        known = known or name
    yield run


def _along_the_first(run: list[ChainEdge]) -> list[ChainEdge]:
    """Turn a run so that its lowest row is walked from u to v."""
    if not min(run).turned:
        return run
    return [ChainEdge(step.row, not step.turned) for step in reversed(run)]


def _joined(edges: gpd.GeoDataFrame, runs: Sequence[Sequence[ChainEdge]]) -> gpd.GeoDataFrame:
    """Return one edge for each run."""
    size = np.array([len(run) for run in runs])
    row, turned = (np.array([step[column] for run in runs for step in run]) for column in range(2))
    turned = turned.astype(bool)
    run = np.repeat(np.arange(len(runs)), size)
    first, last = np.cumsum(size) - size, np.cumsum(size) - 1
    ends = edges[["u", "v"]].to_numpy(np.int64)[row]
    ends[turned] = ends[turned, ::-1]
    lowest = np.minimum.reduceat(row, first)
    out = edges.iloc[lowest].copy()
    osm_id = edges["osm_id"].to_numpy(np.int64)[row]
    one_way = np.minimum.reduceat(osm_id, first) == np.maximum.reduceat(osm_id, first)
    names = edges["name"].to_numpy(object)[row]
    return out.assign(
        u=ends[first, 0],
        v=ends[last, 1],
        length_m=np.add.reduceat(edges["length_m"].to_numpy(np.float64)[row], first),
        osm_id=np.where(one_way, osm_id[first], 0),
        name=np.maximum.reduceat(names, first),  # the only name, or the empty one
        **_marks(edges, row, turned, first, last),
        geometry=_lines(np.asarray(edges.geometry.array, object)[row], turned, run),
    )


def _marks(
    edges: gpd.GeoDataFrame, row: IntArray, turned: BoolArray, first: IntArray, last: IntArray
) -> dict[str, npt.NDArray[np.object_]]:
    """Return how the street is crossed at both ends of each joined edge, where edges know it."""
    if "crossing_u" not in edges.columns:
        return {}
    marks = edges[["crossing_u", "crossing_v"]].to_numpy(object)[row]
    marks[turned] = marks[turned, ::-1]
    return {"crossing_u": marks[first, 0], "crossing_v": marks[last, 1]}


def _lines(
    geometry: npt.NDArray[np.object_], turned: npt.NDArray[np.bool_], run: IntArray
) -> npt.NDArray[np.object_]:
    """Return one line for each run of lines that follow one another."""
    geometry = geometry.copy()
    geometry[turned] = shapely.reverse(geometry[turned])
    xy, part = shapely.get_coordinates(geometry, return_index=True)
    of = run[part]
    doubled = np.zeros(len(xy), np.bool_)
    doubled[1:] = (of[1:] == of[:-1]) & (xy[1:] == xy[:-1]).all(axis=1)
    return np.asarray(shapely.linestrings(xy[~doubled], indices=of[~doubled]), object)
