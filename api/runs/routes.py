"""Coverage runs: results that are kept with all that made them."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from api.formats.json import dumps
from api.http.callers.state import caller_of
from api.http.dependencies import (
    ServiceDep,
    answer_uncached,
    caching,
    find_district,
    refuse_if_known,
)
from api.http.openapi import responses
from api.http.permissions import Actor, Editable
from api.http.query_parameters import HTTP, POINTS, Code
from api.jobs.dependencies import Running, answer_accepted
from api.jobs.schemas import JobShape
from api.parameters import CoverageQuestion
from api.runs.answers import run_row, share_rows, stored_question
from api.runs.schemas import QUEUED, RunAnswer, RunsAnswer
from api.snapshot.district import own_entries
from api.snapshot.profiles import find_profile
from boundaries.standards.catalogue import with_own_profiles
from boundaries.store.runs import COVERAGE, RunTable, unknown_run
from boundaries.store.tables.account_tables import Role

router = APIRouter(tags=["runs"])
RunName = Annotated[str, Path(description="Name of the run.", examples=[RunAnswer.EXAMPLE["run"]])]


@router.post(
    "/districts/{code}/runs",
    summary="Compute coverage and keep it",
    status_code=202,
    response_model=JobShape,
    dependencies=[Editable],
    responses=responses(QUEUED, 400, 403, 404, status=202, description="A job does it."),
)
@HTTP.asks(*POINTS)
def post_run(
    request: Request,
    service: ServiceDep,
    jobs: Running,
    actor: Actor,
    *,
    code: Code,
    question: CoverageQuestion,
) -> Response:
    """Coverage of the district and of all its grids, kept with every ingredient of the figures.

    The answer comes at once and names the job; its result names the run.
    """
    district = find_district(service, code)
    own = with_own_profiles(service.snapshots.standard, own_entries(district))
    find_profile(own, question.profile)
    parameters = stored_question(question)
    return answer_accepted(request, jobs.submit(COVERAGE, parameters, district=code, actor=actor))


@router.get(
    "/districts/{code}/runs",
    summary="List the runs of a district",
    response_model=RunsAnswer,
    responses=responses(RunsAnswer, 400, 404),
)
def list_runs(
    service: ServiceDep,
    code: Code,
    *,
    limit: Annotated[
        int, Query(ge=1, le=1_000, description="At most so many.", examples=[100])
    ] = 100,
) -> Response:
    """Results that were kept, newest first, with what each was made from."""
    find_district(service, code)
    result = RunTable(service.snapshots.store).runs(code, limit=limit)
    return answer_uncached({"runs": [run_row(run) for run in result]})


@router.get(
    "/runs/{run}",
    summary="Get a run",
    response_model=RunAnswer,
    responses=responses(RunAnswer, 304, 400, 404),
)
def describe_run(
    request: Request,
    service: ServiceDep,
    run: RunName,
    *,
    grid: Annotated[
        str | None,
        Query(description="Only the sums of one grid.", examples=["371602001001101"]),
    ] = None,
) -> Response:
    """One result with its figures, its standard whole, and all else that made it; it never changes.

    `lifecircle rerun` computes it again and compares the bytes.
    """
    table = RunTable(service.snapshots.store)
    result = table.run(run)
    if not caller_of(request.scope).may(Role.PLANNER, result.district):
        raise unknown_run(run)
    etag = f'W/"{result.run}{"-" + quote(grid) if grid else ""}"'
    refuse_if_known(request, etag)
    body = {
        **run_row(result),
        "ingredients": result.ingredients,
        "rows": share_rows(table.shares(run, code=grid)),
    }
    return Response(dumps(body), media_type="application/json", headers=caching(etag))
