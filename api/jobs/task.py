"""The context of a running job, and the messages between its process and the service."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from api.formats.aliases import Json
from api.jobs.limits import Limits
from api.settings import Settings
from boundaries.store.interface import Store
from boundaries.store.jobs.job import Job
from boundaries.store.jobs.job_table import JobTable
from geo.errors import InputError, LifecircleError
from geo.messages import Message

CANCEL: Final = "cancel"
"""The message by which the service asks a job to end."""


class CancelledError(LifecircleError):
    """Somebody cancelled the job."""


class Progress(NamedTuple):
    """A progress report: the share of the work that is done, 0..1, and the next step."""

    share: float
    message: Message


class Done(NamedTuple):
    """A job is done."""

    result: Json


class Failed(NamedTuple):
    """A job failed: ``application/problem+json``."""

    error: Json


class Cancelled(NamedTuple):
    """A job ended because it was cancelled."""


class MetLimit(NamedTuple):
    """A job met one of its :class:`~api.jobs.limits.Limits`."""

    limit: str


Report = Progress | Done | Failed | Cancelled | MetLimit


def encoded(report: Report) -> bytes:
    """Return what a job's process says as JSON."""
    values = [each.as_json() if isinstance(each, Message) else each for each in report]
    text = json.dumps([type(report).__name__, *values], ensure_ascii=False)
    return text.encode("utf-8", "replace")


def decoded(data: bytes) -> Report:
    """Return what was said; JSON, since a job's process is not to be trusted.

    Raises
    ------
    ValueError
        If it is nothing that a job's process says.
    """
    match json.loads(data):
        case ["Progress", int() | float() as share, str() | dict() as step] if 0 <= share <= 1:
            return Progress(share, _message(step))
        case ["Done", dict() as result]:
            return Done(result)
        case ["Failed", {"detail": str()} as error]:
            return Failed(dict(error))
        case ["Cancelled"]:
            return Cancelled()
        case ["MetLimit", str() as limit] if limit in Limits.__slots__:
            return MetLimit(limit)
    raise ValueError("nothing that a job says")


def _message(stored: str | dict[str, Any]) -> Message:
    """Return a message that can be told; raise `ValueError` if it cannot."""
    try:
        message = Message.from_json(stored)
        message.text()
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("no message of ours") from error
    return message


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What the process of a job is told.

    Attributes
    ----------
    job, kind : str
        Its name, and what it does.
    do : callable
        The function that does its work.
    limits : Limits
    settings : Settings
        Only what work needs; no secret but the database's own.
    service : str
    actor, request_id : str
        Who asked for it, and by which request; may be empty.
    folder : Path
        For its temporary files.
    upload : Path or None
        The file that it works on.
    variables : dict
        Of the database's client, passwords among them.
    """

    job: str
    kind: str
    do: "Callable[[Task], Json]"
    limits: Limits
    settings: Settings
    service: str
    actor: str
    request_id: str
    folder: Path
    upload: Path | None
    variables: Mapping[str, str]


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

    def __init__(self, job: Job, table: JobTable, order: WorkOrder, pipe: Connection) -> None:
        self.job = job
        self.settings = order.settings
        self.folder = order.folder
        self._upload = order.upload
        self._table = table
        self._pipe = pipe
        self._cancelled = Event()

    @property
    def store(self) -> Store:
        """The store of the service, by connections of this process."""
        return self._table.store

    @property
    def upload(self) -> Path:
        """The file that the job works on.

        Raises
        ------
        InputError
            If it is no longer there.
        """
        if self._upload is None or not self._upload.is_file():
            raise InputError("job.file_gone")
        return self._upload

    def report(self, share: float, step: Message) -> None:
        """Report progress: the share of the work that is done, 0..1, and the next step.

        Raises
        ------
        CancelledError
            If the job was cancelled.
        """
        self._check()
        self._pipe.send_bytes(encoded(Progress(share, step)))

    def mark_done(self, connection: sa.Connection, result: Mapping[str, Any]) -> None:
        """Mark the job as done in the transaction that writes its work (`JobTable.mark_done`).

        Raises
        ------
        CancelledError, ConflictError
            If the job was cancelled or interrupted; the transaction must be rolled back.
        """
        self._check()
        self._table.mark_done(connection, self.job.job, result)

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
            raise CancelledError("job.was_cancelled", job=self.job.job)


class Handler(NamedTuple):
    """A kind of job: its function, which a new process must be able to import, and its limits."""

    do: Callable[[Task], Json]
    limits: Limits = Limits()


Handlers = Mapping[str, Handler]
"""By kind of job."""
