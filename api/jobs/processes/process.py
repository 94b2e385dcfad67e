"""The process of one job, as its service sees it: started, watched, asked to end, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Final, Protocol

from api.jobs.processes.confinement import descendants, environment, folder_bytes, memory_bytes
from api.jobs.task import CANCEL, Progress, Report, WorkOrder, decoded

GRACE_S: Final = 2.0
"""How long a cancelled job may take to end by itself; then its process is killed, seconds."""

_LONGEST_MESSAGE: Final = 256_000_000
_INTERPRETER_BYTES: Final = 300_000_000
"""What the interpreter and its libraries take, which is not counted."""


class Child(Protocol):
    """A child process."""

    @property
    def pid(self) -> int:
        """Its number, which no other process gets before :meth:`reap`."""

    def ended(self) -> bool:
        """Return whether it runs no more."""

    def reap(self) -> int | None:
        """Wait for its end; return the exit code, negative if a signal ended it."""


class Spawned:
    """A new interpreter that runs :mod:`api.jobs.processes.worker`."""

    def __init__(self, pipe: Connection, folder: Path) -> None:
        end = pipe.fileno()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-m", "api.jobs.processes.worker", str(end)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[end],
            env=environment(folder, sys.path),
        )
        self.pid = self._process.pid

    def ended(self) -> bool:
        """Return whether it runs no more; its number stays its own."""
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, how) is not None

    def reap(self) -> int | None:
        """Wait for its end."""
        return self._process.wait()


start_child: Callable[[Connection, Path], Child] = Spawned
"""Starts the process of a job, given its end of the pipe and the folder of its files."""


class JobProcess:
    """A running job and its child process.

    Parameters
    ----------
    order : WorkOrder
    wake : callable
        Called from another thread when the process has said how it ended, or never will.
    """

    def __init__(self, order: WorkOrder, wake: Callable[[], None]) -> None:
        self.order = order
        self.progress: Progress | None = None
        self.outcome: Report | None = None
        self.limit_met: str | None = None
        self._wake = wake
        self._guard = Lock()
        self._watching = Lock()
        self._started = time.monotonic()
        self._kill_at: float | None = None
        self._over_at: float | None = None
        self._closed = False
        self.exit_code: int | None = None
        self._pipe, child_end = Pipe()
        with child_end:
            self.child = start_child(child_end, order.folder)
        self._reader = Thread(target=self._read, name=f"job-{order.job}", daemon=True)
        self._reader.start()
        with suppress(OSError):  # it has died
            self._pipe.send(order)

    def _read(self) -> None:
        """Read what the process sends; another thread, since it may stop within a message."""
        try:
            while self.outcome is None:
                message = decoded(self._pipe.recv_bytes(_LONGEST_MESSAGE))
                if isinstance(message, Progress):  # recorded at the next tick, however many come
                    self.progress = message
                else:
                    self.outcome = message
            self._wake()
        except (EOFError, OSError, ValueError):
            self._over_at = 0.0
            self._wake()

    @property
    def over(self) -> bool:
        """Whether the process has said how it ended, or never will."""
        late = self._over_at is not None and time.monotonic() > self._over_at
        return self.outcome is not None or late

    @property
    def cancelled(self) -> bool:
        """Whether the process was asked to end."""
        return self._kill_at is not None

    def cancel(self) -> None:
        """Ask the process to end; it is killed if it has not after `GRACE_S`."""
        with self._guard:
            if self._kill_at is None:
                self._kill_at = time.monotonic() + GRACE_S
                with suppress(OSError):
                    self._pipe.send(CANCEL)

    def watch(self) -> None:
        """Kill the process if it met a limit, or if its time to end by itself is over."""
        with self._watching:
            if self._closed:
                return
            if self.child.ended():
                if self._over_at is None:  # what it had started may hold the pipe open
                    self._over_at = time.monotonic() + GRACE_S
                    self._kill()
                return
            self.limit_met = self.limit_met or self._limit_met()
            if self.limit_met or (self._kill_at is not None and time.monotonic() > self._kill_at):
                self._kill()

    def _limit_met(self) -> str | None:
        limits = self.order.limits
        started = descendants(self.child.pid)
        taken = sum(map(memory_bytes, [self.child.pid, *started]))
        if time.monotonic() - self._started > limits.wall_s:
            return "wall_s"
        if len(started) > limits.processes:
            return "processes"
        if taken > limits.memory_bytes + _INTERPRETER_BYTES:
            return "memory_bytes"
        if folder_bytes(self.order.folder) > limits.written_bytes:
            return "written_bytes"
        return None

    def _kill(self) -> None:
        """Kill the process and all that it has started."""
        pid = self.child.pid
        below = descendants(pid)
        with suppress(OSError):  # it has not made its group yet, or all of it has ended
            os.killpg(pid, signal.SIGKILL)
        _kill_each([pid, *below])

    def close(self) -> None:
        """End the process, if it still runs, and keep its exit code."""
        with self._watching:
            if self._closed:
                return
            self._closed = True
            self._kill()
            self.exit_code = self.child.reap()
        with socket.socket(fileno=os.dup(self._pipe.fileno())) as ours, suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)  # ends the reader, whoever holds the other end
        self._reader.join()
        self._pipe.close()


def _kill_each(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
