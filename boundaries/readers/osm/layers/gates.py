"""Gates: the points where a barrier can be crossed, and who may do so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.barriers import WALLS, is_rail, is_wall
from boundaries.readers.osm.layers.hours import hours_of, note_hours
from boundaries.readers.osm.layers.network import WalkLine
from boundaries.readers.osm.layers.walk_rules import (
    WayAccess,
    access_of,
    is_set,
    told_access,
)
from boundaries.readers.osm.scan.extract import Extract, Node, name_of
from geo.crs import STORED_EPSG
from geo.messages import Message
from geo.model.vocabulary import GateAccess

GATE_VALUES: Final = frozenset(
    {
        "bump_gate", "entrance", "full-height_turnstile", "gate", "hampshire_gate", "kissing_gate",
        "lift_gate", "sally_port", "sliding_gate", "stile", "swing_gate", "turnstile",
        "wicket_gate",
    }
)  # fmt: skip
"""Values of `barrier` of a node that is a gate. Bollards and blocks stop no walker, unless `foot`
says so."""

_OF_OWN_PEOPLE: Final = frozenset({"agricultural", "delivery", "forestry", "no"})
"""Values of `access` that close a way, but that leave a gate to those who live behind it."""


LEVEL_CROSSINGS: Final = frozenset({"crossing", "level_crossing"})
"""Values of `railway` of a node where a way crosses rails on their level."""

_ACCESS: Final = {
    WayAccess.OPEN: GateAccess.OPEN,
    WayAccess.PRIVATE: GateAccess.PRIVATE,
    WayAccess.CLOSED: GateAccess.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate; `on_network` is True if a walkable way runs through its node.

    It is `in_wall` unless it is a level crossing or a ford.
    """

    node: Node
    access: GateAccess
    on_network: bool
    in_wall: bool


def gate_access(tags: Mapping[str, str]) -> GateAccess:
    """Return who may pass a gate; where it is locked, those have the key for whom it is private.

    Examples
    --------
    >>> gate_access({"access": "no"}).value, gate_access({"foot": "no"}).value
    ('private', 'closed')
    """
    access, locked = _ACCESS[access_of(tags)], tags.get("locked") == "yes"
    if told_access(tags, "foot") is None and tags.get("access") in _OF_OWN_PEOPLE and not locked:
        return GateAccess.PRIVATE
    return GateAccess.CLOSED if locked and access is GateAccess.OPEN else access


def node_access(tags: Mapping[str, str]) -> GateAccess | None:
    """Return who may pass a gate, a door or another obstacle on a way; None if everybody does.

    A gate is told even if it is open. A wall or a fence that is a node lies across the way.

    Examples
    --------
    >>> node_access({"barrier": "fence"}).value, node_access({"barrier": "bollard"})
    ('closed', None)
    """
    barrier = tags.get("barrier")
    if barrier in GATE_VALUES:
        return gate_access(tags)
    if barrier in WALLS:
        told = {"foot", "access"} & tags.keys()
        return gate_access(tags) if told else GateAccess.CLOSED
    access = GateAccess.OPEN
    if barrier is not None:
        access = _ACCESS[told_access(tags, "foot") or WayAccess.OPEN]
    elif is_set(tags, "door") or is_set(tags, "entrance"):
        access = gate_access(tags)
    return None if access is GateAccess.OPEN else access


def find_gates(extract: Extract, lines: list[WalkLine], report: LayerReport) -> list[Gate]:
    """Return the openings of barriers: gates, level crossings and fords.

    A gate stands on a walkable line or on a wall; others are rejected by name. Doors and obstacles
    that do not let everybody through stand on a walkable line, as a ford does. A level crossing is
    a node of a walkable line and of rails that are a barrier.
    """
    walked = {ref for line in lines for ref in line.refs}
    walls = {ref for way in extract.ways if is_wall(way.tags) for ref in way.refs}
    rails = {ref for way in extract.ways if is_rail(way.tags) for ref in way.refs}
    gates = []
    for node in extract.nodes:
        on_network = node.id in walked
        access = node_access(node.tags)
        if node.tags.get("barrier") in GATE_VALUES:
            if not on_network and node.id not in walls:
                report.read += 1
                report.reject(f"node/{node.id}", Message("osm.no_gate_place"))
                continue
        elif access is not None:
            if not on_network:
                continue
        elif node.tags.get("railway") in LEVEL_CROSSINGS:
            if not on_network or node.id not in rails:
                continue
            report.note(Message("osm.level_crossings"))
        elif on_network and is_set(node.tags, "ford"):
            report.note(Message("osm.fords"))
        else:
            continue
        report.read += 1
        in_wall = access is not None
        gates.append(Gate(node, access or gate_access(node.tags), on_network, in_wall))
    report.accepted = len(gates)
    return gates


def gates_frame(
    gates: list[Gate], node_at: Mapping[int, int], report: LayerReport
) -> gpd.GeoDataFrame:
    """Return the layer `gates`, EPSG:4326, with their hours and ``in_wall``: no crossing or ford.

    Parameters
    ----------
    gates : list of Gate
    node_at : mapping of int to int
        Network node at each gate that lies on the network, by the gate's OpenStreetMap node.
    report : LayerReport
    """
    shut = sum(gate.on_network and gate.access is GateAccess.CLOSED for gate in gates)
    report.note(Message("osm.closed_gates"), shut)
    for gate in gates:
        note_hours(f"node/{gate.node.id}", hours_of(gate.node.tags), report)
    return gpd.GeoDataFrame(
        {
            "gate_id": [f"node/{gate.node.id}" for gate in gates],
            "access": [gate.access.value for gate in gates],
            "name": [name_of(gate.node.tags) for gate in gates],
            "node": np.array([node_at.get(gate.node.id, 0) for gate in gates], np.int64),
            "opening_hours": [hours_of(gate.node.tags) for gate in gates],
            "in_wall": np.array([gate.in_wall for gate in gates], bool),
        },
        geometry=gpd.points_from_xy([g.node.lon for g in gates], [g.node.lat for g in gates]),
        crs=STORED_EPSG,
    )
