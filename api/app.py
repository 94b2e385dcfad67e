"""The application: routes, pages, files, headers and problems put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.documents import install_document
from api.jobs import Jobs
from api.middleware import HeadersMiddleware, HeadMiddleware
from api.once import Once
from api.params import known_parameters
from api.problems import install_handlers
from api.routes import (
    assignments,
    beats,
    coverage,
    districts,
    editions,
    explanations,
    features,
    grid_plans,
    history,
    imports,
    isochrones,
    jobs,
    layers,
    nearest,
    network,
    pages,
    partitions,
    runs,
    scenarios,
    supply,
    walk_edges,
    walks,
)
from api.service import Service
from api.settings import Settings
from api.snapshots import Snapshots
from api.version import code_version
from boundaries.standards import load_standard
from boundaries.store import open_store
from maps.page import static_dir, vendor_dir

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
        lifespan=_minding_jobs,
    )
    service = Service(settings, snapshots or open_snapshots(settings), Once())
    app.state.service = service
    app.state.jobs = Jobs(settings, service.snapshots.store)
    for module in (
        districts,
        layers,
        walk_edges,
        network,
        coverage,
        nearest,
        supply,
        scenarios,
        explanations,
        walks,
        isochrones,
        assignments,
        grid_plans,
        beats,
        imports,
        jobs,
        runs,
        history,
        editions,
        pages,
        partitions,
        features,  # last: its paths begin as those of others do
    ):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=static_dir()), name="static")
    app.mount("/vendor", StaticFiles(directory=vendor_dir(), check_dir=False), name="vendor")
    app.mount("/api-static", StaticFiles(directory=pages.STATIC), name="api-static")
    app.add_middleware(GZipMiddleware, minimum_size=1_024, compresslevel=5)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(HeadMiddleware)
    install_handlers(app)
    install_document(app)
    return app


@asynccontextmanager
async def _minding_jobs(app: FastAPI) -> AsyncIterator[None]:
    """Mind jobs while the service runs; when it is told to stop, so are they."""
    jobs: Jobs = app.state.jobs
    jobs.start()
    try:
        yield
    finally:
        await run_in_threadpool(jobs.stop)


def open_snapshots(settings: Settings) -> Snapshots:
    """Return the snapshots of the settings' database by the settings' standard."""
    standard = load_standard(settings.standard or None)
    return Snapshots(
        open_store(settings.db),
        standard,
        limit=settings.snapshots,
        limit_bytes=settings.snapshot_bytes,
        cache=settings.cache_folder,
    )
