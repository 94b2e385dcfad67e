"""Gates: the points where a barrier can be crossed, and who may do so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np

from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.barriers import is_rail, is_wall
from boundaries.readers.osm.layers.hours import hours_of, note_hours
from boundaries.readers.osm.layers.network import WalkLine
from boundaries.readers.osm.layers.walk_rules import WayAccess, access_of, is_set
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
"""Values of `barrier` that a node must have to be a gate; bollards and blocks stop no walker."""

LEVEL_CROSSINGS: Final = frozenset({"crossing", "level_crossing"})
"""Values of `railway` of a node where a way crosses rails on their level."""

_ACCESS: Final = {
    WayAccess.OPEN: GateAccess.OPEN,
    WayAccess.PRIVATE: GateAccess.PRIVATE,
    WayAccess.CLOSED: GateAccess.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate; `on_network` is True if a walkable way runs through its node."""

    node: Node
    access: GateAccess
    on_network: bool


def gate_access(tags: Mapping[str, str]) -> GateAccess:
    """Return who may pass a gate: a locked one is closed.

    Examples
    --------
    >>> gate_access({"barrier": "gate", "access": "no"}).value
    'closed'
    """
    return GateAccess.CLOSED if tags.get("locked") == "yes" else _ACCESS[access_of(tags)]


def find_gates(extract: Extract, lines: list[WalkLine], report: LayerReport) -> list[Gate]:
    """Return the openings of barriers: gates, level crossings and fords.

    A gate stands on a walkable line or on a wall; others are rejected by name. A level crossing is
    a node of a walkable line and of rails that are a barrier, a ford one of a walkable line.
    """
    walked = {ref for line in lines for ref in line.refs}
    walls = {ref for way in extract.ways if is_wall(way.tags) for ref in way.refs}
    rails = {ref for way in extract.ways if is_rail(way.tags) for ref in way.refs}
    gates = []
    for node in extract.nodes:
        on_network = node.id in walked
        if node.tags.get("barrier") in GATE_VALUES:
            if not on_network and node.id not in walls:
                report.read += 1
                report.reject(f"node/{node.id}", Message("osm.no_gate_place"))
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
        gates.append(Gate(node, gate_access(node.tags), on_network))
    report.accepted = len(gates)
    return gates


def gates_frame(
    gates: list[Gate], node_at: Mapping[int, int], report: LayerReport
) -> gpd.GeoDataFrame:
    """Return the layer `gates`, EPSG:4326, with their hours.

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
        },
        geometry=gpd.points_from_xy([g.node.lon for g in gates], [g.node.lat for g in gates]),
        crs=STORED_EPSG,
    )
