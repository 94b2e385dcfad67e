"""Readiness: the database answers, its schema is this program's, and it holds a district."""

import logging
from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal

import anyio
import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread

from boundaries.store.interface import Store, backend_of
from boundaries.store.tables import layer_tables
from boundaries.store.tables.schema_version import stored_version
from geo.errors import LifecircleError
from geo.messages import DEFAULT_LANGUAGE, Message

DEADLINE_S: Final = 2.0
"""After which a database that has not answered counts as away, seconds."""

_KEPT_S: Final = 1.0
"""How long one look at the database counts, seconds."""

_OTHER_SCHEMA: Final = Message("service.another_schema")
_SILENT: Final = Message("service.database_silent")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadyState:
    """What is ready.

    Attributes
    ----------
    missing : str
        The first thing that is not there: ``database``, ``schema``, ``data``; empty if all is.
    detail : Message or None
        One sentence about it, for anybody; None if nothing is missing.
    """

    missing: Literal["", "database", "schema", "data"]
    detail: Message | None = None


class Readiness:
    """Looks at the database, in a thread of its own and not oftener than once in a while.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._base = backend_of(store)
        self._thread = CapacityLimiter(1)  # not one of those that answer requests
        self._state = ReadyState("database", _SILENT)
        self._due = 0.0

    async def state(self) -> ReadyState:
        """Return what is ready, as of a second ago at most."""
        if monotonic() >= self._due:
            self._state = await self._look()
            self._due = monotonic() + _KEPT_S
        return self._state

    async def _look(self) -> ReadyState:
        with anyio.move_on_after(DEADLINE_S):
            return await to_thread.run_sync(self._ask, limiter=self._thread, abandon_on_cancel=True)
        return ReadyState("database", Message("service.database_slow", {"wait_s": DEADLINE_S}))

    def _ask(self) -> ReadyState:
        try:
            with self._base.reading() as connection:
                version = stored_version(connection)
                if version != layer_tables.SCHEMA_VERSION:
                    _log.warning("Not ready: %s", _of_schema(version).text(DEFAULT_LANGUAGE))
                    return ReadyState("schema", _OTHER_SCHEMA)
                some = connection.scalar(sa.select(_DISTRICTS.c.code).limit(1))
        except LifecircleError as error:
            _log.warning("Not ready: %s", error.message.text(DEFAULT_LANGUAGE))
            return ReadyState("database", _SILENT)
        if some is None:
            return ReadyState("data", Message("service.no_district"))
        return ReadyState("")


_DISTRICTS: Final = layer_tables.districts


def _of_schema(version: int | None) -> Message:
    wanted = {"wanted": layer_tables.SCHEMA_VERSION}
    if version is None:
        return Message("service.no_tables", wanted)
    return Message("service.other_schema", {"got": version, **wanted})
