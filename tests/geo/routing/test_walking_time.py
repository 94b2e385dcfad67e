"""Published times: rounding, the horizon, and which thresholds are one."""

import numpy as np
import pytest

from geo.errors import InputError
from geo.network.search_graph import TICKS_PER_S
from geo.routing.shortest_paths import pack
from geo.routing.walking_time import HORIZON_S, published, threshold_s


@pytest.mark.parametrize(("seconds", "wanted"), [
    (0.0, 0.0), (899.996, 900.0), (7200.0, 7200.0), (7200.004, 7200.0), (7200.006, np.nan),
    (9000.0, np.nan),
])  # fmt: skip
def test_a_time_is_published_up_to_two_hours(seconds, wanted):
    assert HORIZON_S == 7_200
    label = pack(np.array([round(seconds * TICKS_PER_S)]), np.array([3]))
    time_s, rank = published(label)
    assert time_s.tolist() == pytest.approx([wanted], abs=0, nan_ok=True)
    assert rank.tolist() == [-1 if np.isnan(wanted) else 3]


def test_a_threshold_is_more_than_nothing_and_at_most_the_horizon():
    assert [threshold_s(minutes) for minutes in (0.001, 8.2, 15, 120)] == [0.06, 492, 900, 7200]
    for minutes in (-1, 0, 120.001, np.inf, np.nan):
        with pytest.raises(InputError, match="wanted more than 0 and at most 120"):
            threshold_s(minutes)
