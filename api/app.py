"""The application: routes, pages, files, headers and problems put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.assignments import routes as assignments
from api.assignments.schemas import PointsIn
from api.beats import routes as beats
from api.completeness import routes as completeness
from api.coverage import routes as coverage
from api.districts import routes as districts
from api.editions import routes as editions
from api.editions.schemas import EditionIn
from api.explanations import routes as explanations
from api.features import routes as features
from api.folium_map import routes as folium_map
from api.gaps import routes as gaps
from api.grid_plans import routes as grid_plans
from api.history import routes as history
from api.http.dependencies import Service
from api.http.middleware import HeadersMiddleware, HeadMiddleware
from api.http.openapi import install_document
from api.http.problems import install_handlers
from api.http.query_parameters import known_parameters
from api.imports import routes as imports
from api.isochrones import routes as isochrones
from api.job_handlers import HANDLERS
from api.jobs import routes as jobs
from api.jobs.runner import Jobs
from api.layers import routes as layers
from api.nearest import routes as nearest
from api.network import routes as network
from api.pages import routes as pages
from api.pages.routes import STATIC
from api.partitions import routes as partitions
from api.runs import routes as runs
from api.scenarios import routes as scenarios
from api.scenarios.schemas import ScenarioIn
from api.settings import Settings
from api.snapshot.cache import Snapshots
from api.snapshot.open import open_snapshots
from api.snapshot.single_flight import Once
from api.supply import routes as supply
from api.version import code_version
from api.walks import routes as walks
from maps.assets import static_dir, vendor_dir

_DESCRIPTION = """
The 15-minute convenience circle of a city district: who can walk to what, exactly, per building.

Every figure is a sum over buildings with their walking times on the network; no polygon is ever
counted in. Answers name the revision, standard, profile and code version that made them, carry an
`ETag`, and are labelled where the data is synthetic. Faults are `application/problem+json`.
"""


def create_app(settings: Settings, *, snapshots: Snapshots | None = None) -> FastAPI:
    """Return the service.

    Parameters
    ----------
    settings : Settings
    snapshots : Snapshots, optional
        Already at hand (the demo computes them first); by default those of ``settings.db``.

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
        dependencies=[Depends(known_parameters)],
        redirect_slashes=False,
        lifespan=_supervise_jobs,
    )
    service = Service(settings, snapshots or open_snapshots(settings), Once())
    app.state.service = service
    app.state.jobs = Jobs(settings, service.snapshots.store, HANDLERS)
    for module in (
        districts,
        layers,
        network,
        coverage,
        gaps,
        nearest,
        supply,
        scenarios,
        explanations,
        walks,
        isochrones,
        assignments,
        grid_plans,
        completeness,
        beats,
        history,
        imports,
        jobs,
        runs,
        editions,
        pages,
        folium_map,
        partitions,
        features,  # last: its paths begin as those of others do
    ):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=static_dir()), name="static")
    app.mount("/vendor", StaticFiles(directory=vendor_dir(), check_dir=False), name="vendor")
    app.mount("/api-static", StaticFiles(directory=STATIC), name="api-static")
    app.add_middleware(GZipMiddleware, minimum_size=1_024, compresslevel=5)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(HeadMiddleware)
    install_handlers(app)
    install_document(app, bodies=(PointsIn, ScenarioIn, EditionIn))
    return app


@asynccontextmanager
async def _supervise_jobs(app: FastAPI) -> AsyncIterator[None]:
    """Run jobs while the service runs; stop them when it stops."""
    jobs: Jobs = app.state.jobs
    jobs.start()
    try:
        yield
    finally:
        await run_in_threadpool(jobs.stop)
