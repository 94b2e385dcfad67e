"""The context of a running job, and the messages between its process and the service."""

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
"""The message by which the service asks a job to end."""


class CancelledError(LifecircleError):
    """Somebody cancelled the job."""


class Progress(NamedTuple):
    """A progress report: the share of the work that is done, 0..1, and the next step."""

    share: float
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
    """A running job, as the function that does its work gets it.

    Attributes
    ----------
    job : Job
    settings : Settings
    store : Store
    folder : Path
        Temporary directory; removed when the job is over.
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

    def report(self, share: float, message: str) -> None:
        """Report progress: the share of the work that is done, 0..1, and the next step.

        Raises
        ------
        CancelledError
            If the job was cancelled.
        """
        self._check()
        self._pipe.send(Progress(share, message))

    def seal(self, connection: sa.Connection, result: Mapping[str, Any]) -> None:
        """Mark the job as done in the transaction that writes its work (:meth:`JobTable.seal`).

        Raises
        ------
        CancelledError, ConflictError
            If the job was cancelled or interrupted; the transaction must be rolled back.
        """
        self._check()
        self._table.seal(connection, self.job.job, result)

    def receive(self) -> None:
        """Read messages of the service; when the pipe breaks, end this process."""
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
