"""The grid plan: its faults, its edits, and whether it is staffed."""

from typing import Annotated, Final, NamedTuple

from fastapi import Body, Depends, Query, Request, Response

from api.errors import PreconditionRequiredError
from api.grid_plans.answers import (
    check_answer,
    edit_answer,
    find_faults,
    preview_edit,
    with_rule,
)
from api.grid_plans.repair import propose_repair, repair_answer, save_repair
from api.grid_plans.saving import save_edit
from api.grid_plans.schemas import EDIT_IN, CheckAnswer, EditAnswer, GridEdit, RepairAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep, ServiceDep, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import CommitDep, require_editable
from api.http.preconditions import MaySeen
from api.http.query_parameters import Code
from api.snapshot.district import Snapshot
from boundaries.store.interface import Store

router = capability_router("grids")
_OF_EDITS: Final = (400, 403, 404, 409, 413, 422)
IsPreview = Annotated[
    bool, Query(description="True: tell what it would do, and save nothing.", examples=[True])
]


class EditedPlan(NamedTuple):
    """The district whose plan is edited, its store, and whether nothing is to be saved."""

    snapshot: Snapshot
    store: Store
    preview: bool


def _edited(
    request: Request, service: ServiceDep, code: Code, *, preview: IsPreview = False
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
def get_grid_check(request: DistrictRequestDep) -> Response:
    """Return every fault by its rule, with its place, its size and what would mend it.

    Rows and shapes, ground without a grid, holes, slivers, overlaps, borders that do not match,
    nesting, parents, buildings that are cut, barriers that part the buildings of a grid, codes,
    codes that were another grid's before, and (as advice) households and the order of numbers.
    """
    snapshot, store = request.snapshot(), request.service.snapshots.store
    faults = find_faults(snapshot, store, as_of=request.as_of)
    return request.answer(check_answer(snapshot, faults))


@router.post(
    "/districts/{code}/grids/edits",
    summary="Edit the grid plan",
    response_model=EditAnswer,
    responses=responses(EditAnswer, *_OF_EDITS, 412, 428),
)
def post_grid_edit(
    service: ServiceDep,
    code: Code,
    plan: Editing,
    commit: CommitDep,
    *,
    seen: MaySeen,
    edit: Annotated[GridEdit, Body(discriminator="op", examples=[EDIT_IN])],
) -> Response:
    """Split, merge, draw a border anew, transfer a building, add or retire: all in one transaction.

    Neighbours and parents follow, grids that go on keep their codes, and new ones get codes that
    were never used. What would leave a gap or an overlap, or cut a building, is refused. `effect`
    has the households, and those that reach every category in 15 minutes, before and after.
    `faults` has what the edit would newly put at fault, and grids that leave the band of
    households; a barrier between the buildings of a grid is not saved unless `accept` names it.

    Saving needs `If-Match` with the `revision` of the preview. If somebody has since changed the
    grids that the edit touches or what stands on them, 412 says what; changes elsewhere do not
    matter.
    """
    edit = with_rule(edit, plan.snapshot, service.settings)
    if plan.preview:
        preview = preview_edit(plan.snapshot, plan.store, edit)
        return answer_uncached(edit_answer(plan.snapshot, preview, revision=None))
    if seen is None:
        raise PreconditionRequiredError("preconditions.no_preview")
    revisions = None if seen.anything else seen.revisions
    saved = save_edit(service.snapshots, code, edit, seen=revisions, commit=commit)
    return answer_uncached(edit_answer(saved.snapshot, saved.preview, revision=saved.revision))


@router.post(
    "/districts/{code}/grids/repair",
    summary="Repair the grid plan",
    response_model=RepairAnswer,
    responses=responses(RepairAnswer, *_OF_EDITS),
)
def post_grid_repair(plan: Editing, commit: CommitDep) -> Response:
    """Close slivers, overlaps and borders that do not match; every changed area is told.

    No grid is taken away. One with a wrong parent is put under the grid that holds it; one that
    bears a code which was another grid's before gets one that no grid ever bore. `left` names what
    only people can put right.
    """
    snapshot, store = plan.snapshot, plan.store
    proposal = propose_repair(snapshot, store)
    revision = None if plan.preview else save_repair(snapshot, store, proposal, commit=commit)
    return answer_uncached(repair_answer(snapshot, proposal, revision=revision))
