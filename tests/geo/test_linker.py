"""The compiled linker against :mod:`geo.link`."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.link import link
from geo.linker import Linker
from geo.network import compile_network
from geo.standard import Profile
from tests.towns import CORNER, town, towns

ADULT = Profile("adult", "成人", "Adult", 1.25)


@settings(max_examples=40, deadline=None)
@given(towns(), st.integers(0, 2**32 - 1))
def test_it_links_as_geo_link_does(layers, seed):
    network = compile_network(layers, ADULT)
    xy = np.random.default_rng(seed).uniform(-250, 1_850, (200, 2)) + CORNER
    expected = link(xy, network)
    edge, offset_m, leg_m = Linker(network).link(xy)
    assert edge.tolist() == expected.edge.tolist()
    np.testing.assert_allclose(offset_m, expected.offset_m, atol=1e-6)
    np.testing.assert_allclose(leg_m, expected.leg_m, atol=1e-6)


def test_a_walled_yard_is_left_by_its_gate():
    street = {"u": 1, "v": 2, "coords": [(0, 0), (400, 0)]}
    yard = [(100, 10), (100, 90), (200, 90), (200, 10), (100, 10)]
    for gates, leg in (([(150, 10, "private")], 40 + 10), ([(150, 10, "closed")], np.nan)):
        network = compile_network(town([street], walls=[yard], gates=gates), ADULT)
        edge, offset_m, leg_m = Linker(network).link(np.array([[150, 50]]) + CORNER)
        np.testing.assert_allclose(leg_m, [leg], atol=1e-6)
        assert (edge[0] >= 0) == np.isfinite(leg)
        assert np.isnan(offset_m[0]) or abs(offset_m[0] - 150) < 1e-6


def test_a_network_without_edges_links_nothing():
    stairs = {"u": 1, "v": 2, "coords": [(0, 0), (9, 0)], "kind": "steps"}
    no_steps = Profile("wheelchair", "轮椅", "Wheelchair", 0.8, frozenset({"steps"}))
    network = compile_network(town([stairs]), no_steps)
    edge, offset_m, leg_m = Linker(network).link(np.array([CORNER]))
    assert edge.tolist() == [-1]
    assert np.isnan([offset_m, leg_m]).all()
