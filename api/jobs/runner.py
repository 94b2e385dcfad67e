"""Job runner: each job runs in a process of its own, at most ``jobs`` of them at a time.

A supervisor thread claims jobs from the table (any service on the same database may claim any job,
and exactly one gets it), starts a process for each and records its progress. A job whose process
died is recorded as failed, the jobs of a service that is gone as interrupted.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import Any, Final

from api.formats.problems import JOB_DIED, problem_body
from api.jobs.process_names import is_gone, new_name
from api.jobs.task import CANCEL, Cancelled, Done, Failed, Handlers, Progress
from api.jobs.worker import do_job
from api.settings import Settings
from boundaries.store.interface import Store
from boundaries.store.jobs import Job, JobTable
from boundaries.store.tables.record_tables import JobState
from geo.errors import LifecircleError

GRACE_S: Final = 2.0
"""How long a cancelled job may take to end by itself; then its process is killed, seconds."""

_TICK_S: Final = 0.5
_IDLE_S: Final = 2.0
_HEARTBEAT_S: Final = 10.0
_PRUNE_S: Final = 3_600.0
_WAIT_S: Final = 0.2
"""How long the supervisor waits for another writer; it tries again at the next tick."""

_GONE: Final = "The service that answered for it stopped before it was done."
_LOST: Final = "The database was lost while it was begun."
_processes = get_context("spawn")
_log = logging.getLogger(__name__)


class _JobProcess:
    """A running job and its child process."""

    def __init__(self, name: str, settings: Settings, handlers: Handlers, service: str) -> None:
        self.name = name
        self.progress: Progress | None = None
        self.outcome: Done | Failed | Cancelled | None = None
        self.over = False
        self._folder = TemporaryDirectory(prefix="lifecircle-job-", ignore_cleanup_errors=True)
        self._guard = Lock()
        self._kill_at: float | None = None
        self.pipe, child_end = _processes.Pipe()
        self.process = _processes.Process(
            target=do_job,
            args=(child_end, settings, handlers),
            kwargs={"service": service, "name": name, "folder": Path(self._folder.name)},
            name=f"job-{name}",
            daemon=True,
        )
        self.process.start()
        child_end.close()

    def receive(self) -> None:
        """Read the messages that the process has sent so far."""
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                if isinstance(message, Progress):
                    self.progress = message
                else:
                    self.outcome, self.over = message, True
        except (EOFError, OSError):
            self.over = True

    def cancel(self) -> None:
        """Ask the process to end; it is killed if it has not after `GRACE_S`."""
        with self._guard:
            if self._kill_at is None:
                self._kill_at = time.monotonic() + GRACE_S
                with suppress(OSError):
                    self.pipe.send(CANCEL)

    @property
    def cancelled(self) -> bool:
        """Whether the process was asked to end."""
        return self._kill_at is not None

    def kill_if_due(self) -> None:
        """Kill the process if its time to end by itself is over."""
        if self._kill_at is not None and time.monotonic() > self._kill_at:
            self.process.kill()

    def close(self) -> None:
        """End the process, if it still runs, and remove its files."""
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self._folder.cleanup()


class Jobs:
    """The jobs of one service.

    Parameters
    ----------
    settings : Settings
    store : Store
    handlers : mapping
        Function of each kind of job; empty where jobs are listed and cancelled only.
    """

    def __init__(self, settings: Settings, store: Store, handlers: Handlers) -> None:
        self.table = JobTable(store, new_name())
        self._settings = settings
        self._handlers = handlers
        self._running: dict[str, _JobProcess] = {}
        self._guard = Lock()
        self._supervisor: Thread | None = None
        self._stopping = False
        self._wakeup_reader, self._wakeup_writer = _processes.Pipe(duplex=False)
        self._due = {"heartbeat": 0.0, "prune": 0.0}

    def start(self) -> None:
        """Start the supervisor thread."""
        with self._guard:
            if self._supervisor is None:
                self._stopping = False
                self._supervisor = Thread(target=self._supervise, name="jobs", daemon=True)
                self._supervisor.start()

    def stop(self) -> None:
        """Stop the supervisor; unfinished jobs of this service become interrupted."""
        with self._guard:
            supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        self._stopping = True
        self._wake()
        supervisor.join()
        for run in self._running.values():
            run.close()
        self._running.clear()
        with suppress(LifecircleError):
            self.table.interrupt(lambda service, _: service == self.table.service, message=_GONE)

    def submit(
        self,
        kind: str,
        parameters: Mapping[str, Any],
        *,
        district: str = "",
        actor: str = "",
        content: bytes | None = None,
    ) -> Job:
        """Put a job into the queue (:meth:`boundaries.store.jobs.JobTable.submit`)."""
        job = self.table.submit(kind, parameters, district=district, actor=actor, content=content)
        self.start()
        self._wake()
        return job

    def cancel(self, name: str) -> Job:
        """Cancel a job (:meth:`boundaries.store.jobs.JobTable.cancel`).

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
        self._wakeup_writer.send(None)

    # --- the supervisor --------------------------------------------------------------------------

    def _supervise(self) -> None:
        steps: tuple[Callable[[], None], ...] = (
            self._receive,
            self._reap,
            self._reconcile,
            self._record_progress,
            self._heartbeat,
            self._claim,
        )
        while not self._stopping:
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
        pipes: list[Connection] = [run.pipe for run in self._running.values() if not run.over]
        for ready in wait([self._wakeup_reader, *pipes], _TICK_S if self._running else _IDLE_S):
            if ready is self._wakeup_reader:
                self._wakeup_reader.recv()

    def _receive(self) -> None:
        for run in self._running.values():
            run.receive()
            run.kill_if_due()

    def _reap(self) -> None:
        """Record the outcome of the jobs whose processes have ended."""
        for name, run in list(self._running.items()):
            if run.over:
                run.close()
                self._record_outcome(run)
                del self._running[name]

    def _record_outcome(self, run: _JobProcess) -> None:
        """Record how a job ended; a job that is already over stays as it is."""
        state, details = JobState.FAILED, dict[str, Any]()
        match run.outcome:
            case Done(result):
                state, details = JobState.DONE, {"result": result}
            case Failed(error):
                details = {"error": error, "message": error["detail"]}
            case _ if run.cancelled or run.outcome is not None:
                state, details = JobState.CANCELLED, {"message": "cancelled"}
            case _:
                error = problem_body(JOB_DIED, _exit_message(run.process.exitcode))
                details = {"error": error, "message": error["detail"]}
        self.table.finish(run.name, state, **details, wait_s=_WAIT_S)

    def _reconcile(self) -> None:
        """End processes whose jobs are over in the table, and interrupt jobs without a process.

        A job has no process if the connection was lost after the database had stored the claim.
        """
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
                    self.table.report(run.name, progress.share, progress.message, wait_s=_WAIT_S)
                except LifecircleError:
                    run.progress = run.progress or progress
                    raise

    def _heartbeat(self) -> None:
        now = time.monotonic()
        if now >= self._due["heartbeat"]:
            self._due["heartbeat"] = now + _HEARTBEAT_S
            self.sweep()
            self.table.heartbeat(wait_s=_WAIT_S)
        if now >= self._due["prune"]:
            self._due["prune"] = now + _PRUNE_S
            self.table.prune(self._settings.jobs_kept_days, wait_s=_WAIT_S)

    def _claim(self) -> None:
        """Claim and start waiting jobs while fewer than the allowed number run."""
        while len(self._running) < self._settings.jobs:
            name = self.table.waiting()
            if name is None:
                return
            if self.table.claim(name, wait_s=_WAIT_S):
                self._launch(name)

    def _launch(self, name: str) -> None:
        try:
            self._running[name] = _JobProcess(
                name, self._settings, self._handlers, self.table.service
            )
        except OSError as error:
            error_body = problem_body(JOB_DIED, f"No process could be started ({error.strerror}).")
            self.table.finish(
                name, JobState.FAILED, error=error_body, message=str(error_body["detail"])
            )


def _exit_message(exit_code: int | None) -> str:
    how = f"by signal {-exit_code}" if exit_code and exit_code < 0 else f"with code {exit_code}"
    return (
        f"The process of the job ended {how} before it was done. Nothing was changed; try again, "
        "and see whether the machine has enough memory."
    )
