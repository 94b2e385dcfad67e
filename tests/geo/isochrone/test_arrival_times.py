"""Times at places on edges that may be walked one way only."""

import numpy as np
import pytest

from geo.isochrone.arrival_times import Arrivals, EdgeSides, Origins, ticks_of
from geo.isochrone.sample_grid import Samples
from geo.network.search_graph import LABEL_SHIFT
from geo.routing.shortest_paths import UNREACHED

LENGTH_M = 100.0


def ticks(offset_m, *, reached, origin_m=()):
    """Return the time at a place on an edge that is walked from neither end nor back; ticks."""
    label = np.full(2, UNREACHED, np.int64)
    label[list(reached)] = 7 << LABEL_SHIFT
    one = np.ones(1, np.int32)
    nothing = np.zeros(1, np.float32)
    samples = Samples(
        np.zeros(1, np.int32), np.array([offset_m], np.float32), nothing, one, one, nothing
    )
    sides = EdgeSides(
        state=np.array([[~0, ~1]], np.int32),
        length=np.array([LENGTH_M]),
        ahead=np.zeros(1, np.bool_),
        behind=np.zeros(1, np.bool_),
        effort=np.ones((1, 2)),
        ticks_per_m=1000.0,
    )
    n = len(origin_m)
    origins = Origins(
        at=np.zeros((n, 2)),
        bounds=np.zeros((n, 4)),
        edge=np.zeros(n, np.int64),
        offset=np.array(origin_m, np.float64),
        leg=np.zeros(n),
        on_edge=np.array([n > 0]),
    )
    return ticks_of(np.zeros(1, np.int64), Arrivals(samples, label, sides, origins))[0]


@pytest.mark.parametrize(("away_mm", "time"), [(0.9, 7.9), (1.1, np.inf)])
def test_a_place_within_a_millimetre_of_a_node_or_an_origin_is_there(away_mm, time):
    away_m = away_mm / 1000
    assert ticks(away_m, reached=[0]) == pytest.approx(time, abs=1e-4)
    # In 32 bits an offset of 100 m is exact to 0.004 mm.
    assert ticks(LENGTH_M - away_m, reached=[1]) == pytest.approx(time, abs=0.01)
    for place in (50 - away_m, 50 + away_m):
        on_edge = ticks(place, reached=[], origin_m=[50.0])
        assert on_edge == pytest.approx(time - 7, abs=0.01)
