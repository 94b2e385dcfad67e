"""Walk edges: the streets of a part of the district, to be closed in a scenario."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from typing import Annotated

import shapely
from fastapi import APIRouter, Depends, Query, Response

from api import planning_examples
from api.documents import answers
from api.models import FeatureCollection
from api.service import Asked
from api.walk_edges import EDGES_SHOWN, parse_box, walk_edges

router = APIRouter(tags=["layers"])


def _box(
    bbox: Annotated[
        str,
        Query(
            description="West, south, east, north; degrees.", examples=["118.0,37.37,118.02,37.39"]
        ),
    ],
) -> shapely.Polygon:
    return parse_box(bbox)


@router.get(
    "/districts/{code}/walk-edges",
    summary="Get the walkable ways of a part",
    response_model=FeatureCollection,
    responses=answers(
        planning_examples.WALK_EDGES, 304, 400, 404, media_type="application/geo+json"
    ),
    description="Return the edges of the walk network that meet the box, with the `edge_id` by "
    f"which a scenario closes them. A box that meets more than {EDGES_SHOWN:,} is refused.",
)
def get_walk_edges(asked: Asked, box: Annotated[shapely.Polygon, Depends(_box)]) -> Response:
    """Return the edges of the walk network that meet the box."""
    return asked.geojson(walk_edges(asked.snapshot(), box))
