"""Undo of one change: what puts back the rows that it changed, where nothing came after it.

History is kept: an undo is a change of its own, and can be undone like any other. What others
changed meanwhile stays; a row that they changed again is a conflict, which is named. Of grids,
parents follow the ground that comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.layer_names import LAYER_NAMES
from boundaries.store.history.change_log import undone_imports, what_of
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Difference
from boundaries.store.rows.layer_rows import Row, column_names, key_position
from boundaries.store.rows.read import stored_rows
from boundaries.store.tables import layer_tables, record_tables
from geo.errors import ConflictError, InputError, NotFoundError
from geo.messages import Message
from geo.model.vocabulary import Level

UNDO: Final = "history.undo_of"
"""What the log tells of an undo, with the revision that it undid."""

_FEW: Final = 4
"""Rows that a sentence names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoes a change.

    Attributes
    ----------
    revision : int
        That is undone.
    what : Message
        What the log tells of it.
    diffs : dict of str to Difference
        Of each layer that changes.
    values : dict
        Of the district's row that change.
    is_newest : bool
        Whether no other change came after it that is not undone itself.
    made_district : bool
        Whether it made the district: it is undone by deleting it.
    followed : tuple of str
        Parents that changed again and follow the grids in them.
    """

    revision: int
    what: Message
    diffs: Mapping[str, Difference]
    values: Mapping[str, Any]
    is_newest: bool
    made_district: bool = False
    followed: tuple[str, ...] = ()


def undone_changes(connection: Connection, code: str) -> dict[int, int]:
    """Return the revisions that are undone, and which revision undid each.

    One whose undo was undone counts again.
    """
    table = record_tables.changes
    query = sa.select(table.c.revision, table.c.what).order_by(table.c.revision)
    query = query.where(table.c.district == code, table.c.what.contains(UNDO))
    undone = undone_imports(connection, code)
    for revision, text in connection.execute(query):
        what = what_of(text)
        if what.code == UNDO:
            undone[int(what.parameters["revision"])] = revision
    for target in sorted(undone, reverse=True):
        if undone[target] in undone:
            del undone[target]
    return undone


def plan_undo(
    base: Backend, connection: Connection, district: Mapping[str, Any], revision: int | None
) -> Undo:
    """Return what undoes a change of a district as it is.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading` or :meth:`Backend.writing`.
    district : dict
        Its row.
    revision : int, optional
        That made the change; by default the newest that is no undo and not undone.

    Raises
    ------
    NotFoundError
        If there is no such revision.
    InputError
        If there is nothing to undo.
    ConflictError
        If what it changed has changed again since.
    """
    code, made = district["code"], _first_revision(connection, district)
    table = record_tables.changes
    query = sa.select(table.c.revision, table.c.what).order_by(table.c.revision.desc())
    log = {row.revision: what_of(row.what) for row in connection.execute(
        query.where(table.c.district == code, table.c.revision >= made))}  # fmt: skip
    undone = undone_changes(connection, code)
    live = [each for each, what in log.items() if each not in undone and what.code != UNDO]
    imports = _imports(connection, code)
    live = [each for each in live if log[each].code != _UNDO_OF_IMPORT]
    if revision is None:
        if not live:
            raise InputError("history.nothing_to_undo", code=code)
        revision = live[0]
    _require_undoable(code, revision, log, undone)
    is_newest = not [each for each in live if each > revision]
    if revision == made:
        if revision not in imports or not is_newest:
            raise InputError("history.made_the_district", code=code, revision=revision)
        return Undo(revision, log[revision], {}, {}, is_newest, made_district=True)
    diffs, values, followed = _inverse(base, connection, district, revision)
    return Undo(revision, log[revision], diffs, values, is_newest, followed=followed)


_UNDO_OF_IMPORT: Final = "history.undo_of_import"


def _require_undoable(
    code: str, revision: int, log: Mapping[int, Message], undone: Mapping[int, int]
) -> None:
    """Raise if there is no such revision, or it is undone."""
    if revision not in log:
        raise NotFoundError("history.no_revision", code=code, revision=revision, newest=max(log))
    if revision in undone:
        about = {"code": code, "revision": revision, "undone": undone[revision]}
        raise InputError("history.undone_already", **about)


def _first_revision(connection: Connection, district: Mapping[str, Any]) -> int:
    """Return the revision that made a district; one of its code may have been deleted before."""
    past = layer_tables.past_districts
    query = sa.select(sa.func.min(past.c.since)).where(past.c.district == district["code"])
    return int(min(filter(None, (connection.scalar(query), district["since"]))))


def _imports(connection: Connection, code: str) -> frozenset[int]:
    table = record_tables.imports
    return frozenset(
        connection.scalars(sa.select(table.c.revision).where(table.c.district == code))
    )


def _inverse(
    base: Backend, connection: Connection, district: Mapping[str, Any], revision: int
) -> tuple[dict[str, Difference], dict[str, Any], tuple[str, ...]]:
    """Return what puts back all that a revision changed, and parents that are to follow."""
    code, diffs, conflicts = district["code"], {}, list[Message]()
    followed: list[str] = []
    for layer in layer_tables.layers:
        diff, again = _layer_inverse(base, connection, code, layer, revision)
        if layer == "grids":
            follows = _parents(again)
            followed += [str(key) for key in again if key in follows]
            again = {key: rows for key, rows in again.items() if key not in follows}
        conflicts += [
            Message("history.row", {"layer": LAYER_NAMES[layer], "key": str(key)}) for key in again
        ]
        if diff:
            diffs[layer] = diff
    values, changed_again = _district_inverse(base, connection, district, revision)
    conflicts += [Message("history.district")] * changed_again
    if conflicts:
        about = {"n": len(conflicts), "first": conflicts[:_FEW]}
        raise ConflictError("history.changed_since", code=code, revision=revision, **about)
    if not (diffs or values or followed):
        raise InputError("history.nothing_changed", code=code, revision=revision)
    return diffs, values, tuple(followed)


def _layer_inverse(
    base: Backend, connection: Connection, code: str, layer: str, revision: int
) -> tuple[Difference, dict[Any, tuple[Row | None, Row | None]]]:
    """Return what puts a layer back, and what changed again: as it was before, and as it is."""
    names, at = column_names(layer), key_position(layer)
    now, past = layer_tables.layers[layer], layer_tables.past[layer]
    where, which = "district = ? AND {} = ?", (code, revision)

    def rows(table: sa.Table, column: str) -> dict[Any, Row]:
        found = base.fetch(connection, table, names, where.format(column), which)
        return {row[at]: row for row in found}

    before, after = rows(past, "until"), rows(past, "since") | rows(now, "since")
    keys = list({**before, **after})
    stored = {}
    if keys:
        states = stored_rows(base, connection, layer, code, keys=keys)
        stored = {state.row[at]: state for state in states}
    diff, again = Difference(), {}
    for key in keys:
        state, wanted = stored.get(key), before.get(key)
        row = None if state is None else state.row
        if row == wanted:
            continue
        if row != after.get(key):
            again[key] = (wanted, row)
        elif state is None:
            diff.added.append(before[key])
        elif wanted is None:
            diff.removed.append(state)
        else:
            diff.changed.append((state, wanted))
    return diff, again


def _parents(again: Mapping[Any, tuple[Row | None, Row | None]]) -> set[Any]:
    """Return the large and medium grids that changed again in nothing but their shape."""
    level = column_names("grids").index("level")
    return {
        key
        for key, (wanted, row) in again.items()
        if wanted is not None and row is not None
        and row[level] != Level.SMALL and wanted[:-1] == row[:-1]
    }  # fmt: skip


def _district_inverse(
    base: Backend, connection: Connection, district: Mapping[str, Any], revision: int
) -> tuple[dict[str, Any], bool]:
    """Return the values of a district's row as they were before, and whether they changed again."""
    past = layer_tables.past_districts
    kept = ("since", "until", "valid_from", "valid_to", "district", "fid", "revision")
    names = [c.name for c in past.c if c.name in layer_tables.districts.c and c.name not in kept]
    where, which = "district = ? AND {} = ?", (district["code"], revision)
    before = base.fetch(connection, past, names, where.format("until"), which)
    if not before:
        return {}, False
    after = base.fetch(connection, past, names, where.format("since"), which)
    now = tuple(district[name] for name in names)
    became = after[0] if after else now
    changed = {
        name: old for name, old, new in zip(names, before[0], became, strict=True) if old != new
    }
    again = any(
        district[name] != new
        for name, new in zip(names, became, strict=True)
        if name in changed and district[name] != changed[name]
    )
    return changed, again
