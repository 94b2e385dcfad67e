"""What other programs put newly wrong with the grid plan, by the revision of the log that did it.

A program writes a plan row by row, and a file makes a revision of each row: what it wrote in one go
is looked at as one change, so that a border drawn anew is no gap in between.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import to_district
from boundaries.store.rows.plan_rows import metric_plan
from boundaries.store.rows.read import find_district_row, layer_rows
from boundaries.store.tables import record_tables
from boundaries.store.tables.records import ChangeRecord
from geo.crs import STORED_EPSG, project_geometry
from geo.grids.checks.gate import faults_of_change
from geo.messages import Message

_IN_ONE_GO: Final = timedelta(seconds=60)
"""Between two rows that a program writes in one go, at most."""

_FEW: Final = 4
"""Faults that a sentence names; of more it says how many."""

KnownFaults = MutableMapping[tuple[str, int, int, str], tuple[Message, ...]]
"""By district, first and last revision, and the time of the last."""


def with_foreign_faults(
    base: Backend,
    connection: Connection,
    code: str,
    records: Sequence[ChangeRecord],
    *,
    known: KnownFaults,
) -> list[ChangeRecord]:
    """Return changes of the log; those of other programs tell what they put newly at fault.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading`.
    code : str
        Of the district.
    records : sequence of ChangeRecord
    known : mapping
        What was found before; what is found is added.
    """
    told = {each.revision for each in records}
    ends = {last: first for first, last in _in_one_go(connection, code) if last in told}
    district = find_district_row(base, connection, code) if ends else None
    if district is None:
        return list(records)
    return [
        _with_faults(base, connection, district, each, ends[each.revision], known=known)
        if each.revision in ends
        else each
        for each in records
    ]


def _in_one_go(connection: Connection, code: str) -> list[tuple[int, int]]:
    """Return first and last revision of what other programs wrote to grids, each in one go."""
    table = record_tables.changes
    query = sa.select(table.c.revision, table.c.at, table.c.counts)
    query = query.where(table.c.district == code, table.c.foreign).order_by(table.c.revision)
    goes: list[list[tuple[int, datetime, bool]]] = []
    for revision, at, counts in connection.execute(query):
        row = (revision, datetime.fromisoformat(at), '"grids"' in counts)
        last = goes[-1][-1] if goes else None
        if last and last[0] + 1 == revision and row[1] - last[1] <= _IN_ONE_GO:
            goes[-1].append(row)
        else:
            goes.append([row])
    return [(go[0][0], go[-1][0]) for go in goes if any(is_of_grids for _, _, is_of_grids in go)]


def _with_faults(
    base: Backend,
    connection: Connection,
    district: Mapping[str, Any],
    record: ChangeRecord,
    first: int,
    *,
    known: KnownFaults,
) -> ChangeRecord:
    key = (district["code"], first, record.revision, record.at)
    if key not in known:
        known[key] = tuple(_faults(base, connection, district, first, record.revision))
    if not known[key]:
        return record
    told = {"what": record.what, "n": len(known[key]), "faults": list(known[key][:_FEW])}
    return replace(record, what=Message("plan_gate.stored", told))


def _faults(
    base: Backend, connection: Connection, district: Mapping[str, Any], first: int, last: int
) -> list[Message]:
    """Return what the revisions from one to another put newly at fault."""
    code, epsg = district["code"], int(district["epsg"])
    outline = to_district(district, base.codec.decode).boundary
    was, now = (
        metric_plan(base, layer_rows(base, connection, "grids", code, as_of=revision), epsg)
        for revision in (first - 1, last)
    )
    faults = faults_of_change(was, now, project_geometry(outline, STORED_EPSG, epsg))
    return [fault.text for fault in faults]
