"""The layers of a district as GeoJSON: grids, service points, buildings, barriers, gates."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import examples, views
from api.documents import Responses, answers
from api.models import FeatureCollection
from api.params import DEFAULT_PROFILE, CategoryId, LevelName, ProfileId
from api.service import Asked
from api.snapshot import Snapshot
from geo.district import Level

router = APIRouter(tags=["layers"])

EditionName = Annotated[
    str | None,
    Query(
        description="Name of an edition: its grids rather than those there are now.",
        examples=["2026 方案"],
        max_length=100,
    ),
]


def _geojson(example: views.Json, *problems: int) -> Responses:
    return answers(example, 304, 400, 404, *problems, media_type="application/geo+json")


@router.get(
    "/districts/{code}/grids",
    summary="Get the governance grids of one level",
    response_model=FeatureCollection,
    responses=_geojson(examples.GRIDS, 409),
)
def get_grids(
    asked: Asked, level: LevelName = Level.SMALL, edition: EditionName = None
) -> Response:
    """Return grids with their households, buildings and service worker (a post, never a person).

    Those of an edition are read as of its revision and held against its hash.
    """
    if edition is None:
        return asked.geojson(views.grids(asked.snapshot(), str(level)))
    found, snapshot = asked.edition(edition)
    body = views.grids(snapshot, str(level))
    told = {"name": found.name, "revision": found.revision, "sha256": found.sha256}
    return asked.geojson({**body, "lifecircle": {**body["lifecircle"], "edition": told}})


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


def _add_route(path: str, view: Callable[[Snapshot], views.Json], example: views.Json) -> None:
    """Add the route of a layer that is answered whole, told about by the words of its view."""

    def get_layer(asked: Asked) -> Response:
        return asked.geojson(view(asked.snapshot()))

    router.add_api_route(
        f"/districts/{{code}}/{path}",
        get_layer,
        name=f"get_{path}",
        summary=f"Get the {path}",
        description=view.__doc__ or "",
        response_model=FeatureCollection,
        responses=_geojson(example),
    )


_add_route("buildings", views.buildings, examples.BUILDINGS)
_add_route("barriers", views.barriers, examples.BARRIERS)
_add_route("gates", views.gates, examples.GATES)
