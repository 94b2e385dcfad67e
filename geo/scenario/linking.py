"""Linking told: where a place meets the walk network, or why it meets none and what would link it.

What would link a place is one edit: a closed gate opened, or a path from its door to the nearest
way, which leads through a wall as a gate and over a river or railway as a bridge. An edit is told
only after the district was linked anew with it.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.errors import ConflictError, InputError, NotFoundError
from geo.model.vocabulary import GateAccess
from geo.network.entrances import Entrances
from geo.network.nearest_way import first_barriers
from geo.network.snap import Links, link
from geo.network.snap_kernel import LINK_LIMIT_M, RAISED, TINY
from geo.scenario.edits import AddStreet, Edit, OpenGate
from geo.scenario.engine import WhatIfEngine
from geo.scenario.incremental import Rerun

PlaceKind = Literal["building", "point"]

_TRIES: Final = 8
"""Gates and ways that are tried, nearest first."""

_BRIDGED: Final = frozenset({"river", "railway"})
"""Barriers that a path crosses by a bridge; through others it has a gate."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a walk enters or leaves a place.

    Attributes
    ----------
    entrance_id, kind : str or None
        Of the entrance; None where none is mapped and the place is entered where it stands.
    lon, lat : float
    leg_m : float
        Access leg, metres; NaN where unlinked.
    edge_id : int or None
        Edge that the leg leads to.
    level : int or None
        Of that edge: 0 on the ground, above it a deck, below it a tunnel.
    gate_id : str or None
        Gate that the leg passes.
    """

    entrance_id: str | None
    kind: str | None
    lon: float
    lat: float
    leg_m: float
    edge_id: int | None
    level: int | None
    gate_id: str | None


@dataclass(frozen=True, slots=True)
class LinkRemedy:
    """One edit that links a place, verified: ``open_gate``, ``gate``, ``bridge`` or ``footpath``.

    Attributes
    ----------
    kind : str
    edit : Edit
    length_m : float
        Of what is to be built, metres.
    households : float
        Households of the district that it links and that were not.
    """

    kind: str
    edit: Edit
    length_m: float
    households: float


@dataclass(frozen=True, slots=True)
class Linking:
    """How a place meets the walk network.

    Attributes
    ----------
    place : {'building', 'point'}
    place_id : str
    reason : str
        Empty where it is linked, else one of :data:`geo.network.snap.REASONS`.
    standing : {'ground', 'island', 'raised', 'none'}
        What it is linked to: a way on the ground; one of a tiny island, as no other is in reach;
        a deck or tunnel, as no way on the ground is; nothing.
    door : Door
        The entrance that is linked, else the one nearest to a way.
    nearest_edge_id : int or None
        Of an unlinked place the nearest edge at all.
    nearest_m : float
        Straight distance to it; NaN where the place is linked or there is no edge.
    barrier_id : str or None
        The first barrier on that line.
    remedy : LinkRemedy or None
    """

    place: PlaceKind
    place_id: str
    reason: str
    standing: str
    door: Door
    nearest_edge_id: int | None = None
    nearest_m: float = float("nan")
    barrier_id: str | None = None
    remedy: LinkRemedy | None = None


def door(engine: WhatIfEngine, place: PlaceKind, entrance: int) -> Door:
    """Return an entrance of a place, by its row among all entrances of such places."""
    entrances, links = _of(engine, place)
    row, network = int(entrances.row[entrance]), engine.network
    layer = engine.layers.entrances
    stands = shapely.Point(links.start_xy[entrance])
    lon, lat = shapely.get_coordinates(crs.project_geometry(stands, network.epsg, crs.STORED_EPSG))[
        0
    ]
    edge, gate = int(links.edge[entrance]), int(links.gate[entrance])
    return Door(
        entrance_id=str(layer["entrance_id"].iloc[row]) if row >= 0 else None,
        kind=str(layer["kind"].iloc[row]) if row >= 0 else None,
        lon=float(lon),
        lat=float(lat),
        leg_m=float(links.leg_m[entrance]),
        edge_id=int(network.edge_id[edge]) if edge >= 0 else None,
        level=int(network.level[edge]) if edge >= 0 else None,
        gate_id=_gate_id(engine, gate) if gate >= 0 else None,
    )


def linking(
    engine: WhatIfEngine, place: PlaceKind, place_id: str, *, remedies: bool = True
) -> Linking:
    """Tell how a building or a service point meets the walk network.

    Without `remedies` no edit is looked for.

    Raises
    ------
    NotFoundError
        If there is no such place.

    Examples
    --------
    >>> from tests.geo.engines import what_if
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> told = linking(what_if(layers, network, ("catering",)), "building", "b4")
    >>> told.standing, told.door.edge_id, round(told.door.leg_m), told.door.entrance_id
    ('ground', 10, 10, None)
    """
    rows = engine.resolver.building_row if place == "building" else engine.resolver.point_row
    row = int(rows.get_indexer([place_id])[0])
    if row < 0:
        fault = "scenario.no_building" if place == "building" else "scenario.no_point"
        raise NotFoundError(fault, **{place: place_id})
    entrances, links = _of(engine, place)
    own = entrances.of([row])
    if not links.linked[own].any():
        return _unlinked(engine, place, place_id, own, remedies=remedies)
    best = int(own[np.nanargmin(links.leg_m[own])])
    return Linking(
        place=place,
        place_id=place_id,
        reason="",
        standing=_standing(engine, int(links.edge[best])),
        door=door(engine, place, best),
    )


def _unlinked(
    engine: WhatIfEngine, place: PlaceKind, place_id: str, own: IntArray, *, remedies: bool
) -> Linking:
    """Tell why none of the entrances `own` of a place is linked."""
    entrances, _ = _of(engine, place)
    xy = entrances.xy[own]
    edges, feet, metres = _nearest_edges(engine, xy)
    near = int(own[feet[0]]) if len(edges) else int(own[0])
    reasons = engine.snapped.reason if place == "building" else engine.snapped.point_reason
    reason = str(reasons[entrances.place[near]])
    told = Linking(place, place_id, reason, standing="none", door=door(engine, place, near))
    if not len(edges):
        return told
    line = _to_edge(engine, entrances.xy[near], int(edges[0]))
    barrier = first_barriers(np.array([line], dtype=object), engine.layers.barriers)[0]
    return replace(
        told,
        nearest_edge_id=int(engine.network.edge_id[edges[0]]),
        nearest_m=float(metres[0]),
        barrier_id=None if barrier is None else str(barrier),
        remedy=_remedy(engine, xy, edges, feet) if remedies else None,
    )


def _of(engine: WhatIfEngine, place: PlaceKind) -> tuple[Entrances, Links]:
    snapped = engine.snapped
    if place == "building":
        return snapped.entrances, snapped.buildings
    return snapped.point_entrances, snapped.points


def _gate_id(engine: WhatIfEngine, gate: int) -> str:
    """Return the identifier of a gate by its number in the compiled network."""
    gates = engine.layers.gates
    names = gates.loc[gates["access"] != GateAccess.CLOSED, "gate_id"].sort_values()
    return str(names.iloc[gate])


def _standing(engine: WhatIfEngine, edge: int) -> str:
    standing = int(engine.network.standing[edge])
    if standing >= RAISED:
        return "raised"
    return "island" if standing == TINY else "ground"


def _nearest_edges(engine: WhatIfEngine, xy: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the nearest edges, the entrance that each is nearest to, and metres, nearest first.

    Ways on the ground go before those that are not.
    """
    network = engine.network
    ground = np.flatnonzero(network.level == 0)
    rows = ground if len(ground) else np.arange(len(network.edge_id))
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    box = network.geometry.bounds()[rows]
    # A box is no nearer than its edge, so edges beyond the tries of the nearest ones cannot win.
    far = np.min([_to_boxes(place, box) for place in xy], axis=0)
    order = np.argsort(far, kind="stable")
    lines = rows[order[: 4 * _TRIES]]
    metres = np.array([shapely.distance(network.geometry[lines], shapely.Point(p)) for p in xy])
    reach = np.sort(metres.min(axis=0))[min(_TRIES, len(lines)) - 1]
    found = rows[far <= reach]
    metres = np.array([shapely.distance(network.geometry[found], shapely.Point(p)) for p in xy])
    by_distance = np.lexsort((network.edge_id[found], metres.min(axis=0)))[:_TRIES]
    return found[by_distance], metres.argmin(axis=0)[by_distance], metres.min(axis=0)[by_distance]


def _to_boxes(place: FloatArray, box: FloatArray) -> FloatArray:
    """Return the distance from a place to each box, shape (n, 4), metres."""
    out = np.maximum(np.maximum(box[:, :2] - place, place - box[:, 2:]), 0.0)
    return np.hypot(out[:, 0], out[:, 1])


def _to_edge(engine: WhatIfEngine, place: FloatArray, edge: int) -> shapely.LineString:
    """Return the straight line from a place to the nearest point of an edge."""
    return shapely.shortest_line(shapely.Point(place), engine.network.geometry[edge])


def _remedy(
    engine: WhatIfEngine, xy: FloatArray, edges: IntArray, feet: IntArray
) -> LinkRemedy | None:
    """Return the first edit that links a place: by gates nearest first, then by paths."""
    for gate in _closed_gates(engine, xy):
        found = _tried(engine, xy, "open_gate", OpenGate(gate), 0.0)
        if found is not None:
            return found
    for edge, foot in zip(edges.tolist(), feet.tolist(), strict=True):
        line = _to_edge(engine, xy[foot], edge)
        if line.length > 0 and not _through_buildings(engine, line):
            kind, edit = _path(engine, line)
            found = _tried(engine, xy, kind, edit, float(line.length))
            if found is not None:
                return found
    return None


def _closed_gates(engine: WhatIfEngine, xy: FloatArray) -> list[str]:
    gates = engine.layers.gates
    closed = gates[gates["access"] == GateAccess.CLOSED]
    metres = closed.distance(shapely.MultiPoint(xy)).to_numpy()
    order = [at for at in np.argsort(metres, kind="stable")[:_TRIES] if metres[at] <= LINK_LIMIT_M]
    return [str(closed["gate_id"].iloc[at]) for at in order]


def _through_buildings(engine: WhatIfEngine, line: shapely.LineString) -> bool:
    """Return whether a line from a place crosses a building that does not hold the place."""
    start = shapely.Point(line.coords[0])
    buildings = engine.layers.buildings.geometry
    crossed = buildings[buildings.crosses(line)]
    return bool((~crossed.intersects(start)).any())


def _path(engine: WhatIfEngine, line: shapely.LineString) -> tuple[str, AddStreet]:
    """Return the edit that builds a path from a door, named by what it crosses."""
    barriers = engine.layers.barriers
    kinds = set(barriers["kind"][(barriers["level"] == 0) & barriers.intersects(line)])
    kind = "bridge" if kinds & _BRIDGED else "gate" if kinds else "footpath"
    degrees = crs.project_geometry(line, engine.network.epsg, crs.STORED_EPSG)
    path = tuple((float(lon), float(lat)) for lon, lat in degrees.coords)
    return kind, AddStreet(path, bridge=kind == "bridge", from_door=True)


def _tried(
    engine: WhatIfEngine, xy: FloatArray, kind: str, edit: Edit, length_m: float
) -> LinkRemedy | None:
    """Link a place anew with an edit; None where that does not link it."""
    try:
        rerun = Rerun(engine, engine.resolver.resolve([edit]))
    except (ConflictError, InputError):  # such an edit cannot be made there
        return None
    if not link(xy, rerun.network).linked.any():
        return None
    links = rerun.answer().links
    rows = [row for row, reason in links.items() if reason == ""]
    households = engine.layers.buildings["households"].to_numpy(np.float64)[rows]
    return LinkRemedy(kind, edit, length_m, float(households.sum()))
