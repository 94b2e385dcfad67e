"""Isochrones: pictures of what lies within a walk of a place."""

from typing import Annotated

from fastapi import Depends, Query, Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, WALKER
from api.http.schemas import FeatureCollection
from api.isochrones.answers import Direction, isochrones, parse_thresholds
from api.isochrones.schemas import ISOCHRONES
from api.parameters import THRESHOLDS_PATTERN, CoverageQuestion, parse_position

router = capability_router("walks")
DirectionName = Annotated[
    Direction,
    Query(
        description="`from`: what is reached from the place; `to`: from where it is reached.",
        examples=["from"],
    ),
]

Longitude = Annotated[
    float,
    Query(
        description="Degrees, EPSG:4326.",
        examples=[118.002],
        json_schema_extra={"minimum": -180, "maximum": 180},
    ),
]
Latitude = Annotated[
    float,
    Query(
        description="Degrees, EPSG:4326.",
        examples=[37.38],
        json_schema_extra={"minimum": -80, "maximum": 84},
    ),
]


def _thresholds(
    minutes: Annotated[
        str,
        Query(
            description="Thresholds in minutes, inclusive, parted by commas; one to six.",
            examples=["5,10,15"],
            max_length=100,
            json_schema_extra={"pattern": THRESHOLDS_PATTERN},
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
    request: DistrictRequestDep,
    *,
    lon: Longitude,
    lat: Latitude,
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
    result = isochrones(request.snapshot(), question, place, minutes, direction=direction)
    return request.geojson(result)
