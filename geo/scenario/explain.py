"""Why: a building's walk to a category taken apart, the cause where not covered, and a remedy.

A remedy is one edit that covers the building: a gate opened, a gate made in a wall, a footbridge or
a footpath. Remedies are guessed from the network and believed only after a re-run of the district.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy
import shapely

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.errors import NotFoundError
from geo.model.vocabulary import GateAccess
from geo.network.compile import WalkNetwork
from geo.network.search_graph import TICKS_PER_S
from geo.routing.connectors import TripEnd, connectors
from geo.routing.route import Walk, walk_between
from geo.routing.shortest_paths import Workspace, unpack
from geo.routing.walking_time import threshold_s
from geo.scenario.edits import AddStreet, Edit, OpenGate
from geo.scenario.engine import WhatIfEngine
from geo.scenario.linking import Door, Linking, door, linking

LONGEST_LINK_M: Final = 200.0
"""Longest footpath, gate passage or footbridge that is proposed, metres: a bridge over a town's
river; longer ones are not a single remedy."""

SHORTEST_LINK_M: Final = 2.0
"""Nodes nearer to each other than this are the two sides of a closed gate, metres."""

_TRIES: Final = 12
"""Proposals of each kind that are re-run."""


class Cause(StrEnum):
    """Why a building is not covered."""

    COVERED = "covered"
    UNLINKED = "unlinked"
    NO_POINT = "no_point"
    """No linked service point of the category can be reached at all."""
    TOO_FAR = "too_far"
    """Even the straight line to the nearest point is longer than the threshold allows."""
    CLOSED_GATE = "closed_gate"
    BARRIER = "barrier"
    """The straight line is short enough, but a wall, river or railway lies across it."""
    FLOORS = "floors"
    """It is covered from the door, and not from the upper floors that people live on."""
    CLOSED_HOURS = "closed_hours"
    """It is covered but for what is closed at the hour that is asked for."""
    DETOUR = "detour"
    """The straight line is short enough and free, but the streets lead round."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One edit that covers the building, verified by a re-run.

    Attributes
    ----------
    kind : str
        ``open_gate``, ``gate`` (through a wall), ``bridge`` or ``footpath``.
    edit : Edit
    length_m : float
        Of what is to be built, metres; 0 for a gate that is there.
    time_s : float
        Walking time of the building with it.
    households : float
        Households of the district that it newly covers for the category.
    """

    kind: str
    edit: Edit
    length_m: float
    time_s: float
    households: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A building's walk to its nearest point of a category, and why it is not covered.

    Attributes
    ----------
    building_id, category : str
    minutes : float
    cause : Cause
    subject : str
        What stands in the way: reason of an unlinked building, identifier of a gate or barrier.
    time_s : float
        NaN when unreached within two hours.
    point_id : str or None
    walk : Walk or None
        The walk itself, with its access legs; None when unreached.
    straight_m : float
        Straight line to the nearest linked point of the category, between the places that walks
        begin and end at (of a building without known entrances, its outline); NaN without one.
    remedy : Remedy or None
        Among the edits that cover the building, the one that covers most households.
    doors : pair of Door, or None
        By which the walk leaves the building and enters the point; None without a walk.
    linking : Linking or None
        Of an unlinked building: why, and what would link it.
    """

    building_id: str
    category: str
    minutes: float
    cause: Cause
    subject: str
    time_s: float
    point_id: str | None
    walk: Walk | None
    straight_m: float
    remedy: Remedy | None
    doors: tuple[Door, Door] | None = None
    linking: Linking | None = None


def explain(
    engine: WhatIfEngine, building_id: str, category: str, *, minutes: float, remedies: bool = True
) -> Explanation:
    """Explain one building and category.

    Parameters
    ----------
    engine : WhatIfEngine
    building_id, category : str
    minutes : float
        Threshold, inclusive.
    remedies : bool
        Whether to look for an edit that covers the building.

    Raises
    ------
    NotFoundError
        If there is no such building.
    InputError
        If the category is unknown or `minutes` out of range.

    Examples
    --------
    >>> from tests.geo.engines import what_if
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> engine = what_if(layers, network, ("catering",))
    >>> found = explain(engine, "b4", "catering", minutes=3)
    >>> str(found.cause), found.time_s, round(found.straight_m), found.remedy.kind
    ('barrier', 236.0, 160, 'gate')
    """
    row = int(engine.resolver.building_row.get_indexer([building_id])[0])
    if row < 0:
        raise NotFoundError("scenario.no_building", building=building_id)
    times = engine.base_times
    column = times.column(category)
    time_s, point = float(times.time_s[row, column]), int(times.point[row, column])
    points = engine.layers.service_points
    route, doors = _route(engine, row, point) if point >= 0 else (None, None)
    straight_m, nearest = _straight(engine, row, column)
    case = _Case(engine, row, column, minutes)
    remedy, link = None, None
    if times.covered(minutes)[row, column]:
        cause, subject = Cause.COVERED, ""
    elif times.reason[row]:
        cause, subject = Cause.UNLINKED, str(times.reason[row])
        link = linking(engine, "building", building_id, remedies=remedies)
        if link.remedy is not None:
            remedy = case.tried(link.remedy.kind, link.remedy.edit, link.remedy.length_m)
    else:
        remedy = _remedy(case) if remedies else None
        cause, subject = _cause(case, straight_m, nearest, remedy)
    return Explanation(
        building_id=building_id,
        category=category,
        minutes=minutes,
        cause=cause,
        subject=subject,
        time_s=time_s,
        point_id=str(points["point_id"].iloc[point]) if point >= 0 else None,
        walk=route,
        straight_m=straight_m,
        remedy=remedy,
        doors=doors,
        linking=link,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked: a building, a category, a threshold."""

    engine: WhatIfEngine
    row: int
    column: int
    minutes: float

    @property
    def origin(self) -> FloatArray:
        place: FloatArray = self.engine.snapped.building_xy[self.row]
        return place

    @property
    def reach_m(self) -> float:
        """Level metres that the threshold stands for."""
        return self.engine.network.profile.speed_m_s * threshold_s(self.minutes)

    @property
    def straight_m(self) -> float:
        """Metres of the longest straight walk within the threshold: it may lead gently down."""
        return self.reach_m / float(self.engine.network.effort.min(initial=1.0))

    def tried(self, kind: str, edit: Edit, length_m: float) -> Remedy | None:
        """Re-run the district with the edit; None where it does not cover the building."""
        answer = self.engine.scenario([edit])
        rows = answer.rows[self.column]
        if self.row not in rows:
            return None
        before = self.engine.base_times.time_s[rows, self.column] <= threshold_s(self.minutes)
        seconds = np.round(unpack(answer.labels[self.column])[0] / TICKS_PER_S, 2)
        after = seconds <= threshold_s(self.minutes)
        if not after[rows == self.row][0]:
            return None
        households = self.engine.layers.buildings["households"].to_numpy(np.float64)[rows]
        gained = float((households * (after & ~before)).sum())
        return Remedy(kind, edit, length_m, float(seconds[rows == self.row][0]), gained)


def _route(engine: WhatIfEngine, row: int, point: int) -> tuple[Walk, tuple[Door, Door]]:
    """Return the walk from the best entrance of a building to the best one of a point, and both."""
    snapped = engine.snapped
    starts, ends = snapped.entrances.of([row]), snapped.point_entrances.of([point])
    found = walk_between(engine.network, snapped.buildings.take(starts), snapped.points.take(ends))
    start, end = int(starts[found.start]), int(ends[found.end])
    return found, (door(engine, "building", start), door(engine, "point", end))


def _straight(engine: WhatIfEngine, row: int, column: int) -> tuple[float, int]:
    """Return the straight distance from a building to the nearest linked point, and its row.

    Between the places that a walk may begin and end at: none within the district is shorter.
    """
    snapped = engine.snapped
    rows = np.flatnonzero((snapped.column == column) & (snapped.point_reason == ""))
    if not len(rows):
        return float("nan"), -1
    own = snapped.entrances.of([row])
    begins = [shapely.MultiPoint(snapped.entrances.xy[own])]
    if snapped.entrances.outlines.area[own[0]] >= 0:
        begins.append(engine.layers.buildings.geometry.iloc[row])
    ends = snapped.point_entrances.take(rows)
    metres = np.asarray(
        shapely.distance(shapely.points(ends.xy), shapely.GeometryCollection(begins))
    )
    nearest = int(np.argmin(metres))
    return float(metres[nearest]), int(rows[ends.place[nearest]])


def _cause(
    case: _Case, straight_m: float, nearest: int, remedy: Remedy | None
) -> tuple[Cause, str]:
    if nearest < 0:
        return Cause.NO_POINT, ""
    if remedy is not None and isinstance(remedy.edit, OpenGate):
        return Cause.CLOSED_GATE, remedy.edit.gate_id
    if straight_m > case.straight_m:
        return Cause.TOO_FAR, ""
    line = shapely.LineString([case.origin, case.engine.snapped.point_xy[nearest]])
    barriers = case.engine.layers.barriers
    across = barriers[barriers.intersects(line)]
    if len(across):
        first = across.distance(shapely.Point(case.origin)).to_numpy().argmin()
        return Cause.BARRIER, str(across["barrier_id"].iloc[int(first)])
    return Cause.DETOUR, ""


def _remedy(case: _Case) -> Remedy | None:
    """Return the remedy that covers most households; of equal ones the shortest."""
    tried = [case.tried("open_gate", OpenGate(gate), 0.0) for gate in _closed_gates(case)]
    for line in _links(case):
        edit, kind = _street(case, line)
        tried.append(case.tried(kind, edit, float(line.length)))
    good = [remedy for remedy in tried if remedy is not None]
    return max(good, key=lambda r: (r.households, -r.length_m), default=None)


def _closed_gates(case: _Case) -> list[str]:
    """Return closed gates that lanes meet, nearest first."""
    gates = case.engine.layers.gates
    closed = gates[(gates["access"] == GateAccess.CLOSED) & (gates["node"] != 0)]
    metres = closed.distance(shapely.Point(case.origin)).to_numpy()
    order = np.argsort(metres, kind="stable")[:_TRIES]
    streets = case.engine.resolver.streets
    return [
        str(closed["gate_id"].iloc[at])
        for at in order
        if metres[at] <= case.reach_m and streets.ends_at(closed.geometry.iloc[at]) > 1
    ]


def _links(case: _Case) -> list[shapely.LineString]:
    """Return short lines between a node that the walker reaches and one from which it is not far.

    For a pair of nodes a, b the walk origin-a, the new link a-b and the walk b-point must fit into
    the threshold, all in level metres. Lines through a building are left out; the shortest come
    first.
    """
    engine, network = case.engine, case.engine.network
    node_xy = network.node_xy
    budget = case.reach_m
    near, near_m = _reached(case)
    far, far_m = _before_point(network, engine.snapped.nearest().state[case.column], budget)
    if not len(near) or not len(far):
        return []
    pairs = scipy.spatial.cKDTree(node_xy[near]).sparse_distance_matrix(
        scipy.spatial.cKDTree(node_xy[far]), LONGEST_LINK_M, output_type="coo_matrix"
    )
    fits = near_m[pairs.row] + pairs.data + far_m[pairs.col] <= budget
    fits &= pairs.data >= SHORTEST_LINK_M
    a, b, metres = near[pairs.row[fits]], far[pairs.col[fits]], pairs.data[fits]
    order = np.lexsort((b, a, metres))[: 20 * _TRIES]
    lines = np.asarray(
        shapely.linestrings(np.stack([node_xy[a[order]], node_xy[b[order]]], axis=1)), dtype=object
    )
    footprints = np.asarray(engine.layers.buildings.geometry.array, dtype=object)
    hit = np.unique(shapely.STRtree(footprints).query(lines, predicate="crosses")[0])
    return list(np.delete(lines, hit)[:_TRIES])


def _reached(case: _Case) -> tuple[IntArray, FloatArray]:
    """Return the nodes around the building and the level metres to them, by the way back."""
    network = case.engine.network
    snapped = case.engine.snapped
    links = snapped.buildings.take(snapped.entrances.of([case.row]))
    here = connectors(network, links, end=TripEnd.DESTINATION)
    workspace = Workspace(network.graph)
    workspace.search(
        here.seeds(np.zeros(len(links.edge), np.int64)), limit_s=threshold_s(case.minutes)
    )
    return _before_point(network, workspace.label, case.reach_m)


def _before_point(
    network: WalkNetwork, label: IntArray, budget_m: float
) -> tuple[IntArray, FloatArray]:
    """Return the nodes with a label within the budget, and its level metres."""
    ticks, _ = unpack(label[network.graph.public])
    metres = ticks / TICKS_PER_S * network.profile.speed_m_s
    nodes = np.flatnonzero(metres <= budget_m)
    return nodes, metres[nodes]


def _street(case: _Case, line: shapely.LineString) -> tuple[AddStreet, str]:
    """Return the edit that builds a link, named by what it crosses."""
    barriers = case.engine.layers.barriers
    kinds = set(barriers.loc[barriers.intersects(line), "kind"])
    kind = "bridge" if kinds & {"river", "railway"} else "gate" if kinds else "footpath"
    degrees = crs.project_geometry(line, case.engine.network.epsg, crs.STORED_EPSG)
    path = tuple((float(lon), float(lat)) for lon, lat in degrees.coords)
    return AddStreet(path, bridge=kind == "bridge"), kind
