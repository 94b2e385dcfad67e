"""Which grid came from which, where the share of the ground is next to the least that counts."""

import pytest
from shapely import box

from geo.grids.succession import LEAST_SHARE, Descent, Heir, heirs

OLD = box(0, 0, 100, 10)  # 1000 m2


@pytest.mark.parametrize(("taken_m", "counts"), [(0.49, False), (0.5, True), (0.51, True)])
def test_a_smaller_share_than_the_least_is_a_border_drawn_anew(taken_m, counts):
    assert LEAST_SHARE == 0.005
    east = box(100 - taken_m, 0, 200, 10)
    found = heirs(
        {"w": OLD, "e": box(100, 0, 200, 10)}, {"w": box(0, 0, 100 - taken_m, 10), "e": east}
    )
    assert found == ([Heir(Descent.MOVE, "w", "e", pytest.approx(taken_m / 100))] * counts)


def test_what_goes_to_one_was_merged_and_what_goes_to_several_split():
    halves = {"a": box(0, 0, 40, 10), "b": box(40, 0, 100, 10)}
    assert heirs({"w": OLD}, halves) == [
        Heir(Descent.SPLIT, "w", "a", 0.4), Heir(Descent.SPLIT, "w", "b", 0.6),
    ]  # fmt: skip
    assert heirs(halves, {"w": OLD}) == [
        Heir(Descent.MERGE, "a", "w", 1.0), Heir(Descent.MERGE, "b", "w", 1.0),
    ]  # fmt: skip
    assert heirs({"w": OLD}, {"w": halves["b"], "n": halves["a"]}) == [
        Heir(Descent.SPLIT, "w", "n", 0.4)
    ]
