"""The application: routes, pages, files, headers and problems put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.accounts import routes as accounts
from api.accounts.fault_page import SignInFaultMiddleware
from api.accounts.sign_in import SignInGate
from api.assignments import routes as assignments
from api.assignments.schemas import PointsIn
from api.beats import routes as beats
from api.completeness import routes as completeness
from api.control_points import routes as control_points
from api.coverage import routes as coverage
from api.dependents import routes as dependents
from api.districts import routes as districts
from api.editions import routes as editions
from api.editions.schemas import EditionIn
from api.examinations import routes as examinations
from api.explanations import routes as explanations
from api.features import routes as features
from api.folium_map import routes as folium_map
from api.gaps import routes as gaps
from api.grid_plans import routes as grid_plans
from api.grid_settings import routes as grid_settings
from api.health import routes as health
from api.health.answers import Readiness
from api.history import routes as history
from api.http.answers.cache import AnswerCache
from api.http.answers.middleware import AnswersMiddleware
from api.http.callers.client_rates import ClientRates
from api.http.callers.identification import IdentificationMiddleware
from api.http.callers.role_rules import require_role
from api.http.computations import Computations
from api.http.dependencies import Service
from api.http.limits.body_limits import BodyLimitMiddleware
from api.http.limits.rate_limits import RateLimitMiddleware
from api.http.middleware import AnyVersionMiddleware, HeadersMiddleware, HeadMiddleware
from api.http.openapi import install_document
from api.http.problems import install_handlers
from api.http.query_parameters import known_parameters
from api.identity.authenticator import Authenticator
from api.imports import routes as imports
from api.ingress.hosts import HostMiddleware, Hosts
from api.ingress.languages import LanguageMiddleware
from api.ingress.metrics import Metrics
from api.ingress.request_log import RequestLogMiddleware
from api.ingress.route_templates import RouteTemplates
from api.ingress.slow_bodies import SlowBodyMiddleware
from api.isochrones import routes as isochrones
from api.job_handlers import HANDLERS
from api.jobs import routes as jobs
from api.jobs.leader import Leader
from api.jobs.runner import Jobs
from api.layers import routes as layers
from api.lifts import routes as lifts
from api.nearest import routes as nearest
from api.network import routes as network
from api.pages import routes as pages
from api.pages.routes import STATIC
from api.partitions import routes as partitions
from api.profiles import routes as profiles
from api.profiles.schemas import OwnProfiles
from api.runs import routes as runs
from api.scenarios import routes as scenarios
from api.scenarios.schemas import ScenarioIn
from api.settings import Settings
from api.sheets import routes as sheets
from api.snapshot.cache import Snapshots
from api.snapshot.open import open_snapshots
from api.supply import routes as supply
from api.version import code_version
from api.walks import routes as walks
from api.week import routes as week
from maps.assets import static_dir, vendor_dir

_DESCRIPTION = """
The 15-minute convenience circle of a city district: who can walk to what, exactly, per building.

Every figure is a sum over buildings with their walking times on the network; no polygon is ever
counted in. Answers name the revision, standard, profile and code version that made them, carry an
`ETag`, and are labelled where the data is synthetic. Faults are `application/problem+json`.
"""


def create_app(
    settings: Settings, *, snapshots: Snapshots | None = None, leader: Path | None = None
) -> FastAPI:
    """Return the service.

    Parameters
    ----------
    settings : Settings
    snapshots : Snapshots, optional
        Already at hand (the demo computes them first); by default those of ``settings.db``.
    leader : Path, optional
        Lock file of several processes, one of which runs the jobs; by default this one does.

    Raises
    ------
    InputError, NotFoundError
        If the database or the standard cannot be read.
    """
    app = FastAPI(
        title="Lifecircle",
        version=code_version(),
        summary="Who can walk to what in 15 minutes.",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(require_role), Depends(known_parameters)],
        redirect_slashes=False,
        lifespan=_supervise_jobs,
    )
    _add_state(app, Service(settings, snapshots or open_snapshots(settings, serving=True)), leader)
    _add_routes(app)
    _add_middleware(app, settings)
    install_handlers(app)
    bodies = (PointsIn, ScenarioIn, EditionIn, OwnProfiles)
    install_document(app, bodies=bodies, standard=app.state.service.snapshots.standard)
    return app


def _add_state(app: FastAPI, service: Service, leader: Path | None) -> None:
    """Give an application what its routes share."""
    settings, snapshots = service.settings, service.snapshots
    jobs_here = Jobs(settings, snapshots.store, HANDLERS, Leader(leader))
    computations = Computations(settings.computations, settings.computations_waiting)
    app.state.service = service
    app.state.authenticator = Authenticator(snapshots.store, settings)
    app.state.gate = SignInGate()
    app.state.jobs = jobs_here
    app.state.answers = AnswerCache(settings.answer_bytes)
    app.state.computations = computations
    app.state.readiness = Readiness(snapshots.store)
    app.state.metrics = Metrics(
        {
            "snapshots_held": lambda: snapshots.held,
            "jobs_running": lambda: jobs_here.running,
            "computations_running": lambda: computations.running,
            "computations_waiting": lambda: computations.waiting,
        }
    )


def _add_routes(app: FastAPI) -> None:
    for module in (
        accounts,
        dependents,
        districts,
        layers,
        network,
        coverage,
        gaps,
        lifts,
        nearest,
        supply,
        scenarios,
        examinations,
        explanations,
        walks,
        week,
        isochrones,
        assignments,
        grid_plans,
        completeness,
        beats,
        history,
        imports,
        jobs,
        profiles,
        runs,
        editions,
        pages,
        health,
        folium_map,
        sheets,
        partitions,
        grid_settings,
        control_points,
        features,  # last: its paths begin as those of others do
    ):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=static_dir()), name="static")
    app.mount("/vendor", StaticFiles(directory=vendor_dir(), check_dir=False), name="vendor")
    app.mount("/api-static", StaticFiles(directory=STATIC), name="api-static")


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what every request passes; the last one that is added is the first that it meets."""
    store = app.state.service.snapshots.store
    body = {"wait_s": settings.body_timeout_s, "bytes_per_s": settings.body_bytes_per_s}
    hosts = Hosts(settings.hosts, settings.host)
    templates = RouteTemplates(lambda: _templates(app))
    app.add_middleware(BodyLimitMiddleware, settings=settings)
    app.add_middleware(AnyVersionMiddleware)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(AnswersMiddleware, store=store, cache=app.state.answers)
    app.add_middleware(HeadMiddleware)
    rates = ClientRates(settings)
    app.add_middleware(RateLimitMiddleware, rates=rates)
    app.add_middleware(IdentificationMiddleware, authenticator=app.state.authenticator, rates=rates)
    app.add_middleware(SlowBodyMiddleware, **body)
    app.add_middleware(HostMiddleware, hosts=hosts, proxies=settings.forwarded_allow_ips)
    app.add_middleware(LanguageMiddleware)
    app.add_middleware(RequestLogMiddleware, metrics=app.state.metrics, templates=templates)
    issuer = app.state.authenticator.issuer is not None
    app.add_middleware(SignInFaultMiddleware, issuer=issuer)


def _templates(app: FastAPI) -> list[str]:
    """Return the templates of all routes, files among them."""
    files = [f"{each.path}/{{file}}" for each in app.routes if isinstance(each, Mount)]
    return [*app.openapi()["paths"], "/docs", "/openapi.json", *files]


@asynccontextmanager
async def _supervise_jobs(app: FastAPI) -> AsyncIterator[None]:
    """Run jobs while the service runs; stop them when it stops."""
    jobs: Jobs = app.state.jobs
    jobs.start()
    try:
        yield
    finally:
        await run_in_threadpool(jobs.stop)
