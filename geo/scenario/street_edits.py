"""Drafts of the walk network: streets closed, added or joined; the edges themselves stay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from geo.errors import ConflictError, InputError, NotFoundError
from geo.network.prepare.private_gates import PRIVATE_M
from geo.tolerances import SAME_M, TOUCH_M

JOIN_M: Final = 30.0
"""How far the end of a new street may lie from the walkable way that it joins, metres: a planner
draws by hand at the scale of a block."""

_SAME_PLACE_M: Final = 0.5
"""Nearer to a node than this, a new street joins the node itself, metres."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One row of the layer ``walk_edges``, metric CRS."""

    edge_id: int
    u: int
    v: int
    length_m: float
    kind: str
    forward: bool
    backward: bool
    private: bool
    gated: bool
    bridge: bool
    tunnel: bool
    level: int
    crossing: bool
    climb_m: float
    name: str
    osm_id: int
    geometry: shapely.LineString
    opening_hours: str = ""


class Streets:
    """The walk edges of a district with the look-ups that drafts need.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, metric CRS; not copied and never changed.
    """

    def __init__(self, edges: gpd.GeoDataFrame) -> None:
        self.edges = edges
        self._row = pd.Index(edges["edge_id"])
        self._tree = shapely.STRtree(np.asarray(edges.geometry.array, dtype=object))
        ends = np.concatenate([edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)])
        order = np.argsort(ends, kind="stable")
        self._end_node, self._end_row = ends[order], order % max(len(edges), 1)
        self.next_edge = int(edges["edge_id"].max()) + 1 if len(edges) else 1
        self.next_node = min(int(ends.min()), 0) - 1 if len(ends) else -1

    def edge(self, edge_id: int) -> Edge | None:
        """Return the edge with that identifier, or None."""
        row = self._row.get_indexer([edge_id])[0]
        return self._at(int(row)) if row >= 0 else None

    def at_node(self, node: int) -> Iterator[Edge]:
        """Yield the edges that end at `node`, a loop once."""
        low, high = np.searchsorted(self._end_node, [node, node + 1])
        for row in np.unique(self._end_row[low:high]):
            yield self._at(int(row))

    def near(self, place: shapely.Point, metres: float) -> Iterator[Edge]:
        """Yield the edges within `metres` of `place`."""
        for row in np.sort(self._tree.query(place, predicate="dwithin", distance=metres)):
            yield self._at(int(row))

    def ends_at(self, place: shapely.Point) -> int:
        """Return how many ends of edges stand at `place`."""
        return sum(
            shapely.Point(edge.geometry.coords[end]).distance(place) <= TOUCH_M
            for edge in self.near(place, TOUCH_M)
            for end in (0, -1)
        )

    def _at(self, row: int) -> Edge:
        values = self.edges.iloc[row]
        return Edge(**{name: values[name] for name in Edge.__slots__})


class StreetDraft:
    """Changes to the streets of a district; the streets themselves stay as they are.

    Attributes
    ----------
    removed : dict of int to Edge
        Edges of the district that the draft takes away.
    added : dict of int to Edge
        Edges that it adds, with fresh identifiers; counters run on, so the same edits give the
        same identifiers.
    """

    def __init__(self, streets: Streets) -> None:
        self._streets = streets
        self.removed: dict[int, Edge] = {}
        self.added: dict[int, Edge] = {}
        self._next_edge, self._next_node = streets.next_edge, streets.next_node

    # --- what a planner does ---------------------------------------------------------------------

    def close_street(self, edge_id: int) -> None:
        """Take an edge away.

        Raises
        ------
        NotFoundError
            If there is no such edge.
        """
        edge = self.added.get(edge_id)
        if edge is None and edge_id not in self.removed:
            edge = self._streets.edge(edge_id)
        if edge is None:
            raise NotFoundError("scenario.no_walk_edge", edge=edge_id)
        self._remove(edge)

    def add_street(
        self,
        path: shapely.LineString,
        *,
        kind: str,
        bridge: bool,
        name: str,
        from_door: bool = False,
    ) -> Edge:
        """Add a street whose two ends join the nearest walkable ways within :data:`JOIN_M`.

        One `from_door` begins at a node of its own. Ways on the ground go before those that are
        not. A bridge lies one level above them. What begins and ends behind a private gate lies
        behind it too.

        Raises
        ------
        InputError
            If an end lies too far from every way, or the street has no length.
        """
        coords = shapely.get_coordinates(path)
        if from_door:
            start, foot_start = self._fresh_node(), coords[0]
        else:
            fault = "scenario.start_off_the_network"
            start, foot_start = self._join(shapely.Point(coords[0]), fault)
        end, foot_end = self._join(shapely.Point(coords[-1]), "scenario.end_off_the_network")
        line = shapely.remove_repeated_points(
            shapely.LineString(np.vstack([foot_start, coords, foot_end]))
        )
        if line.length < _SAME_PLACE_M or start == end:
            raise InputError("scenario.street_to_itself", length=line.length)
        gated = self._behind_gate(end) and (from_door or self._behind_gate(start))
        edge = Edge(
            self._fresh_edge(), start, end, float(line.length), kind, forward=True, backward=True,
            private=False, gated=gated, bridge=bridge, tunnel=False, level=int(bridge),
            crossing=False, climb_m=0.0, name=name, osm_id=0, geometry=line,
        )  # fmt: skip
        self.added[edge.edge_id] = edge
        return edge

    def close_gate(self, node: int, gate_id: str) -> int:
        """Cut all edges apart at the gate's node; return the node that the gate keeps.

        Raises
        ------
        ConflictError
            If fewer than two edges meet there.
        """
        at = self._at_node(node)
        if sum((edge.u == node) + (edge.v == node) for edge in at) < 2:  # noqa: PLR2004
            raise ConflictError("scenario.gate_off_the_network", gate=gate_id)
        kept = node
        for edge in at:
            u = self._fresh_node() if edge.u == node else edge.u
            v = self._fresh_node() if edge.v == node else edge.v
            kept = u if edge.u == node else v
            self._replace(edge, [replace(edge, u=u, v=v)])
        return kept

    def open_gate(self, place: shapely.Point, gate_id: str) -> int:
        """Join the ends of edges that stand in the gate; return their common node.

        Raises
        ------
        ConflictError
            If fewer than two ends stand there.
        """
        touching = []
        for edge in self._near(place, TOUCH_M):
            for side, index in (("u", 0), ("v", -1)):
                end = shapely.Point(edge.geometry.coords[index])
                if end.distance(place) <= TOUCH_M:
                    touching.append((edge.edge_id, side))
        if len(touching) < 2:  # noqa: PLR2004 - a way in and a way out
            raise ConflictError("scenario.gate_joins_nothing", gate=gate_id)
        node = self._fresh_node()
        for edge_id in dict.fromkeys(edge_id for edge_id, _ in touching):
            edge = self._get(edge_id)
            u = node if (edge_id, "u") in touching else edge.u
            v = node if (edge_id, "v") in touching else edge.v
            self._replace(edge, [replace(edge, u=u, v=v)])
        return node

    def open_private_gate(self, node: int, gate_id: str) -> None:
        """Let everybody pass a private gate: its private pieces become like what lies behind them.

        Raises
        ------
        ConflictError
            If no edge is private for the gate's sake.
        """
        pieces = [
            edge
            for edge in self._at_node(node)
            if edge.private and edge.length_m <= PRIVATE_M + SAME_M
        ]
        if not pieces:
            raise ConflictError("scenario.gate_open_already", gate=gate_id)
        for edge in pieces:
            self._replace(edge, [replace(edge, private=False)])

    # --- look-ups on the draft -------------------------------------------------------------------

    def _get(self, edge_id: int) -> Edge:
        edge = self.added.get(edge_id) or self._streets.edge(edge_id)
        if edge is None:
            raise NotFoundError("scenario.no_walk_edge", edge=edge_id)
        return edge

    def _near(self, place: shapely.Point, metres: float) -> list[Edge]:
        base = [e for e in self._streets.near(place, metres) if e.edge_id not in self.removed]
        return base + [e for e in self.added.values() if shapely.dwithin(e.geometry, place, metres)]

    def _at_node(self, node: int) -> list[Edge]:
        base = [e for e in self._streets.at_node(node) if e.edge_id not in self.removed]
        return base + [e for e in self.added.values() if node in (e.u, e.v)]

    def _join(self, place: shapely.Point, fault: str) -> tuple[int, Sequence[float]]:
        """Return the node that a street's end joins, and its coordinates; split an edge for it.

        `fault` is what is told where the end joins none.
        """
        near = self._near(place, JOIN_M)
        if not near:
            raise InputError(fault, limit=JOIN_M)
        edge = min(near, key=lambda e: (e.level != 0, e.geometry.distance(place), e.edge_id))
        offset_m = float(edge.geometry.project(place))
        if offset_m <= _SAME_PLACE_M:
            return edge.u, edge.geometry.coords[0]
        if offset_m >= edge.geometry.length - _SAME_PLACE_M:
            return edge.v, edge.geometry.coords[-1]
        node = self._fresh_node()
        share = offset_m / edge.geometry.length
        first = replace(
            edge, edge_id=self._fresh_edge(), v=node, length_m=edge.length_m * share,
            climb_m=edge.climb_m * share, geometry=_part(edge, 0, offset_m),
        )  # fmt: skip
        second = replace(
            edge, edge_id=self._fresh_edge(), u=node, length_m=edge.length_m * (1 - share),
            climb_m=edge.climb_m * (1 - share), crossing=False,
            geometry=_part(edge, offset_m, edge.geometry.length),
        )  # fmt: skip
        self._replace(edge, [first, second])
        return node, first.geometry.coords[-1]

    def _behind_gate(self, node: int) -> bool:
        """Return whether all edges at a node lie behind a private gate, not all are private."""
        at = self._at_node(node)
        return any(edge.gated for edge in at) and all(edge.gated or edge.private for edge in at)

    def _replace(self, edge: Edge, by: Sequence[Edge]) -> None:
        """Put edges in the place of one; one that keeps its identifier gets a fresh one."""
        self._remove(edge)
        for other in by:
            fresh = other
            if other.edge_id == edge.edge_id:
                fresh = replace(other, edge_id=self._fresh_edge())
            self.added[fresh.edge_id] = fresh

    def _remove(self, edge: Edge) -> None:
        if edge.edge_id in self.added:
            del self.added[edge.edge_id]
        else:
            self.removed[edge.edge_id] = edge

    def _fresh_edge(self) -> int:
        self._next_edge += 1
        return self._next_edge - 1

    def _fresh_node(self) -> int:
        self._next_node -= 1
        return self._next_node + 1


def _part(edge: Edge, low_m: float, high_m: float) -> shapely.LineString:
    part = substring(edge.geometry, low_m, high_m)
    return shapely.LineString(part.coords)
