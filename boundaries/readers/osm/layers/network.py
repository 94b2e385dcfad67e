"""Build the walk network from walkable ways: split at shared nodes only, lengths in metres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.hours import hours_of, note_hours
from boundaries.readers.osm.layers.levels import way_level
from boundaries.readers.osm.layers.walk_rules import (
    WalkRule,
    is_candidate,
    is_crossing,
    is_one_way,
    is_set,
    lanes_of,
    leads_over_water,
    walk_rule,
)
from boundaries.readers.osm.scan.extract import Coordinates, Extract, Refs, Way, name_of
from boundaries.readers.osm.scan.node_facts import NodeFacts
from geo.crs import project_points
from geo.messages import Message
from geo.network.prepare.cut_at_barriers import WALKWAYS
from geo.network.wide_roads import WIDE_KINDS

_MIN_POINTS: Final = 2
_MANY_LANES: Final = 3
"""Lanes from which a street may be wide for some walker."""


@dataclass(frozen=True, slots=True)
class WalkLine:
    """A walkable line before it is cut.

    `row` names the object in reports; `osm_id` is the way's id, 0 for a relation's ring. A bridge
    is also what leads over water without one: a ford, a dam, a weir, a pier; such a one lies on
    `level` 0, the ground. A `crossing` is a walkway tagged as leading across a street.
    """

    row: str
    osm_id: int
    refs: Refs
    rule: WalkRule
    bridge: bool
    tunnel: bool
    level: int
    name: str
    crossing: bool
    hours: str
    lanes: int
    one_way: bool


@dataclass(frozen=True, slots=True)
class _WayRun:
    """The nodes of all lines, one after the other.

    Attributes
    ----------
    refs : ndarray of int64, shape (n,)
    line : ndarray of int64, shape (n,)
        Position of the line each node belongs to.
    part : ndarray of int64, shape (n,)
        Number of the uncut stretch each node belongs to; a missing node starts a new one.
    lonlat : ndarray of float64, shape (n, 2)
        Degrees.
    """

    refs: npt.NDArray[np.int64]
    line: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]
    lonlat: npt.NDArray[np.float64]

    def keep(self, mask: npt.NDArray[np.bool_]) -> "_WayRun":
        """Return the nodes where `mask` holds."""
        return _WayRun(self.refs[mask], self.line[mask], self.part[mask], self.lonlat[mask])


def walk_lines(extract: Extract, report: LayerReport) -> list[WalkLine]:
    """Return every walkable way, and the rings of pedestrian squares that are relations.

    Ways that walkers cannot use are rejected by name; `report` counts them in ways.
    """
    lines = []
    for way in extract.ways:
        if is_candidate(way.tags):
            lines += _lines(way.tags, [way], f"way/{way.id}", report)
    used = {line.osm_id for line in lines}
    for area in extract.areas:
        if is_candidate(area.tags):
            rings = [ring for outer, inners in area.parts for ring in (outer, *inners)]
            ways = [Way(0, area.tags, ring) for ring in rings]
            lines += _lines(area.tags, ways, f"relation/{area.id}", report)
    for broken in extract.broken:
        if is_candidate(broken.tags):
            ways = [way for way in broken.ways if way.id not in used]
            lines += _lines(broken.tags, ways, f"relation/{broken.id}", report)
    return lines


def build_edges(
    lines: Sequence[WalkLine],
    coordinates: Coordinates,
    *,
    epsg: int,
    cuts: Iterable[int],
    closed: Iterable[int],
    nodes: NodeFacts,
    report: LayerReport,
) -> tuple[gpd.GeoDataFrame, dict[int, int]]:
    """Cut the lines at nodes that two of them share, and measure the pieces; O(n log n) in nodes.

    Parameters
    ----------
    lines, coordinates : sequence of WalkLine, Coordinates
    epsg : int
        Metric CRS; lengths are planar lengths in it.
    cuts, closed : iterable of int
        Nodes to cut at besides the shared ones: the gates; and the closed gates among them, where
        each piece gets a node of its own (negative ids, by gate and edge), so that nothing passes.
    nodes : NodeFacts
        Heights, and crossings of streets.
    report : LayerReport
        Gets the cuts at missing nodes and the dropped pieces.

    Returns
    -------
    edges : GeoDataFrame
        The layer `walk_edges`, metric, sorted by way and position; besides its columns ``climb_m``
        (height of v above u where both are told, else 0), ``crossing``, and ``source``, the object.
    node_at : dict of int to int
        Network node at each of `cuts` that the network reaches; at a closed gate, where every
        piece has a node of its own at the same place, the first of them.
    """
    run = _run(lines, coordinates, report)
    cut_nodes = np.fromiter(cuts, np.int64)
    start, end = _pieces(run, cut_nodes)
    flat, offset = _flatten(start, end)
    xy = _projected(run, epsg)[flat]
    length = _lengths(xy, offset)
    u, v = _ends(run, start, end, np.fromiter(closed, np.int64))
    u, v, keep = _join_zero_length(u, v, length, report)
    _name(lines, run.line[start[~keep]], run.refs[start[~keep]], Message("osm.no_length"), report)
    owner = np.repeat(np.arange(len(start)), end - start + 1)
    geometry = np.asarray(shapely.linestrings(xy, indices=owner), object)
    edges = gpd.GeoDataFrame(
        {
            "edge_id": np.arange(int(keep.sum())),
            "u": u[keep],
            "v": v[keep],
            "length_m": length[keep],
            **_attributes([lines[row] for row in run.line[start[keep]].tolist()]),
            "climb_m": nodes.climb_m(run.refs[start], run.refs[end])[keep],
            "crossing": _crossings(lines, run, end, nodes)[keep],
            **_marks(run, start[keep], end[keep], nodes),
        },
        geometry=geometry[keep],
        crs=epsg,
    )
    osm_ends = run.refs[np.column_stack([start[keep], end[keep]])].ravel()
    return edges, _node_at(cut_nodes, osm_ends, np.column_stack([u[keep], v[keep]]).ravel())


def _node_at(
    cut_nodes: npt.NDArray[np.int64],
    osm_ends: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> dict[int, int]:
    """Return the network node at each cut; `ends` are those of the pieces, as `osm_ends` were."""
    at_cut = np.flatnonzero(np.isin(osm_ends, cut_nodes))[::-1]  # backwards: the first piece wins
    return dict(zip(osm_ends[at_cut].tolist(), ends[at_cut].tolist(), strict=True))


def _attributes(lines: Sequence[WalkLine]) -> dict[str, Any]:
    """Return the columns that an edge takes from its line."""
    return {
        "kind": [line.rule.kind for line in lines],
        "forward": np.array([line.rule.forward for line in lines], bool),
        "backward": np.array([line.rule.backward for line in lines], bool),
        "private": np.array([line.rule.private for line in lines], bool),
        "bridge": np.array([line.bridge for line in lines], bool),
        "tunnel": np.array([line.tunnel for line in lines], bool),
        "level": np.array([line.level for line in lines], np.int64),
        "lanes": np.array([line.lanes for line in lines], np.int64),
        "one_way": np.array([line.one_way for line in lines], bool),
        "name": [line.name for line in lines],
        "opening_hours": [line.hours for line in lines],
        "osm_id": np.array([line.osm_id for line in lines], np.int64),
        "source": [line.row for line in lines],
    }


def _lines(
    tags: Mapping[str, str], ways: Sequence[Way], row: str, report: LayerReport
) -> list[WalkLine]:
    """Return the lines of one object, or reject it with the reason."""
    report.read += 1
    rule, hours = walk_rule(tags), hours_of(tags)
    if isinstance(rule, Message):
        if rule == Message("osm.closed_to_walkers") and hours:
            rule = Message("osm.closed_but_for_hours", {"hours": hours})
        report.reject(row, rule)
        report.note(rule)
        return []
    report.accepted += 1
    note_hours(row, hours, report)
    bridge = is_set(tags, "bridge") or leads_over_water(tags)
    tunnel, level = is_set(tags, "tunnel"), way_level(tags)
    crossing, name = is_crossing(tags), name_of(tags)
    told = (level, name, crossing, hours, lanes_of(tags), is_one_way(tags))
    return [WalkLine(row, way.id, way.refs, rule, bridge, tunnel, *told) for way in ways]


def _run(lines: Sequence[WalkLine], coordinates: Coordinates, report: LayerReport) -> _WayRun:
    """Lay the lines end to end, cut where the extract lacks a node, without doubled nodes."""
    sizes = [len(line.refs) for line in lines]
    refs = np.fromiter((ref for line in lines for ref in line.refs), np.int64, sum(sizes))
    owner = np.repeat(np.arange(len(lines)), sizes)
    lonlat = coordinates.at(refs)
    is_known = ~np.isnan(lonlat[:, 0])
    fresh = np.ones(len(refs), bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | ~is_known[:-1]
    run = _WayRun(refs, owner, np.cumsum(fresh), lonlat).keep(is_known)
    doubled = np.zeros(len(run.refs), bool)
    doubled[1:] = (run.refs[1:] == run.refs[:-1]) & (run.part[1:] == run.part[:-1])
    twice, run = run.keep(doubled), run.keep(~doubled)
    _name(lines, twice.line, twice.refs, Message("osm.doubled_node"), report)
    _, part, size = np.unique(run.part, return_inverse=True, return_counts=True)
    long_enough = size[part] >= _MIN_POINTS
    cut, lacking = np.unique(owner[~is_known], return_counts=True)
    report.repair(Message("osm.ways_cut"), len(cut))
    for row, n in zip(cut.tolist(), lacking.tolist(), strict=True):
        report.named[Message(lines[row].row)] = Message("osm.way_cut", {"n": n})
    report.note(Message("osm.nodes_lacking"), len(np.unique(refs[~is_known])))
    report.repair(Message("osm.doubled_nodes"), int(doubled.sum()))
    run = run.keep(long_enough)
    for row in np.setdiff1d(np.arange(len(lines)), run.line).tolist():
        report.accepted -= lines[row].osm_id > 0
        report.reject(lines[row].row, Message("osm.too_few_nodes"))
    return run


def _name(
    lines: Sequence[WalkLine],
    line: npt.NDArray[np.int64],
    refs: npt.NDArray[np.int64],
    done: Message,
    report: LayerReport,
) -> None:
    """Report what was done at nodes of lines, each by its way."""
    for row, ref in zip(line.tolist(), refs.tolist(), strict=True):
        place = Message("osm.node_of", {"node": f"node/{ref}", "way": lines[row].row})
        report.named[place] = done


def _pieces(
    run: _WayRun, cuts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return first and last position of each piece between two cuts."""
    _, node, times = np.unique(run.refs, return_inverse=True, return_counts=True)
    cut = (times[node] >= _MIN_POINTS) | np.isin(run.refs, cuts)
    change = np.flatnonzero(run.part[1:] != run.part[:-1])
    cut[change] = cut[change + 1] = True
    cut[:1] = cut[-1:] = True
    cut_idx = np.flatnonzero(cut)
    same = run.part[cut_idx[:-1]] == run.part[cut_idx[1:]]
    return cut_idx[:-1][same], cut_idx[1:][same]


def _flatten(
    start: npt.NDArray[np.intp], end: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the positions of all points of all pieces, and where each piece begins in them."""
    size = end - start + 1
    offset = np.cumsum(size) - size
    return np.arange(int(size.sum())) + np.repeat(start - offset, size), offset


def _projected(run: _WayRun, epsg: int) -> npt.NDArray[np.float64]:
    """Return the place of each node of the run in the metric CRS; each is projected once."""
    _, first, node = np.unique(run.refs, return_index=True, return_inverse=True)
    return project_points(run.lonlat[first, 0], run.lonlat[first, 1], epsg)[node]


def _lengths(xy: npt.NDArray[np.float64], offset: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return the length of each piece, whose points begin at `offset`, metres."""
    if not len(xy):
        return np.zeros(0)
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*(xy[1:] - xy[:-1]).T)
    step[offset] = 0.0
    lengths: npt.NDArray[np.float64] = np.add.reduceat(step, offset)
    return lengths


def _crossings(
    lines: Sequence[WalkLine], run: _WayRun, end: npt.NDArray[np.intp], nodes: NodeFacts
) -> npt.NDArray[np.bool_]:
    """Return which pieces lead across a street; each street crossed counts once.

    Where a walkway meets the street in a node, the piece that ends there stands for the crossing. A
    walkway tagged as a crossing that meets no street is one itself.
    """
    line = run.line[end]
    last = np.ones(len(end), np.bool_)
    last[:-1] = line[1:] != line[:-1]
    alone = last.copy()
    alone[1:] &= line[1:] != line[:-1]
    tagged = np.array([row.crossing for row in lines], np.bool_)[line]
    walkway = np.array([row.rule.kind in WALKWAYS for row in lines], np.bool_)[line]
    marked = np.isin(run.refs[end], nodes.crossings)
    return (tagged & (~last | alone)) | (walkway & marked)


def _marks(
    run: _WayRun, start: npt.NDArray[np.intp], end: npt.NDArray[np.intp], nodes: NodeFacts
) -> dict[str, list[str]]:
    """Return how walkers cross a street at both ends of each piece."""
    return {
        name: [nodes.marks.get(ref, "") for ref in run.refs[at].tolist()]
        for name, at in (("crossing_u", start), ("crossing_v", end))
    }


def road_crossings(lines: Sequence[WalkLine], nodes: NodeFacts) -> list[int]:
    """Return the nodes where walkers cross a street that may be wide: they stay in the network."""
    return sorted(
        {
            ref
            for line in lines
            if line.one_way or line.rule.kind in WIDE_KINDS or line.lanes >= _MANY_LANES
            for ref in line.refs
            if ref in nodes.marks
        }
    )


def _ends(
    run: _WayRun,
    start: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
    closed: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the end nodes, each end at a closed gate with a node id of its own."""
    ends = np.column_stack([run.refs[start], run.refs[end]])
    at_gate = np.argwhere(np.isin(ends, closed))
    order = np.lexsort((at_gate[:, 1], at_gate[:, 0], ends[at_gate[:, 0], at_gate[:, 1]]))
    lowest = min(0, int(run.refs.min(initial=0)))  # unuploaded nodes have negative ids already
    row, side = at_gate[order].T
    ends[row, side] = lowest - 1 - np.arange(len(order))
    return ends[:, 0], ends[:, 1]


def _join_zero_length(
    u: npt.NDArray[np.int64],
    v: npt.NDArray[np.int64],
    length: npt.NDArray[np.float64],
    report: LayerReport,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Drop pieces without length; the two nodes of one become one, so no connection is lost."""
    zero = length == 0
    report.repair(Message("osm.zero_length"), int(zero.sum()))
    if not zero.any():
        return u, v, ~zero
    ids, index = np.unique(np.concatenate([u, v]), return_inverse=True)
    a, b = index[: len(u)], index[len(u) :]
    graph = coo_array((np.ones(int(zero.sum())), (a[zero], b[zero])), shape=(len(ids), len(ids)))
    _, label = connected_components(graph, directed=False)
    _, first = np.unique(label, return_index=True)  # ids ascend: the smallest stands for all
    return ids[first[label[a]]], ids[first[label[b]]], ~zero
