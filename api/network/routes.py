"""The walk network as such: its components, islands, and what an import mended."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import ProfileId
from api.network.answers import network_answer
from api.network.schemas import NetworkAnswer
from api.parameters import DEFAULT_PROFILE

router = APIRouter(tags=["walks"])


@router.get(
    "/districts/{code}/network",
    summary="Examine the walk network",
    response_model=NetworkAnswer,
    responses=responses(NetworkAnswer, 304, 400, 404, 422),
)
def get_network(asked: Asked, profile: ProfileId = DEFAULT_PROFILE) -> Response:
    """Components, longest first, with the buildings and households that are linked to each.

    Who lives on an island walks to what the island has and to nothing else. `mended` tells what the
    import of the network healed, cut at barriers and left open, each place by name.
    """
    imports = asked.service.snapshots.store.imports(asked.code)
    return asked.answer(network_answer(asked.snapshot(), imports, profile=profile))
