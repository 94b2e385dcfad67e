"""Hours of ways, from the tags to the walk at an hour."""

import math

import pytest

from api.explanations.answers import explanation
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from boundaries.readers.osm import read_osm
from boundaries.readers.osm.layers.hours import hours_of
from boundaries.standards.catalogue import load_standard
from tests.boundaries.readers.osm.osm_scene import write_scene

NODES = {
    1: (0, 0), 2: (400, 0), 3: (0, 500), 4: (400, 500),
    5: (-15, -5), 6: (-5, -5), 7: (-5, 5), 8: (-15, 5),
    9: (410, 10, {"amenity": "clinic", "name": "C1", "opening_hours": "Mo-Fr 08:00-23:30"}),
}  # fmt: skip
RING = (2, [1, 3, 4, 2], {"highway": "footway", "name": "Ring"})
HOME = (3, [5, 6, 7, 8, 5], {"building": "apartments", "building:levels": "6"})


@pytest.fixture
def district(tmp_path):
    """Return what makes a district whose short way of 400 m, beside 1,400 m, has these tags."""

    def make(**tags):
        short = (1, [1, 2], {"highway": "footway", **tags})
        path = write_scene(tmp_path / "hours.osm", NODES, [short, RING, HOME])
        standard = load_standard()
        found, layers, report = read_osm(path, code="371602", standard=standard)
        return Snapshot(found, layers, standard), report

    return make


def seconds(snapshot, at=None):
    asked, _ = as_asked(snapshot, CoverageQuestion(at=at))
    times = asked.times("standard")
    return float(times.time_s[0, times.column("medical")])


@pytest.mark.parametrize(
    "tags",
    [
        {"opening_hours": "06:00-22:00"},
        {"access:conditional": "no @ (22:00-06:00)"},
        {"foot:conditional": "no @ (22:00-06:00)", "foot": "yes"},
    ],
)
def test_by_night_the_street_is_walked(district, tags):
    snapshot, _ = district(**tags)
    metres_a_second = snapshot.profile("standard").speed_m_s
    by_day, by_night = (5 + 400 + 10 + 10), (5 + 1_390 + 10)  # metres, access legs included
    assert seconds(snapshot) == pytest.approx(by_day / metres_a_second, abs=0.1)
    assert seconds(snapshot, "Tu 12:00") == seconds(snapshot)
    assert seconds(snapshot, "Tu 23:00") == pytest.approx(by_night / metres_a_second, abs=0.1)


def test_the_answer_says_what_is_closed(district):
    snapshot, report = district(opening_hours="06:00-22:00")
    question = CoverageQuestion(at="Tu 23:00")
    way = snapshot.layers.walk_edges.query("osm_id == 1")["edge_id"].item()
    _, hours_at = as_asked(snapshot, question)
    assert hours_at["walk_edges"]["closed_ids"] == [str(way)]
    assert hours_at["service_points"]["with_hours"] == 1
    assert report.layer("walk_edges").told()["notes"]["with opening hours"] == 1
    why = explanation(snapshot, question, building="way/3", category="medical")
    assert (why["cause"], why["status"]) == ("closed_hours", "beyond")
    assert why["closed_hours"] == [
        {"layer": "walk_edges", "id": str(way), "name": "", "opening_hours": "06:00-22:00"}
    ]
    assert f"{way} (06:00-22:00) is closed at this hour" in why["sentence_en"]


def test_a_closed_clinic_serves_nobody(district):
    snapshot, _ = district()
    why = explanation(
        snapshot, CoverageQuestion(at="Su 12:00"), building="way/3", category="medical"
    )
    assert (why["cause"], why["subject"]) == ("closed_hours", "node/9")
    assert math.isnan(why["time_s"])
    assert why["closed_hours"][0]["name"] == "C1"
    assert (
        explanation(snapshot, CoverageQuestion(), building="way/3", category="medical")[
            "closed_hours"
        ]
        == []
    )


def test_ways_of_different_hours_stay_apart(tmp_path):
    nodes = {number: (100 * number, 0) for number in range(5)}
    ways = [
        (number, [number, number + 1], {"highway": "footway", **tags})
        for number, tags in enumerate(({}, {}, {"opening_hours": "off"}, {"opening_hours": "off"}))
    ]
    path = write_scene(tmp_path / "row.osm", nodes, ways)
    _, layers, _ = read_osm(path, code="1", standard=load_standard())
    found = layers.walk_edges[["opening_hours", "length_m"]].round(0).to_numpy().tolist()
    assert found == [["", 200.0], ["off", 200.0]]


def test_what_cannot_be_read_is_named(district):
    snapshot, report = district(opening_hours="dawn till dusk")
    named = report.layer("walk_edges").told()["named"]
    assert named["way/1"] == "opening hours cannot be read: dawn till dusk"
    assert seconds(snapshot, "Tu 23:00") == seconds(snapshot)


def test_a_way_that_is_open_at_hours_alone_is_named(district):
    _, report = district(**{"foot": "no", "foot:conditional": "yes @ (Su)"})
    why = dict(report.layer("walk_edges").told()["rejected"][0])
    assert why["row"] == "way/1"
    assert "yes @ (Su)" in why["reason"]


def test_tags_of_hours():
    assert hours_of({"access:conditional": "no @ (Su)", "foot": "yes"}) == ""
    assert hours_of({"foot:conditional": "no @ (Su)", "access:conditional": "no @ (Mo)"}) == (
        "no @ (Su)"
    )
    assert hours_of({"access:conditional": "no @ (weight>3.5); no @ (Su)"}) == "no @ (Su)"
