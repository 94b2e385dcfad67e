"""The child process of a job: confines itself, opens its own store, reports progress.

It is connected to its service by a pipe, through which it is told its work. When the service dies
the pipe breaks, and the process ends at once: nothing is written on behalf of a service that no
longer runs.
"""

import logging
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from api.formats.problems import fault_body, kind_of, public_message, stored_problem, without
from api.jobs.processes.confinement import confine, limit_of_error
from api.jobs.task import (
    Cancelled,
    CancelledError,
    Done,
    Failed,
    MetLimit,
    Task,
    WorkOrder,
    encoded,
)
from api.logs import configure, lines_of
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store, place_of, secrets_of
from boundaries.store.postgis.address import is_address
from geo.errors import LifecircleError
from geo.messages import Message

_log = logging.getLogger("lifecircle.job")  # this module is "__main__" in its process


def do_job(pipe: Connection) -> None:
    """Do the job that comes through `pipe`: the entry point of the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the service to act on
    try:
        order: WorkOrder = pipe.recv()
        with lines_of(order.request_id, job=order.job, actor=order.actor):
            outcome = encoded(_outcome(order, pipe))
            logging.shutdown()  # writes what waits: with the outcome the service ends this process
            pipe.send_bytes(outcome)
    except (EOFError, OSError):
        os._exit(1)


def _outcome(order: WorkOrder, pipe: Connection) -> Done | Failed | Cancelled | MetLimit:
    try:
        configure(order.settings.log_format, secrets=secrets_of(order.settings.db))
        os.environ.update(order.variables)  # not seen in /proc, which shows those at the start
        file = None if is_address(order.settings.db) else Path(order.settings.db)
        confine(order.limits, store_file=file)
        table = JobTable(open_store(order.settings.db), order.service)
        task = Task(table.job(order.job), table, order, pipe)
        Thread(target=task.receive, name="receive", daemon=True).start()
        return Done(order.do(task))
    except CancelledError:
        return Cancelled()
    except Exception as error:  # noqa: BLE001 - whatever it is, the job has failed
        return _told(order, error)


def _told(order: WorkOrder, error: Exception) -> Failed | MetLimit:
    limit = limit_of_error(error)
    if limit is not None:
        return MetLimit(limit)
    if isinstance(error, LifecircleError):
        return Failed(stored_problem(kind_of(error), _public(order, error)))
    _log.error("Job %s", order.job, exc_info=error)
    return Failed(fault_body())


def _public(order: WorkOrder, error: LifecircleError) -> Message:
    """Return the message of an error without where the database and the job's files are."""
    folders = (order.folder, *([order.upload.parent] if order.upload else []))
    message = public_message(error, place_of(order.settings.db))
    return without(message, *(f"{folder}/" for folder in folders))


if __name__ == "__main__":
    do_job(Connection(int(sys.argv[1])))
