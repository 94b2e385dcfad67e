"""Which of several worker processes of one service runs its jobs."""

import fcntl
import os
from pathlib import Path


class Leader:
    """The lock that one of several processes holds; the system frees it when that one dies.

    Parameters
    ----------
    path : Path, optional
        The file they share; by default this process is alone and leads.

    Examples
    --------
    >>> one, other = Leader(Path("jobs.lock")), Leader(Path("jobs.lock"))
    >>> one.leads(), other.leads(), Leader().leads()
    (True, False, True)
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._held = -1

    def leads(self) -> bool:
        """Return whether this process leads; it does from now on if nobody else does."""
        if self._path is None or self._held >= 0:
            return True
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._held = handle
        return True
