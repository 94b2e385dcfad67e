"""The past of a district: its log, its imports, the undo of the last one, the lineage of grids."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.history.answers import changes_answer, lineage_answer
from api.history.schemas import LineageAnswer, LogAnswer
from api.http.dependencies import Serving, answer_content, check_code, find_district
from api.http.openapi import responses
from api.http.query_parameters import Code

router = APIRouter(tags=["history"])
Limit = Annotated[int, Query(ge=1, le=1_000, description="At most so many.", examples=[100])]
After = Annotated[int, Query(ge=0, description="Only later than this revision.", examples=[3])]
Before = Annotated[
    int | None, Query(ge=1, description="Only earlier than this revision.", examples=[9])
]
Grid = Annotated[
    str | None,
    Query(description="Only of one grid.", examples=["371602001001202"], max_length=64),
]


@router.get(
    "/districts/{code}/changes",
    summary="Read the log",
    response_model=LogAnswer,
    responses=responses(LogAnswer, 304, 400, 404),
)
def get_changes(
    request: Request,
    service: Serving,
    code: Code,
    *,
    after: After = 0,
    before: Before = None,
    limit: Limit = 100,
) -> Response:
    """Who changed what and when, newest first, with the values before and after.

    The log outlives its district. `before` the last revision of one page gives the next page.
    """
    check_code(code)
    store = service.snapshots.store
    result = changes_answer(store, code, after=after, before=before, limit=limit)
    return answer_content(request, result)


@router.get(
    "/districts/{code}/lineage",
    summary="Tell which grid came from which",
    response_model=LineageAnswer,
    responses=responses(LineageAnswer, 304, 400, 404),
)
def get_lineage(request: Request, service: Serving, code: Code, grid: Grid = None) -> Response:
    """List splits, merges and moved borders, oldest first, with the share of the old area."""
    find_district(service, code)
    return answer_content(request, lineage_answer(service.snapshots.store, code, grid))
