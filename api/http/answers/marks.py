"""Marks of districts, asked of the store for each request, and for many requests at once."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from boundaries.store.interface import Store
from boundaries.store.tables.records import Mark


class Marks:
    """What every district is by now; an answer to a request is never older than the request.

    A store that can tell at once (:meth:`boundaries.store.interface.Store.known_marks`) is asked in
    place. Otherwise one thread asks: requests that come while it does so share the next query.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="marks")
        self._next: asyncio.Future[Mapping[str, Mark]] | None = None
        self._codes: set[str] | None = set()
        self._asking: asyncio.Task[None] | None = None

    async def of(self, code: str | None) -> Mapping[str, Mark]:
        """Return the marks of one district, of all if `code` is None, and maybe others.

        Raises
        ------
        LifecircleError
            If the store does not answer.
        """
        known = self._store.known_marks()
        return known if known is not None else await asyncio.shield(self._asked(code))

    def _asked(self, code: str | None) -> asyncio.Future[Mapping[str, Mark]]:
        """Return what the next query will tell, which asks for this district as well."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            self._codes = set()
        if code is None:
            self._codes = None
        elif self._codes is not None:
            self._codes.add(code)
        asked = self._next
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return asked

    async def _ask(self) -> None:
        """Ask until nobody waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._next is not None:
                asked, codes, self._next = self._next, self._codes, None
                try:
                    marks = await loop.run_in_executor(self._thread, self._store.marks, codes)
                except Exception as error:  # noqa: BLE001 - whoever asked gets it
                    asked.set_exception(error)
                else:
                    asked.set_result(marks)
        finally:
            self._asking = None
