"""The grid plan: its faults, its edits, and whether it is staffed."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Body, Depends, Query, Request, Response

from api.grid_plans.answers import check_answer, edit_answer, find_faults, preview_edit, save_grids
from api.grid_plans.repair import propose_repair, repair_answer, save_repair
from api.grid_plans.schemas import EDIT_IN, CheckAnswer, EditAnswer, GridEdit, RepairAnswer
from api.http.dependencies import Asked, Serving, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import Doing, require_editable
from api.http.query_parameters import Code
from api.snapshot.district import Snapshot
from boundaries.store.interface import Store

router = APIRouter(tags=["grids"])
_OF_EDITS: Final = (400, 403, 404, 409, 422)
IsPreview = Annotated[
    bool, Query(description="True: tell what it would do, and save nothing.", examples=[True])
]


class EditedPlan(NamedTuple):
    """The district whose plan is edited, its store, and whether nothing is to be saved."""

    snapshot: Snapshot
    store: Store
    preview: bool


def _edited(
    request: Request, service: Serving, code: Code, *, preview: IsPreview = False
) -> EditedPlan:
    if not preview:
        require_editable(request, service)
    find_district(service, code)
    return EditedPlan(service.snapshots.current(code), service.snapshots.store, preview)


Editing = Annotated[EditedPlan, Depends(_edited)]


@router.get(
    "/districts/{code}/grids/check",
    summary="Check the grid plan",
    response_model=CheckAnswer,
    responses=responses(CheckAnswer, 304, 400, 404),
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
    responses=responses(EditAnswer, *_OF_EDITS),
)
def post_grid_edit(
    plan: Editing,
    deed: Doing,
    *,
    edit: Annotated[GridEdit, Body(discriminator="op", examples=[EDIT_IN])],
) -> Response:
    """Split, merge, draw a border anew, transfer a building, add or retire: all in one transaction.

    Neighbours and parents follow, grids that go on keep their codes, and new ones get codes that
    were never used. What would leave a gap or an overlap, or cut a building, is refused. `effect`
    has the households, and those that reach every category in 15 minutes, before and after.
    `faults` has what the edit would newly put at fault; a barrier between the buildings of a grid
    is not saved unless `accept` names it.
    """
    snapshot, store = plan.snapshot, plan.store
    preview = preview_edit(snapshot, store, edit)
    revision = None if plan.preview else save_grids(snapshot, store, preview, edit=edit, deed=deed)
    return answer_uncached(edit_answer(snapshot, preview, revision=revision))


@router.post(
    "/districts/{code}/grids/repair",
    summary="Repair the grid plan",
    response_model=RepairAnswer,
    responses=responses(RepairAnswer, *_OF_EDITS),
)
def post_grid_repair(plan: Editing, deed: Doing) -> Response:
    """Close slivers, overlaps and borders that do not match; every changed area is told.

    A grid that bears a code which was another grid's before gets one that no grid ever bore.
    """
    snapshot, store = plan.snapshot, plan.store
    proposal = propose_repair(snapshot, store)
    revision = None if plan.preview else save_repair(snapshot, store, proposal, deed=deed)
    return answer_uncached(repair_answer(snapshot, proposal, revision=revision))
