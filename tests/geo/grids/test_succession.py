"""Which grid came from which, where the share of the ground is next to the least that counts."""

import pytest
from shapely import box

from geo.grids.succession import LEAST_SHARE, Succession, SuccessionKind, successions

OLD = box(0, 0, 100, 10)  # 1000 m2


@pytest.mark.parametrize(("taken_m", "counts"), [(0.49, False), (0.5, True), (0.51, True)])
def test_a_smaller_share_than_the_least_is_a_border_drawn_anew(taken_m, counts):
    assert LEAST_SHARE == 0.005
    east = box(100 - taken_m, 0, 200, 10)
    found = successions(
        {"w": OLD, "e": box(100, 0, 200, 10)}, {"w": box(0, 0, 100 - taken_m, 10), "e": east}
    )
    assert found == (
        [Succession(SuccessionKind.MOVE, "w", "e", pytest.approx(taken_m / 100))] * counts
    )


def test_what_goes_to_one_was_merged_and_what_goes_to_several_split():
    halves = {"a": box(0, 0, 40, 10), "b": box(40, 0, 100, 10)}
    assert successions({"w": OLD}, halves) == [
        Succession(SuccessionKind.SPLIT, "w", "a", 0.4),
        Succession(SuccessionKind.SPLIT, "w", "b", 0.6),
    ]
    assert successions(halves, {"w": OLD}) == [
        Succession(SuccessionKind.MERGE, "a", "w", 1.0),
        Succession(SuccessionKind.MERGE, "b", "w", 1.0),
    ]
    assert successions({"w": OLD}, {"w": halves["b"], "n": halves["a"]}) == [
        Succession(SuccessionKind.SPLIT, "w", "n", 0.4)
    ]
