"""The child process of a job: opens its own store, reports progress and can be cancelled.

It is connected to its service by a pipe. When the service dies the pipe breaks, and the process
ends at once: nothing is written on behalf of a service that no longer runs.
"""

import logging
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from api.formats.problems import fault_body, kind_of, problem_body
from api.jobs.task import Cancelled, CancelledError, Done, Failed, Handlers, Task
from api.settings import Settings
from boundaries.store.jobs import JobTable
from boundaries.store.open import open_store
from geo.errors import LifecircleError

_log = logging.getLogger(__name__)


def do_job(
    pipe: Connection,
    settings: Settings,
    handlers: Handlers,
    *,
    service: str,
    name: str,
    folder: Path,
) -> None:
    """Do one job and send its outcome through `pipe`: the entry point of the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the service to act on
    try:
        pipe.send(_outcome(pipe, settings, handlers, service=service, name=name, folder=folder))
    except OSError:
        os._exit(1)


def _outcome(
    pipe: Connection,
    settings: Settings,
    handlers: Handlers,
    *,
    service: str,
    name: str,
    folder: Path,
) -> Done | Failed | Cancelled:
    try:
        table = JobTable(open_store(settings.db), service)
        task = Task(table.job(name), settings, table, folder=folder, pipe=pipe)
        Thread(target=task.receive, name="receive", daemon=True).start()
        return Done(handlers[task.job.kind](task))
    except CancelledError:
        return Cancelled()
    except LifecircleError as error:
        return Failed(problem_body(kind_of(error), str(error)))
    except Exception:  # noqa: BLE001 - whatever it is, the job has failed
        _log.exception("Job %s", name)
        return Failed(fault_body())
