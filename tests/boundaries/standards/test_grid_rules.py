"""The rules of a district for its grids: its own, else its document's."""

import pytest

from boundaries.standards.grid_rules import as_settings, grid_rules
from boundaries.standards.plan_figures import plan_bands
from geo.errors import InputError
from geo.partition.atoms.weights import Weights


def test_without_settings_they_are_the_documents():
    rules = grid_rules()
    assert (rules.band, rules.beat) == plan_bands()
    assert rules.weights == Weights()
    assert rules.split_names == ""


def test_what_is_asked_for_once_wins_over_the_district():
    own = '{"grids": {"band": [20, 40], "weights": {"cut": 1}, "split_names": "{name}#{n}"}}'
    rules = grid_rules(own, band=[10, 20], beat=None, weights={"shape": 2.0})
    assert (rules.band.low, rules.band.high, rules.band.aim) == (10, 20, 15)
    assert rules.beat == plan_bands()[1]
    assert rules.weights == Weights(cut=1.0, shape=2.0)
    assert rules.split_names == "{name}#{n}"


def test_what_is_answered_can_be_set_again():
    rules = grid_rules(band=[20, 41], beat=[60, 90], weights={"crossing": [0, 0, 1, 2, 3, 4]})
    assert grid_rules(**as_settings(rules)) == rules


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"band": [50, 30]}, "wanted 1 <= low"),
        ({"band": [0, 30]}, "wanted 1 <= low"),
        ({"band": [30]}, "two whole numbers"),
        ({"band": [30.5, 50]}, "two whole numbers"),
        ({"band": [1, 10**9]}, "at most 32767"),
        ({"beat": [20, 40]}, "wanted beats that hold a grid"),
        ({"weights": {"size": 1}}, "wanted some of"),
        ({"weights": 3}, "wanted some of"),
        ({"weights": {"cut": -1}}, "1 number from 0"),
        ({"weights": {"cut": float("nan")}}, "1 number from 0"),
        ({"weights": {"cut": [1, 2]}}, "1 number from 0"),
        ({"weights": {"crossing": [1, 2]}}, "6 numbers from 0"),
        ({"split_names": "{place}"}, "for names of new parts"),
        ({"colour": "red"}, "Correct their names"),
    ],
)
def test_what_cannot_be_is_refused(values, told):
    with pytest.raises(InputError, match=told):
        grid_rules(**values)


@pytest.mark.parametrize("text", ["{", "[]", '{"grids": 1}'])
def test_settings_that_another_program_broke_are_told(text):
    with pytest.raises(InputError, match="wanted a JSON object of objects"):
        grid_rules(text)
