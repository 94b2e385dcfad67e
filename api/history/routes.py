"""The past of a district: its log, its imports, the undo of the last one, the lineage of grids."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.formats.json import dumps
from api.history.answers import changes_answer, lineage_answer
from api.history.schemas import LineageAnswer, LogAnswer
from api.http.computations import capability_router
from api.http.dependencies import (
    ServiceDep,
    answer_content,
    caching,
    check_code,
    current_tag,
)
from api.http.openapi import responses
from api.http.query_parameters import Code

router = capability_router("history")
Limit = Annotated[int, Query(ge=1, le=1_000, description="At most so many.", examples=[100])]
After = Annotated[int, Query(ge=0, description="Only later than this revision.", examples=[3])]
Before = Annotated[
    int | None, Query(ge=1, description="Only earlier than this revision.", examples=[9])
]
Grid = Annotated[
    str | None,
    Query(description="Only of one grid.", examples=["371602001001202"], max_length=64),
]
MostRows = Annotated[
    int | None,
    Query(
        ge=1,
        le=100_000,
        description="Rows of a page, which ends with a whole revision; all when left out.",
        examples=[1000],
    ),
]


@router.get(
    "/districts/{code}/changes",
    summary="Read the log",
    response_model=LogAnswer,
    responses=responses(LogAnswer, 304, 400, 404),
)
def get_changes(
    request: Request,
    service: ServiceDep,
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
    summary="Show which grid came from which",
    response_model=LineageAnswer,
    responses=responses(LineageAnswer, 304, 400, 404),
)
def get_lineage(
    request: Request,
    service: ServiceDep,
    code: Code,
    *,
    grid: Grid = None,
    after: After = 0,
    limit: MostRows = None,
) -> Response:
    """List splits, merges and moved borders, oldest first, with the share of the old area.

    `limit` gives pages: `next_after` of one is `after` of the next.
    """
    etag = current_tag(request, service, code)
    store = service.snapshots.store
    body = dumps(lineage_answer(store, code, grid, after=after, limit=limit))
    return Response(body, media_type="application/json", headers=caching(etag))
