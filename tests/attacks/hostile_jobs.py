"""Jobs that misbehave as a hostile file would make a library, each in its own way."""

import ctypes
import mmap
import os
import pickle
import re
import resource
import signal
import sqlite3
import struct
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from api.jobs.task import Task
from geo.messages import Message

FOREVER_S = 10_000
MARK = "hostile-file-of-a-job"


def behave(task: Task) -> dict:
    task.report(0.5, Message("behaving"))
    return {"kind": task.job.kind}


def divide_by_zero(task: Task) -> dict:
    return {"never": 1 // 0}


def eat_memory(task: Task) -> dict:
    held = [bytearray(16_000_000) for _ in range(1_000_000)]
    return {"held": len(held)}


def eat_memory_in_c(task: Task) -> dict:
    """As a C library that looks at no result of `malloc`."""
    ctypes.CDLL(None).abort()
    return {}


def eat_shared_memory(task: Task) -> dict:
    """No limit of the system counts it."""
    held = []
    for _ in range(60):
        held.append(mmap.mmap(-1, 16_000_000))
        held[-1].write(b"x" * 16_000_000)
        time.sleep(0.02)
    time.sleep(FOREVER_S)
    return {}


def spin(task: Task) -> dict:
    while True:
        pass


def spin_in_c(task: Task) -> dict:
    """Never let another thread of the process run."""
    re.match(r"(a+)+$", "a" * 60 + "b")
    return {}


def read_an_endless_view(task: Task) -> dict:
    database = sqlite3.connect(task.folder / "view.gpkg")
    database.execute(
        "CREATE VIEW v AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) "
        "SELECT x FROM t"
    )
    return {"rows": database.execute("SELECT count(*) FROM v").fetchone()}


def say_and_sleep(task: Task) -> dict:
    task.report(0.5, Message("asleep"))
    time.sleep(FOREVER_S)
    return {}


def sleep(task: Task) -> dict:
    time.sleep(FOREVER_S)
    return {}


def hold_the_database(task: Task) -> dict:
    """Whoever reads meanwhile waits, the supervisor too."""
    connection = sqlite3.connect(task.settings.db, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(FOREVER_S)
    return {}


def stop_itself(task: Task) -> dict:
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def ignore_every_signal(task: Task) -> dict:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError):
            signal.signal(number, signal.SIG_IGN)
    time.sleep(FOREVER_S)
    return {}


def fork_many(task: Task) -> dict:
    """Start 40 processes; a real bomb would not stop there."""
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(FOREVER_S)
    time.sleep(FOREVER_S)
    return {}


def leave_a_daemon(task: Task) -> dict:
    """Start a process in a session of its own, whose parent has ended; then end without a word."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        daemon = os.fork()
        if daemon == 0:
            time.sleep(FOREVER_S)
        os.write(write, b"%d" % daemon)
        os._exit(0)
    Path(task.job.parameters["note"]).write_bytes(os.read(read, 20))
    time.sleep(FOREVER_S)
    return {}


def write_a_large_file(task: Task) -> dict:
    with (task.folder / MARK).open("wb") as file:
        while True:
            file.write(b"x" * 100_000)


def write_many_files(task: Task) -> dict:
    for number in range(200):
        (task.folder / f"{MARK}-{number}").write_bytes(b"x" * 100_000)
    time.sleep(FOREVER_S)
    return {}


def open_many_files(task: Task) -> dict:
    return {"open": [Path("/dev/zero").open("rb") for _ in count()]}


def send_rubbish(task: Task) -> dict:
    task._pipe.send_bytes(b"\xff rubbish")
    time.sleep(FOREVER_S)
    return {}


class _Bomb:
    def __reduce__(self):
        return os.mkdir, (os.environ["TMPDIR"] + "-was-run",)


def send_a_pickle(task: Task) -> dict:
    """What the service must not run."""
    task._pipe.send_bytes(pickle.dumps(_Bomb()))
    time.sleep(FOREVER_S)
    return {}


def stop_within_a_message(task: Task) -> dict:
    os.write(task._pipe.fileno(), struct.pack("!i", 1_000) + b"half")
    time.sleep(FOREVER_S)
    return {}


def end_without_a_word(task: Task) -> dict:
    os._exit(0)


def tell_all(task: Task) -> dict:
    """Return what a job can see of its service."""
    status = Path("/proc/self/status").read_text()
    return {
        "environ": Path("/proc/self/environ").read_text().split("\0"),
        "command": Path("/proc/self/cmdline").read_text(),
        "settings": repr(task.settings),
        "no_new_privileges": "NoNewPrivs:\t1" in status,
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "niceness": os.nice(0),
        "mode": oct((task.folder.parent.parent.parent).stat().st_mode & 0o777),
        "temporary": tempfile.gettempdir() == str(task.folder),
    }
