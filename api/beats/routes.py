"""Beats: who looks after which small grids."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from typing import Final

from fastapi import APIRouter, Response

from api.beats.answers import beats_body, roster
from api.beats.schemas import BeatCollection
from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import Format
from api.parameters import TableFormat

router = APIRouter(tags=["grids"])
_CSV: Final = "worker_code,large_codes,grid_codes,grids,buildings,households,status,parts,origin\n"


@router.get(
    "/districts/{code}/beats",
    summary="Get the beats of the service workers",
    response_model=BeatCollection,
    responses=responses(BeatCollection, 304, 400, 404, media_type="application/geo+json", csv=_CSV),
)
def get_beats(asked: Asked, *, f: Format = TableFormat.JSON) -> Response:
    """Return the small grids of each worker (a post, never a person), joined to one outline.

    Households are those of the buildings; `status` holds them against what a worker is meant for.
    Small grids with households and without a worker are counted and named. As CSV it is the
    roster: those grids come last, without a worker and with the status `missing`.
    """
    snapshot = asked.snapshot()
    if f == TableFormat.CSV:
        return asked.csv(roster(snapshot), name=f"beats-{asked.code}.csv")
    return asked.geojson(beats_body(snapshot))
