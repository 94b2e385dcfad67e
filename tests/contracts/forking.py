"""Processes of tests, forked from one that has imported all they need: seconds less each."""

import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from api.cli.main import app
from api.jobs.processes.worker import do_job

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    [
        "api.app",
        "api.job_handlers",
        "tests.contracts.test_crashes",
        "tests.contracts.test_many_at_once",
    ]
)


class ForkedJob:
    """The process of a job, forked, which spares what a new interpreter imports."""

    def __init__(self, pipe: Connection, folder: Path) -> None:
        self._process = FORK.Process(target=do_job, args=(pipe,), daemon=True)
        self._process.start()
        self.pid = self._process.pid

    def ended(self) -> bool:
        return self._process.exitcode is not None

    def reap(self) -> int | None:
        self._process.join()
        while self._process.exitcode is None:  # another thread has waited for it, and notes it now
            time.sleep(0.01)
        return self._process.exitcode


@contextmanager
def service(*words: str) -> Iterator[tuple[BaseProcess, str]]:
    """Run ``lifecircle serve`` as a process of its own; yield it with its address."""
    ours, theirs = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_serve, args=(words, theirs))
    process.start()
    theirs.close()
    try:
        with os.fdopen(os.dup(ours.fileno()), encoding="utf-8") as told:
            found = (re.search(r"http://[\d.]+:\d+/", line) for line in told)
            address = next((match.group() for match in found if match), None)
            assert address, "the service stopped before it said where it is"
            yield process, address
    finally:
        process.kill()
        process.join()
        ours.close()


def _serve(words: tuple[str, ...], told: Connection) -> None:
    os.dup2(told.fileno(), 2)
    app(["serve", *words])
