"""A job in a process of its own: it opens its own store, tells how far it is, and can be stopped.

It talks to its service through a pipe. When the service is gone the pipe breaks, and the process
ends at once: nothing is written on behalf of a service that is no longer there.
"""

import logging
import os
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from api.problems import fault_body, kind_of, problem_body
from api.settings import Settings
from boundaries.jobs import Job, JobTable
from boundaries.store import Store, open_store
from geo.errors import LifecircleError

Json = dict[str, Any]

CANCEL: Final = "cancel"
"""What the service sends to a job that is to end."""

_log = logging.getLogger(__name__)


class CancelledError(LifecircleError):
    """Somebody cancelled the job."""


class Told(NamedTuple):
    """A job says how far it is."""

    progress: float
    message: str


class Done(NamedTuple):
    """A job is done."""

    result: Json


class Failed(NamedTuple):
    """A job failed: ``application/problem+json``."""

    error: Json


class Cancelled(NamedTuple):
    """A job ended because it was cancelled."""


class Task:
    """What the work of a job is given.

    Attributes
    ----------
    job : Job
    settings : Settings
    store : Store
    folder : Path
        Empty, and removed with all in it when the job is over.
    """

    def __init__(
        self, job: Job, settings: Settings, table: JobTable, *, folder: Path, pipe: Connection
    ) -> None:
        self.job = job
        self.settings = settings
        self.folder = folder
        self._table = table
        self._pipe = pipe
        self._cancelled = Event()

    @property
    def store(self) -> Store:
        """The store of the service, by connections of this process."""
        return self._table.store

    def content(self) -> bytes:
        """Return the file that the job works on."""
        return self._table.content(self.job.job)

    def tell(self, progress: float, message: str) -> None:
        """Say how far the job is, 0..1, and what it does next.

        Raises
        ------
        CancelledError
            If it is to end.
        """
        self._check()
        self._pipe.send(Told(progress, message))

    def seal(self, connection: sa.Connection, result: Mapping[str, Any]) -> None:
        """Tell the job as done in the transaction that writes its work (:meth:`JobTable.seal`).

        Raises
        ------
        CancelledError, ConflictError
            If the job is not to be done any more; the transaction is to be undone.
        """
        self._check()
        self._table.seal(connection, self.job.job, result)

    def listen(self) -> None:
        """Take what the service says, until it is gone; then end this process."""
        try:
            while True:
                if self._pipe.recv() == CANCEL:
                    self._cancelled.set()
        except (EOFError, OSError):
            os._exit(1)

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError(f"Job {self.job.job} was cancelled. Nothing was changed.")


def do_job(pipe: Connection, settings: Settings, *, service: str, name: str, folder: Path) -> None:
    """Do one job and say through `pipe` what came of it; the whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the service to act on
    try:
        pipe.send(_outcome(pipe, settings, service=service, name=name, folder=folder))
    except OSError:
        os._exit(1)


def _outcome(
    pipe: Connection, settings: Settings, *, service: str, name: str, folder: Path
) -> Done | Failed | Cancelled:
    from api.job_kinds import KINDS  # noqa: PLC0415 - it imports this module

    try:
        table = JobTable(open_store(settings.db), service)
        task = Task(table.job(name), settings, table, folder=folder, pipe=pipe)
        Thread(target=task.listen, name="listen", daemon=True).start()
        return Done(KINDS[task.job.kind](task))
    except CancelledError:
        return Cancelled()
    except LifecircleError as error:
        return Failed(problem_body(kind_of(error), str(error)))
    except Exception:  # noqa: BLE001 - whatever it is, the job is told as failed
        _log.exception("Job %s", name)
        return Failed(fault_body())
