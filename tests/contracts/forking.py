"""Processes of tests, forked from one that has imported all they need: seconds less each."""

import multiprocessing
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from api.cli.main import app

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(
    [
        "api.app",
        "api.job_handlers",
        "tests.contracts.test_crashes",
        "tests.contracts.test_many_at_once",
    ]
)


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
