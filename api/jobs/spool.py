"""Spool folder: uploads and the working files of jobs, of one service beside those of others.

::

    SPOOL/id                    what tells this folder from that of another machine
    SPOOL/<service>/lock        held while the service lives; the system frees it when it dies
    SPOOL/<service>/<job>/upload/<file name>
    SPOOL/<service>/<job>/work  temporary files of the job's process

Services of one machine may share the folder. Each removes what dead ones left when it starts, and
takes the folder of a job that it claims into its own.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

from api.errors import TooManyError
from api.jobs.processes.confinement import folder_bytes
from geo.errors import StorageFullError, UnavailableError

_PRIVATE: Final = 0o700
_UPLOAD: Final = "upload"
_WORK: Final = "work"
_LOCK: Final = "lock"
_NAME_BYTES: Final = 8
FULL_S: Final = 30
"""When to try again where the queue or the spool folder is full, seconds."""

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent.

    Attributes
    ----------
    job : str
        Name of the job that is to work on it.
    filename : str
    size : int
        Bytes.
    sha256 : str
    """

    job: str
    filename: str
    size: int
    sha256: str


class Spool:
    """The spool folder, as one service uses it; made when it is first needed.

    Parameters
    ----------
    root : Path
    most_bytes : int
        What the files of all services may take while more are uploaded.
    """

    def __init__(self, root: Path, most_bytes: int) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._filling = Lock()
        self._guard = Lock()
        self._own: Path | None = None
        self._lock = -1
        self._id = ""

    @property
    def id(self) -> str:
        """What tells the folder apart: only who has it may run the jobs whose files it holds."""
        self.open()
        return self._id

    def open(self) -> Path:
        """Return the folder of this service; the first time, remove what dead services left.

        Raises
        ------
        UnavailableError
            If it cannot be made, or belongs to another account.
        """
        with self._guard, told():
            if self._own is None or not (self._own / _LOCK).exists():  # somebody tidied up
                self._unlock()
                _make_private(self._root)
                with _locked(self._root / _LOCK):
                    self._id = _read_id(self._root / "id")
                    _sweep(self._root)
                    own = self._root / secrets.token_hex(_NAME_BYTES)
                    own.mkdir(_PRIVATE)
                    self._lock = os.open(own / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                    fcntl.flock(self._lock, fcntl.LOCK_EX)
                self._own = own
            return self._own

    def close(self) -> None:
        """Remove the folder of this service."""
        with self._guard:
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                self._unlock()
                self._own = None

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def upload_path(self, job: str, filename: str) -> Path:
        """Return where the file of a new job is to be written; its folder is made."""
        own = self.open() / job
        with told():
            own.mkdir(_PRIVATE)
            (own / _UPLOAD).mkdir(_PRIVATE)
        return own / _UPLOAD / filename

    def take(self, job: str) -> tuple[Path, Path | None]:
        """Return an empty working folder for a job, and its file, wherever it lay; None if gone."""
        own = self.open() / job
        with told():
            for other in self._root.glob(f"*/{job}"):
                if other != own:
                    with suppress(OSError):  # its service has died and another one removed it
                        other.rename(own)
            work = own / _WORK
            shutil.rmtree(work, ignore_errors=True)
            own.mkdir(_PRIVATE, exist_ok=True)  # a job without a file has none yet
            work.mkdir(_PRIVATE)
            return work, next(own.glob(f"{_UPLOAD}/*"), None)

    def remove(self, job: str) -> None:
        """Remove the files of a job."""
        if self._own is not None:
            shutil.rmtree(self._own / job, ignore_errors=True)

    def jobs(self) -> set[str]:
        """Return the jobs of which this service holds files."""
        if self._own is None or not self._own.exists():
            return set()
        return {each.name for each in self._own.iterdir() if each.is_dir()}

    def check_room(self, more: int) -> None:
        """Raise `TooManyError` unless there is room for so many bytes more."""
        held = folder_bytes(self._root)
        if held + more > self._most_bytes:
            most = self._most_bytes
            raise TooManyError("job.spool_full", retry_after_s=FULL_S, held=held, most=most)

    def append(self, file: BinaryIO, part: bytes) -> None:
        """Write a part of an upload, whatever the request said of its length.

        Raises
        ------
        TooManyError
            If there is no room for it.
        """
        with self._filling:
            self.check_room(len(part))
            file.write(part)
            file.flush()


@contextmanager
def told() -> Iterator[None]:
    """Translate an error of the file system into one of ours."""
    try:
        yield
    except OSError as error:
        kind = StorageFullError if error.errno in _NO_ROOM else UnavailableError
        raise kind("job.spool_not_written", error=error.strerror) from error


def _make_private(root: Path) -> None:
    """Make the folder for this account alone; refuse one that another account can change."""
    root.mkdir(_PRIVATE, parents=True, exist_ok=True)
    found = root.lstat()
    if found.st_uid != os.geteuid() or root.is_symlink():
        raise UnavailableError("job.spool_of_another")
    root.chmod(_PRIVATE)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_id(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("ascii")
    path.write_text(secrets.token_hex(_NAME_BYTES), "ascii")
    return path.read_text("ascii")


def _sweep(root: Path) -> None:
    """Remove the folders of services that are dead; the caller holds the lock of the root."""
    for folder in root.iterdir():
        if folder.is_dir() and not _is_held(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    """Return whether a living service holds its lock."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)
