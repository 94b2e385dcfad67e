"""Job table: the queue of the service.

The state of a job changes by conditional updates only, so that one of two competing processes
wins. A finished job never changes.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.interface import Store, backend_of
from boundaries.store.jobs.clock import as_text, now, seconds_between
from boundaries.store.jobs.job import LIVE, Job, JobSummary, Json, new_job_name, unknown_job
from boundaries.store.rows.backend import NOTE_WAIT_S
from boundaries.store.rows.message_text import message_as_text, message_of
from boundaries.store.tables.record_tables import JobState
from boundaries.store.tables.record_tables import jobs as table
from geo.errors import ConflictError
from geo.messages import Message

_QUEUE: Final = 0x6A6F6273
"""Key of the advisory lock under which jobs are counted and one is added."""

_LISTED: Final = [table.c[each.name] for each in fields(JobSummary) if each.name in table.c]
_WHOLE: Final = [table.c[each.name] for each in fields(Job) if each.name in table.c]
_OVER: Final[Mapping[JobState, str]] = {
    JobState.DONE: "jobs.done_already",
    JobState.FAILED: "jobs.failed_already",
    JobState.INTERRUPTED: "jobs.interrupted_already",
}
"""What is told who cancels a job that is over."""

_JSON: Final = ("upload", "parameters", "result", "error")


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
        request_id: str = "",
        name: str | None = None,
        upload: Mapping[str, Any] | None = None,
        spool: str = "",
        most: int | None = None,
    ) -> Job | None:
        """Put a job into the queue; None if it is full.

        Parameters
        ----------
        kind : str
        parameters : dict
            Values that JSON knows.
        district, actor, request_id : str
        name : str, optional
            Of :func:`new_job_name`.
        upload : dict, optional
            What is to be known of the file that it works on.
        spool : str, optional
            The spool folder that holds the file; only who has it may claim the job.
        most : int, optional
            Jobs that may wait.
        """
        row = {
            "job": name or new_job_name(),
            "kind": kind,
            "state": JobState.QUEUED,
            "district": district,
            "actor": actor,
            "request_id": request_id,
            "parameters": json.dumps(parameters, ensure_ascii=False),
            "upload": None if upload is None else json.dumps(upload, ensure_ascii=False),
            "spool": spool,
            "service": self.service,
        }
        with self._base.noting() as connection:
            if most is not None and _waiting(connection) >= most:
                return None
            connection.execute(
                sa.insert(table), row | _stamped(connection, "created_at", "beat_at")
            )
        return self.job(str(row["job"]))

    def queued(self) -> int:
        """Return how many jobs wait."""
        with self._base.reading() as connection:
            return _count(connection)

    def job(self, name: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFoundError
            If there is none of this name.
        """
        with self._base.reading() as connection:
            row = connection.execute(sa.select(*_WHOLE).where(table.c.job == name)).first()
            moment = as_text(now(connection))
        if row is None:
            raise unknown_job(name)
        return Job(**_read(row._asdict()), read_at=moment)

    def jobs(
        self,
        *,
        district: str | None = None,
        among: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[JobSummary]:
        """Return the jobs, newest first: of one district, or of those `among` a few."""
        where = sa.true() if district is None else table.c.district == district
        if among is not None:
            where = sa.and_(where, table.c.district.in_(among))
        query = sa.select(*_LISTED).where(where).order_by(table.c.fid.desc()).limit(limit)
        with self._base.reading() as connection:
            rows = connection.execute(query).all()
            moment = as_text(now(connection))
        return [JobSummary(**_read(row._asdict()), read_at=moment) for row in rows]

    def waiting(self, kinds: Collection[str] | None = None, *, spool: str = "") -> str | None:
        """Return the job that has waited longest; None where none waits.

        Parameters
        ----------
        kinds : collection of str, optional
            Those that the caller can do; all by default.
        spool : str, optional
            The spool folder that it has; jobs whose files lie in another one are left to others.
        """
        reached = table.c.spool.in_({"", spool})
        known = sa.true() if kinds is None else table.c.kind.in_(kinds)
        query = sa.select(table.c.job).where(table.c.state == JobState.QUEUED, reached, known)
        with self._base.reading() as connection:
            return connection.scalar(query.order_by(table.c.fid).limit(1))

    def stranded(self, spool: str) -> list[str]:
        """Return the waiting jobs of this process whose file is not in its spool folder."""
        elsewhere = table.c.spool.not_in({"", spool})
        mine = (table.c.service == self.service) & (table.c.state == JobState.QUEUED)
        with self._base.reading() as connection:
            return list(connection.scalars(sa.select(table.c.job).where(mine, elsewhere)))

    def live(self, names: Collection[str]) -> set[str]:
        """Return those of some jobs that have not finished."""
        query = sa.select(table.c.job).where(table.c.job.in_(names), table.c.state.in_(LIVE))
        with self._base.reading() as connection:
            return set(connection.scalars(query))

    def mine(self) -> set[str]:
        """Return the running jobs of this process."""
        query = sa.select(table.c.job).where(
            table.c.state == JobState.RUNNING, table.c.service == self.service
        )
        with self._base.reading() as connection:
            return set(connection.scalars(query))

    def claim(self, name: str, *, wait_s: float = NOTE_WAIT_S) -> bool:
        """Take a job to run it; False if another process took it first."""
        taken = {"state": JobState.RUNNING, "service": self.service}
        with self._base.noting(wait_s=wait_s) as connection:
            stamps = _stamped(connection, "started_at", "beat_at")
            return _update(connection, name, taken | stamps, (JobState.QUEUED,))

    def report(
        self, name: str, progress: float, message: Message | str, *, wait_s: float = NOTE_WAIT_S
    ) -> bool:
        """Record the progress of a running job; False if it is not running."""
        values = {"progress": progress, "message": message_as_text(message)}
        with self._base.noting(wait_s=wait_s) as connection:
            stamp = _stamped(connection, "beat_at")
            return _update(connection, name, values | stamp, (JobState.RUNNING,))

    def finish(
        self,
        name: str,
        state: JobState,
        *,
        message: Message | str = "",
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
        wait_s: float = NOTE_WAIT_S,
    ) -> bool:
        """End a job; False if it has ended already."""
        values = _ended(state, message=message, result=result, error=error)
        with self._base.noting(wait_s=wait_s) as connection:
            return _end(connection, name, values, LIVE)

    def mark_done(self, connection: Connection, name: str, result: Mapping[str, Any]) -> None:
        """End a job as done in the transaction that writes what it did.

        So a job is done if and only if its work is stored, whatever stops the process.

        Raises
        ------
        ConflictError
            If the job no longer belongs to this process; the caller must roll back.
        """
        values = _ended(JobState.DONE, result=result)
        mine = table.c.service == self.service
        if not _end(connection, name, values, (JobState.RUNNING,), mine):
            raise ConflictError("jobs.not_running", job=name)

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
        self.finish(name, JobState.CANCELLED, message=Message("jobs.cancelled"))
        job = self.job(name)
        if job.state != JobState.CANCELLED:
            raise ConflictError(_OVER[job.state], job=name)
        return job

    def heartbeat(self, *, wait_s: float = NOTE_WAIT_S) -> None:
        """Record the heartbeat of this process in its unfinished jobs."""
        mine = (table.c.service == self.service) & table.c.state.in_(LIVE)
        with self._base.reading() as connection:
            if connection.scalar(sa.select(table.c.fid).where(mine).limit(1)) is None:
                return
        with self._base.noting(wait_s=wait_s) as connection:
            stamp = _stamped(connection, "beat_at")
            connection.execute(sa.update(table).where(mine).values(stamp))

    def interrupt(
        self,
        is_gone: Callable[[str, float], bool],
        *,
        message: Message | str,
        wait_s: float = NOTE_WAIT_S,
    ) -> list[str]:
        """Mark the jobs of vanished processes as interrupted; return their names.

        Parameters
        ----------
        is_gone : callable
            Gets the name of a process and the seconds since its last heartbeat.
        message : Message or str
        wait_s : float
        """
        columns = (table.c.job, table.c.service, table.c.beat_at)
        with self._base.reading() as connection:
            rows = connection.execute(sa.select(*columns).where(table.c.state.in_(LIVE))).all()
            moment = now(connection)
        lost = [row for row in rows if is_gone(row.service, seconds_between(row.beat_at, moment))]
        values = _ended(JobState.INTERRUPTED, message=message)
        done = []
        for row in lost:
            same = (table.c.service == row.service) & (table.c.beat_at == row.beat_at)
            with self._base.noting(wait_s=wait_s) as connection:
                if _end(connection, row.job, values, LIVE, same):
                    done.append(row.job)
        return done

    def prune(self, days: float, *, wait_s: float = NOTE_WAIT_S) -> int:
        """Forget jobs that have been over for more than `days`; return how many."""
        with self._base.reading() as connection:
            before = as_text(now(connection) - timedelta(days=days))
            old = table.c.finished_at.is_not(None) & (table.c.finished_at < before)
            if connection.scalar(sa.select(table.c.fid).where(old).limit(1)) is None:
                return 0
        with self._base.noting(wait_s=wait_s) as connection:
            return int(connection.execute(sa.delete(table).where(old)).rowcount)


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


def _end(
    connection: Connection,
    name: str,
    values: Mapping[str, Any],
    since: tuple[JobState, ...],
    *also: sa.ColumnElement[bool],
) -> bool:
    """End a job that is in one of the states `since`; return whether it was."""
    stamp = _stamped(connection, "finished_at")
    return _update(connection, name, {**values, **stamp}, since, *also)


def _stamped(connection: Connection, *columns: str) -> dict[str, str]:
    """Return this moment for some columns."""
    return dict.fromkeys(columns, as_text(now(connection)))


def _ended(
    state: JobState,
    *,
    message: Message | str = "",
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> Json:
    """Return the column values of a job that ends in `state`."""
    values = {
        "state": state,
        "message": message_as_text(message),
        "result": None if result is None else json.dumps(result, ensure_ascii=False),
        "error": None if error is None else json.dumps(error, ensure_ascii=False),
    }
    return {**values, "progress": 1.0} if state == JobState.DONE else values


def _count(connection: Connection) -> int:
    query = sa.select(sa.func.count()).where(table.c.state == JobState.QUEUED)
    return int(connection.scalar(query) or 0)


def _waiting(connection: Connection) -> int:
    """Return how many jobs wait; nobody adds one before the transaction is over."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_QUEUE)))
    return _count(connection)


def _read(row: Json) -> Json:
    read = {name: json.loads(row[name]) for name in _JSON if row.get(name) is not None}
    told = {"message": message_of(row["message"]), "state": JobState(row["state"])}
    return {**row, **read, **told}
