"""Query strings, parsed once into values."""

from collections import Counter
from inspect import Parameter
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request

from api.asking import Door
from api.errors import ParameterError, shown
from api.parameters import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    By,
    CoverageQuestion,
    GridBy,
    Language,
    Position,
    TableFormat,
    parse_as_of,
    parse_position,
)
from boundaries.readers.opening_hours import parse_moment
from boundaries.store.rows.read import AsOf
from geo.errors import InputError
from geo.model.layers import Level

_PAGES: Final = ("/", "/docs")
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
) -> str | None:
    try:
        return None if text is None else parse_moment(text).isoformat(timespec="minutes")
    except InputError as error:
        raise ParameterError("at", str(error)) from None


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
At = Annotated[str | None, Depends(_at)]


HTTP: Final = Door(
    {
        "at": (At, Parameter.empty),
        "minutes": (Minutes, DEFAULT_MINUTES),
        "profile": (ProfileId, DEFAULT_PROFILE),
        "own_points": (OwnPoints, False),
    },
    CoverageQuestion,
)
"""How a route takes a question; ``as_of`` comes with :data:`api.http.dependencies.Asked`."""

WALKER: Final = ("at", "profile")
THRESHOLD: Final = ("at", "minutes", "profile")
POINTS: Final = (*THRESHOLD, "own_points")
"""Members that routes take: of a walk, of a threshold, of coverage."""


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
