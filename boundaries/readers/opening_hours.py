"""Opening hours of gates, ways and service points: which of them are closed at given times."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
from opening_hours import OpeningHours, validate

from geo.arrays import BoolArray, IntArray, ObjectArray
from geo.errors import InputError
from geo.model.layer_columns import KEYS
from geo.model.layers import Layers
from geo.model.vocabulary import GateAccess
from geo.network.closures import Closures

WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
"""As OpenStreetMap writes them."""

ORDINARY_MONDAY: Final = datetime(2026, 3, 2)  # noqa: DTZ001 - local time, as gates have it
"""A weekday without a date is taken from this week: in spring, without holidays."""

TIMED_LAYERS: Final = ("gates", "walk_edges", "service_points")
"""Layers whose rows may have opening hours."""

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
CLAUSE: Final = re.compile(
    r"(?:^|;)\s*(?P<value>[a-z_]+)\s*@\s*(?P<when>\((?:[^()]|\([^()]*\))*\)|[^;()]+)"
)
"""A value and when it holds, as ``access:conditional`` of OpenStreetMap has them."""

_CLOSES: Final = {
    "no": True,
    **dict.fromkeys(
        ("yes", "designated", "permissive", "official", "destination", "customers"), False
    ),
}
"""Whether a value of access shuts walkers out; others (``private``) say it of some alone."""

_WEEK: Final = re.compile(r"\d{4}-W\d\d", re.ASCII)
_OF_PLACE: Final = re.compile(r"sunrise|sunset|dawn|dusk|\b[PS]H\b")
"""Words whose hours depend on the place: where the sun sets, which days are holidays."""


@dataclass(frozen=True, slots=True)
class LayerHours:
    """Opening hours of one layer over m moments.

    Attributes
    ----------
    ids : ndarray, shape (n,)
        Identifiers of all rows, in their order.
    timed, unreadable : ndarray of int64
        Rows that have hours, and those of them whose hours cannot be read: these stay open.
    closed : ndarray of bool, shape (len(timed), m)
        Whether each is closed by its hours, and would not be without them.
    changing : ndarray of int64, shape (m,)
        How many rows open or close within the hour after each moment; 0 unless asked for.
    """

    ids: ObjectArray
    timed: IntArray
    unreadable: IntArray
    closed: BoolArray
    changing: IntArray

    def closed_rows(self) -> BoolArray:
        """Return whether each row is closed at each moment, shape (n, m)."""
        closed = np.zeros((len(self.ids), self.closed.shape[1]), np.bool_)
        closed[self.timed] = self.closed
        return closed

    def closed_ids(self, moment: int = 0) -> list[str]:
        """Return the identifiers of what is closed at a moment, in order."""
        return sorted(self.ids[self.timed[self.closed[:, moment]]].tolist())


@dataclass(frozen=True, slots=True)
class DistrictHours:
    """Opening hours of a district's layers over some moments, local time of the district."""

    moments: tuple[datetime, ...]
    gates: LayerHours
    walk_edges: LayerHours
    service_points: LayerHours

    def closures(self, moment: int = 0) -> Closures:
        """Return all that is closed at one of the moments."""
        gates, edges, points = (getattr(self, layer).closed_ids(moment) for layer in TIMED_LAYERS)
        return Closures(frozenset(gates), frozenset(edges), frozenset(points))


class Hours:
    """What a text of opening hours says.

    The text is that of OpenStreetMap's ``opening_hours``, followed by any number of conditions
    ``no @ (22:00-06:00)``, of which the last that holds counts; either part may be missing.

    Parameters
    ----------
    text : str
    lon, lat : float
        Where it is valid, degrees: sunset and public holidays are those of the place.

    Raises
    ------
    ValueError
        If it cannot be read.

    Examples
    --------
    >>> hours = Hours("06:00-22:00; no @ (Su)", 118.0, 37.4)
    >>> hours.is_closed(datetime(2026, 3, 3, 12)), hours.is_closed(datetime(2026, 3, 8, 12))
    (False, True)
    """

    def __init__(self, text: str, lon: float, lat: float) -> None:
        coords = (lat, lon) if _OF_PLACE.search(text) else None
        plain = CLAUSE.sub("", text).strip("; ")
        self._plain = _parsed(plain, coords) if plain else None
        self._conditions = [
            (_CLOSES[clause["value"]], _parsed(_unwrapped(clause["when"]), coords))
            for clause in CLAUSE.finditer(text)
            if clause["value"] in _CLOSES or _raise(text)
        ]

    def is_closed(self, at: datetime) -> bool:
        """Return whether it is closed at a local time; ``unknown`` is not closed."""
        if self._plain is not None and self._plain.is_closed(at):
            return True
        holds = [closes for closes, when in self._conditions if when.is_open(at)]
        return bool(holds) and holds[-1]

    def changes(self, begin: datetime, end: datetime) -> list[datetime]:
        """Return when it opens or closes between two local times, to the minute."""
        parts = [self._plain, *(when for _, when in self._conditions)]
        starts = {
            start.replace(tzinfo=None)
            for part in parts
            if part is not None
            for start, *_ in part.intervals(begin, end)
        }
        minute = timedelta(minutes=1)
        inside = sorted(start for start in starts if begin < start < end)
        return [at for at in inside if self.is_closed(at) != self.is_closed(at - minute)]


def is_readable(text: str) -> bool:
    """Return whether a text of opening hours can be read (:class:`Hours`)."""
    try:
        Hours(text, 0.0, 0.0)
    except ValueError:
        return False
    return True


def _raise(text: str) -> bool:
    raise ValueError(text)


def _unwrapped(when: str) -> str:
    when = when.strip()
    return when[1:-1] if when.startswith("(") and when.endswith(")") else when


def _parsed(text: str, coords: tuple[float, float] | None) -> OpeningHours:
    if "@" in text or not validate(text):
        raise ValueError(text)
    return OpeningHours(text, coords=coords)


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


def parse_week(text: str | None) -> datetime:
    """Return the Monday of an ISO week; :data:`ORDINARY_MONDAY` for None.

    Raises
    ------
    InputError
        If the text names none.

    Examples
    --------
    >>> parse_week("2026-W49").date().isoformat(), parse_week(None) == ORDINARY_MONDAY
    ('2026-11-30', True)
    """
    if text is None:
        return ORDINARY_MONDAY
    try:
        if _WEEK.fullmatch(text):
            return datetime.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    except ValueError:  # such as week 54
        pass
    raise InputError("reading.no_week", text=text[:40])


def hours_of_week(monday: datetime) -> list[datetime]:
    """Return the 168 hours of a week, from its Monday 00:00."""
    return [monday + timedelta(hours=hour) for hour in range(168)]


def district_hours(
    layers: Layers, moments: Sequence[datetime], *, within: bool = False
) -> DistrictHours:
    """Return what is closed by its opening hours at each of some moments.

    Parameters
    ----------
    layers : Layers
        EPSG:4326.
    moments : sequence of datetime
        Local times.
    within : bool
        Whether to count what changes within the hour after each moment, too.

    Notes
    -----
    One evaluation for each different text and moment, or place where the hours depend on it.
    """
    each = {
        name: layer_hours(getattr(layers, name), name, moments, within=within)
        for name in TIMED_LAYERS
    }
    return DistrictHours(tuple(moments), **each)


def layer_hours(
    frame: gpd.GeoDataFrame, layer: str, moments: Sequence[datetime], *, within: bool = False
) -> LayerHours:
    """Return the opening hours of one layer (:func:`district_hours`)."""
    texts = frame["opening_hours"].fillna("").to_numpy(dtype=object)
    timed = np.flatnonzero(texts != "")
    place = frame.geometry.iloc[timed].representative_point()
    known: dict[tuple[object, ...], tuple[list[bool], list[int]] | None] = {}
    closed, unreadable = np.zeros((len(timed), len(moments)), np.bool_), []
    changing = np.zeros(len(moments), np.int64)
    for number, (row, lon, lat) in enumerate(zip(timed.tolist(), place.x, place.y, strict=True)):
        text = texts[row]
        key = (text, lon, lat) if _OF_PLACE.search(text) else (text,)
        if key not in known:
            known[key] = _evaluated(text, lon, lat, moments, within=within)
        if (found := known[key]) is None:
            unreadable.append(row)
        elif layer != "gates" or frame["access"].iat[row] != GateAccess.CLOSED:
            closed[number] = found[0]
            changing[found[1]] += 1
    ids = frame[KEYS[layer]].to_numpy(dtype=object)
    return LayerHours(ids, timed, np.array(unreadable, np.int64), closed, changing)


def _evaluated(
    text: str, lon: float, lat: float, moments: Sequence[datetime], *, within: bool
) -> tuple[list[bool], list[int]] | None:
    """Return whether it is closed at each moment, and within which hours after one it changes.

    None where the text cannot be read.
    """
    try:
        hours = Hours(text, lon, lat)
    except ValueError:
        return None
    changing: set[int] = set()
    if within:
        hour = timedelta(hours=1)
        for at in hours.changes(moments[0], moments[-1] + hour):
            number = (at - moments[0]) // hour
            if at != moments[number]:
                changing.add(number)
    return [hours.is_closed(moment) for moment in moments], sorted(changing)
