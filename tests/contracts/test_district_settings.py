"""What a district sets for itself is stored with its history, on both stores."""

import json

import pytest

from boundaries.store.interface import Store
from boundaries.store.tables.records import Commit
from geo.errors import NotFoundError
from tests.scenes import tiny_district

CODE = "371602"


@pytest.fixture
def town(store: Store) -> Store:
    district, layers = tiny_district()
    store.replace(district, layers)
    return store


def settings(store: Store, as_of: int | None = None) -> dict[str, object]:
    stored: dict[str, object] = json.loads(store.district(CODE, as_of=as_of).settings)
    return stored


def test_nothing_is_set_at_first(town: Store):
    assert settings(town) == {}


def test_subjects_are_set_one_by_one_and_cleared(town: Store):
    assert town.set_settings(CODE, "grids", {"band": [20, 40]}) == 2
    assert town.set_settings(CODE, "profiles", {"adult": 1.3}) == 3
    assert settings(town) == {"grids": {"band": [20, 40]}, "profiles": {"adult": 1.3}}
    assert town.set_settings(CODE, "grids", {"band": [20, 40]}) == 3
    assert town.set_settings(CODE, "grids", {}) == 4
    assert settings(town) == {"profiles": {"adult": 1.3}}
    assert settings(town, as_of=2) == {"grids": {"band": [20, 40]}}


def test_an_undo_puts_settings_back(town: Store):
    town.set_settings(CODE, "grids", {"band": [20, 40]}, commit=Commit(actor="w"))
    town.set_settings(CODE, "grids", {"band": [25, 45]})
    assert town.undo_plan(CODE).district == ("settings",)
    town.undo(CODE)
    assert settings(town) == {"grids": {"band": [20, 40]}}


def test_settings_of_no_district_are_refused(town: Store):
    with pytest.raises(NotFoundError):
        town.set_settings("999999", "grids", {"band": [20, 40]})
