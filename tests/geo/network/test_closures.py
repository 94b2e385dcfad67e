"""What is closed for a while: the same times as the edits that close it."""

import numpy as np
import pytest
import shapely

from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import nearest_times
from geo.model.layers import Layers
from geo.network.closures import Closures, with_closures
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import CloseGate, CloseStreet
from geo.scenario.resolve_edits import EditResolver
from tests.oracles.edited import edited_layers
from tests.scenes import EPSG, tiny_layers, xy

CATEGORIES = ("catering", "medical")
G1 = Closures(gates=frozenset({"g1"}))


@pytest.fixture
def layers() -> Layers:
    return tiny_layers().to_metric(EPSG)


def times(layers: Layers) -> np.ndarray:
    profile = load_standard().profiles[0]
    network = compile_network(layers, profile)
    return nearest_times(snap_layers(layers, network, CATEGORIES)).time_s


def test_the_times_are_those_of_the_edit(layers):
    shut = times(with_closures(layers, G1))
    edited = times(edited_layers(EditResolver(layers, CATEGORIES), [CloseGate("g1")]))
    np.testing.assert_array_equal(shut, edited)
    assert np.isfinite(times(layers)[3]).all()
    assert np.isnan(shut[3]).all()  # b4 stands behind the wall
    np.testing.assert_array_equal(shut[:3], times(layers)[:3])


def test_the_times_with_a_closed_way_are_those_of_the_edit(layers):
    for edge in layers.walk_edges["edge_id"].tolist():
        shut = times(with_closures(layers, Closures(edges=frozenset({edge}))))
        edited = times(edited_layers(EditResolver(layers, CATEGORIES), [CloseStreet(edge)]))
        np.testing.assert_array_equal(shut, edited)


def test_what_it_changes(layers):
    shut = with_closures(layers, G1)
    assert shut.gates["access"].tolist() == ["closed"]
    assert shut.walk_edges.loc[8:9, ["u", "v"]].to_numpy().tolist() == [[4, -1], [-2, 10]]
    assert shut.gates["node"].tolist() == [-2]
    assert layers.gates["access"].tolist() == ["private"]  # the layers given stay as they are
    assert shut.walk_edges["edge_id"].tolist() == layers.walk_edges["edge_id"].tolist()


def test_a_gate_on_no_way_is_closed_to_access_legs(layers):
    """A gate in the wall 10 m west of b4's lane, which no way meets."""
    gates = layers.gates.assign(node=0).set_geometry([shapely.Point(xy(290, 250))], crs=EPSG)
    shut = with_closures(Layers(gates=gates, walk_edges=layers.walk_edges), G1)
    assert shut.gates[["access", "node"]].to_numpy().tolist() == [["closed", 0]]
    assert shut.walk_edges[["u", "v"]].equals(layers.walk_edges[["u", "v"]])


def test_without_gates_nothing_changes(layers):
    same = with_closures(layers, Closures())
    assert same.walk_edges.equals(layers.walk_edges)
    assert same.gates.equals(layers.gates)
    assert len(with_closures(Layers(), G1).gates) == 0
