"""Beats: who looks after which small grids."""

from typing import Final

from fastapi import Response

from api.beats.answers import beats_body, roster
from api.beats.schemas import BeatCollection
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import Format
from api.parameters import TableFormat

router = capability_router("grids")
_CSV: Final = (
    "worker_code,post_name,phone,large_codes,grid_codes,grids,buildings,households,status,parts,"
    "origin\n"
)


@router.get(
    "/districts/{code}/beats",
    summary="Get the beats of the service workers",
    response_model=BeatCollection,
    responses=responses(BeatCollection, 304, 400, 404, media_type="application/geo+json", csv=_CSV),
)
def get_beats(request: DistrictRequestDep, *, f: Format = TableFormat.JSON) -> Response:
    """Return the small grids of each worker (a post, never a person), joined to one outline.

    Households are those of the buildings; `status` holds them against what a worker is meant for.
    Small grids with households and without a worker are counted and named. As CSV it is the
    roster: those grids come last, without a worker and with the status `missing`.
    """
    snapshot = request.snapshot()
    if f == TableFormat.CSV:
        return request.csv(roster(snapshot), name=f"beats-{request.code}.csv")
    return request.geojson(beats_body(snapshot))
