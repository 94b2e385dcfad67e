"""Walk networks of real extracts before they are prepared: cut at shared nodes, nothing else."""

from pathlib import Path

import pytest

from boundaries.demo import helsinki_path
from boundaries.import_report import LayerReport
from boundaries.readers.osm.layers.barriers import find_barriers
from boundaries.readers.osm.layers.buildings import find_buildings
from boundaries.readers.osm.layers.gates import find_gates, gates_frame
from boundaries.readers.osm.layers.network import build_edges, walk_lines
from boundaries.readers.osm.layers.service_points import find_service_points
from boundaries.readers.osm.reader import _KEYS
from boundaries.readers.osm.scan.node_facts import node_facts
from boundaries.readers.osm.scan.scan import read_extract
from boundaries.readers.service_kinds import ServiceKinds
from boundaries.standards.catalogue import load_standard
from boundaries.standards.household_estimate import household_model
from geo.crs import metric_epsg
from geo.errors import NotFoundError
from geo.model.layers import Layers, conform_layer
from geo.model.vocabulary import GateAccess
from tests.shared import SHARED, needs_shared

REAL = [
    "helsinki",
    pytest.param("tsinghua", marks=needs_shared),
    pytest.param("monaco", marks=needs_shared),
]


def _path(name: str) -> Path:
    if name == "helsinki":
        try:
            return helsinki_path()
        except NotFoundError as error:
            pytest.skip(str(error))
    files = {
        "tsinghua": "osm-beijing-tsinghua-2017/map.nometa.osm.pbf",
        "monaco": "monaco-graphhopper/monaco.osm.gz",
        "malta": "osm-malta-2016/malta.osm.pbf",
        "porto": "osm-porto-r5/porto_portugal.osm.pbf",
    }
    return SHARED / "data" / files[name]


def read_unprepared(name: str) -> Layers:
    """Return metric layers; gates are cut nodes, as the reader makes them."""
    kinds = ServiceKinds(load_standard())
    extract = read_extract(_path(name), _KEYS | kinds.rules.keys)
    report = LayerReport()
    lines = walk_lines(extract, report)
    place = extract.coordinates.lonlat[0]
    epsg = metric_epsg(*place)
    gates = find_gates(extract, lines, report)
    edges, node_at = build_edges(
        lines, extract.coordinates, epsg=epsg,
        cuts=[gate.node.id for gate in gates],
        closed=[gate.node.id for gate in gates if gate.access is GateAccess.CLOSED],
        nodes=node_facts(extract.nodes), report=report,
    )  # fmt: skip
    return Layers(
        buildings=find_buildings(extract, household_model(), epsg=epsg, report=report),
        service_points=find_service_points(extract, kinds, report),
        walk_edges=conform_layer("walk_edges", edges),
        barriers=find_barriers(extract, report),
        gates=conform_layer("gates", gates_frame(gates, node_at, report)),
    ).to_metric(epsg)
