"""The grid plan: its faults, its edits, and whether it is staffed."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from typing import Annotated, Final

from fastapi import APIRouter, Body, Query, Request, Response

from api.formats.json import dumps
from api.grid_plans.answers import check_answer, edit_answer, find_faults, preview_edit, save_grids
from api.grid_plans.repair import propose_repair, repair_answer, save_repair
from api.grid_plans.schemas import EDIT_IN, CheckAnswer, EditAnswer, GridEdit, RepairAnswer
from api.http.dependencies import Asked, Serving, find_district
from api.http.openapi import answers
from api.http.permissions import Doing, require_editable
from api.http.query_parameters import Code

router = APIRouter(tags=["grids"])
_OF_EDITS: Final = (400, 403, 404, 409, 422)


@router.get(
    "/districts/{code}/grids/check",
    summary="Check the grid plan",
    response_model=CheckAnswer,
    responses=answers(CheckAnswer, 304, 400, 404),
)
def get_grid_check(asked: Asked) -> Response:
    """Return every fault by its rule, with its place, its size and what would mend it.

    Ground without a grid, overlaps, borders that do not match, nesting, buildings that are cut,
    barriers that part the buildings of a grid, codes, codes that were another grid's before, and
    (as advice) the order of numbers.
    """
    snapshot, store = asked.snapshot(), asked.service.snapshots.store
    faults = find_faults(snapshot, store, as_of=asked.as_of)
    return asked.answer(check_answer(snapshot, faults))


@router.post(
    "/districts/{code}/grids/edits",
    summary="Edit the grid plan",
    response_model=EditAnswer,
    responses=answers(EditAnswer, *_OF_EDITS),
)
def post_grid_edit(
    request: Request,
    service: Serving,
    code: Code,
    deed: Doing,
    *,
    edit: Annotated[GridEdit, Body(discriminator="op", examples=[EDIT_IN])],
    preview: Annotated[
        bool, Query(description="True: tell what it would do, and save nothing.", examples=[True])
    ] = False,
) -> Response:
    """Split, merge, draw a border anew, transfer a building, add or retire: all in one transaction.

    Neighbours and parents follow, grids that go on keep their codes, and new ones get codes that
    were never used. What would leave a gap or an overlap, or cut a building, is refused. `effect`
    has the households, and those that reach every category in 15 minutes, before and after.
    `faults` has what the edit would newly put at fault; a barrier between the buildings of a grid
    is not saved unless `accept` names it.
    """
    if not preview:
        require_editable(request, service)
    find_district(service, code)
    snapshot, store = service.snapshots.current(code), service.snapshots.store
    done = preview_edit(snapshot, store, edit)
    revision = None if preview else save_grids(snapshot, store, done, edit=edit, deed=deed)
    body = dumps(edit_answer(snapshot, done, revision=revision))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post(
    "/districts/{code}/grids/repair",
    summary="Repair the grid plan",
    response_model=RepairAnswer,
    responses=answers(RepairAnswer, *_OF_EDITS),
)
def post_grid_repair(
    request: Request,
    service: Serving,
    code: Code,
    deed: Doing,
    *,
    preview: Annotated[
        bool, Query(description="True: tell what it would do, and save nothing.", examples=[True])
    ] = False,
) -> Response:
    """Close slivers, overlaps and borders that do not match; every changed area is told.

    A grid that bears a code which was another grid's before gets one that no grid ever bore.
    """
    if not preview:
        require_editable(request, service)
    find_district(service, code)
    snapshot, store = service.snapshots.current(code), service.snapshots.store
    done = propose_repair(snapshot, store)
    revision = None if preview else save_repair(snapshot, store, done, deed=deed)
    body = dumps(repair_answer(snapshot, done, revision=revision))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
