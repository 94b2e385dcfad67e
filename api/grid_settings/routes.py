"""The rules of a district for its own grids."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.grid_settings.answers import grid_settings, set_grid_settings
from api.grid_settings.schemas import SETTINGS_IN, GridSettingsAnswer, GridSettingsIn
from api.http.bodies import JsonBodyRoute
from api.http.dependencies import ServiceDep, answer_content, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import CommitDep, Editable
from api.http.query_parameters import Code

router = APIRouter(tags=["grids"], route_class=JsonBodyRoute)
_PATH = "/districts/{code}/settings/grids"


@router.get(
    _PATH,
    summary="Get the rules for grids",
    response_model=GridSettingsAnswer,
    responses=responses(GridSettingsAnswer, 304, 400, 404),
)
def get_grid_settings(request: Request, service: ServiceDep, code: Code) -> Response:
    """Bands of households, weights and the rule for names: what the district sets, what is so."""
    find_district(service, code)
    return answer_content(request, grid_settings(service.snapshots.store, code))


@router.put(
    _PATH,
    summary="Set the rules for grids",
    response_model=GridSettingsAnswer,
    responses=responses(GridSettingsAnswer, 400, 403, 404, 413, 422),
    dependencies=[Editable],
)
def put_grid_settings(
    service: ServiceDep,
    code: Code,
    commit: CommitDep,
    settings: Annotated[GridSettingsIn, Body(examples=[SETTINGS_IN])],
) -> Response:
    """Take them in place of what the district has set; an empty object clears it.

    Partitions, updates, the check, edits, beats and sheets go by them from then on.
    """
    find_district(service, code)
    store, values = service.snapshots.store, settings.model_dump(exclude_none=True)
    return answer_uncached(set_grid_settings(store, code, values, commit=commit))
