"""Opening hours of gates: which gates are closed at a given time."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
from opening_hours import OpeningHours, validate

from geo.errors import InputError
from geo.model.vocabulary import GateAccess

WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
"""As OpenStreetMap writes them."""

ORDINARY_MONDAY: Final = datetime(2026, 3, 2)  # noqa: DTZ001 - local time, as gates have it
"""A weekday without a date is taken from this week: in spring, without holidays."""

_MINUTE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_ENGLISH: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = (
    {day[:length]: n for n, day in enumerate(_ENGLISH) for length in range(2, len(day) + 1)}
    | {f"{week}{day}": n for week in ("周", "星期") for n, day in enumerate("一二三四五六日")}
    | {"周天": 6, "星期天": 6}
)
"""Weekday as people write it, in small letters -> 0 for Monday to 6."""

_WEEKDAY: Final = re.compile(
    rf"(?P<day>{'|'.join(sorted(_DAYS, key=len, reverse=True))})(?:[T ]|(?<=[一二三四五六日天]))"
    r"(?P<hour>[0-9]{2})[:\uff1a](?P<minute>[0-9]{2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GateHours:
    """Gates that are closed at one moment.

    Attributes
    ----------
    at : datetime
        Local time of the district, to the minute.
    timed : int
        Gates that have opening hours.
    closed : frozenset of str
        Gates that are closed by their hours, and would not be without them.
    unreadable : tuple of str
        Gates whose hours cannot be read, in order; they stay as their access says.
    """

    at: datetime
    timed: int
    closed: frozenset[str]
    unreadable: tuple[str, ...]


def parse_moment(text: str) -> datetime:
    """Return the local time that a text names.

    Parameters
    ----------
    text : str
        ``2026-11-24T22:00``, or a weekday and a time, ``Tu 22:00``, ``Tuesday 22:00`` or
        ``周二 22:00``, which stands for that day of the week of :data:`ORDINARY_MONDAY`.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> parse_moment("2026-11-24T22:00").isoformat(), parse_moment("Tu 22:00").isoformat()
    ('2026-11-24T22:00:00', '2026-03-03T22:00:00')
    """
    weekday = _WEEKDAY.fullmatch(text)
    try:
        if weekday:
            late = timedelta(days=_DAYS[weekday["day"].lower()])
            hour, minute = int(weekday["hour"]), int(weekday["minute"])
            return (ORDINARY_MONDAY + late).replace(hour=hour, minute=minute)
        if _MINUTE.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:  # such as 25:00
        pass
    raise InputError("reading.no_time", text=text[:40])


def closed_gates(gates: gpd.GeoDataFrame, at: datetime) -> GateHours:
    """Return which gates are closed at a moment.

    Parameters
    ----------
    gates : GeoDataFrame
        Layer ``gates``, EPSG:4326: sunset and public holidays are those of the gate's place.
    at : datetime
        Local time.

    Returns
    -------
    GateHours
        A gate whose hours say neither open nor closed (``unknown``) is not closed.
    """
    timed = gates[gates["opening_hours"] != ""]
    closed, unreadable = set(), []
    for gate_id, access, text, place in zip(
        timed["gate_id"], timed["access"], timed["opening_hours"], timed.geometry, strict=True
    ):
        if not validate(text):
            unreadable.append(gate_id)
        elif access != GateAccess.CLOSED:
            hours = OpeningHours(text, coords=(place.y, place.x))
            if hours.is_closed(at):
                closed.add(gate_id)
    return GateHours(at, len(timed), frozenset(closed), tuple(sorted(unreadable)))
