"""Paces: the same minutes walked at other speeds, from one search."""

from dataclasses import replace

import pytest

from api.parameters import DEFAULT_PROFILE, CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.paces import paces
from boundaries.standards.catalogue import load_standard
from geo.model.standard import Profile, SlopeRule
from tests.scenes import tiny_district

STANDARD = load_standard()
SHARES = ("covered_all", "coverage_all", "count_mean")


def walked_anew(snapshot: Snapshot, question: CoverageQuestion, speed_m_s: float) -> dict:
    """Return the coverage of the walker at another speed, searched for it alone."""
    walker = replace(snapshot.profile(question.profile), id="anew", speed_m_s=speed_m_s)
    standard = replace(snapshot.standard, profiles=(walker,))
    alone = Snapshot(snapshot.district, snapshot.layers, standard)
    return alone.coverage("district", replace(question, profile="anew")).iloc[0].to_dict()


@pytest.mark.parametrize("profile", ["standard", "strict", "adult"])
@pytest.mark.parametrize("minutes", [1.7, 3.4, 4.6, 5.0, 15.0])
def test_each_pace_is_what_a_search_at_that_speed_gives(tiny_snapshot, profile, minutes):
    question = CoverageQuestion(minutes, profile)
    rows = paces(tiny_snapshot, question)
    assert [row["pace_m"] for row in rows] == [800, 1000, 1125]
    for row in rows:
        anew = walked_anew(tiny_snapshot, question, row["pace_m"] / 900)
        assert {name: row[name] for name in SHARES} == {name: anew[name] for name in SHARES}
        for category, share in row["categories"].items():
            assert share["covered"] == anew[f"covered_{category}"]
            assert share["coverage"] == anew[f"coverage_{category}"]


def test_the_walker_itself_is_one_of_them(tiny_snapshot):
    question = CoverageQuestion(5.0)
    assert question.profile == DEFAULT_PROFILE == "standard"
    own = tiny_snapshot.coverage("district", question).iloc[0]
    of_pace = {row["pace_m"]: row for row in paces(tiny_snapshot, question)}
    assert of_pace[1000.0]["covered_all"] == own["covered_all"]
    # 5 minutes: 266 m reach catering from b1 (265 m) and b3; 333 and 375 m from all
    catering = [row["categories"]["catering"]["covered"] for row in of_pace.values()]
    assert catering == [5, 31, 31]


@pytest.mark.parametrize("profile", ["elderly", "wheelchair", "pram"])
def test_who_waits_at_crossings_has_none(tiny_snapshot, profile):
    assert tiny_snapshot.profile(profile).waits
    assert paces(tiny_snapshot, CoverageQuestion(5.0, profile)) == []


def test_a_pace_that_needs_times_beyond_the_horizon_is_left_out(tiny_snapshot):
    told = {
        minutes: [row["pace_m"] for row in paces(tiny_snapshot, CoverageQuestion(minutes))]
        for minutes in (106.6, 106.7, 120.0)
    }
    assert told == {106.6: [800, 1000, 1125], 106.7: [800, 1000], 120.0: [800, 1000]}


def test_slopes_and_steps_stay_as_the_walker_has_them():
    district, layers = tiny_district()
    uphill = layers.walk_edges.assign(climb_m=layers.walk_edges["length_m"] * 0.08)
    walker = Profile("own", "自", "Own", 1.25, steps_pace=3.0, slope=SlopeRule.TOBLER)
    standard = replace(STANDARD, profiles=(*STANDARD.profiles, walker))
    snapshot = Snapshot(district, replace(layers, walk_edges=uphill), standard)
    question = CoverageQuestion(6.0, "own")
    for row in paces(snapshot, question):
        anew = walked_anew(snapshot, question, row["pace_m"] / 900)
        assert {name: row[name] for name in SHARES} == {name: anew[name] for name in SHARES}
    flat = paces(Snapshot(district, layers, standard), question)
    assert flat != paces(snapshot, question)


def test_a_standard_that_compares_nobody_has_none():
    nobody = replace(STANDARD, compared=())
    assert paces(Snapshot(*tiny_district(), nobody), CoverageQuestion()) == []


def test_walkers_of_one_pace_are_told_once():
    twin = replace(STANDARD.profiles[0], id="twin")
    standard = replace(
        STANDARD,
        profiles=(*STANDARD.profiles, twin),
        compared=(*STANDARD.compared, "twin"),
    )
    rows = paces(Snapshot(*tiny_district(), standard), CoverageQuestion())
    assert [row["pace_m"] for row in rows] == [800, 1000, 1125]
