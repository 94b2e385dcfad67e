"""What the work of a job is given, and the messages between a job and its service."""

import os
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from api.formats.aliases import Json
from api.settings import Settings
from boundaries.store.interface import Store
from boundaries.store.jobs import Job, JobTable
from geo.errors import LifecircleError

CANCEL: Final = "cancel"
"""What the service sends to a job that is to end."""


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


Handlers = Mapping[str, Callable[[Task], Json]]
"""Function of each kind of job; a new process must be able to import it."""
