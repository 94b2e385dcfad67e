"""Commit one change of a district: its differences, history, grid lineage and log entry."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.layer_names import LAYER_NAMES
from boundaries.store.history.change_log import last_revision, log, record_import
from boundaries.store.history.lineage import trace_grids
from boundaries.store.rows.backend import Backend, Stamp
from boundaries.store.rows.diff import Difference, changed_values, difference
from boundaries.store.rows.layer_rows import Row, column_names, key_position, to_rows
from boundaries.store.rows.read import (
    as_day,
    layer_frame,
    newest_day,
    parts_of,
    rows_of_keys,
    stored_rows,
)
from boundaries.store.rows.validate import worker_faults
from boundaries.store.sql.plan_gate import passed
from boundaries.store.tables import layer_tables
from boundaries.store.tables.records import Commit
from geo.errors import InputError, SchemaError
from geo.messages import Message
from geo.model.layer_columns import KEYS

_RECORDS: Final = ("changes", "imports", "lineage")


def day_of(commit: Commit) -> date:
    """Return the day as of which a commit is true.

    Raises
    ------
    InputError
        If it is still to come.
    """
    if commit.valid_from is not None and commit.valid_from > newest_day():
        raise InputError("store.day_to_come", day=str(commit.valid_from))
    return commit.valid_from or datetime.now(UTC).date()


def differences(
    base: Backend,
    connection: Connection,
    code: str,
    frames: Mapping[str, pd.DataFrame],
    *,
    is_new: bool = False,
) -> dict[str, Difference]:
    """Return the differences between new and stored layers; unchanged layers are left out."""
    diffs = {}
    for name, frame in frames.items():
        rows = to_rows(name, frame, base.codec.encode)
        stored = () if is_new else stored_rows(base, connection, name, code)
        diffs[name] = difference(name, stored, rows)
    return {name: diff for name, diff in diffs.items() if diff}


def commit_change(
    base: Backend,
    connection: Connection,
    code: str,
    old: Mapping[str, Any] | None,
    *,
    commit: Commit,
    diffs: Mapping[str, Difference],
    values: Mapping[str, Any] | None = None,
) -> int:
    """Write the differences, the log entry and the import record; return the revision.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.writing`.
    code : str
    old : dict or None
        The district's row as it is; None where there is none.
    commit : Commit
    diffs : dict of str to Difference
        Of each layer that changes.
    values : dict, optional
        Values that the district's row is to have.
    """
    values = values or {}
    new_values = {} if old is None else {k: v for k, v in values.items() if old[k] != v}
    if old is not None and not diffs and not new_values:
        return int(old["revision"])
    stamp = Stamp(last_revision(connection, code) + 1, day_of(commit))
    if old is None:
        row = {**values, "revision": stamp.revision, "since": stamp.revision}
        connection.execute(sa.insert(layer_tables.districts), {**row, "valid_from": stamp.day})
    else:
        _renew_district(connection, old, new_values, stamp)
    what = commit.what or _in_words(old, new_values, diffs)
    if "grids" in diffs:
        epsg = int((old or values)["epsg"])
        trace_grids(base, connection, code, diffs["grids"], stamp, epsg=epsg)
        row = {**(old or {}), **values, "revision": stamp.revision}
        what = passed(base, connection, row, diffs["grids"], commit=commit, what=what)
    for name, diff in diffs.items():
        _clip_past(connection, name, code, diff, stamp.day)
        base.end(connection, name, diff.ended, stamp)
        _begin(base, connection, name, code, rows=diff.begun, stamp=stamp)
    counts = {name: diff.counts for name, diff in diffs.items()}
    before, after = changed_values(diffs, base.codec.decode)
    log(connection, code, stamp, commit, what=what, values=(counts, before, after))
    record_import(connection, code, stamp, commit)
    touched = [*diffs, *(f"past_{name}" for name in diffs), "districts", "past_districts"]
    base.settle(connection, [*touched, *_RECORDS])
    return stamp.revision


def with_workers(
    base: Backend,
    connection: Connection,
    code: str,
    name: str,
    frame: pd.DataFrame,
    *,
    commit: Commit,
) -> dict[str, pd.DataFrame]:
    """Return a whole layer to write; with new grids, the workers whose grid there still is.

    Raises
    ------
    SchemaError
        If the layer is that of the workers, and one of them has no small grid.
    """
    if name == "workers":
        check_workers(base, connection, code, frame)
    if name != "grids":
        return {name: frame}
    workers = layer_frame(base, connection, "workers", code)
    stays = workers["grid_code"].isin(frame.loc[frame["level"] == "small", "code"])
    if commit.report is not None and not stays.all():
        account = commit.report.layer("workers")
        account.read, account.accepted = len(workers), int(stays.sum())
        for row in workers[~stays].itertuples():
            which = {"worker": row.worker_code, "grid": row.grid_code}
            gone = Message("imports.grid_gone")
            account.reject(Message("imports.worker_in_grid", which), gone)
    return {name: frame, "workers": workers[stays]}


def check_workers(base: Backend, connection: Connection, code: str, workers: pd.DataFrame) -> None:
    """Raise `SchemaError` unless each worker's grid is a small one of the district."""
    table, columns, wanted = layer_tables.layers["grids"], ["code", "level"], workers["grid_code"]
    rows = rows_of_keys(base, connection, table, columns, code=code, keys=set(wanted.dropna()))
    faults = worker_faults(workers, pd.DataFrame(rows, columns=columns))
    if faults:
        raise SchemaError("rows.layer", layer="workers", faults=faults)


def _begin(
    base: Backend,
    connection: Connection,
    layer: str,
    code: str,
    *,
    rows: Sequence[Row],
    stamp: Stamp,
) -> None:
    """Insert rows that are valid from this revision on."""
    columns = [*column_names(layer), "district", "since", "valid_from"]
    since = (code, stamp.revision, stamp.day)
    if rows:
        base.insert(connection, layer_tables.layers[layer], columns, [(*r, *since) for r in rows])


def _clip_past(connection: Connection, layer: str, code: str, diff: Difference, day: date) -> None:
    """End past rows of the changed keys on `day` where they were valid beyond it.

    So no key has two rows on one day, even if a change is backdated.
    """
    past = layer_tables.past[layer]
    later = (past.c.district == code) & (past.c.valid_to > day)
    if connection.execute(sa.select(past.c.fid).where(later).limit(1)).first() is None:
        return
    key_idx = key_position(layer)
    keys = [row[key_idx] for row in diff.begun] + [old.row[key_idx] for old in diff.removed]
    for part in parts_of(keys):
        mine = later & past.c[KEYS[layer]].in_(part)
        connection.execute(sa.update(past).where(mine).values(valid_to=day))


def _renew_district(
    connection: Connection, old: Mapping[str, Any], new_values: Mapping[str, Any], stamp: Stamp
) -> None:
    """Write new values and revision of a district; its previous row moves to the past.

    A district is at least as old as its layers: a change of a layer that is backdated further
    moves the beginning of the district too.
    """
    table, past = layer_tables.districts, layer_tables.past_districts
    mine, before = table.c.fid == old["fid"], past.c.district == old["code"]
    changed: dict[str, Any] = {**new_values, "revision": stamp.revision}
    if new_values:
        clipped = sa.update(past).where(before, past.c.valid_to > stamp.day)
        connection.execute(clipped.values(valid_to=stamp.day))
        names = [c.name for c in past.c if c.name in table.c and c.name != "fid"]
        ended = sa.select(
            table.c.code, *(table.c[name] for name in names),
            sa.literal(stamp.revision), sa.literal(stamp.day, sa.Date),
        ).where(mine)  # fmt: skip
        into = ["district", *names, "until", "valid_to"]
        connection.execute(sa.insert(past).from_select(into, ended))
        changed |= {"since": stamp.revision, "valid_from": stamp.day}
    elif stamp.day < as_day(old["valid_from"]):
        first = connection.scalar(sa.select(sa.func.min(past.c.valid_from)).where(before))
        if first is None:
            changed["valid_from"] = stamp.day
        elif stamp.day < first:
            begun = before & (past.c.valid_from == first)
            connection.execute(sa.update(past).where(begun).values(valid_from=stamp.day))
    connection.execute(sa.update(table).where(mine).values(changed))


def _in_words(
    old: Mapping[str, Any] | None, new_values: Mapping[str, Any], diffs: Mapping[str, Difference]
) -> Message:
    if old is None:
        return Message("history.district_stored")
    named = [*(["boundary"] if layer_tables.GEOMETRY_COLUMN in new_values else []), *diffs]
    parts = [LAYER_NAMES[name] for name in named] or Message("history.district")
    return Message("history.changed", {"parts": parts})
