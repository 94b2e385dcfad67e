"""Several processes that answer on one address.

uvicorn's supervisor starts them, replaces one that died, and passes signals on. Each opens the
database for itself; compiled networks are mapped from the cache folder, so the processes share
their pages. They warm up one after another: the first compiles, the others find what it kept.
"""

import fcntl
import gc
import os
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final

from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.identity.reach import check_reach
from api.ingress.metrics import SHARED_FOLDER
from api.jobs.processes.confinement import hide_from_others
from api.logs import configure, get_logger
from api.server.config import secrets_of, server_config
from api.settings import Settings
from api.snapshot.cache import Snapshots
from api.snapshot.warm_up import warm_up
from boundaries.store.open import open_store

_SILENT_S: Final = 60
"""How long a worker may not answer its supervisor before it is replaced, seconds."""


def run_workers(
    settings: Settings, listener: socket, begin: Callable[[Settings, socket], object]
) -> None:
    """Serve on `listener` by the settings' number of processes until told to stop.

    Parameters
    ----------
    settings : Settings
    listener : socket
    begin : callable
        Called once it is sure that the service may start.

    Raises
    ------
    NotFoundError, FileFormatError, ConflictError, InputError, UnavailableError
        If the database cannot be opened: told once, before any process starts.
    """
    with closing(open_store(settings.db)) as store:
        check_reach(settings, store)
    begin(settings, listener)
    with TemporaryDirectory(prefix="lifecircle-workers-") as folder:
        os.environ[SHARED_FOLDER] = folder
        config = server_config(partial(make_worker, settings, folder), settings, factory=True)
        config.timeout_worker_healthcheck = _SILENT_S
        _Workers(config, [listener]).run()


class _Workers(Multiprocess):
    """uvicorn's supervisor; figures of a dead process leave the metrics."""

    def keep_subprocess_alive(self) -> None:
        """Replace the processes that died."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]


def make_worker(settings: Settings, folder: str) -> FastAPI:
    """Return the application of one worker process.

    Parameters
    ----------
    settings : Settings
    folder : str
        What the workers share: locks and metrics.
    """
    gc.set_threshold(700, 10, 10)
    hide_from_others()
    configure(settings.log_format, secrets=secrets_of(settings))
    app = create_app(settings, leader=Path(folder) / "jobs.lock")
    app.openapi()  # each request asks it for its parameters
    tell = get_logger("lifecircle").info
    turn = Path(folder) / "warm-up.lock"
    warming = (turn, app.state.service.snapshots, tell)
    Thread(target=_warm_up_in_turn, args=warming, name="warm-up", daemon=True).start()
    return app


def _warm_up_in_turn(turn: Path, snapshots: Snapshots, tell: Callable[[str], object]) -> None:
    with turn.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        warm_up(snapshots, tell).join()
