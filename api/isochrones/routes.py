"""Isochrones: pictures of what lies within a walk of a place."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import HTTP, WALKER
from api.http.schemas import FeatureCollection
from api.isochrones.answers import Direction, isochrones, parse_thresholds
from api.isochrones.schemas import ISOCHRONES
from api.parameters import CoverageQuestion, parse_position

router = APIRouter(tags=["walks"])
DirectionName = Annotated[
    Direction,
    Query(
        description="`from`: what is reached from the place; `to`: from where it is reached.",
        examples=["from"],
    ),
]


def _thresholds(
    minutes: Annotated[
        str,
        Query(
            description="Thresholds in minutes, inclusive, parted by commas; one to six.",
            examples=["5,10,15"],
            max_length=100,
        ),
    ] = "5,10,15",
) -> list[float]:
    return parse_thresholds(minutes)


@router.get(
    "/districts/{code}/isochrones",
    summary="Draw isochrones of a place",
    response_model=FeatureCollection,
    responses=responses(ISOCHRONES, 304, 400, 404, media_type="application/geo+json"),
)
@HTTP.asks(*WALKER)
def get_isochrones(
    asked: Asked,
    *,
    lon: Annotated[float, Query(description="Degrees, EPSG:4326.", examples=[118.002])],
    lat: Annotated[float, Query(description="Degrees, EPSG:4326.", examples=[37.38])],
    minutes: Annotated[list[float], Depends(_thresholds)],
    question: CoverageQuestion,
    direction: DirectionName = Direction.FROM,
) -> Response:
    """One polygon per threshold, nested, holes kept: a picture of the reached network.

    `agreement` is the share of `sampled` places, buildings among them, on which the picture and the
    exact walking time agree; the samples lie `cell_m` apart. `households` and `buildings` are
    counted building by building, never by the polygon.
    """
    place = parse_position(f"{lon!r},{lat!r}", name="lon,lat")
    result = isochrones(asked.snapshot(), question, place, minutes, direction=direction)
    return asked.geojson(result)
