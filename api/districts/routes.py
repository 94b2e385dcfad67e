"""Districts: which there are, and what is known of each."""

# ruff: noqa: FAST003 - `DistrictRequestDep` takes the code; ruff does not look into other modules

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from api.districts.answers import district_detail, summary_row
from api.districts.schemas import DistrictDetail, Districts
from api.formats.json import dumps
from api.http.callers.state import caller_of
from api.http.dependencies import (
    DistrictRequestDep,
    Service,
    ServiceDep,
    caching,
    entity_tag,
    is_protected,
    refuse_if_known,
)
from api.http.openapi import responses
from api.http.scope import note_tag
from boundaries.store.rows.summary import Summary

router = APIRouter(tags=["districts"])


@router.get(
    "/districts",
    summary="List the districts",
    response_model=Districts,
    responses=responses(Districts, 304, 400),
)
def list_districts(request: Request, service: ServiceDep) -> Response:
    """List every district with its names, origin, credits, revision and counts."""
    marks = service.snapshots.marks()
    etag = entity_tag(request, service.snapshots.standard, marks)
    refuse_if_known(request, etag)
    note_tag(request.scope, etag)
    caller = caller_of(request.scope)
    rows = [
        summary_row(_as_seen(request, service, summary))
        for summary in service.snapshots.summaries(marks)
        if caller.sees(summary.district.code)
    ]
    body = {"districts": rows}
    return Response(dumps(body), media_type="application/json", headers=caching(etag))


def _as_seen(request: Request, service: Service, summary: Summary) -> Summary:
    """Return a summary with the households that the caller may know."""
    code = summary.district.code
    if not is_protected(request, code):
        return summary
    households = service.snapshots.protected_households(summary)
    return replace(summary, counts={**summary.counts, "households": households})


@router.get(
    "/districts/{code}",
    summary="Describe a district",
    response_model=DistrictDetail,
    responses=responses(DistrictDetail, 304, 400, 404),
)
def describe_district(request: DistrictRequestDep) -> Response:
    """Return the summary, the boundary, and the standard with the source of every figure."""
    return request.answer(district_detail(request.snapshot()))
