"""Job table: long tasks with their worker process, progress and result.

The state of a job changes by conditional updates only, so that one of two competing processes
wins. A finished job never changes.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.interface import Store, backend_of
from boundaries.store.rows.backend import NOTE_WAIT_S
from boundaries.store.tables.record_tables import JobState
from boundaries.store.tables.record_tables import jobs as table
from geo.errors import ConflictError, NotFoundError

Json = dict[str, Any]
LIVE: Final = (JobState.QUEUED, JobState.RUNNING)
"""States of a job that has not finished."""

_NAME_BYTES: Final = 8
_SHOWN: Final = [column for column in table.c if column.name not in ("fid", "content")]


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes
    ----------
    job : str
        Its name.
    kind : str
        What it does, for instance ``import``.
    state : JobState
    progress : float
        0..1.
    message : str
        What it is doing, or why it ended.
    district, actor : str
        Which district it concerns and who requested it; may be empty.
    parameters : dict
    result : dict or None
        Of a job in state ``done``.
    error : dict or None
        Of a failed one, as ``application/problem+json``.
    created_at : str
        UTC, ISO 8601; so are the others.
    started_at, finished_at : str or None
    service : str
        Process that runs it.
    beat_at : str or None
        When that process last reported that it is alive.
    """

    job: str
    kind: str
    state: JobState
    progress: float
    message: str
    district: str
    actor: str
    parameters: Json
    result: Json | None
    error: Json | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    service: str
    beat_at: str | None

    @property
    def live(self) -> bool:
        """Whether it has not finished."""
        return self.state in LIVE


class JobTable:
    """The jobs of a store.

    Parameters
    ----------
    store : Store
    service : str
        Name of the process that works on it; no other process ever has it.
    """

    def __init__(self, store: Store, service: str) -> None:
        self.store = store
        self._base = backend_of(store)
        self.service = service

    def submit(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        district: str = "",
        actor: str = "",
        content: bytes | None = None,
    ) -> Job:
        """Put a job into the queue.

        Parameters
        ----------
        kind : str
        parameters : dict
            Values that JSON knows.
        district, actor : str
        content : bytes, optional
            A file to work on; kept until the job is over.
        """
        now = _now()
        row = {
            "job": secrets.token_hex(_NAME_BYTES),
            "kind": kind,
            "state": JobState.QUEUED,
            "district": district,
            "actor": actor,
            "parameters": json.dumps(parameters, ensure_ascii=False),
            "content": content,
            "created_at": now,
            "service": self.service,
            "beat_at": now,
        }
        with self._base.noting() as connection:
            connection.execute(sa.insert(table), row)
        return self.job(str(row["job"]))

    def job(self, name: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFoundError
            If there is none of this name.
        """
        matches = self._jobs(table.c.job == name)
        if not matches:
            raise NotFoundError(
                f"Got job {name[:40]!r}; wanted one that is known. See `lifecircle jobs`; what is "
                "over is forgotten after a while."
            )
        return matches[0]

    def jobs(self, *, district: str | None = None, limit: int | None = None) -> list[Job]:
        """Return the jobs, newest first."""
        where = sa.true() if district is None else table.c.district == district
        return self._jobs(where, limit)

    def _jobs(self, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Job]:
        query = sa.select(*_SHOWN).where(where).order_by(table.c.fid.desc()).limit(limit)
        with self._base.reading() as connection:
            return [_job(row._asdict()) for row in connection.execute(query)]

    def content(self, name: str) -> bytes:
        """Return the file that a job works on; empty where there is none."""
        with self._base.reading() as connection:
            found = connection.scalar(sa.select(table.c.content).where(table.c.job == name))
        return bytes(found or b"")

    def waiting(self) -> str | None:
        """Return the job that has waited longest; None where none waits."""
        query = sa.select(table.c.job).where(table.c.state == JobState.QUEUED)
        with self._base.reading() as connection:
            return connection.scalar(query.order_by(table.c.fid).limit(1))

    def mine(self) -> set[str]:
        """Return the running jobs of this process."""
        query = sa.select(table.c.job).where(
            table.c.state == JobState.RUNNING, table.c.service == self.service
        )
        with self._base.reading() as connection:
            return set(connection.scalars(query))

    def claim(self, name: str, *, wait_s: float = NOTE_WAIT_S) -> bool:
        """Take a job to run it; False if another process took it first."""
        now = _now()
        taken = {
            "state": JobState.RUNNING,
            "service": self.service,
            "started_at": now,
            "beat_at": now,
        }
        return self._change(name, taken, since=(JobState.QUEUED,), wait_s=wait_s)

    def report(
        self, name: str, progress: float, message: str, *, wait_s: float = NOTE_WAIT_S
    ) -> bool:
        """Record the progress of a running job; False if it is not running."""
        values = {"progress": progress, "message": message, "beat_at": _now()}
        return self._change(name, values, since=(JobState.RUNNING,), wait_s=wait_s)

    def finish(
        self,
        name: str,
        state: JobState,
        *,
        message: str = "",
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        wait_s: float = NOTE_WAIT_S,
    ) -> bool:
        """End a job; False if it has ended already."""
        values = _ended(state, message=message, result=result, error=error)
        return self._change(name, values, since=LIVE, wait_s=wait_s)

    def seal(self, connection: Connection, name: str, result: Mapping[str, Any]) -> None:
        """End a job as done in the transaction that writes what it did.

        So a job is done if and only if its work is stored, whatever stops the process.

        Raises
        ------
        ConflictError
            If the job no longer belongs to this process; the caller must roll back.
        """
        values = _ended(JobState.DONE, result=result)
        mine = table.c.service == self.service
        if not _update(connection, name, values, (JobState.RUNNING,), mine):
            raise ConflictError(
                f"Job {name} was cancelled, or counts as interrupted; wanted a running one. "
                "Nothing was changed."
            )

    def cancel(self, name: str) -> Job:
        """Cancel a job; one that was cancelled before stays as it is.

        Raises
        ------
        NotFoundError
            If there is no such job.
        ConflictError
            If it is over already.
        """
        self.job(name)
        self.finish(name, JobState.CANCELLED, message="cancelled")
        job = self.job(name)
        if job.state != JobState.CANCELLED:
            raise ConflictError(f"Job {name} is {job.state} already; wanted one that is not over.")
        return job

    def heartbeat(self, *, wait_s: float = NOTE_WAIT_S) -> None:
        """Record the heartbeat of this process in its unfinished jobs."""
        mine = (table.c.service == self.service) & table.c.state.in_(LIVE)
        with self._base.reading() as connection:
            if connection.scalar(sa.select(table.c.fid).where(mine).limit(1)) is None:
                return
        with self._base.noting(wait_s=wait_s) as connection:
            connection.execute(sa.update(table).where(mine).values(beat_at=_now()))

    def interrupt(
        self,
        is_gone: Callable[[str, float], bool],
        *,
        message: str,
        wait_s: float = NOTE_WAIT_S,
    ) -> list[str]:
        """Mark the jobs of vanished processes as interrupted; return their names.

        Parameters
        ----------
        is_gone : callable
            Gets the name of a process and the seconds since its last heartbeat.
        message : str
        wait_s : float
        """
        columns = (table.c.job, table.c.service, table.c.beat_at)
        with self._base.reading() as connection:
            rows = connection.execute(sa.select(*columns).where(table.c.state.in_(LIVE))).all()
        lost = [row for row in rows if is_gone(row.service, _seconds_since(row.beat_at))]
        values = _ended(JobState.INTERRUPTED, message=message)
        done = []
        for row in lost:
            same = (table.c.service == row.service) & (table.c.beat_at == row.beat_at)
            with self._base.noting(wait_s=wait_s) as connection:
                if _update(connection, row.job, values, LIVE, same):
                    done.append(row.job)
        return done

    def prune(self, days: float, *, wait_s: float = NOTE_WAIT_S) -> int:
        """Forget jobs that have been over for more than `days`; return how many."""
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
        old = table.c.finished_at.is_not(None) & (table.c.finished_at < before)
        with self._base.reading() as connection:
            if connection.scalar(sa.select(table.c.fid).where(old).limit(1)) is None:
                return 0
        with self._base.noting(wait_s=wait_s) as connection:
            return int(connection.execute(sa.delete(table).where(old)).rowcount)

    def _change(
        self, name: str, values: Mapping[str, Any], *, since: tuple[JobState, ...], wait_s: float
    ) -> bool:
        with self._base.noting(wait_s=wait_s) as connection:
            return _update(connection, name, values, since)


def _update(
    connection: Connection,
    name: str,
    values: Mapping[str, Any],
    since: tuple[JobState, ...],
    *also: sa.ColumnElement[bool],
) -> bool:
    """Change a job that is in one of the states `since`; return whether it was."""
    chosen = sa.update(table).where(table.c.job == name, table.c.state.in_(since), *also)
    return bool(connection.execute(chosen.values(**values)).rowcount)


def _ended(
    state: JobState,
    *,
    message: str = "",
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> Json:
    """Return the column values of a job that ends in `state`."""
    values = {
        "state": state,
        "message": message,
        "result": None if result is None else json.dumps(result, ensure_ascii=False),
        "error": None if error is None else json.dumps(error, ensure_ascii=False),
        "content": None,
        "finished_at": _now(),
    }
    return {**values, "progress": 1.0} if state == JobState.DONE else values


def _job(row: Json) -> Job:
    read = {
        name: None if row[name] is None else json.loads(row[name])
        for name in ("parameters", "result", "error")
    }
    return Job(**{**row, **read, "state": JobState(row["state"])})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _seconds_since(moment: str | None) -> float:
    if moment is None:
        return float("inf")
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
