"""The walk network as such: its components, islands, and what an import mended."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api import examples
from api.documents import answers
from api.network import network_answer
from api.network_models import NetworkAnswer
from api.params import DEFAULT_PROFILE, ProfileId
from api.service import Asked

router = APIRouter(tags=["walks"])


@router.get(
    "/districts/{code}/network",
    summary="Examine the walk network",
    response_model=NetworkAnswer,
    responses=answers(examples.NETWORK, 304, 400, 404, 422),
)
def get_network(asked: Asked, profile: ProfileId = DEFAULT_PROFILE) -> Response:
    """Components, longest first, with the buildings and households that are linked to each.

    Who lives on an island walks to what the island has and to nothing else. `mended` tells what the
    import of the network healed, cut at barriers and left open, each place by name.
    """
    imports = asked.service.snapshots.store.imports(asked.code)
    return asked.answer(network_answer(asked.snapshot(), imports, profile=profile))
