"""Small grids whose buildings have changed since the outline was drawn."""

from collections import defaultdict

import numpy as np
from sqlalchemy import Connection

from boundaries.store.history.grid_states import grid_states, states_frame
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import Row
from boundaries.store.rows.read import rows_of_keys
from boundaries.store.tables import layer_tables
from boundaries.store.tables.layer_tables import GEOMETRY_COLUMN
from geo.arrays import FloatArray, IntArray
from geo.crs import project_points
from geo.geometry.point_in_polygon import PointLocator
from geo.model.vocabulary import Level

_COLUMNS = ["code", "level", GEOMETRY_COLUMN]
_LAYER = "buildings"
_NOTHING = (np.zeros(0), np.zeros(0), np.zeros(0))


def read_grids_since_drawn(
    base: Backend, connection: Connection, code: str, *, epsg: int
) -> frozenset[str]:
    """Return the codes of small grids in which a building is newer than the outline, or is gone.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.reading`.
    code : str
        Of the district.
    epsg : int
        Of its metric CRS.
    """
    states = grid_states(base, connection, code, _COLUMNS)
    states = [each for each in states if each[1] == Level.SMALL]
    now = [each for each in states if each[-1] is None]
    if not now:
        return frozenset()
    drawn = _drawn(states)
    shapes = states_frame(base, now, _COLUMNS, epsg=epsg).geometry.to_numpy()
    at, revision = _changes(base, connection, code, epsg=epsg)
    inside, _ = PointLocator.build(shapes, points=len(at)).locate(*at.T)
    codes = np.array([each[0] for each in now], dtype=object)
    since = np.array([drawn[each] for each in codes], dtype=np.int64)
    newer = (inside >= 0) & (revision > since[inside])
    return frozenset(codes[inside[newer]])


def _drawn(states: list[Row]) -> dict[str, int]:
    """Return the revision since which the outline of each grid is what it is.

    A grid that is only renamed keeps its outline.
    """
    by_grid = defaultdict(list)
    for name, _, shape, since, until in states:
        by_grid[name].append((since, until, shape))
    drawn = {}
    for name, rows in by_grid.items():
        newest_first = sorted(rows, key=lambda row: -row[0])
        begin, _, outline = newest_first[0]
        for since, until, shape in newest_first[1:]:
            if shape != outline or until != begin:
                break
            begin = since
        drawn[name] = begin
    return drawn


def _changes(
    base: Backend, connection: Connection, code: str, *, epsg: int
) -> tuple[FloatArray, IntArray]:
    """Return where buildings came, changed or went, metric CRS, and at which revision."""
    rows = [
        row
        for table, moment in ((layer_tables.layers, "since"), (layer_tables.past, "until"))
        for row in rows_of_keys(
            base, connection, table[_LAYER], ["lon", "lat", moment], code=code, keys=None
        )
    ]
    lon, lat, revision = (np.array(each) for each in zip(*rows, strict=True)) if rows else _NOTHING
    return project_points(lon, lat, epsg), revision.astype(np.int64)
