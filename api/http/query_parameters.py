"""Query strings, parsed once into values."""

from collections import Counter
from inspect import Parameter
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request

from api.asking import Interface
from api.errors import ParameterError, shown
from api.parameters import (
    AS_OF_PATTERN,
    AT_PATTERN,
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    PLACE_PATTERN,
    SPEED_PATTERN,
    By,
    CoverageQuestion,
    GridBy,
    Language,
    Position,
    TableFormat,
    Tier,
    parse_as_of,
    parse_position,
    parse_speed,
)
from boundaries.readers.opening_hours import parse_moment
from boundaries.store.rows.read import AsOf
from geo.errors import InputError
from geo.messages import language
from geo.model.vocabulary import Level

_PAGES: Final = ("/", "/docs", "/glossary", "/sign-in", "/sign-in/return")
"""Opened by people from links that may carry anything; what they do not know they ignore."""

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
TierName = Annotated[
    Tier | None,
    Query(
        description="`standard`: each category by its own minutes in the standard, in place of "
        "`minutes`.",
        examples=["standard"],
    ),
]
ProfileId = Annotated[
    str, Query(description="Walker profile of the standard.", examples=["standard"], max_length=64)
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
Floors = Annotated[
    bool,
    Query(
        description="Whether dwellings count by floor: spread evenly over the storeys, with the "
        "walker's time on stairs and in lifts.",
        examples=[False],
    ),
]
Crossings = Annotated[
    bool,
    Query(
        description="Whether wide roads are crossed only at crossings, signals and junctions, with "
        "the walker's waits; else anywhere.",
        examples=[False],
    ),
]
Format = Annotated[TableFormat, Query(description="Form of the answer.", examples=["json"])]


async def _language(
    lang: Annotated[
        Language | None,
        Query(description="Language; that of `Accept-Language` when left out.", examples=["zh"]),
    ] = None,
) -> Language:
    return lang or Language(language())


LanguageName = Annotated[Language, Depends(_language)]
"""Language of a page, as that of any other answer."""


async def _start(
    text: Annotated[
        str,
        Query(
            alias="from",
            description="Start, lon,lat in degrees.",
            examples=["118.0,37.38"],
            json_schema_extra={"pattern": PLACE_PATTERN},
        ),
    ],
) -> Position:
    return parse_position(text, name="from")


async def _end(
    text: Annotated[
        str,
        Query(
            alias="to",
            description="End, lon,lat in degrees.",
            examples=["118.004,37.382"],
            json_schema_extra={"pattern": PLACE_PATTERN},
        ),
    ],
) -> Position:
    return parse_position(text, name="to")


async def _at(
    text: Annotated[
        str | None,
        Query(
            alias="at",
            description="Local time to the minute, or a weekday and a time (`Tuesday 22:00` or "
            "`周二 22:00`, in a week without holidays): gates, ways and service points that are "
            "closed then by their opening hours do not count. Hours count for nothing when left "
            "out.",
            examples=["2026-11-24T22:00"],
            max_length=40,
            json_schema_extra={"pattern": AT_PATTERN},
        ),
    ] = None,
) -> str | None:
    try:
        return None if text is None else parse_moment(text).isoformat(timespec="minutes")
    except InputError as error:
        raise ParameterError("at", error.message) from None


async def _as_of(
    text: Annotated[
        str | None,
        Query(
            alias="as_of",
            description="Revision of the district, or a day (`2026-03-01`): the answer as of then. "
            "As of a revision it is made of what was stored then, as of a day of what was true "
            "then by all that is known now. As it is when left out.",
            examples=["2026-03-01"],
            max_length=40,
            json_schema_extra={"pattern": AS_OF_PATTERN},
        ),
    ] = None,
) -> AsOf | None:
    return None if text is None else parse_as_of(text)


async def _speed(
    text: Annotated[
        str | None,
        Query(
            alias="speed",
            description="Walking speed on the level with its unit, `1.1 m/s` or `4 km/h`, in place "
            "of the walker's; its rules for steps, slopes and crossings stay.",
            examples=["1.1 m/s"],
            max_length=20,
            json_schema_extra={"pattern": SPEED_PATTERN},
        ),
    ] = None,
) -> float | None:
    return None if text is None else parse_speed(text)


Speed = Annotated[float | None, Depends(_speed)]
AsOfMoment = Annotated[AsOf | None, Depends(_as_of)]
Start = Annotated[Position, Depends(_start)]
End = Annotated[Position, Depends(_end)]
At = Annotated[str | None, Depends(_at)]


HTTP: Final = Interface(
    {
        "at": (At, Parameter.empty),
        "minutes": (Minutes, DEFAULT_MINUTES),
        "profile": (ProfileId, DEFAULT_PROFILE),
        "own_points": (OwnPoints, False),
        "tier": (TierName, None),
        "floors": (Floors, False),
        "crossings": (Crossings, False),
        "speed": (Speed, Parameter.empty),
    },
    CoverageQuestion,
)
"""How a route takes a question; `as_of` comes with the request."""

PACE: Final = ("profile", "speed")
WALKER: Final = ("at", *PACE)
THRESHOLD: Final = ("at", "minutes", *PACE, "tier")
ROADS: Final = (*THRESHOLD, "crossings")
POINTS: Final = (*ROADS, "own_points", "floors")
"""Members that routes take: of a walker, of a walk, of a threshold, of one where wide
roads may part, of coverage."""


async def known_parameters(request: Request) -> None:
    """Refuse query parameters that the API document does not declare, and repeated ones.

    A coroutine, so that it waits for no thread: every route has it, ``/healthz`` too.

    Raises
    ------
    ParameterError
        Naming the known ones.
    """
    path = request.scope["route"].path_format
    if path in _PAGES:
        return
    declared = request.app.state.declared_parameters(path, request.method.lower())
    given = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in given.items():
        if name not in declared:
            if name == "floors":
                raise ParameterError(name, "parameters.floors_elsewhere")
            if not declared:
                raise ParameterError(name, "parameters.none_taken", got=shown(name))
            raise ParameterError(name, "parameters.unknown", got=shown(name), known=declared)
        if times > 1:
            raise ParameterError(name, "parameters.repeated", name=name, times=times)
