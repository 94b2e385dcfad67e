"""Run table: stored results, each with the inputs that reproduce it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.interface import Store, backend_of
from boundaries.store.tables.record_tables import grid_coverage, runs
from geo.errors import NotFoundError

Json = dict[str, Any]
COVERAGE: Final = "coverage"
"""Kind of run: coverage of households by category."""

WHOLE: Final = ""
"""Grid code of the sums of the whole district."""


@dataclass(frozen=True, slots=True)
class Run:
    """One stored result.

    Attributes
    ----------
    run : str
        Name: a hash of `ingredients` and `sha256`.
    district : str
    revision : int
    kind : str
    at : str
        UTC, ISO 8601.
    actor : str
        Who stored it; may be empty.
    ingredients : dict
        All inputs of the figures.
    sha256 : str
        Of the result as bytes.
    """

    run: str
    district: str
    revision: int
    kind: str
    at: str
    actor: str
    ingredients: Json
    sha256: str


class GridShare(NamedTuple):
    """Households of a grid that a category covers; of the district under :data:`WHOLE`."""

    code: str
    category: str
    households: int
    covered: int


def unknown_run(name: str) -> NotFoundError:
    """Return the error that there is no such run."""
    return NotFoundError("store.unknown_run", run=name[:40])


class RunTable:
    """The runs of a store."""

    def __init__(self, store: Store) -> None:
        self._base = backend_of(store)

    def keep(
        self,
        run: Run,
        shares: Sequence[GridShare],
        *,
        before_commit: Callable[[Connection], None] | None = None,
    ) -> bool:
        """Store a run with its figures; False if the same run is stored already.

        Parameters
        ----------
        run : Run
        shares : sequence of GridShare
        before_commit : callable, optional
            Writes something in the same transaction.

        Raises
        ------
        SchemaError
            If the district is gone.
        """
        with self._base.noting() as connection:
            existing = connection.scalar(sa.select(runs.c.fid).where(runs.c.run == run.run))
            if existing is None:
                row = {name: getattr(run, name) for name in Run.__slots__}
                row["ingredients"] = json.dumps(run.ingredients, ensure_ascii=False)
                connection.execute(sa.insert(runs), row)
                figures = [_row(run.run, share) for share in shares]
                if figures:
                    connection.execute(sa.insert(grid_coverage), figures)
                self._base.settle(connection, [runs.name, grid_coverage.name])
            if before_commit is not None:
                before_commit(connection)
        return existing is None

    def run(self, name: str) -> Run:
        """Return a run.

        Raises
        ------
        NotFoundError
            If there is none of this name.
        """
        matches = self._runs(runs.c.run == name)
        if not matches:
            raise unknown_run(name)
        return matches[0]

    def runs(self, code: str, *, limit: int | None = None) -> list[Run]:
        """Return the runs of a district, newest first."""
        return self._runs(runs.c.district == code, limit)

    def _runs(self, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Run]:
        columns = [runs.c[name] for name in Run.__slots__]
        query = sa.select(*columns).where(where).order_by(runs.c.fid.desc()).limit(limit)
        with self._base.reading() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return [Run(**{**row, "ingredients": json.loads(row["ingredients"])}) for row in rows]

    def shares(self, name: str, *, code: str | None = None) -> list[GridShare]:
        """Return the figures of a run, those of one grid if `code` is given, in a fixed order."""
        columns = [grid_coverage.c[column] for column in GridShare._fields]
        mine = grid_coverage.c.run == name
        if code is not None:
            mine &= grid_coverage.c.code == code
        with self._base.reading() as connection:
            rows = connection.execute(sa.select(*columns).where(mine))
            return sorted(GridShare(*row) for row in rows)


def _row(name: str, share: GridShare) -> Json:
    coverage = share.covered / share.households if share.households else None
    return {"run": name, **share._asdict(), "coverage": coverage}
