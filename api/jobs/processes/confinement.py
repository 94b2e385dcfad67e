"""Confinement of a job: what its process gives up before it reads anything from outside."""

import ctypes
import errno
import os
import resource
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from api.jobs.limits import Limits

_KEPT: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "XDG_CACHE_HOME",
        "NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "GDAL_DATA", "PROJ_DATA",
        "PROJ_LIB",
    }
)  # fmt: skip
"""Variables of the service that the process of a job gets; none of them holds a secret."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_NICENESS: Final = 5
_KILLED_FIRST: Final = "1000"
"""Score by which a system without memory ends the job before the service."""

_LATE_S: Final = 5
"""Seconds after which the system enforces what the supervisor should have."""

_THREADS: Final = 256
"""Threads of the same account that may be started meanwhile, beside the job's processes."""

_OF_ERROR: Final[Mapping[int, str]] = {
    errno.EFBIG: "written_bytes",
    errno.EMFILE: "open_files",
    errno.ENOMEM: "memory_bytes",
}


def environment(folder: Path, search_path: list[str]) -> dict[str, str]:
    """Return the variables of a job's process: no secret of the service is among them.

    Parameters
    ----------
    folder : Path
        For all its temporary files.
    search_path : list of str
        Where it finds the modules of the service.
    """
    kept = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_")}
    folders = dict.fromkeys(("TMPDIR", "SQLITE_TMPDIR", "CPL_TMPDIR"), str(folder))
    threads = {"OPENBLAS_NUM_THREADS": "1"}  # its buffers per thread count as memory
    return kept | folders | threads | {"PYTHONPATH": os.pathsep.join(filter(None, search_path))}


def hide_from_others() -> None:
    """Let no other process of the same account read the variables or the memory of this one.

    Else a job could read the secrets of its service there. Nobody but root can attach a debugger
    then, and there are no core dumps.
    """
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(limits: Limits, *, store_file: Path | None) -> None:
    """Limit this process, for good.

    Parameters
    ----------
    limits : Limits
    store_file : Path, optional
        A file that it writes into and that may be larger than what a job may write.
    """
    with suppress(PermissionError):  # it leads a session already
        os.setsid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what it starts stays below it
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_KILLED_FIRST, "ascii")
    store_bytes = store_file.stat().st_size if store_file and store_file.exists() else 0
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + _LATE_S)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_FSIZE, limits.written_bytes + store_bytes)
    _limit(resource.RLIMIT_DATA, limits.memory_bytes + _data_bytes())
    _limit(resource.RLIMIT_NPROC, limits.processes + _THREADS + _threads_of_account())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.wall_s + _LATE_S)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit; one that is stricter already stays."""
    allowed = resource.getrlimit(which)[1]
    ends = [soft, soft if hard is None else hard]
    if allowed != resource.RLIM_INFINITY:
        ends = [min(end, allowed) for end in ends]
    resource.setrlimit(which, (ends[0], ends[1]))


def _data_bytes() -> int:
    """Return the writable private memory that this process has reserved so far."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
    return pages * resource.getpagesize()


def _threads_of_account() -> int:
    """Return how many threads the account of this process runs."""
    own, count = os.geteuid(), 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if process.stat().st_uid == own:
                count += sum(1 for _ in (process / "task").iterdir())
    return count


def limit_of_error(error: BaseException) -> str | None:
    """Return the limit that an error, or one that it was made from, tells of."""
    for each in _causes(error):
        if isinstance(each, MemoryError):
            return "memory_bytes"
        if isinstance(each, OSError) and (each.errno or 0) in _OF_ERROR:
            return _OF_ERROR[each.errno or 0]
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


_OF_SIGNAL: Final[Mapping[int, str]] = {
    signal.SIGXCPU: "cpu_s",
    signal.SIGXFSZ: "written_bytes",
    signal.SIGALRM: "wall_s",
}


def limit_of_exit(exit_code: int | None) -> str | None:
    """Return the limit by which the system ended a process; None if by another reason."""
    return _OF_SIGNAL.get(-exit_code) if exit_code is not None else None


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started and that run, near ones first."""
    found, queue = list[int](), [pid]
    while queue:
        parent = queue.pop(0)
        children = list[int]()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):  # it has ended
                children += map(int, task.read_text("ascii").split())
        found += children
        queue += children
    return found


def memory_bytes(pid: int) -> int:
    """Return the memory that a process has to itself or shares by no file; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
    except OSError:
        return 0
    lines = (line.split() for line in text.splitlines())
    return sum(1024 * int(line[1]) for line in lines if line[0] in {"RssAnon:", "RssShmem:"})


def folder_bytes(folder: Path) -> int:
    """Return the bytes that the files below a folder take on disk."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it is gone
                total += 512 * os.lstat(os.path.join(base, name)).st_blocks  # noqa: PTH118 - many
    return total
