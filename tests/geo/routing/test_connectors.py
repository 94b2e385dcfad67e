"""Where a walk may enter an edge that is walked one way only."""

import numpy as np
import pytest

from geo.network.compile import compile_network
from geo.network.snap import Links
from geo.routing.connectors import TripEnd, connectors, direct
from geo.routing.shortest_paths import UNREACHED
from tests.towns import ADULT, town

ONE_WAY = {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "backward": False}


def links(*offset_m):
    n = len(offset_m)
    zero = np.zeros(n, np.int64)
    return Links(
        zero, np.array(offset_m), np.zeros(n), zero - 1, np.full(n, "", object), np.zeros((n, 2))
    )


@pytest.mark.parametrize(("away_um", "there"), [(0.9, True), (1.1, False)])
def test_a_place_within_a_thousandth_of_a_millimetre_is_at_the_node_or_the_other(away_um, there):
    away_m = away_um * 1e-6
    network = compile_network(town([ONE_WAY]), ADULT)
    # A walk starts along the edge, so only at the node itself does it start at the first node.
    start = connectors(network, links(away_m), end=TripEnd.ORIGIN)
    assert start.open.tolist() == [[there], [True]]
    end = connectors(network, links(100 - away_m), end=TripEnd.DESTINATION)
    assert end.open.tolist() == [[True], [there]]
    back = direct(
        network, links(50.0), links(50 - away_m), rank=np.zeros(1, np.int64),
        column=np.zeros(1, np.int64), n=1,
    )  # fmt: skip
    assert (back[0, 0] < UNREACHED) == there
