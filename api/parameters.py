"""Parameters that HTTP and the command line share: defaults, choices, parsing."""

import math
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from api.errors import ParameterError, shown
from boundaries.store.rows.read import AsOf

DEFAULT_MINUTES: Final = 15.0
DEFAULT_PROFILE: Final = "adult"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REVISION_DIGITS: Final = 12


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
    wanted = "wanted lon,lat in degrees, for instance 118.0,37.38"
    parts = text.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        raise ParameterError(name, f"Got {name}={shown(text)!r}; {wanted}.") from None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ParameterError(name, f"Got {name}={text!r}, which is not finite; {wanted}.")
    swapped = abs(lat) > 90 >= abs(lon)  # noqa: PLR2004 - degrees of latitude
    if not (-180 <= lon <= 180 and -80 <= lat <= 84):  # noqa: PLR2004 - as geo.crs.metric_epsg
        hint = " The two look swapped." if swapped else ""
        raise ParameterError(
            name, f"Got {name}={text!r}, which is off the map (80 S to 84 N); {wanted}.{hint}"
        )
    return Position(lon, lat)


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
    return parse_day(text, name=name, wanted="a revision (12) or a day (2026-03-01)")


def parse_day(text: str, *, name: str, wanted: str = "a day, for instance 2026-03-01") -> date:
    """Return the day that a text names; raise `ParameterError` if it is none."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ParameterError(name, f"Got {name}={shown(text)!r}; wanted {wanted}.")


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """The parameters of a coverage question, from HTTP or the command line.

    Attributes
    ----------
    minutes : float
        Threshold, inclusive.
    profile : str
        Walker.
    own_points : bool
        Whether only service points inside the district count.
    at : str or None
        Local time, ISO 8601 or as ``Tu 22:00``, at which gates are open or closed.
    as_of : int, date or None
        Revision or day that the data is read as of; over HTTP every question may have one, and
        :class:`api.http.dependencies.Question` takes it.
    """

    minutes: float = DEFAULT_MINUTES
    profile: str = DEFAULT_PROFILE
    own_points: bool = False
    at: str | None = None
    as_of: AsOf | None = None
