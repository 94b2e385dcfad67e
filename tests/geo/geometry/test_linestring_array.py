"""Lines as coordinates say what the shapely lines they were made of say."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.geometry.linestring_array import Lines

PLACE = st.tuples(*[st.floats(-1e7, 1e7, allow_subnormal=False)] * 2)
LINES = st.lists(st.lists(PLACE, min_size=2, max_size=5).map(shapely.LineString), max_size=6)


def array(lines: list[shapely.LineString]) -> np.ndarray:
    """Return lines as an array of shapes."""
    return np.array([*lines, None], object)[:-1]


@given(LINES, LINES)
def test_they_are_the_shapes_they_were_made_of(some, more):
    shapes = array(some + more)
    lines = Lines.of(array(some)).joined(Lines.of(array(more)))
    every = np.arange(len(shapes))
    assert len(lines) == len(shapes)
    assert shapely.to_wkb(lines[every]).tolist() == shapely.to_wkb(shapes).tolist()
    assert shapely.to_wkb(lines[every % 2 == 0]).tolist() == shapely.to_wkb(shapes[::2]).tolist()
    assert lines.bounds().tolist() == shapely.bounds(shapes).reshape(-1, 4).tolist()
    box = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    np.testing.assert_array_equal(lines.total_bounds(), box)
    for ends, at in zip(lines.ends(), (0, -1), strict=True):
        assert ends.tolist() == shapely.get_coordinates(shapely.get_point(shapes, at)).tolist()


def test_rows_count_from_both_ends_and_no_further():
    lines = Lines.of(
        array([shapely.LineString([(0, 0), (3, 4)]), shapely.LineString([(1, 1), (2, 2)])])
    )
    assert lines[0].length == 5
    assert lines[-1].coords[0] == lines[np.int64(1)].coords[0] == (1, 1)
    with pytest.raises(IndexError):
        lines[2]


def test_nothing_added_is_the_same_object():
    lines = Lines.of(array([shapely.LineString([(0, 0), (3, 4)])]))
    assert lines.joined(Lines.of(array([]))) is lines
