"""Walking times from the definitions of docs/architecture.md, with networkx and loops.

Nothing here is imported from ``geo``. Private edges are walked in two separate graphs: first the
private one from the points, then the public one, then the private one again. Edges behind a private
gate are in both.
"""

import math
from dataclasses import dataclass
from itertools import pairwise, takewhile

import geopandas as gpd
import networkx as nx
import shapely
from shapely import LineString, Point
from shapely.ops import substring
from shapely.strtree import STRtree

LIMIT_M = 200.0
HORIZON_S = 7200.0
TINY_M = 1000.0
SAME_M = 1e-6


@dataclass
class Place:
    """A place tied to an edge, or the reason why it is not."""

    edge: int | None
    offset: float = math.nan
    leg: float = math.nan
    reason: str = ""


def within(outline, here: Point, there: Point) -> float:
    """Metres from a place to where the straight walk from it leaves its outline for good."""
    leg = LineString([here, there])
    if leg.length == 0 or outline.distance(there) < 1e-7:
        return leg.length
    rest = [part for part in shapely.get_parts(leg.difference(outline)) if part.length]
    return leg.length - min(rest, key=there.distance).length if rest else leg.length


class Oracle:
    """Answers for one set of edges and barriers (metric CRS) and one walker.

    `joints` are pairs of nodes without distance, and whether only private walks pass.
    """

    def __init__(
        self,
        edges: gpd.GeoDataFrame,
        barriers: gpd.GeoDataFrame,
        gates: gpd.GeoDataFrame,
        *,
        speed: float,
        avoid=(),
        steps_pace: float = 1.0,
        slope: str = "level",
        climb_pace: float = 0.0,
        max_slope: float | None = None,
        crossing_s: float = 0.0,
        joints=(),
    ):
        self.speed, self.steps_pace, self.crossing_s = speed, steps_pace, crossing_s
        self.slope, self.climb_pace, self.max_slope = slope, climb_pace, max_slope
        passable = gates[gates["access"] != "closed"].sort_values("gate_id")
        self.gates = list(passable.geometry)
        self.rows = {
            row.edge_id: row
            for row in edges.itertuples()
            if row.kind not in avoid and (row.forward or row.backward) and not self._too_steep(row)
        }
        self.lines = [
            row.geometry.boundary if row.geometry.geom_type.endswith("Polygon") else row.geometry
            for row in barriers.itertuples()
            if row.level == 0
        ]
        self.barrier_tree = STRtree(self.lines)
        self.public, self.private = nx.DiGraph(), nx.DiGraph()
        everything = nx.Graph()
        for row in self.rows.values():
            graphs = [self.private] if row.private or row.gated else []
            for graph in graphs if row.private else [self.public, *graphs]:
                # against the walk, from the points outwards
                if row.forward:
                    self._arc(graph, row.v, row.u, self._seconds(row, row.length_m, up=True))
                if row.backward:
                    self._arc(graph, row.u, row.v, self._seconds(row, row.length_m, up=False))
            everything.add_edge(row.u, row.v)
        for a, b, private in joints:  # nodes that are one but for a gate between them
            for graph in [self.private] if private else [self.private, self.public]:
                self._arc(graph, a, b, 0.0)
                self._arc(graph, b, a, 0.0)
            everything.add_edge(a, b)
        self.tiny = self._tiny(everything)
        self.pieces = [
            (e, LineString(segment))
            for e in sorted(self.rows)
            for part in self._parts(e)
            for segment in pairwise(part.coords)
        ]
        self.piece_tree = STRtree([part for _, part in self.pieces])

    def _too_steep(self, row) -> bool:
        if self.max_slope is None or row.kind == "steps" or row.length_m == 0:
            return False
        return abs(row.climb_m) / row.length_m > self.max_slope + 1e-6

    def _seconds(self, row, metres: float, *, up: bool) -> float:
        """Time for so many metres of an edge, from u towards v (`up`) or back."""
        if metres == 0:
            return 0.0
        rise = (row.climb_m if up else -row.climb_m) / row.length_m
        if row.kind == "steps":
            seconds = metres * self.steps_pace / self.speed
        elif self.slope == "tobler":
            level, here = (6 * math.exp(-3.5 * abs(s + 0.05)) for s in (0.0, rise))
            seconds = metres / (self.speed * here / level)
        elif self.slope == "climb":
            seconds = (metres + self.climb_pace * max(rise * metres, 0)) / self.speed
        else:
            seconds = metres / self.speed
        return seconds + (self.crossing_s * metres / row.length_m if row.crossing else 0.0)

    @staticmethod
    def _arc(graph: nx.DiGraph, a: int, b: int, seconds: float) -> None:
        if not graph.has_edge(a, b) or graph[a][b]["s"] > seconds:
            graph.add_edge(a, b, s=seconds)

    def _tiny(self, everything: nx.Graph) -> set[int]:
        number = {n: i for i, part in enumerate(nx.connected_components(everything)) for n in part}
        metres: dict[int, float] = {}
        for row in self.rows.values():
            metres[number[row.u]] = metres.get(number[row.u], 0.0) + row.length_m
        largest = max(metres.values(), default=0.0)
        return {
            e
            for e, row in self.rows.items()
            if metres[number[row.u]] < TINY_M and metres[number[row.u]] < largest
        }

    def _parts(self, edge: int) -> list[LineString]:
        """Cut an edge at every barrier; a cut end stays 2 cm from it."""
        line = self.rows[edge].geometry
        cuts = []
        for at in self.barrier_tree.query(line, predicate="dwithin", distance=0.01):
            wall = self.lines[at]
            cuts += [
                line.project(Point(xy)) for xy in shapely.get_coordinates(line.intersection(wall))
            ]
            if Point(line.coords[0]).distance(wall) <= 0.01:
                cuts.append(0.0)
            if Point(line.coords[-1]).distance(wall) <= 0.01:
                cuts.append(line.length)
        if not cuts:
            return [line]
        ends = sorted({0.0, line.length, *cuts})
        parts = []
        for low, high in pairwise(ends):
            first = low + 0.02 * any(abs(low - cut) < 0.02 for cut in cuts)
            last = high - 0.02 * any(abs(high - cut) < 0.02 for cut in cuts)
            if last > first:
                parts.append(substring(line, first, last))
        return parts

    def _blocked(self, leg: LineString) -> bool:
        if leg.length <= 0.03:
            return False
        inner = LineString([leg.interpolate(0.01), leg.interpolate(leg.length - 0.01)])
        return len(self.barrier_tree.query(inner, predicate="intersects")) > 0

    def place(self, x: float, y: float, outline=None) -> Place:
        """Tie a place to the nearest visible point of an edge, else to one beyond a gate.

        What lies before its leg leaves its outline for good is not walked.
        """
        here = Point(x, y)
        straight = self._straight(here)
        if straight.edge is not None and outline is not None:
            foot = self.rows[straight.edge].geometry.interpolate(straight.offset)
            straight.leg -= within(outline, here, foot)
        if straight.reason != "blocked":
            return straight
        ways = []
        for number, gate in enumerate(self.gates):
            leg = LineString([here, gate])
            if leg.length <= LIMIT_M and not self._blocked(leg):
                beyond = self._straight(gate)
                if beyond.edge is not None and leg.length + beyond.leg <= LIMIT_M:
                    ways.append((leg.length + beyond.leg, number, beyond))
        if not ways:
            return straight
        metres, number, beyond = min(ways, key=lambda way: way[:2])
        if outline is not None:
            metres -= within(outline, here, self.gates[number])
        return Place(beyond.edge, beyond.offset, metres)

    def _straight(self, here: Point) -> Place:
        if not self.rows:
            return Place(None, reason="no_network")
        near = [
            (here.distance(self.pieces[i][1]), *self.pieces[i])
            for i in self.piece_tree.query(here, predicate="dwithin", distance=LIMIT_M)
        ]
        near.sort(key=lambda item: item[0])
        for raised, tiny in ((False, False), (False, True), (True, False), (True, True)):
            visible = (
                item
                for item in near
                if (item[1] in self.tiny) is tiny
                and (self.rows[item[1]].level != 0) is raised
                and not self._blocked(shapely.shortest_line(here, item[2]))
            )
            for first in visible:
                same = takewhile(lambda item, m=first[0]: item[0] <= m + SAME_M, visible)
                distance, edge, part = min([first, *same], key=lambda item: (item[1], item[0]))
                foot = Point(shapely.shortest_line(here, part).coords[-1])
                row = self.rows[edge]
                # The side of a wide road is longer than the road around a bend.
                return Place(edge, min(row.geometry.project(foot), row.length_m), distance)
        return Place(None, reason="blocked" if near else "too_far")

    def _ends(self, place: Place, *, leaving: bool) -> list[tuple[int, float]]:
        """Nodes that the place can be left by (or come to from), with seconds."""
        row = self.rows[place.edge]
        ends = []
        for node, metres, at_v in (
            (row.u, place.offset, False),
            (row.v, row.length_m - place.offset, True),
        ):
            up = at_v == leaving
            if (row.forward if up else row.backward) or metres <= SAME_M:
                ends.append((node, place.leg / self.speed + self._seconds(row, metres, up=up)))
        return ends

    @staticmethod
    def _spread(graph: nx.DiGraph, start: dict[int, float]) -> dict[int, float]:
        """Walk on from nodes with seconds already spent; nodes off the graph keep theirs."""
        grown = graph.copy()
        for node, seconds in start.items():
            grown.add_edge("start", node, s=seconds)
        reached = nx.single_source_dijkstra_path_length(grown, "start", weight="s") if start else {}
        reached.pop("start", None)
        return reached

    def nearest(self, starts: list[Place], ends: list[Place]) -> list[float]:
        """Seconds from each start to the nearest end; inf where there is none within two hours."""
        private: dict[int, float] = {}
        public: dict[int, float] = {}
        for end in ends:
            if end.edge is not None:
                row = self.rows[end.edge]
                into = private if row.private or row.gated else public
                for node, seconds in self._ends(end, leaving=False):
                    into[node] = min(into.get(node, math.inf), seconds)
        first = self._spread(self.private, private)
        for node, seconds in first.items():
            public[node] = min(public.get(node, math.inf), seconds)
        second = self._spread(self.public, public)
        third = self._spread(self.private, second)
        return [self._one(start, ends, second, third) for start in starts]

    def _one(self, start: Place, ends: list[Place], public: dict, third: dict) -> float:
        if start.edge is None:
            return math.inf
        row = self.rows[start.edge]
        table = third if row.private or row.gated else public
        found = [s + table.get(node, math.inf) for node, s in self._ends(start, leaving=True)]
        for end in ends:
            if end.edge == start.edge:
                ahead = end.offset - start.offset
                if abs(ahead) <= SAME_M or (row.forward if ahead > 0 else row.backward):
                    along = self._seconds(row, abs(ahead), up=ahead > 0)
                    found.append(along + (start.leg + end.leg) / self.speed)
        seconds = min(found, default=math.inf)
        return seconds if round(seconds, 2) <= HORIZON_S else math.inf
