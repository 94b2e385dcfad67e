"""Opening hours of gates: closed, open, unreadable, at a local time."""

import geopandas as gpd
import pytest
from shapely import Point

from boundaries.readers.opening_hours import closed_gates, parse_moment
from geo.errors import InputError

BEIJING = Point(116.39, 39.9)


def gates(*hours: str, access: str = "open") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "gate_id": [f"g{number}" for number in range(len(hours))],
            "access": access,
            "opening_hours": list(hours),
        },
        geometry=[BEIJING] * len(hours),
        crs=4326,
    )


def closed(hours: str, at: str) -> bool:
    return bool(closed_gates(gates(hours), parse_moment(at)).closed)


@pytest.mark.parametrize(
    ("hours", "at", "shut"),
    [
        ("06:00-22:00", "2026-11-24T21:59", False),
        ("06:00-22:00", "2026-11-24T22:00", True),  # the end is no longer open
        ("06:00-22:00", "Tu 06:00", False),
        ("22:00-06:00", "Tu 03:00", False),  # over midnight
        ("Mo-Fr 06:00-22:00", "Sa 12:00", True),
        ("Mo-Fr 06:00-22:00", "Fr 12:00", False),
        ("24/7", "Su 03:00", False),
        ("off", "Su 12:00", True),
        ("24/7; PH off", "2026-01-01T12:00", True),  # New Year in China
        ("24/7; PH off", "We 12:00", False),  # a weekday alone is no holiday
        ("sunrise-sunset", "2026-12-21T16:30", False),  # sets at 16:53 in Beijing
        ("sunrise-sunset", "2026-12-21T17:10", True),
        ("unknown", "Tu 12:00", False),
        ("", "Tu 12:00", False),
    ],
)
def test_closed_by_the_hours(hours, at, shut):
    assert closed(hours, at) is shut


def test_what_cannot_be_read_is_counted_and_named():
    found = closed_gates(gates("06:00~22:00", "", "off", "每天"), parse_moment("Tu 12:00"))
    assert found.unreadable == ("g0", "g3")
    assert found.closed == {"g2"}
    assert found.timed == 3


def test_a_gate_that_is_closed_anyway_is_not_closed_by_its_hours():
    found = closed_gates(gates("off", access="closed"), parse_moment("Tu 12:00"))
    assert found.closed == frozenset()
    assert found.timed == 1


@pytest.mark.parametrize(
    "text",
    ["Tu 22:00", "tue 22:00", "Tuesday 22:00", "TuesdayT22:00", "周二 22:00", "周二22:00",
     "星期二 22:00", "周二T22:00", "周二22\uff1a00"],
)  # fmt: skip
def test_a_weekday_is_written_in_english_or_in_chinese(text):
    assert parse_moment(text).isoformat() == "2026-03-03T22:00:00"


@pytest.mark.parametrize(
    "text",
    ["周八 22:00", "周 22:00", "二 22:00", "Tusday 22:00", "周二",
     "", "now", "22:00", "2026-11-24", "2026-13-01T10:00", "Tu 25:00", "Xx 10:00",
     "2026-11-24T22:00+08:00", "２０２６-11-24T22:00"],
)  # fmt: skip
def test_a_time_that_is_none_is_told_in_one_sentence(text):
    with pytest.raises(InputError, match=r"wanted a local time such as 2026-11-24T22:00"):
        parse_moment(text)
