import numpy as np

from maps.classify import COVERAGE_EDGES, NO_CLASS, classify


def test_classes_include_their_lower_edge_and_the_last_its_upper():
    values = [0, 0.2499, 0.25, 0.5, 0.75, 0.8999, 0.9, 1.0]
    assert classify(values, edges=COVERAGE_EDGES).tolist() == [0, 0, 1, 2, 3, 3, 4, 4]


def test_no_value_has_no_class():
    assert classify([np.nan, 0.5], edges=COVERAGE_EDGES).tolist() == [NO_CLASS, 2]


def test_values_beyond_the_ends_fall_into_the_end_classes():
    assert classify([-1, 2], edges=COVERAGE_EDGES).tolist() == [0, 4]
