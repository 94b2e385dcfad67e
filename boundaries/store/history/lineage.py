"""Which grid came from which, and codes that are not used again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.history.grid_states import grid_states, states_frame, without_undone
from boundaries.store.rows.backend import Backend, Stamp
from boundaries.store.rows.diff import Difference
from boundaries.store.rows.layer_rows import Decode, Row, column_names, to_frame
from boundaries.store.rows.read import AsOf, as_day, read_marks
from boundaries.store.rows.usable_rows import valid_shapes
from boundaries.store.tables import record_tables
from boundaries.store.tables.layer_tables import GEOMETRY_COLUMN
from boundaries.store.tables.records import Lineage, Mark
from geo import crs
from geo.errors import SchemaError
from geo.grids.checks.code_reuse_check import reassigned_codes
from geo.grids.codes import LEVELS
from geo.grids.edits.foreign_edits import OPEN_ENDED, row_edits
from geo.grids.succession import SuccessionKind, succession_frame
from geo.model.vocabulary import Level, Origin

_CODE_HOLDER: Final = ["code", "origin", GEOMETRY_COLUMN]


def trace_grids(
    base: Backend,
    connection: Connection,
    code: str,
    difference: Difference,
    stamp: Stamp,
    *,
    epsg: int,
) -> None:
    """Refuse codes that were retired, and keep which grid came from which.

    Raises
    ------
    SchemaError
        Naming the codes.
    """
    _refuse_retired(base, connection, code, difference, stamp, epsg=epsg)
    rows = [
        {"district": code, "revision": stamp.revision, "valid_from": stamp.day, **row}
        for row in _succession_rows(difference, base.codec.decode, epsg=epsg)
    ]
    if rows:
        connection.execute(sa.insert(record_tables.lineage), rows)


@dataclass(frozen=True, slots=True)
class ForeignLineage:
    """The lineage of edits by other programs, as it was worked out at one mark.

    Attributes
    ----------
    mark : Mark
    foreign : frozenset of int
        Revisions of the grids that other programs made.
    rows : tuple of Lineage
    """

    mark: Mark
    foreign: frozenset[int]
    rows: tuple[Lineage, ...]


def read_lineage(
    connection: Connection, code: str, foreign: ForeignLineage, grid: str | None = None
) -> list[Lineage]:
    """Return which grid came from which, oldest first; of one grid alone if `grid` is given.

    Our own changes recorded it when they were made (:func:`trace_grids`). What other programs
    changed is worked out from the states that their revisions left
    (:func:`read_foreign_lineage`): so it is that of the whole edit however it was written, nothing
    is lost, and nothing is reported twice.

    Parameters
    ----------
    connection
        Connection of :meth:`Backend.reading`.
    code : str
    foreign : ForeignLineage
    grid : str, optional
    """
    table = record_tables.lineage
    query = sa.select(table).where(table.c.district == code)
    if grid is not None:
        query = query.where((table.c.old_code == grid) | (table.c.new_code == grid))
    recorded = [
        Lineage(
            row.revision, as_day(row.valid_from), Level(row.level), SuccessionKind(row.kind),
            row.old_code, row.new_code, row.share,
        )
        for row in connection.execute(query)
    ]  # fmt: skip
    theirs = [each for each in foreign.rows if grid in (None, each.old_code, each.new_code)]
    # Where our change settled what a foreign one left open, the descent of both together counts.
    by_grids = {
        (each.revision, LEVELS.index(each.level), each.old_code, each.new_code): each
        for each in (*recorded, *theirs)
    }
    return [by_grids[key] for key in sorted(by_grids)]


def read_foreign_lineage(
    base: Backend,
    connection: Connection,
    district: Mapping[str, Any],
    known: ForeignLineage | None = None,
) -> ForeignLineage:
    """Return which grid came from which in the edits of other programs.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading`.
    district : dict
        Its row.
    known : ForeignLineage, optional
        Returned as it is if it is still current. Otherwise all is worked out again: ground that one
        edit left open may be settled by any later one.
    """
    code, changes = district["code"], record_tables.changes
    mark = read_marks(connection, [code])[code]
    columns = (changes.c[name] for name in ("revision", "valid_from", "foreign", "counts"))
    logged = list(connection.execute(sa.select(*columns).where(changes.c.district == code)))
    foreign = frozenset(
        row.revision for row in logged if row.foreign and "grids" in json.loads(row.counts)
    )
    if known is not None and (known.mark, known.foreign) == (mark, foreign):
        return known
    frame = _states_since(base, connection, district, min(foreign)) if foreign else None
    days = {row.revision: as_day(row.valid_from) for row in logged}
    rows = tuple(
        Lineage(edit.revisions[-1], days[edit.revisions[-1]], edit.level, *heir)
        for edit in (() if frame is None else row_edits(frame, foreign))
        for heir in edit.successions
    )
    return ForeignLineage(mark, foreign, rows)


def _states_since(
    base: Backend, connection: Connection, district: Mapping[str, Any], first: int
) -> gpd.GeoDataFrame | None:
    """Return the states that grids had from a revision on; None if there were no grids."""
    names = ["code", "level", GEOMETRY_COLUMN]
    states = [
        state
        for state in grid_states(base, connection, district["code"], names)
        if state[-1] is None or state[-1] >= first
    ]
    if not states:
        return None
    frame = states_frame(base, states, names, epsg=int(district["epsg"]))
    frame["since"] = frame["since"].astype("int64")
    frame["until"] = frame["until"].fillna(OPEN_ENDED).astype("int64")
    return frame


def read_retired_codes(
    base: Backend,
    connection: Connection,
    district: Mapping[str, Any],
    *,
    given_only: bool = False,
    as_of: AsOf | None = None,
) -> frozenset[str]:
    """Return the codes of retired grids, also of those that another grid carries again.

    Grids of undone imports do not count, and one that came back to its place has not ended.
    """
    code = district["code"]
    states = grid_states(base, connection, code, ["code", "origin"], as_of=as_of)
    states = without_undone(connection, code, states)
    used = {state[0] for state in states if state[1] == Origin.GIVEN or not given_only}
    retired = used - {state[0] for state in states if state[-1] is None}
    interrupted = {
        one[0]
        for one, other in pairwise(sorted(states, key=lambda state: (state[0], state[2])))
        if one[0] == other[0] and one[3] != other[2]
    }
    official = {state[0] for state in states if state[1] == Origin.GIVEN}
    reappeared = (interrupted & official) - retired
    if not reappeared:
        return frozenset(retired)
    rows = grid_states(base, connection, code, _CODE_HOLDER, keys=sorted(reappeared), as_of=as_of)
    rows = without_undone(connection, code, rows)
    reassigned = reassigned_codes(
        states_frame(base, rows, _CODE_HOLDER, epsg=int(district["epsg"]))
    )
    return reassigned | retired


def _refuse_retired(
    base: Backend,
    connection: Connection,
    code: str,
    difference: Difference,
    stamp: Stamp,
    *,
    epsg: int,
) -> None:
    """Refuse a code that a given grid carried before and that another place gets now.

    A grid that comes back to its place is welcome. Codes of grids that Lifecircle drew itself are
    not official and may be used again.

    Raises
    ------
    SchemaError
        Naming the codes.
    """
    positions = [column_names("grids").index(name) for name in _CODE_HOLDER]
    added = [(*(row[i] for i in positions), stamp.revision, None) for row in difference.added]
    keys = [row[0] for row in added]
    past = grid_states(base, connection, code, _CODE_HOLDER, keys=keys) if keys else []
    past = without_undone(connection, code, past) if past else []
    if not past:
        return
    reused = reassigned_codes(states_frame(base, [*past, *added], _CODE_HOLDER, epsg=epsg))
    first = next((key for key in keys if key in reused), None)
    if first is not None:
        raise SchemaError("stored_editions.codes_reused", n=len(reused), first=first)


def _succession_rows(difference: Difference, decode: Decode, *, epsg: int) -> list[dict[str, Any]]:
    """Return which grid came from which, as rows of the table."""
    before = [
        *(each.row for each, _ in difference.changed),
        *(each.row for each in difference.removed),
    ]
    table = succession_frame(_metric(before, decode, epsg), _metric(difference.begun, decode, epsg))
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _metric(rows: list[Row], decode: Decode, epsg: int) -> gpd.GeoDataFrame:
    def overlaid(blobs: Sequence[bytes]) -> npt.NDArray[np.object_]:
        return valid_shapes(blobs, decode)

    return crs.to_metric(to_frame("grids", rows, overlaid), epsg)
