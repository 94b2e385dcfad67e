"""Opening hours of gates: closed, open, unreadable, at a local time."""

import geopandas as gpd
import pytest
from shapely import Point

from boundaries.readers.opening_hours import layer_hours, parse_moment
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
    return bool(layer_hours(gates(hours), "gates", [parse_moment(at)]).closed_ids())


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
        ("no @ (22:00-06:00)", "Tu 23:00", True),
        ("no @ (22:00-06:00)", "Tu 12:00", False),
        ("no @ Su", "Su 12:00", True),
        ("no @ (Mo-Su); yes @ (10:00-12:00)", "Tu 11:00", False),  # the last that holds
        ("no @ (Mo-Su); yes @ (10:00-12:00)", "Tu 12:00", True),
        ("06:00-22:00; no @ (Sa 07:00-12:30)", "Sa 08:00", True),
        ("06:00-22:00; no @ (Sa 07:00-12:30)", "Sa 13:00", False),
        ("06:00-22:00; yes @ (Mo-Su)", "Sa 23:00", True),  # a condition opens no closed hours
        ("no @ (Tu-Su 12:00-19:00; Th 12:00-21:00)", "Th 20:00", True),
    ],
)
def test_closed_by_the_hours(hours, at, shut):
    assert closed(hours, at) is shut


def test_what_cannot_be_read_is_counted_and_named():
    rows = gates("06:00~22:00", "", "off", "每天", "no @ wet", "private @ (Su)")
    found = layer_hours(rows, "gates", [parse_moment("Tu 12:00")])
    assert found.ids[found.unreadable].tolist() == ["g0", "g3", "g4", "g5"]
    assert found.closed_ids() == ["g2"]
    assert len(found.timed) == 5


def test_a_gate_that_is_closed_anyway_is_not_closed_by_its_hours():
    found = layer_hours(gates("off", access="closed"), "gates", [parse_moment("Tu 12:00")])
    assert found.closed_ids() == []
    assert len(found.timed) == 1


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
