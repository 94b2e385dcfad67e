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

from api.http.problems import JOB_DIED, problem_body
from api.jobs.process_names import is_gone, new_name
from api.jobs.task import CANCEL, Cancelled, Done, Failed, Handlers, Told
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
_BEAT_S: Final = 10.0
_PRUNE_S: Final = 3_600.0
_WAIT_S: Final = 0.2
"""How long the supervisor waits for another writer; it tries again at the next tick."""

_GONE: Final = "The service that answered for it stopped before it was done."
_LOST: Final = "The database was lost while it was begun."
_processes = get_context("spawn")
_log = logging.getLogger(__name__)


class _Run:
    """A job that runs, and its process."""

    def __init__(self, name: str, settings: Settings, handlers: Handlers, service: str) -> None:
        self.name = name
        self.told: Told | None = None
        self.outcome: Done | Failed | Cancelled | None = None
        self.over = False
        self._folder = TemporaryDirectory(prefix="lifecircle-job-", ignore_cleanup_errors=True)
        self._guard = Lock()
        self._kill_at: float | None = None
        self.pipe, theirs = _processes.Pipe()
        self.process = _processes.Process(
            target=do_job,
            args=(theirs, settings, handlers),
            kwargs={"service": service, "name": name, "folder": Path(self._folder.name)},
            name=f"job-{name}",
            daemon=True,
        )
        self.process.start()
        theirs.close()

    def hear(self) -> None:
        """Take what the process has said so far."""
        try:
            while self.pipe.poll():
                said = self.pipe.recv()
                if isinstance(said, Told):
                    self.told = said
                else:
                    self.outcome, self.over = said, True
        except (EOFError, OSError):
            self.over = True

    def cancel(self) -> None:
        """Ask the process to end; it is killed if it does not."""
        with self._guard:
            if self._kill_at is None:
                self._kill_at = time.monotonic() + GRACE_S
                with suppress(OSError):
                    self.pipe.send(CANCEL)

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._kill_at is not None

    def kill_if_due(self) -> None:
        """Kill the process if it was asked to end and did not."""
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
        self._running: dict[str, _Run] = {}
        self._guard = Lock()
        self._minder: Thread | None = None
        self._stopping = False
        self._bell, self._button = _processes.Pipe(duplex=False)
        self._due = {"beat": 0.0, "prune": 0.0}

    def start(self) -> None:
        """Mind the jobs from now on."""
        with self._guard:
            if self._minder is None:
                self._stopping = False
                self._minder = Thread(target=self._mind, name="jobs", daemon=True)
                self._minder.start()

    def stop(self) -> None:
        """Stop minding; jobs of this service that are not over are told as interrupted."""
        with self._guard:
            minder, self._minder = self._minder, None
        if minder is None:
            return
        self._stopping = True
        self._ring()
        minder.join()
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
        self._ring()
        return job

    def cancel(self, name: str) -> Job:
        """Cancel a job (:meth:`boundaries.store.jobs.JobTable.cancel`).

        Its process here is told first, since it may hold the file that this is written into.
        """
        run = self._running.get(name)
        if run is not None:
            run.cancel()
        return self.table.cancel(name)

    def sweep(self) -> None:
        """Tell jobs of services that are gone as interrupted, if the store can be written now."""
        with suppress(LifecircleError):
            self.table.interrupt(is_gone, message=_GONE, wait_s=_WAIT_S)

    def _ring(self) -> None:
        self._button.send(None)

    # --- the minder ------------------------------------------------------------------------------

    def _mind(self) -> None:
        steps: tuple[Callable[[], None], ...] = (
            self._hear,
            self._settle,
            self._compare,
            self._write_down,
            self._beat,
            self._take,
        )
        while not self._stopping:
            for step in steps:
                try:
                    step()
                except LifecircleError as error:  # tried again at the next tick
                    _log.info("Jobs: %s", error)
                except Exception:  # noqa: BLE001 - the other steps go on
                    _log.exception("Jobs: %s", step.__name__)
            self._rest()

    def _rest(self) -> None:
        """Wait until there is something to do."""
        pipes: list[Connection] = [run.pipe for run in self._running.values() if not run.over]
        for ready in wait([self._bell, *pipes], _TICK_S if self._running else _IDLE_S):
            if ready is self._bell:
                self._bell.recv()

    def _hear(self) -> None:
        for run in self._running.values():
            run.hear()
            run.kill_if_due()

    def _settle(self) -> None:
        """Write down what became of the jobs whose processes are over."""
        for name, run in list(self._running.items()):
            if run.over:
                run.close()
                self._finish(run)
                del self._running[name]

    def _finish(self, run: _Run) -> None:
        """End a job; one that is over already, by its own seal or by others, stays as it is."""
        state, given = JobState.FAILED, dict[str, Any]()
        match run.outcome:
            case Done(result):
                state, given = JobState.DONE, {"result": result}
            case Failed(error):
                given = {"error": error, "message": error["detail"]}
            case _ if run.cancelled or run.outcome is not None:
                state, given = JobState.CANCELLED, {"message": "cancelled"}
            case _:
                error = problem_body(JOB_DIED, _death(run.process.exitcode))
                given = {"error": error, "message": error["detail"]}
        self.table.finish(run.name, state, **given, wait_s=_WAIT_S)

    def _compare(self) -> None:
        """End the processes of jobs that the table says are over, and tell of jobs without one.

        A job has none if the database took the claim and could not say so any more.
        """
        mine = self.table.mine()
        for name, run in self._running.items():
            if name not in mine:
                run.cancel()
        for name in mine - self._running.keys():
            self.table.finish(name, JobState.INTERRUPTED, message=_LOST, wait_s=_WAIT_S)

    def _write_down(self) -> None:
        for run in self._running.values():
            told, run.told = run.told, None
            if told is not None:
                try:
                    self.table.report(run.name, told.progress, told.message, wait_s=_WAIT_S)
                except LifecircleError:
                    run.told = run.told or told
                    raise

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self._due["beat"]:
            self._due["beat"] = now + _BEAT_S
            self.sweep()
            self.table.beat(wait_s=_WAIT_S)
        if now >= self._due["prune"]:
            self._due["prune"] = now + _PRUNE_S
            self.table.prune(self._settings.jobs_kept_days, wait_s=_WAIT_S)

    def _take(self) -> None:
        """Start waiting jobs while there are slots."""
        while len(self._running) < self._settings.jobs:
            name = self.table.waiting()
            if name is None:
                return
            if self.table.claim(name, wait_s=_WAIT_S):
                self._begin(name)

    def _begin(self, name: str) -> None:
        try:
            self._running[name] = _Run(name, self._settings, self._handlers, self.table.service)
        except OSError as error:
            error_body = problem_body(JOB_DIED, f"No process could be started ({error.strerror}).")
            self.table.finish(
                name, JobState.FAILED, error=error_body, message=str(error_body["detail"])
            )


def _death(exit_code: int | None) -> str:
    how = f"by signal {-exit_code}" if exit_code and exit_code < 0 else f"with code {exit_code}"
    return (
        f"The process of the job ended {how} before it was done. Nothing was changed; try again, "
        "and see whether the machine has enough memory."
    )
