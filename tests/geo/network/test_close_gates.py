"""Gates closed for a while: the same times as the edit that closes a gate."""

import numpy as np
import pytest
import shapely

from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import nearest_times
from geo.model.layers import Layers
from geo.network.close_gates import with_closed_gates
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import CloseGate
from geo.scenario.resolve_edits import EditResolver
from tests.oracles.edited import edited_layers
from tests.scenes import EPSG, tiny_layers, xy

CATEGORIES = ("catering", "medical")


@pytest.fixture
def layers() -> Layers:
    return tiny_layers().to_metric(EPSG)


def times(layers: Layers) -> np.ndarray:
    profile = load_standard().profiles[0]
    network = compile_network(layers, profile)
    return nearest_times(snap_layers(layers, network, CATEGORIES)).time_s


def test_the_times_are_those_of_the_edit(layers):
    shut = times(with_closed_gates(layers, {"g1"}))
    edited = times(edited_layers(EditResolver(layers, CATEGORIES), [CloseGate("g1")]))
    np.testing.assert_array_equal(shut, edited)
    assert np.isfinite(times(layers)[3]).all()
    assert np.isnan(shut[3]).all()  # b4 stands behind the wall
    np.testing.assert_array_equal(shut[:3], times(layers)[:3])


def test_what_it_changes(layers):
    shut = with_closed_gates(layers, ["g1"])
    assert shut.gates["access"].tolist() == ["closed"]
    assert shut.walk_edges.loc[8:9, ["u", "v"]].to_numpy().tolist() == [[4, -1], [-2, 10]]
    assert shut.gates["node"].tolist() == [-2]
    assert layers.gates["access"].tolist() == ["private"]  # the layers given stay as they are
    assert shut.walk_edges["edge_id"].tolist() == layers.walk_edges["edge_id"].tolist()


def test_a_gate_on_no_way_is_closed_to_access_legs(layers):
    """A gate in the wall 10 m west of b4's lane, which no way meets."""
    gates = layers.gates.assign(node=0).set_geometry([shapely.Point(xy(290, 250))], crs=EPSG)
    shut = with_closed_gates(Layers(gates=gates, walk_edges=layers.walk_edges), ["g1"])
    assert shut.gates[["access", "node"]].to_numpy().tolist() == [["closed", 0]]
    assert shut.walk_edges[["u", "v"]].equals(layers.walk_edges[["u", "v"]])


def test_without_gates_nothing_changes(layers):
    same = with_closed_gates(layers, [])
    assert same.walk_edges.equals(layers.walk_edges)
    assert same.gates.equals(layers.gates)
    assert len(with_closed_gates(Layers(), ["g1"]).gates) == 0
