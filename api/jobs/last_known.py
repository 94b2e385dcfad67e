"""Jobs as they were last read, for a while when the file that has them is locked."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from cachetools import LRUCache

from api.snapshot.last_known import current
from boundaries.store.jobs.job import Job
from boundaries.store.jobs.job_table import JobTable
from geo.errors import UnavailableError

_KEPT: Final = 256
"""Jobs that are remembered: those that were asked for last."""


class LastKnownJobs:
    """The jobs of a table.

    Whoever waits for a job asks every second. While a long change is being committed to the file,
    which nobody reads meanwhile, what it said last counts, up to `last_known_s` seconds; the answer
    then says so (:class:`api.snapshot.last_known.Freshness`).

    Parameters
    ----------
    table : JobTable
    last_known_s : float
    """

    def __init__(self, table: JobTable, *, last_known_s: float) -> None:
        self._table = table
        self._last_known = timedelta(seconds=last_known_s)
        self._guard = Lock()
        self._kept: LRUCache[str, tuple[Job, datetime]] = LRUCache(_KEPT)

    def job(self, name: str) -> Job:
        """Return a job.

        Raises
        ------
        NotFoundError
            If there is none of this name.
        UnavailableError
            If the database does not answer, and told nothing of the job lately.
        """
        now = datetime.now(UTC)
        try:
            job = self._table.job(name)
        except UnavailableError:
            with self._guard:
                known = self._kept.get(name)
            if known is None or now - known[1] > self._last_known:
                raise
            job, checked_at = known
            freshness = current.get()
            if freshness is not None:
                freshness.checked_at = checked_at
            return job
        with self._guard:
            self._kept[name] = job, now
        return job
