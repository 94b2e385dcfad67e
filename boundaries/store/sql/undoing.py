"""An undo in the transaction that does it, and what it would do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.history.change_log import mark_undone, read_imports
from boundaries.store.history.undo import UNDO, Undo
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Difference
from boundaries.store.rows.layer_rows import key_position, to_frame, to_rows
from boundaries.store.rows.read import as_day, layer_rows, stored_rows
from boundaries.store.rows.validate import checked_layer, worker_faults
from boundaries.store.sql.plan_gate import faults_of_rows, with_parents
from boundaries.store.tables import record_tables
from boundaries.store.tables.records import Commit, PlanGate, UndoPlan
from geo.errors import SchemaError
from geo.messages import Message

_NAMED: Final = 100
"""Most rows of a layer that a preview lists."""


def described(
    base: Backend, connection: Connection, district: Mapping[str, Any], undo: Undo
) -> UndoPlan:
    """Return what an undo would do."""
    diffs = with_followers(base, connection, district, undo)
    faults = []
    if "grids" in diffs:
        row = {**district, **undo.values}
        faults = [fault.text for fault in faults_of_rows(base, connection, row, diffs["grids"])]
    table = record_tables.changes
    query = sa.select(table.c.at, table.c.actor)
    query = query.where(table.c.district == district["code"], table.c.revision == undo.revision)
    at, actor = connection.execute(query).one()
    keys = {layer: _keys(layer, diff)[:_NAMED] for layer, diff in diffs.items()}
    counts = {layer: diff.counts for layer, diff in diffs.items()}
    return UndoPlan(
        undo.revision, at, actor or "", undo.what, counts, keys, tuple(undo.values),
        undo.made_district, tuple(faults), undo.is_newest,
    )  # fmt: skip


def _keys(layer: str, diff: Difference) -> list[str]:
    at = key_position(layer)
    rows = [*diff.begun, *(each.row for each in diff.removed)]
    return sorted({str(row[at]) for row in rows})


def undoing(connection: Connection, code: str, undo: Undo, commit: Commit) -> Commit:
    """Return the commit of an undo: as of the day of an import, and marked with it."""
    table = record_tables.changes
    query = sa.select(table.c.valid_from)
    query = query.where(table.c.district == code, table.c.revision == undo.revision)
    day = as_day(connection.execute(query).scalar_one())
    records = {each.revision: each for each in read_imports(connection, code)}
    what = Message(UNDO, {"revision": undo.revision, "what": undo.what})

    def before_commit(connection: Connection, done: Commit, made: int) -> None:
        mark_undone(connection, code, undo.revision, made)
        if commit.before_commit is not None:
            commit.before_commit(connection, done, made)

    is_import = undo.revision in records
    if is_import:
        source = records[undo.revision].report.source
        what = Message("history.undo_of_import", {"source": source})
    return replace(
        commit,
        what=commit.what or what,
        valid_from=commit.valid_from or (day if undo.is_newest else None),
        before_commit=before_commit if is_import else commit.before_commit,
        gate=PlanGate.TELL if undo.is_newest else PlanGate.REFUSE,
    )


def with_followers(
    base: Backend, connection: Connection, district: Mapping[str, Any], undo: Undo
) -> dict[str, Difference]:
    """Return the differences of an undo with parents that follow; they can be stored.

    Raises
    ------
    SchemaError
        If grids would not nest, or a worker would have no grid, for what others changed since.
    """
    diffs = dict(undo.diffs)
    if undo.is_newest:
        return diffs
    if "grids" in diffs:
        diffs["grids"] = _with_parents(base, connection, district, diffs["grids"])
    _require_fitting(base, connection, district["code"], diffs)
    return diffs


def _with_parents(
    base: Backend, connection: Connection, district: Mapping[str, Any], diff: Difference
) -> Difference:
    code, at = district["code"], key_position("grids")
    put = to_frame("grids", diff.begun, base.codec.decode)
    gone = [old.row[at] for old in diff.removed]
    put = with_parents(
        base, connection, code, put=put, remove=gone, epsg=int(district["epsg"])
    )  # fmt: skip
    named = {row[at] for row in diff.begun}
    rows = [row for row in to_rows("grids", put, base.codec.encode) if row[at] not in named]
    stored = stored_rows(base, connection, "grids", code, keys=[row[at] for row in rows])
    old = {state.row[at]: state for state in stored}
    changed = [*diff.changed, *((old[row[at]], row) for row in rows)]
    return Difference(added=diff.added, changed=changed, removed=diff.removed)


def _require_fitting(
    base: Backend, connection: Connection, code: str, diffs: Mapping[str, Difference]
) -> None:
    frames = {}
    for layer in ("grids", "workers"):
        rows = layer_rows(base, connection, layer, code)
        if layer in diffs:
            diff = diffs[layer]
            ended = {old.row for old, _ in diff.changed} | {old.row for old in diff.removed}
            rows = [row for row in rows if row not in ended] + diff.begun
        frames[layer] = to_frame(layer, rows, base.codec.decode)
    if "grids" in diffs:
        checked_layer("grids", frames["grids"])
    if {"grids", "workers"} & set(diffs):
        faults = worker_faults(frames["workers"], frames["grids"])
        if faults:
            raise SchemaError("rows.layer", layer="workers", faults=faults)
