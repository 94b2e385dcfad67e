"""The walk network as such: its components, islands, and what an import mended."""

from fastapi import Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, PACE
from api.network.answers import network_answer
from api.network.schemas import NetworkAnswer
from api.parameters import CoverageQuestion
from api.snapshot.variants import with_walker

router = capability_router("walks")


@router.get(
    "/districts/{code}/network",
    summary="Examine the walk network",
    response_model=NetworkAnswer,
    responses=responses(NetworkAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*PACE)
def get_network(request: DistrictRequestDep, *, question: CoverageQuestion) -> Response:
    """Components, longest first, with the buildings and households that are linked to each.

    Who lives on an island walks to what the island has and to nothing else. `mended` tells what the
    import of the network healed, cut at barriers and left open, each place by name.
    """
    imports = request.service.snapshots.store.imports(request.code)
    snapshot = with_walker(request.snapshot(), question)
    return request.answer(network_answer(snapshot, imports, profile=question.profile))
