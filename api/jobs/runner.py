"""Job runner: each job runs in a process of its own, at most ``jobs`` of them at a time.

A supervisor thread claims jobs from the table (any service on the same database that has the file
of a job may claim it, and exactly one gets it), starts a process for each and records their
progress. Another thread ends those that meet a limit: it never waits for the database, which a job
may hold locked. A job whose process died is recorded as failed, the jobs of a service that is gone
as interrupted.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final

from api.errors import TooManyError
from api.formats.aliases import Json
from api.formats.problems import (
    JOB_DIED,
    kept_message,
    kind_of,
    public_message,
    stored_problem,
)
from api.jobs.last_known import LastKnownJobs
from api.jobs.leader import Leader
from api.jobs.limits import limit_body, read_limits
from api.jobs.processes.confinement import limit_of_exit
from api.jobs.processes.process import JobProcess
from api.jobs.processes.process_names import is_gone, new_name
from api.jobs.spool import FULL_S, Spool, Upload
from api.jobs.task import Cancelled, Done, Failed, Handlers, MetLimit, WorkOrder
from api.logs import get_logger, lines_of
from api.request_id import current as current_request
from api.settings import Settings
from boundaries.store.interface import Store
from boundaries.store.jobs.job import Job, new_job_name
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import place_of
from boundaries.store.postgis.address import is_address
from boundaries.store.tables.record_tables import JobState
from geo.errors import LifecircleError, UnavailableError
from geo.messages import Message

_TICK_S: Final = 0.5
_IDLE_S: Final = 2.0
_HEARTBEAT_S: Final = 10.0
_PRUNE_S: Final = 3_600.0
_WAIT_S: Final = 0.2
"""How long the supervisor waits for another writer; it tries again at the next tick."""

_GONE: Final = Message("job.service_gone")
_LOST: Final = Message("job.database_lost")
_NO_FILE: Final = Message("job.file_gone_waiting")
_CANCELLED: Final = Message("jobs.cancelled")
_WRITERS: Final = 4
"""Threads that write uploads, apart from those that answer."""

_CRASHES: Final = (-6, -7, -11)  # SIGABRT, SIGBUS, SIGSEGV: what libraries die of without memory
_log = logging.getLogger(__name__)
_lines = get_logger("lifecircle.job")


class Jobs:
    """The jobs of one service.

    Parameters
    ----------
    settings : Settings
    store : Store
    handlers : mapping
        Function of each kind of job; empty where jobs are listed and cancelled only.
    leader : Leader, optional
        Of several processes of one service the one that runs the jobs; by default this one.

    Attributes
    ----------
    last_known : LastKnownJobs
        Tells of a job while its file is locked; a server that is away may have lost it.
    writers : Executor
        Writes what is uploaded.
    """

    def __init__(
        self, settings: Settings, store: Store, handlers: Handlers, leader: Leader | None = None
    ) -> None:
        self._leader = leader or Leader()
        self.table = JobTable(store, new_name())
        is_server = is_address(settings.db)
        self.last_known = LastKnownJobs(
            self.table, last_known_s=0.0 if is_server else settings.last_known_s
        )
        self.spool = Spool(settings.spool_folder, settings.spool_bytes)
        self.writers = ThreadPoolExecutor(_WRITERS, "uploads")
        self._settings = settings
        self._handlers = handlers
        defaults = {kind: each.limits for kind, each in handlers.items()}
        self._limits = read_limits(settings.job_limits, defaults) if handlers else defaults
        self._running: dict[str, JobProcess] = {}
        self._arriving: set[str] = set()
        self._guard = Lock()
        self._supervisor: Thread | None = None
        self._watcher: Thread | None = None
        self._stopping = Event()
        self._wakeup = Event()
        self._due = {"heartbeat": 0.0, "prune": 0.0}

    @property
    def running(self) -> int:
        """Number of jobs that this service runs."""
        return len(self._running)

    def start(self) -> None:
        """Start the supervisor and the thread that watches the limits."""
        with self._guard:
            if self._supervisor is None:
                self._stopping.clear()
                self._supervisor = Thread(target=self._supervise, name="jobs", daemon=True)
                self._watcher = Thread(target=self._watch, name="job limits", daemon=True)
                self._supervisor.start()
                self._watcher.start()

    def stop(self) -> None:
        """Stop the supervisor; unfinished jobs of this service become interrupted."""
        with self._guard:
            supervisor, self._supervisor = self._supervisor, None
            watcher, self._watcher = self._watcher, None
        if supervisor is None or watcher is None:
            return
        self._stopping.set()
        self._wake()
        supervisor.join()
        watcher.join()
        for run in self._running.values():
            run.close()
        self._running.clear()
        with suppress(LifecircleError):
            self.table.interrupt(lambda service, _: service == self.table.service, message=_GONE)
        self.spool.close()

    def submit(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        district: str = "",
        actor: str = "",
        upload: Upload | None = None,
    ) -> Job:
        """Put a job into the queue (:meth:`boundaries.store.jobs.job_table.JobTable.submit`).

        Raises
        ------
        TooManyError
            If the queue is full.
        """
        file: dict[str, Any] = {}
        if upload is not None:
            known = {"filename": upload.filename, "bytes": upload.size, "sha256": upload.sha256}
            file = {"name": upload.job, "upload": known, "spool": self.spool.id}
        job = self.table.submit(
            kind,
            parameters,
            district=district,
            actor=actor,
            request_id=current_request.get(),
            most=self._settings.queue,
            **file,
        )
        if job is None:
            raise self._queue_full()
        self._arriving.discard(job.job)
        self.start()
        self._wake()
        return job

    def begin_upload(self, filename: str, declared: int) -> tuple[str, Path]:
        """Return the name of a new job and where its file of `declared` bytes is to be written.

        Raises
        ------
        TooManyError
            If the queue or the spool folder is full.
        """
        if self.table.queued() >= self._settings.queue:
            raise self._queue_full()
        self.spool.check_room(declared)
        name = new_job_name()
        self._arriving.add(name)
        return name, self.spool.upload_path(name, filename)

    def end_upload(self, name: str) -> None:
        """Remove the file of an upload of which no job was made."""
        if name in self._arriving:
            self.spool.remove(name)
            self._arriving.discard(name)

    def _queue_full(self) -> TooManyError:
        return TooManyError("job.queue_full", retry_after_s=FULL_S, n=self._settings.queue)

    def cancel(self, name: str) -> Job:
        """Cancel a job (:meth:`boundaries.store.jobs.job_table.JobTable.cancel`).

        Its process is asked to end first: it may hold the lock of the file that this writes into.
        """
        run = self._running.get(name)
        if run is not None:
            run.cancel()
        return self.table.cancel(name)

    def sweep(self) -> None:
        """Mark jobs of vanished services as interrupted, unless the store is locked."""
        with suppress(LifecircleError):
            self.table.interrupt(is_gone, message=_GONE, wait_s=_WAIT_S)

    def _wake(self) -> None:
        self._wakeup.set()

    # --- the supervisor --------------------------------------------------------------------------

    def _supervise(self) -> None:
        steps: tuple[Callable[[], None], ...] = (
            self._reap,
            self._reconcile,
            self._record_progress,
            self._heartbeat,
            self._claim,
        )
        while not self._stopping.is_set():
            for step in steps:
                try:
                    step()
                except LifecircleError as error:  # tried again at the next tick
                    _log.info("Jobs: %s", error)
                except Exception:  # noqa: BLE001 - the other steps go on
                    _log.exception("Jobs: %s", step.__name__)
            self._wait()

    def _wait(self) -> None:
        """Sleep until a process sends a message, a job is submitted or the tick is over."""
        self._wakeup.wait(_TICK_S if self._running else _IDLE_S)
        self._wakeup.clear()

    def _watch(self) -> None:
        """Watch the running jobs at every tick; a thread of its own."""
        while not self._stopping.wait(_TICK_S):
            for run in list(self._running.values()):
                try:
                    run.watch()
                except Exception:  # noqa: BLE001 - the other jobs are watched on
                    with _lines_of(run.order):
                        _log.exception("Job %s", run.order.job)

    def _reap(self) -> None:
        """Record the outcome of the jobs whose processes have ended."""
        for name, run in list(self._running.items()):
            if run.over:
                run.close()
                with _lines_of(run.order):
                    self._record_outcome(run)
                self.spool.remove(name)
                del self._running[name]

    def _record_outcome(self, run: JobProcess) -> None:
        """Record how a job ended; a job that is already over stays as it is."""
        state, details = JobState.FAILED, dict[str, Any]()
        order = run.order
        match run.outcome:
            case Done(result):
                state, details = JobState.DONE, {"result": result}
            case Failed(error):
                details = _failed(error)
            case MetLimit(limit):
                details = _failed(limit_body(order.kind, limit, order.limits))
            case Cancelled():
                state, details = JobState.CANCELLED, {"message": _CANCELLED}
            case _ if met := run.limit_met or limit_of_exit(run.exit_code):
                details = _failed(limit_body(order.kind, met, order.limits))
            case _ if run.cancelled:
                state, details = JobState.CANCELLED, {"message": _CANCELLED}
            case _:
                details = _failed(stored_problem(JOB_DIED, _exit_message(run.exit_code)))
        self.table.finish(order.job, state, **details, wait_s=_WAIT_S)
        _lines.info("job over", kind=order.kind, state=str(state), exit_code=run.exit_code)

    def _reconcile(self) -> None:
        """End processes whose jobs are over in the table, and interrupt jobs without a process.

        A job has no process if the connection was lost after the database had stored the claim.
        Files of jobs that are over are removed: another program may have cancelled them.
        """
        files = self.spool.jobs() - self._running.keys() - self._arriving
        for name in files - (self.table.live(files) if files else files):
            self.spool.remove(name)
        claimed = self.table.mine()
        for name, run in self._running.items():
            if name not in claimed:
                run.cancel()
        for name in claimed - self._running.keys():
            self.table.finish(name, JobState.INTERRUPTED, message=_LOST, wait_s=_WAIT_S)

    def _record_progress(self) -> None:
        for run in self._running.values():
            progress, run.progress = run.progress, None
            if progress is not None:
                try:
                    self.table.report(
                        run.order.job, progress.share, progress.message, wait_s=_WAIT_S
                    )
                except LifecircleError:
                    run.progress = run.progress or progress
                    raise

    def _heartbeat(self) -> None:
        now = time.monotonic()
        if now >= self._due["heartbeat"]:
            self._due["heartbeat"] = now + _HEARTBEAT_S
            self.sweep()
            self.table.heartbeat(wait_s=_WAIT_S)
            for name in self.table.stranded(self.spool.id):
                self.table.finish(name, JobState.INTERRUPTED, message=_NO_FILE, wait_s=_WAIT_S)
        if now >= self._due["prune"]:
            self._due["prune"] = now + _PRUNE_S
            self.table.prune(self._settings.jobs_kept_days, wait_s=_WAIT_S)

    def _claim(self) -> None:
        """Claim and start waiting jobs while fewer than the allowed number run."""
        if not self._leader.leads():
            return
        while len(self._running) < self._settings.jobs:
            name = self.table.waiting(self._handlers.keys(), spool=self.spool.id)
            if name is None:
                return
            if self.table.claim(name, wait_s=_WAIT_S):
                job = self.table.job(name)
                with _lines_of(job):
                    self._launch(job)

    def _launch(self, job: Job) -> None:
        name = job.job
        try:
            self._running[name] = JobProcess(self._order(job), self._wake)
            _lines.info("job started", kind=job.kind, district=job.district)
        except OSError as error:
            detail = Message("job.not_started", {"error": error.strerror})
            failed = stored_problem(JOB_DIED, detail)
            self.table.finish(name, JobState.FAILED, **_failed(failed))
        except UnavailableError as error:  # the spool folder, or the database: then again later
            detail = public_message(error, place_of(self._settings.db))
            failed = stored_problem(kind_of(error), detail)
            self.table.finish(name, JobState.FAILED, **_failed(failed))

    def _order(self, job: Job) -> WorkOrder:
        """Return what the process of a job is told; of the settings only what work needs."""
        chosen, address = self._settings, self._settings.db
        if not is_address(address):
            address = str(Path(address.removeprefix("sqlite:///")).absolute())
        folder, upload = self.spool.take(job.job)
        return WorkOrder(
            job=job.job,
            kind=job.kind,
            do=self._handlers[job.kind].do,
            limits=self._limits[job.kind],
            settings=Settings(
                db=address,
                standard=chosen.standard,
                cache=chosen.cache,
                log_format=chosen.log_format,
            ),
            service=self.table.service,
            actor=job.actor,
            request_id=job.request_id,
            folder=folder,
            upload=upload,
            variables={k: v for k, v in os.environ.items() if k.startswith("PG")},
        )


def _lines_of(job: Job | WorkOrder) -> AbstractContextManager[None]:
    """Have what is logged of a job tell who asked for it, and by which request."""
    return lines_of(job.request_id, job=job.job, actor=job.actor)


def _failed(error: Json) -> Json:
    """Return the details of a job that failed."""
    return {"error": error, "message": kept_message(error)}


def _exit_message(exit_code: int | None) -> Message:
    if exit_code is None or exit_code >= 0:
        return Message("job.ended_with_code", {"code": exit_code})
    signal = {"signal": -exit_code}
    return Message("job.ended_without_memory" if exit_code in _CRASHES else "job.ended_by", signal)
