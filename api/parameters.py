"""Parameters that HTTP and the command line share: defaults, choices, parsing."""

import math
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from api.errors import ParameterError, shown
from boundaries.store.rows.read import AsOf
from geo.model.columns import ISO_DAY

DEFAULT_MINUTES: Final = 15.0
DEFAULT_PROFILE: Final = "standard"
SLOWEST_M_S: Final = 0.2
FASTEST_M_S: Final = 3.0
"""Speeds that a question may ask for, metres per second: a shuffle, a slow run."""

_M_S: Final = {"m/s": 1.0, "米/秒": 1.0} | dict.fromkeys(
    ("km/h", "公里/小时", "千米/小时", "公里/时", "千米/时"), 3.6
)
"""Unit of a speed -> how many of it are one metre per second."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REVISION_DIGITS: Final = 12


_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_WEEKDAY: Final = (
    r"(?:Mo(?:nday)?|Tu(?:esday)?|We(?:dnesday)?|Th(?:ursday)?|Fr(?:iday)?|Sa(?:turday)?"
    r"|Su(?:nday)?|(?:周|星期)[一二三四五六日])"
)
_LON: Final = r"-?(?:180(?:\.0+)?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]+)?)"
_LAT: Final = r"-?(?:90(?:\.0+)?|[1-8]?[0-9](?:\.[0-9]+)?)"
_MAPPED_LAT: Final = (
    r"(?:-(?:80(?:\.0+)?|[1-7]?[0-9](?:\.[0-9]+)?)|84(?:\.0+)?|(?:8[0-3]|[1-7]?[0-9])(?:\.[0-9]+)?)"
)
_MINUTES: Final = r"(?:120(?:\.0+)?|(?:1[01][0-9]|[1-9][0-9]?)(?:\.[0-9]+)?)"
DAY_PATTERN: Final = f"^{ISO_DAY}$"
AS_OF_PATTERN: Final = f"^(?:[0-9]{{1,{_REVISION_DIGITS}}}|{ISO_DAY})$"
AT_PATTERN: Final = f"^(?:{ISO_DAY}|{_WEEKDAY})[T ]{_TIME}$"
PLACE_PATTERN: Final = f"^{_LON},{_MAPPED_LAT}$"
BOX_PATTERN: Final = f"^{_LON},{_LAT},{_LON},{_LAT}$"
SPEED_PATTERN: Final = rf"^([0-9]{{1,2}}(?:\.[0-9]{{1,6}})?) ?({'|'.join(_M_S)})$"
WEEK_PATTERN: Final = "^[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])$"
THRESHOLDS_PATTERN: Final = f"^{_MINUTES}(?:,{_MINUTES}){{0,5}}$"
"""What texts look like that are accepted, for the API document; the functions below read more."""


class By(StrEnum):
    """What coverage is summed over; a building stands for itself."""

    BUILDING = "building"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    DISTRICT = "district"


class GridBy(StrEnum):
    """What is summed over, grids or the district as one."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    DISTRICT = "district"


class TableFormat(StrEnum):
    """Form of a table."""

    JSON = "json"
    CSV = "csv"


class Tier(StrEnum):
    """Whose thresholds count in place of one for all."""

    STANDARD = "standard"
    """Those of the standard: each category by its own minutes."""


class CoverageForm(StrEnum):
    """Form of an answer about coverage."""

    JSON = "json"
    COLUMNS = "columns"
    CSV = "csv"


class Language(StrEnum):
    """Language of a page."""

    ZH = "zh"
    EN = "en"


class Position(NamedTuple):
    """A place, degrees, EPSG:4326."""

    lon: float
    lat: float


def parse_position(text: str, *, name: str) -> Position:
    """Return the place written as ``lon,lat`` in degrees.

    Raises
    ------
    ParameterError
        If it is not two finite numbers on the globe, in this order.

    Examples
    --------
    >>> parse_position("118.0,37.38", name="from")
    Position(lon=118.0, lat=37.38)
    """
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        raise ParameterError(name, "parameters.position", name=name, got=shown(text)) from None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ParameterError(name, "parameters.position_not_finite", name=name, got=text)
    swapped = abs(lat) > 90 >= abs(lon)  # noqa: PLR2004 - degrees of latitude
    if not (-180 <= lon <= 180 and -80 <= lat <= 84):  # noqa: PLR2004 - as geo.crs.metric_epsg
        fault = "parameters.position_swapped" if swapped else "parameters.position_off_map"
        raise ParameterError(name, fault, name=name, got=text)
    return Position(lon, lat)


def parse_speed(text: str, *, name: str = "speed") -> float:
    """Return the walking speed that a text names with its unit, metres per second.

    Raises
    ------
    ParameterError
        If there is no number with ``m/s`` or ``km/h`` (or 米/秒, 公里/小时), or it is no walk.

    Examples
    --------
    >>> parse_speed("1.1 m/s"), parse_speed("3.6km/h")
    (1.1, 1.0)
    """
    written = re.fullmatch(SPEED_PATTERN, text)
    if written is None:
        raise ParameterError(name, "parameters.speed", name=name, got=shown(text))
    speed_m_s = float(written[1]) / _M_S[written[2]]
    if not SLOWEST_M_S <= speed_m_s <= FASTEST_M_S:
        limits = {"least": SLOWEST_M_S, "most": FASTEST_M_S}
        raise ParameterError(name, "parameters.speed_no_walk", name=name, got=text, **limits)
    return speed_m_s


def parse_as_of(text: str, *, name: str = "as_of") -> AsOf:
    """Return the revision or the day that a text names.

    Raises
    ------
    ParameterError
        If it is neither.

    Examples
    --------
    >>> parse_as_of("12"), parse_as_of("2026-03-01")
    (12, datetime.date(2026, 3, 1))
    """
    if text.isascii() and text.isdecimal() and len(text) <= _REVISION_DIGITS:
        return int(text)
    return parse_day(text, name=name, fault="parameters.moment")


def parse_day(text: str, *, name: str, fault: str = "parameters.day") -> date:
    """Return the day that a text names; raise `ParameterError` with `fault` if it is none."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ParameterError(name, fault, name=name, got=shown(text))


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """The parameters of a coverage question, from HTTP or the command line.

    Attributes
    ----------
    minutes : float
        Threshold, inclusive.
    profile : str
        Walker.
    speed : float or None
        Speed on the level in place of the walker's, metres per second; its other rules stay.
    floors : bool
        Whether dwellings count by floor, with stairs and lifts.
    crossings : bool
        Whether wide roads are crossed at crossings only (:mod:`geo.network.wide_roads`).
    own_points : bool
        Whether only service points inside the district count.
    at : str or None
        Local time, ISO 8601 or as ``Tu 22:00``, at which gates are open or closed.
    as_of : int, date or None
        Revision or day that the data is read as of; over HTTP every question may have one, and
        :class:`api.http.dependencies.DistrictRequest` takes it.
    tier : str or None
        ``standard``: each category by its own minutes, in place of `minutes`.

    Raises
    ------
    ParameterError
        If there are a `tier` and `minutes`.
    """

    minutes: float = DEFAULT_MINUTES
    profile: str = DEFAULT_PROFILE
    own_points: bool = False
    at: str | None = None
    as_of: AsOf | None = None
    tier: str | None = None
    speed: float | None = None
    floors: bool = False
    crossings: bool = False

    def __post_init__(self) -> None:
        """Refuse a threshold for all beside those of the categories."""
        if self.tier is not None and self.tier not in list(Tier):
            raise ParameterError(
                "tier", "parameters.tier", got=shown(self.tier), known=str(Tier.STANDARD)
            )
        if self.tier is not None and self.minutes != DEFAULT_MINUTES:
            both = {"minutes": self.minutes, "tier": str(self.tier)}
            raise ParameterError("tier", "parameters.minutes_and_tier", **both)

    @property
    def threshold_name(self) -> str:
        """The threshold as a part of a file's name."""
        return f"{self.minutes:g}min" if self.tier is None else f"tier-{self.tier}"

    @property
    def walker_name(self) -> str:
        """The walker as a part of a file's name."""
        return self.profile if self.speed is None else f"{self.profile}-{self.speed:.4g}mps"
