"""The state of a district as it is, read whole or by what changed since a known state."""

import json
from collections.abc import Collection
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import column_names, to_district
from boundaries.store.rows.read import district_row, layer_frame, read_marks, rows_of_keys
from boundaries.store.rows.usable_rows import is_nested, usable_frame
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.records import Mark, State
from geo.arrays import IntArray
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.layers import Layers
from geo.model.renewal import origins, renewed

MOST_REVISIONS: Final = 1_000
"""Revisions since a known state up to which the difference is read; beyond, everything is."""


def read_state(
    base: Backend, connection: Connection, code: str, known: State | None = None
) -> State:
    """Return a district with its layers and its mark.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading`.
    code : str
    known : State, optional
        An earlier state of the district: what did not change since is taken from it, the same
        frames where nothing of a layer changed.

    Raises
    ------
    NotFoundError
        If there is no such district.
    """
    row = district_row(base, connection, code)
    mark = read_marks(connection, [code])[code]
    changed = {} if known is None else _changed_keys(connection, code, known.mark, mark)
    frames: dict[str, pd.DataFrame] = {}
    origin: dict[str, IntArray] = {}
    for layer in layer_tables.layers:
        keys = changed.get(layer)
        if known is None or keys is None:
            frames[layer] = layer_frame(base, connection, layer, code)
            continue
        frames[layer] = getattr(known.layers, layer)
        if keys:
            fresh = _fresh(base, connection, code, layer, keys=keys)
            rows = _origins(frames[layer], layer, keys, fresh)
            if len(rows) == _count(connection, layer, code):
                frames[layer], origin[layer] = renewed(frames[layer], fresh, rows), rows
                if layer != "grids" or is_nested(frames[layer]):
                    continue
            # The log is not to be trusted, or there are rows that cannot be used.
            origin.pop(layer, None)
            frames[layer] = layer_frame(base, connection, layer, code)
    return State(mark, to_district(row, base.codec.decode), Layers(**frames), origin)


def _fresh(
    base: Backend, connection: Connection, code: str, layer: str, *, keys: set[str | int]
) -> pd.DataFrame:
    """Return the usable rows of a layer that have some keys, as a layer."""
    table, names = layer_tables.layers[layer], column_names(layer)
    rows = rows_of_keys(base, connection, table, names, code=code, keys=keys)
    return usable_frame(layer, rows, base.codec.decode, whole=False)


def _origins(
    before: pd.DataFrame, layer: str, keys: set[str | int], fresh: pd.DataFrame
) -> IntArray:
    key = KEYS[layer]
    return origins(before[key].to_numpy(object), keys, fresh[key].to_numpy(object))


def _changed_keys(
    connection: Connection, code: str, before: Mark, now: Mark
) -> dict[str, set[str | int] | None]:
    """Return the keys that changed from one mark to another, by layer.

    None for a layer of which the log does not name them. Empty if the log does not lead from the
    one to the other: it was cut off, or the district is that of another store which took the place
    of the first.
    """
    changes = record_tables.changes
    between = changes.c.revision.between(before.revision, now.revision)
    names = ("revision", "at", "counts", "before", "after")
    query = sa.select(*(changes.c[name] for name in names)).order_by(changes.c.revision)
    query = query.where(changes.c.district == code, between).limit(MOST_REVISIONS + 2)
    log = list(connection.execute(query))
    wanted = list(range(before.revision, now.revision + 1))
    if [row.revision for row in log] != wanted or (log[0].revision, log[0].at) != before:
        return {}
    changed: dict[str, set[str | int] | None] = {layer: set() for layer in layer_tables.layers}
    for row in log[1:]:
        was, became = json.loads(row.before), json.loads(row.after)
        for layer, counts in json.loads(row.counts).items():
            named = {*was.get(layer, ()), *became.get(layer, ())}
            known = changed[layer]
            if known is None or (not named and any(counts.values())):
                changed[layer] = None
            else:
                known |= _typed(layer, named)
    return changed


def _typed(layer: str, keys: Collection[str]) -> set[str | int]:
    """Return keys as the rows have them; JSON knows texts alone."""
    is_number = COLUMNS[layer][KEYS[layer]].kind == "int"
    return {int(key) if is_number else key for key in keys}


def _count(connection: Connection, layer: str, code: str) -> int:
    table = layer_tables.layers[layer]
    query = sa.select(sa.func.count()).select_from(table).where(table.c.district == code)
    return int(connection.scalar(query) or 0)
