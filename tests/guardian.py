"""Guardian of a test run: a process that outlives the run, however it ends, and clears up.

What the tests start inherits the run's mark, the variable ``LIFECIRCLE_TEST_RUN``. When the run has
ended or was killed, the guardian kills every process with the mark, stops the database servers in
the run's folder and removes the folder, which also holds all temporary files of these processes.
"""

import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

MARK: Final = "LIFECIRCLE_TEST_RUN"
_PATIENCE_S: Final = 20
"""How long the guardian waits for a server to stop, and for a folder to be removable."""


def begin() -> None:
    """Make the run's folder, start its guardian and mark this process and all it will start.

    The lock belongs to this process alone: no child inherits it, and the kernel frees it however
    the process ends.
    """
    folder = Path(tempfile.mkdtemp(prefix="lifecircle-tests-", dir="/tmp"))
    folder.chmod(0o755)  # database servers run as an account of their own
    (folder / "tmp").mkdir()
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)  # open until this process ends
    fcntl.lockf(lock, fcntl.LOCK_EX)
    command = [sys.executable, "-I", "-S", __file__, str(folder)]
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in range(3)]
    os.posix_spawn(command[0], command, unmarked(), file_actions=nowhere, setsid=True)
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())  # pytest keeps its own
    os.environ |= {MARK: str(folder), "TMPDIR": str(folder / "tmp")}
    tempfile.tempdir = None


def run_folder() -> Path:
    """Return the folder of this run."""
    return Path(os.environ[MARK])


def unmarked() -> dict[str, str]:
    """Return the environment for a process that the guardian must not kill."""
    return {name: value for name, value in os.environ.items() if name != MARK}


def marked(folder: Path) -> list[int]:
    """Return the processes with the mark of a run."""
    mark, found = f"{MARK}={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or belongs to another account
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def servers(folder: Path) -> list[int]:
    """Return the database servers of a run that are alive."""
    found = []
    for file in folder.glob("*/data/postmaster.pid"):
        with suppress(OSError, ValueError, IndexError):
            pid = int(file.read_text().split()[0])
            if alive(pid) and Path(f"/proc/{pid}/comm").read_text() == "postgres\n":
                found.append(pid)
    return found


def alive(pid: int | str) -> bool:
    """Return whether a process runs; one that is dead and not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _kill(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def _clear(folder: Path) -> None:
    """Leave neither a process nor a file of a run that is over."""
    while rest := marked(folder):
        _kill(rest, signal.SIGKILL)
        time.sleep(0.05)
    end = time.monotonic() + _PATIENCE_S
    while (rest := servers(folder)) and time.monotonic() < end:
        _kill(rest, signal.SIGQUIT)  # PostgreSQL's immediate shutdown
        time.sleep(0.05)
    _kill(rest, signal.SIGKILL)
    end = time.monotonic() + _PATIENCE_S
    while folder.exists() and time.monotonic() < end:  # somebody may be writing the last file
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _watch(folder: Path) -> None:
    os.chdir("/")
    with (folder / "lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)  # comes when the run has ended or was killed
        _clear(folder)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]))
