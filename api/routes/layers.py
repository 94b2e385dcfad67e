"""The layers of a district as GeoJSON: grids, service points, buildings, barriers, gates."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api import examples, views
from api.documents import Responses, answers
from api.models import FeatureCollection
from api.params import DEFAULT_PROFILE, CategoryId, LevelName, ProfileId
from api.service import Asked
from geo.district import Level

router = APIRouter(tags=["layers"])


def _geojson(example: views.Json) -> Responses:
    return answers(example, 304, 400, 404, media_type="application/geo+json")


@router.get(
    "/districts/{code}/grids",
    summary="Get the governance grids of one level",
    response_model=FeatureCollection,
    responses=_geojson(examples.GRIDS),
)
def get_grids(asked: Asked, level: LevelName = Level.SMALL) -> Response:
    """Return grids with their households, buildings and service worker (a post, never a person)."""
    return asked.geojson(views.grids(asked.snapshot(), str(level)))


@router.get(
    "/districts/{code}/service-points",
    summary="Get the service points",
    response_model=FeatureCollection,
    responses=_geojson(examples.SERVICE_POINTS),
)
def get_service_points(
    asked: Asked, category: CategoryId = None, profile: ProfileId = DEFAULT_PROFILE
) -> Response:
    """Return service points; `linked` says whether this walker reaches it, `reason` why not.

    Points outside the district count too: people walk across boundaries.
    """
    found = views.service_points(asked.snapshot(), profile=profile, category=category)
    return asked.geojson(found)


@router.get(
    "/districts/{code}/buildings",
    summary="Get the buildings",
    response_model=FeatureCollection,
    responses=_geojson(examples.BUILDINGS),
)
def get_buildings(asked: Asked) -> Response:
    """Return the point of demand of each building, its households and how they are known."""
    return asked.geojson(views.buildings(asked.snapshot()))


@router.get(
    "/districts/{code}/barriers",
    summary="Get the barriers",
    response_model=FeatureCollection,
    responses=_geojson(examples.BARRIERS),
)
def get_barriers(asked: Asked) -> Response:
    """Return walls, rivers and railways that a walker cannot cross."""
    return asked.geojson(views.barriers(asked.snapshot()))


@router.get(
    "/districts/{code}/gates",
    summary="Get the gates",
    response_model=FeatureCollection,
    responses=_geojson(examples.GATES),
)
def get_gates(asked: Asked) -> Response:
    """Return gates in barriers and who may pass; only a closed gate cuts the walk network."""
    return asked.geojson(views.gates(asked.snapshot()))
