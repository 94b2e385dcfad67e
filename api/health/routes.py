"""Whether the service is alive and ready, and its metrics: none waits for a thread or a request."""

from fastapi import APIRouter, Request, Response

from api.formats.problems import NOT_READY
from api.health.answers import Readiness
from api.health.schemas import METRICS, Health, Ready
from api.http.dependencies import answer_uncached
from api.http.openapi import responses
from api.http.problems import problem
from api.ingress.metrics import CONTENT_TYPE, Metrics
from api.version import code_version

router = APIRouter(tags=["pages"])


@router.get(
    "/healthz",
    summary="Check whether the service is alive",
    response_model=Health,
    responses=responses(Health, 400),
)
async def get_health() -> Response:
    """Answer without touching the database, whatever else runs."""
    return answer_uncached({"status": "ok", "version": code_version()})


@router.get(
    "/readyz",
    summary="Check whether the service is ready",
    response_model=Ready,
    responses=responses(Ready, 400, 503),
)
async def get_readiness(request: Request) -> Response:
    """Tell that the database answers, has this program's schema, and holds a district.

    503 names in `missing` what is not there: `database`, `schema` or `data`. Nobody is asked who
    they are, so nothing is told of what the database holds.
    """
    readiness: Readiness = request.app.state.readiness
    state = await readiness.state()
    if state.detail is not None:
        more = {"missing": state.missing}
        return problem(NOT_READY, state.detail, more=more, headers={"Retry-After": "5"})
    return answer_uncached({"status": "ready"})


@router.get(
    "/metrics",
    summary="Read the metrics",
    response_class=Response,
    responses=responses(METRICS, 400, media_type="text/plain"),
)
async def get_metrics(request: Request) -> Response:
    """Return the metrics of all worker processes in Prometheus' text format."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE)
