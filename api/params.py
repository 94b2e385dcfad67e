"""Query strings, parsed once into values."""

import math
import re
from collections import Counter
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Path, Query, Request

from api.problems import ParameterError, shown
from boundaries.hours import parse_moment
from boundaries.stored import AsOf
from geo.district import Level
from geo.errors import InputError
from geo.standard import Profile, Standard

DEFAULT_MINUTES: Final = 15.0
DEFAULT_PROFILE: Final = "adult"

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REVISION_DIGITS: Final = 12
_PAGES: Final = ("/", "/docs")
"""Opened by people from links that may carry anything; what they do not know they ignore."""


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


Code = Annotated[str, Path(description="Code of the district.", examples=["371602"])]
Minutes = Annotated[
    float,
    Query(
        ge=1,
        le=120,
        allow_inf_nan=False,
        description="Threshold in minutes, inclusive: 900.0 s is within 15.",
        examples=[15],
    ),
]
ProfileId = Annotated[
    str, Query(description="Walker profile of the standard.", examples=["adult"], max_length=64)
]
LevelName = Annotated[Level, Query(description="Level of governance grid.", examples=["small"])]
ByName = Annotated[By, Query(description="What coverage is summed over.", examples=["small"])]
CategoryId = Annotated[
    str | None,
    Query(
        description="One category of the standard; every category when left out.",
        examples=["catering"],
        max_length=64,
    ),
]
OneCategory = Annotated[
    str, Query(description="Category of the standard.", examples=["medical"], max_length=64)
]
GridByName = Annotated[GridBy, Query(description="Within what it is summed.", examples=["small"])]
OwnPoints = Annotated[
    bool,
    Query(
        description="Whether only service points inside the district count, not those of "
        "neighbours, which people walk to as well.",
        examples=[False],
    ),
]
Format = Annotated[TableFormat, Query(description="Form of the answer.", examples=["json"])]
LanguageName = Annotated[Language, Query(description="Language.", examples=["zh"])]


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


def _start(
    text: Annotated[
        str,
        Query(alias="from", description="Start, lon,lat in degrees.", examples=["118.0,37.38"]),
    ],
) -> Position:
    return parse_position(text, name="from")


def _end(
    text: Annotated[
        str,
        Query(alias="to", description="End, lon,lat in degrees.", examples=["118.004,37.382"]),
    ],
) -> Position:
    return parse_position(text, name="to")


def _at(
    text: Annotated[
        str | None,
        Query(
            alias="at",
            description="Local time to the minute, or a weekday and a time (`Tu 22:00`, in a week "
            "without holidays): gates that are closed then by their opening hours count as closed. "
            "Hours count for nothing when left out.",
            examples=["2026-11-24T22:00"],
            max_length=40,
        ),
    ] = None,
) -> datetime | None:
    try:
        return None if text is None else parse_moment(text)
    except InputError as error:
        raise ParameterError("at", str(error)) from None


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


def _as_of(
    text: Annotated[
        str | None,
        Query(
            alias="as_of",
            description="Revision of the district, or a day (`2026-03-01`): the answer as of then. "
            "As of a revision it is made of what was stored then, as of a day of what was true "
            "then by all that is known now. As it is when left out.",
            examples=["2026-03-01"],
            max_length=40,
        ),
    ] = None,
) -> AsOf | None:
    return None if text is None else parse_as_of(text)


AsOfMoment = Annotated[AsOf | None, Depends(_as_of)]
Start = Annotated[Position, Depends(_start)]
End = Annotated[Position, Depends(_end)]
At = Annotated[datetime | None, Depends(_at)]


def known_parameters(request: Request) -> None:
    """Refuse query parameters that the API document does not declare, and repeated ones.

    Raises
    ------
    ParameterError
        Naming the known ones.
    """
    if request.scope["route"].path in _PAGES:
        return
    path = request.scope["route"].path
    declared = request.app.state.declared_parameters(path, request.method.lower())
    given = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in given.items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise ParameterError(name, f"Got the parameter {shown(name)!r}; known here: {known}.")
        if times > 1:
            raise ParameterError(name, f"Got {name} {times} times; wanted it once.")


def find_profile(standard: Standard, profile_id: str) -> Profile:
    """Return a profile of a standard; raise `ParameterError` naming those there are."""
    for profile in standard.profiles:
        if profile.id == profile_id:
            return profile
    known = ", ".join(profile.id for profile in standard.profiles)
    raise ParameterError("profile", f"Got profile {profile_id!r}; wanted one of {known}.")
