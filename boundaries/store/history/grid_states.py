"""Every state that the grids of a district ever had, current and past."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection

from boundaries.store.history.undo import undone_changes
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import Row
from boundaries.store.rows.read import AsOf, as_day, rows_of_keys
from boundaries.store.rows.usable_rows import valid_shapes
from boundaries.store.tables import layer_tables
from boundaries.store.tables.geometry_type import single
from geo import crs

_TIMES: Final = ("since", "until", "valid_from", "valid_to")
_LAYER: Final = "grids"


def grid_states(
    base: Backend,
    connection: Connection,
    code: str,
    names: Iterable[str],
    *,
    keys: Collection[str] | None = None,
    as_of: AsOf | None = None,
) -> list[Row]:
    """Return some columns of every state, and since which revision and until which it held.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading`.
    code : str
        Of the district.
    names : iterable of str
        Columns of layer ``grids``.
    keys : collection of str, optional
        Codes of grids; of all if omitted.
    as_of : int or date, optional
        What began later is left out, and what ended later holds. As it is now if omitted.

    Returns
    -------
    list of tuple
        The columns, `since`, `until`; None for a state that holds.
    """
    columns, states = list(names), []
    for table, times in (
        (layer_tables.past[_LAYER], _TIMES),
        (layer_tables.layers[_LAYER], _TIMES[::2]),
    ):
        rows = rows_of_keys(base, connection, table, [*columns, *times], code=code, keys=keys)
        if table is layer_tables.layers[_LAYER]:
            rows = [(*row[:-1], None, row[-1], None) for row in rows]
        states += [_at(row, as_of) for row in rows if _begun(row, as_of)]
    return states


def _begun(row: Row, as_of: AsOf | None) -> bool:
    """Return whether a state had begun by a moment."""
    since, _, valid_from, _ = row[-4:]
    if isinstance(as_of, date):
        return as_day(valid_from) <= as_of
    return as_of is None or bool(since <= as_of)


def _at(row: Row, as_of: AsOf | None) -> Row:
    """Return a state without its days, as one that holds where it ended later than a moment."""
    *_, until, _, valid_to = row
    ended = until is not None
    if ended and isinstance(as_of, date):
        ended = as_day(valid_to) <= as_of
    elif ended and as_of is not None:
        ended = until <= as_of
    return (*row[:-3], until if ended else None)


def without_undone(connection: Connection, code: str, states: Iterable[Row]) -> list[Row]:
    """Return states without those of changes that were undone."""
    undone = undone_changes(connection, code)
    return [state for state in states if state[-1] is None or undone.get(state[-2]) != state[-1]]


def states_frame(
    base: Backend, states: list[Row], names: list[str], *, epsg: int
) -> gpd.GeoDataFrame:
    """Return states with their shapes in the metric CRS.

    Parameters
    ----------
    base : Backend
    states : list of tuple
        As :func:`grid_states` gives them; the last of `names` is the geometry.
    names : list of str
    epsg : int
        Of the district.
    """
    columns = [*names[:-1], "shape", "since", "until"]
    table: dict[str, Any] = dict(zip(columns, zip(*states, strict=True), strict=True))
    shapes = single(valid_shapes(table.pop("shape"), base.codec.decode))
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in table.items()})
    return crs.to_metric(gpd.GeoDataFrame(frame, geometry=shapes, crs=crs.STORED_EPSG), epsg)
