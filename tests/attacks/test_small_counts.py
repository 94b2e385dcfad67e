"""A viewer who takes differences finds no count under 5 that is true of anybody."""

import itertools
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from api.formats.json import dumps
from api.snapshot.district import Snapshot
from api.snapshot.small_counts import BASE, protected_counts, protected_sum
from api.snapshot.variants import with_closed, with_own_points, with_protected_counts
from boundaries.standards.catalogue import load_standard
from boundaries.store.rows.summary import Households
from boundaries.store.rows.usable_rows import SET_ASIDE, RowFault
from geo.messages import Message
from geo.network.closures import Closures
from tests.attacks.people import OURS, Town
from tests.scenes import tiny_district

KEY = b"k" * 32
COUNTS = ("households", "residents", "residents_60plus", "residents_under15")


def many(households: Any, persons: int = 3) -> gpd.GeoDataFrame:
    """Return buildings with these households."""
    _, layers = tiny_district()
    one = layers.buildings.iloc[[0]]
    frame = one.loc[one.index.repeat(len(households))].reset_index(drop=True)
    return frame.assign(
        building_id=[f"b{i}" for i in range(len(households))],
        households=np.asarray(households, np.int64),
        residents=np.asarray(households, np.int64) * persons,
        residents_60plus=np.asarray(households, np.int64) * persons // 3,
        residents_under15=np.asarray(households, np.int64) * persons // 4,
    )


def of(frame: gpd.GeoDataFrame, key: bytes = KEY) -> dict[str, np.ndarray]:
    return protected_counts(frame, district=OURS, key=key)


def test_no_building_shows_a_count_under_five():
    shown = of(many(np.tile(np.arange(12), 500)))
    for name in COUNTS:
        assert not np.isin(shown[name], (1, 2, 3, 4)).any(), name
        assert (shown[name] >= 0).all()
    for name in COUNTS[1:]:
        assert (shown[name] % 5 == 0).all()


def test_from_five_households_on_they_are_as_they_are():
    households = np.r_[0, 5:200]
    assert (of(many(households))["households"] == households).all()


def test_the_sum_of_a_list_is_the_sum_of_the_protected_buildings():
    households = np.arange(400) % 13
    frame = many(households)
    small = (households > 0) & (households < BASE)
    by_id = dict(zip(frame["building_id"][small], households[small].tolist(), strict=True))
    told = Households(by_id, int(households[~small].sum()))
    assert protected_sum(told, district=OURS, key=KEY) == of(frame)["households"].sum()
    assert protected_sum(Households({}, 7), district=OURS, key=KEY) == 7


@pytest.mark.parametrize("true", [1, 2, 3, 4])
def test_each_count_under_five_is_hidden_and_right_on_average(true):
    shown = of(many(np.full(20_000, true)))["households"]
    assert set(shown.tolist()) == {0, 5}  # every true count may show either
    spread = 5 * np.sqrt(true / 5 * (1 - true / 5) / len(shown))
    assert abs(shown.mean() - true) < 5 * spread


def test_a_group_is_never_larger_than_the_residents():
    shown = of(many(np.arange(2_000) % 40, persons=2))
    for name in COUNTS[2:]:
        assert (shown[name] <= shown["residents"]).all()


def test_the_same_question_has_the_same_answer_and_another_store_another():
    frame = many(np.full(500, 3))
    assert (of(frame)["households"] == of(frame)["households"]).all()
    assert (of(frame)["households"] != of(frame, b"x" * 32)["households"]).any()
    shuffled = frame.sample(frac=1, random_state=1)
    assert (of(shuffled)["households"] == of(frame)["households"][shuffled.index]).all()


def test_the_draws_of_neighbours_tell_nothing_of_one_another():
    shown = of(many(np.full(20_000, 2)))["households"] > 0
    pairs = np.corrcoef(shown[:-1], shown[1:])[0, 1]
    assert abs(pairs) < 5 / np.sqrt(len(shown))


def test_what_is_named_of_a_building_set_aside_tells_no_count():
    district, layers = tiny_district()
    empty = Message("rows.shape_empty", {"kinds": ["Polygon"]})
    wrong = {"column": "households", "value": "2.5", "wanted": Message("columns.number")}
    no_shape = RowFault("buildings", "b8", empty)
    no_count = RowFault("buildings", "b9", Message("rows.wrong_value", wrong))
    buildings = layers.buildings.copy()
    buildings.attrs[SET_ASIDE] = (no_shape, no_count)
    exact = Snapshot(district, replace(layers, buildings=buildings), load_standard())
    shown = with_protected_counts(exact, KEY)
    closed = with_closed(shown, Closures(frozenset({"g1"})))
    for snapshot in (shown, with_own_points(shown), closed):
        first, second = snapshot.set_aside
        assert first == no_shape
        assert second.key == "b9"
        assert "2.5" not in repr(second.fault)
        assert str(second.fault) == "households cannot be used; a planner sees why"
    assert exact.set_aside == [no_shape, no_count]


# --- the attacker ------------------------------------------------------------------------------


def numbers(value: Any, name: str = "") -> list[tuple[str, float]]:
    """Return every number of an answer under the name that it stands for."""
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in numbers(each, key)]
    if isinstance(value, list):
        return [pair for each in value for pair in numbers(each, name)]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [(name, value)] if is_number else []


HOUSEHOLDS = ("households", "residents", "covered", "uncovered", "gained", "lost", "unlinked")


def counts_of(answer: Any) -> set[float]:
    """Return the counts of households and residents of an answer."""
    return {
        round(value, 6)
        for name, value in numbers(answer)
        if name == "count" or any(word in name for word in HOUSEHOLDS)
    }


QUESTIONS = [
    *(f"/districts/{OURS}/coverage?by={by}&minutes={minutes}"
      for by in ("building", "small", "medium", "large", "district")
      for minutes in (1, 3, 15)),
    *(f"/districts/{OURS}/coverage?by=small&profile={p}" for p in ("elderly", "wheelchair")),
    f"/districts/{OURS}/coverage?by=small&own_points=true",
    f"/districts/{OURS}/coverage?by=small&as_of=1",
    f"/districts/{OURS}/coverage?by=building&f=columns",
    f"/districts/{OURS}/coverage?by=small&limit=1",
    f"/districts/{OURS}/buildings",
    *(f"/districts/{OURS}/grids?level={level}" for level in ("small", "medium", "large")),
    *(f"/districts/{OURS}/gaps?level={level}&minutes={minutes}"
      for level in ("small", "medium", "large") for minutes in (1, 3, 15)),
    f"/districts/{OURS}/access?category=medical&by=small",
    f"/districts/{OURS}/equity?category=medical&by=small",
    f"/districts/{OURS}/nearest?category=medical&k=1",
    *(f"/districts/{OURS}/dependents?minutes={minutes}" for minutes in (1, 3, 15)),
    f"/districts/{OURS}/week?by=small",
    f"/districts/{OURS}/lifts",
    f"/districts/{OURS}/beats",
    f"/districts/{OURS}/grids/completeness",
    f"/districts/{OURS}",
    "/districts",
    *(f"/districts/{OURS}/isochrones?lon=118.0&lat=37.38&minutes={m}"
      for m in ("1,2,3", "5,10,15")),
]  # fmt: skip


def gather(town: Town, who: str) -> dict[str, Any]:
    """Return what somebody is told by every question that tells households."""
    told = {}
    for path in QUESTIONS:
        answer = town.get(who, path)
        assert answer.status_code in (200, 422), (path, answer.text)
        if answer.status_code == 200:
            told[path] = answer.json()
    edits = [
        {"op": "add_point", "point_id": "new", "category": "medical", "lon": 118.0, "lat": 37.38}
    ]
    for minutes in (1, 3, 15):
        path = f"/districts/{OURS}/scenarios?minutes={minutes}"
        answer = town.ask(who, "POST", path, json={"edits": edits})
        assert answer.status_code == 200, answer.text
        told[path] = answer.json()
    return told


SMALL = {1, 2, 3, 4}


def test_no_answer_tells_a_count_under_five(town):
    told = gather(town, "vera")
    assert len(told) > 35
    exact = gather(town, "paul")
    found = {path: counts_of(answer) & SMALL for path, answer in told.items()}
    assert {path: small for path, small in found.items() if small} == {}
    assert any(counts_of(answer) & SMALL for answer in exact.values())  # there is what to hide


def rows(town: Town, who: str, by: str, minutes: float) -> dict[str, dict[str, float]]:
    """Return per grid its households, and those that each category covers."""
    path = f"/districts/{OURS}/coverage?by={by}&minutes={minutes}"
    return {
        row["code"]: {
            "households": row["households"],
            "parent": row["parent_code"],
            "all": row["covered_all"],
            **{name: each["covered"] for name, each in row["categories"].items()},
        }
        for row in town.get(who, path).json()["rows"]
    }


def differences(town: Town, who: str) -> set[float]:
    """Take every difference of two nested sets: thresholds, levels, remainders, categories."""
    found: set[float] = set()
    minutes = (1, 2, 3, 4, 5, 15)
    for by in ("small", "medium", "large"):
        told = [rows(town, who, by, each) for each in minutes]
        for earlier, later in itertools.combinations(told, 2):
            for code, row in later.items():
                names = row.keys() - {"households", "parent"}
                found |= {row[name] - earlier[code][name] for name in names}
                found |= {row["households"] - row[name] for name in names}
                found |= {row[name] - row["all"] for name in names}
    levels = [rows(town, who, by, 15) for by in ("small", "medium", "large")]
    for below, above in itertools.pairwise(levels):
        for code, parent in above.items():
            inside = [row for row in below.values() if row["parent"] == code]
            for n in range(len(inside) + 1):
                for some in itertools.combinations(inside, n):
                    found.add(parent["households"] - sum(row["households"] for row in some))
    return found


def test_no_difference_of_two_answers_tells_a_count_under_five(town):
    assert differences(town, "vera") & SMALL == set()
    assert differences(town, "paul") & SMALL  # the attack works where nothing is protected


def test_every_figure_of_a_viewer_follows_from_the_protected_buildings(town):
    """The proof: with other true counts and the same protected ones, every answer is the same."""
    district, layers = tiny_district()
    key = _key(town)
    shown = protected_counts(layers.buildings, district=OURS, key=key)
    frozen = layers.buildings.assign(**shown)
    stored = with_protected_counts(Snapshot(district, layers, load_standard()), key)
    assert stored.layers.buildings[list(COUNTS)].equals(frozen[list(COUNTS)])
    by_hand = Snapshot(district, replace(layers, buildings=frozen), load_standard())
    from api.coverage.answers import coverage
    from api.gaps.answers import gaps
    from api.parameters import CoverageQuestion

    for minutes in (1, 2, 3, 15):
        question = CoverageQuestion(minutes=minutes)
        for by in ("building", "small", "district"):
            answers = [_figures(coverage(s, question, by=by)) for s in (stored, by_hand)]
            assert answers[0] == answers[1]
        answers = [_figures(gaps(s, question, level="small", category=None))
                   for s in (stored, by_hand)]  # fmt: skip
        assert answers[0] == answers[1]


def _figures(answer: dict[str, Any]) -> str:
    """Return an answer without the hash of the walk network, which is that of the same streets."""
    return dumps({k: v for k, v in answer.items() if k != "network"}).decode()


def _key(town: Town) -> bytes:
    from api.snapshot.small_counts import SEED_NAME
    from boundaries.store.accounts.store_secrets import store_secret

    return store_secret(town.store, SEED_NAME)


def test_the_file_and_the_table_are_protected_as_well(town):
    table = town.get("vera", f"/districts/{OURS}/coverage?by=building&f=csv")
    assert "small-counts-protected" in table.headers["content-disposition"]
    lines = table.content.decode("utf-8-sig").splitlines()
    column = lines[0].split(",").index("households")
    assert {line.split(",")[column] for line in lines[1:]} <= {"0", "5", "8", "16"}
    page = town.get("vera", f"/districts/{OURS}/map.html?lang=en").text
    exact = town.get("paul", f"/districts/{OURS}/map.html?lang=en").text
    assert page != exact
    assert "buildings under 5 households count as 0 or 5" in page
    assert "buildings under 5 households" not in exact


def test_planners_see_the_counts_as_they_are(town):
    told = town.get("paul", f"/districts/{OURS}/buildings").json()
    by_id = {
        f["properties"]["building_id"]: f["properties"]["households"] for f in told["features"]
    }
    assert by_id == {"b1": 1, "b2": 2, "b3": 4, "b4": 8, "b5": 16, "b6": 0}
    assert "small_counts" not in told["lifecircle"]
    assert town.get("vera", f"/districts/{OURS}/buildings").json()["lifecircle"]["small_counts"]


@pytest.mark.parametrize(
    "path",
    [
        f"/districts/{OURS}/buildings/b1",
        f"/districts/{OURS}/buildings/b1/versions",
        f"/districts/{OURS}/changes",
        f"/districts/{OURS}/imports",
        f"/districts/{OURS}/runs",
    ],
)
def test_what_tells_counts_as_they_are_stored_is_for_planners(town, path):
    answer = town.get("vera", path)
    assert answer.status_code == 403
    assert "wanted planner" in answer.json()["detail"]
    assert town.get("paul", path).status_code == 200
