import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from maps.classify import COVERAGE_EDGES, NO_CLASS, Method, class_edges, classify

FINITE = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def test_fixed_edges_do_not_depend_on_the_data():
    assert class_edges([0.3]) == class_edges([0.1, 0.9]) == (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)


def test_classes_include_their_lower_edge_and_the_last_its_upper():
    values = [0, 0.2499, 0.25, 0.5, 0.75, 0.8999, 0.9, 1.0]
    assert classify(values, edges=COVERAGE_EDGES).tolist() == [0, 0, 1, 2, 3, 3, 4, 4]


def test_no_value_has_no_class():
    assert classify([np.nan, 0.5], edges=COVERAGE_EDGES).tolist() == [NO_CLASS, 2]


def test_values_beyond_the_ends_fall_into_the_end_classes():
    assert classify([-1, 2], edges=COVERAGE_EDGES).tolist() == [0, 4]


def test_equal_steps_and_quantiles_of_known_values():
    values = [0, 1, 2, 3, 4, 10]
    assert class_edges(values, method=Method.EQUAL, classes=5) == (0, 2, 4, 6, 8, 10)
    assert class_edges(values, method=Method.QUANTILE, classes=2) == (0, 2.5, 10)


def test_ties_leave_fewer_classes_never_an_empty_one():
    edges = class_edges([1, 1, 1, 1, 5], method=Method.QUANTILE, classes=4)
    assert edges == (1, 5)
    assert classify([1, 5], edges=edges).tolist() == [0, 0]


@pytest.mark.parametrize("method", [Method.EQUAL, Method.QUANTILE])
def test_nothing_to_classify_is_said(method):
    with pytest.raises(InputError, match="0 finite values"):
        class_edges([np.nan], method=method)


@given(FINITE, st.sampled_from([Method.EQUAL, Method.QUANTILE]), st.integers(1, 7))
def test_every_value_gets_a_class_and_order_is_kept(values, method, classes):
    edges = class_edges(values, method=method, classes=classes)
    assert list(edges) == sorted(set(edges))
    found = classify(sorted(values), edges=edges)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= max(len(edges) - 2, 0)
