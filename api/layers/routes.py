"""The layers of a district as GeoJSON: grids, service points, buildings, barriers, gates."""

from collections.abc import Callable
from typing import Annotated

import shapely
from fastapi import Depends, Query, Response

from api.formats.aliases import Json
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import Responses, responses
from api.http.query_parameters import HTTP, PACE, CategoryId, LevelName
from api.http.schemas import FeatureCollection
from api.layers.answers import (
    barriers,
    buildings,
    entrances,
    gates,
    grids,
    open_grounds,
    organisations,
    service_points,
)
from api.layers.schemas import (
    BARRIERS,
    BUILDINGS,
    ENTRANCES,
    GATES,
    GRIDS,
    OPEN_GROUNDS,
    ORGANISATIONS,
    SERVICE_POINTS,
    WALK_EDGES,
)
from api.layers.walk_edges import EDGES_SHOWN, parse_box, walk_edges
from api.parameters import BOX_PATTERN, CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.variants import with_walker
from geo.model.vocabulary import Level

router = capability_router("layers")
EditionName = Annotated[
    str | None,
    Query(
        description="Name of an edition: its grids rather than those there are now.",
        examples=["2026 方案"],
        max_length=100,
    ),
]


def _geojson(example: Json, *problems: int) -> Responses:
    return responses(example, 304, 400, 404, *problems, media_type="application/geo+json")


@router.get(
    "/districts/{code}/grids",
    summary="Get the governance grids of one level",
    response_model=FeatureCollection,
    responses=_geojson(GRIDS, 409),
)
def get_grids(
    request: DistrictRequestDep, level: LevelName = Level.SMALL, edition: EditionName = None
) -> Response:
    """Return grids with their households, buildings and service worker (a post, never a person).

    Those of an edition are read as of its revision and held against its hash.
    """
    if edition is None:
        return request.geojson(grids(request.snapshot(), str(level)))
    of_edition, result, snapshot = request.of_edition(edition)
    body = grids(snapshot, str(level))
    note = {"name": result.name, "revision": result.revision, "sha256": result.sha256}
    return of_edition.geojson({**body, "lifecircle": {**body["lifecircle"], "edition": note}})


@router.get(
    "/districts/{code}/service-points",
    summary="Get the service points",
    response_model=FeatureCollection,
    responses=_geojson(SERVICE_POINTS),
)
@HTTP.asks(*PACE)
def get_service_points(
    request: DistrictRequestDep, *, question: CoverageQuestion, category: CategoryId = None
) -> Response:
    """Return service points; `linked` says whether this walker reaches it, `reason` why not.

    Points outside the district count too: people walk across boundaries. `sub` is a kind of the
    standard, or a local term; what stands beside the categories counts in none.
    """
    snapshot = with_walker(request.snapshot(), question)
    result = service_points(snapshot, profile=question.profile, category=category)
    return request.geojson(result)


def _add_route(path: str, view: Callable[[Snapshot], Json], example: Json) -> None:
    """Add the route of a layer that is answered whole, told about by the words of its view."""

    def get_layer(request: DistrictRequestDep) -> Response:
        return request.geojson(view(request.snapshot()))

    router.add_api_route(
        f"/districts/{{code}}/{path}",
        get_layer,
        name=f"get_{path.replace('-', '_')}",
        summary=f"Get the {path.replace('-', ' ')}",
        description=view.__doc__ or "",
        response_model=FeatureCollection,
        responses=_geojson(example),
    )


_add_route("buildings", buildings, BUILDINGS)


_add_route("barriers", barriers, BARRIERS)


_add_route("gates", gates, GATES)


_add_route("open-grounds", open_grounds, OPEN_GROUNDS)


_add_route("entrances", entrances, ENTRANCES)


_add_route("organisations", organisations, ORGANISATIONS)


def _box(
    bbox: Annotated[
        str,
        Query(
            description="West, south, east, north; degrees.",
            examples=["118.0,37.37,118.02,37.39"],
            json_schema_extra={"pattern": BOX_PATTERN},
        ),
    ],
) -> shapely.Polygon:
    return parse_box(bbox)


@router.get(
    "/districts/{code}/walk-edges",
    summary="Get the walkable ways of a part",
    response_model=FeatureCollection,
    responses=responses(WALK_EDGES, 304, 400, 404, media_type="application/geo+json"),
    description="Return the edges of the walk network that meet the box, with the `edge_id` by "
    f"which a scenario closes them. A box that meets more than {EDGES_SHOWN:,} is refused.",
)
def get_walk_edges(
    request: DistrictRequestDep, box: Annotated[shapely.Polygon, Depends(_box)]
) -> Response:
    """Return the edges of the walk network that meet the box."""
    return request.geojson(walk_edges(request.snapshot(), box))
