"""Districts: which there are, and what is known of each."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Request, Response

from api.districts.answers import district_detail, summary
from api.districts.schemas import DistrictDetail, Districts
from api.formats.aliases import Json
from api.formats.json import dumps
from api.http.dependencies import Asked, Service, Serving, caching, entity_tag, refuse_if_known
from api.http.openapi import responses
from geo.model.layers import District

router = APIRouter(tags=["districts"])


@router.get(
    "/districts",
    summary="List the districts",
    response_model=Districts,
    responses=responses(Districts, 304, 400),
)
def list_districts(request: Request, service: Serving) -> Response:
    """List every district with its names, origin, credits, revision and counts."""
    districts = sorted(service.snapshots.store.districts(), key=lambda district: district.code)
    etag = entity_tag(request, service, districts)
    refuse_if_known(request, etag)
    body = {"districts": [_remembered(service, district) for district in districts]}
    return Response(dumps(body), media_type="application/json", headers=caching(etag))


def _remembered(service: Service, district: District) -> Json:
    """Return the summary of a district, remembered per revision."""
    return service.remembered.get(
        ("summary", district.code, district.revision, district.boundary.wkb),
        lambda: summary(service.snapshots.current(district.code)),
    )


@router.get(
    "/districts/{code}",
    summary="Describe a district",
    response_model=DistrictDetail,
    responses=responses(DistrictDetail, 304, 400, 404),
)
def describe_district(asked: Asked) -> Response:
    """Tell the summary, the boundary, and the standard with the source of every figure."""
    return asked.answer(district_detail(asked.snapshot()))
