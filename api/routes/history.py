"""The past of a district: its log, its imports, the undo of the last one, the lineage of grids."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import feature_examples, past, views
from api.documents import answers
from api.editing import Doing, Editable
from api.feature_models import ImportsAnswer, LineageAnswer, LogAnswer, UndoAnswer
from api.params import Code
from api.preconditions import HasSeen
from api.service import Serving, answer_content, check_code, find_district

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
    responses=answers(feature_examples.LOG, 304, 400, 404),
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
    found = past.changes_answer(store, code, after=after, before=before, limit=limit)
    return answer_content(request, found)


@router.get(
    "/districts/{code}/imports",
    summary="List the imports",
    response_model=ImportsAnswer,
    responses=answers(feature_examples.IMPORTS, 304, 400, 404),
)
def get_imports(request: Request, service: Serving, code: Code) -> Response:
    """Every file that was imported, newest first: its hash, and its report row by row."""
    find_district(service, code)
    return answer_content(request, past.imports_answer(service.snapshots.store, code))


@router.post(
    "/districts/{code}/undo",
    summary="Undo the last import",
    response_model=UndoAnswer,
    responses=answers(feature_examples.UNDO, 400, 403, 404, 412, 428),
    dependencies=[Editable],
)
def post_undo(service: Serving, code: Code, *, seen: HasSeen, deed: Doing) -> Response:
    """Store what was there before the last import, as a new revision, as of the import's day.

    `If-Match` has the revision of the district, for instance `"12"`. Only the newest change can be
    undone; an import that made the district is undone by deleting it.
    """
    find_district(service, code)
    found = past.undo(service.snapshots.store, code, deed=deed, seen=seen)
    return Response(
        views.dumps(found), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


@router.get(
    "/districts/{code}/lineage",
    summary="Tell which grid came from which",
    response_model=LineageAnswer,
    responses=answers(feature_examples.LINEAGE, 304, 400, 404),
)
def get_lineage(request: Request, service: Serving, code: Code, grid: Grid = None) -> Response:
    """List splits, merges and moved borders, oldest first, with the share of the old area."""
    find_district(service, code)
    return answer_content(request, past.lineage_answer(service.snapshots.store, code, grid))
