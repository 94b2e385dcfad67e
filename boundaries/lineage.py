"""Which grid came from which, and codes that are not used again."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries import record_tables, tables
from boundaries.backend import Backend, Stamp
from boundaries.change_log import undone_imports
from boundaries.history import Lineage
from boundaries.layer_changes import Difference
from boundaries.layer_rows import Decode, Row, column_names, key_position, to_frame
from boundaries.stored import rows_of_keys
from geo import crs
from geo.descent import Descent, descents
from geo.district import Level, Origin
from geo.errors import SchemaError


def trace_grids(
    base: Backend,
    connection: Connection,
    code: str,
    found: Difference,
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
    check_retired(found, _retired(base, connection, code, found), base.codec.decode)
    rows = [
        {"district": code, "revision": stamp.revision, "valid_from": stamp.day, **row}
        for row in _descents(found, base.codec.decode, epsg=epsg)
    ]
    if rows:
        connection.execute(sa.insert(record_tables.lineage), rows)


def read_lineage(connection: Connection, code: str, grid: str | None = None) -> list[Lineage]:
    """Return which grid came from which, oldest first; of one grid alone if `grid` is given."""
    table = record_tables.lineage
    query = sa.select(table).where(table.c.district == code)
    if grid is not None:
        query = query.where((table.c.old_code == grid) | (table.c.new_code == grid))
    rows = connection.execute(query.order_by(table.c.revision, table.c.fid))
    return [
        Lineage(
            row.revision, row.valid_from, Level(row.level), Descent(row.kind),
            row.old_code, row.new_code, row.share,
        )
        for row in rows
    ]  # fmt: skip


def read_retired_codes(
    base: Backend, connection: Connection, code: str, *, given_only: bool
) -> frozenset[str]:
    """Return the codes that grids bore and none bears now; undone imports do not count."""
    columns = ["code", "origin", "since", "until"]
    past = base.fetch(connection, tables.past["grids"], columns, "district = ?", (code,))
    now = base.fetch(connection, tables.layers["grids"], ["code"], "district = ?", (code,))
    undone = undone_imports(connection, code) if past else {}
    borne = {
        grid
        for grid, origin, since, until in past
        if undone.get(since) != until and (origin == Origin.GIVEN or not given_only)
    }
    return frozenset(borne - {grid for (grid,) in now})


def _retired(
    base: Backend, connection: Connection, code: str, found: Difference
) -> gpd.GeoDataFrame:
    """Return what the codes that are new were before; imports that were undone do not count."""
    at = key_position("grids")
    columns = [*column_names("grids"), "since", "until"]
    keys = [row[at] for row in found.added]
    past = rows_of_keys(base, connection, tables.past["grids"], columns, code=code, keys=keys)
    undone = undone_imports(connection, code) if past else {}
    rows = [row[:-2] for row in past if undone.get(row[-2]) != row[-1]]
    return to_frame("grids", rows, base.codec.decode)


def check_retired(found: Difference, past: pd.DataFrame, decode: Decode) -> None:
    """Refuse a code that a given grid bore before and that is given to another place now.

    A grid that comes back as it was is welcome. Codes of grids that Lifecircle drew itself are not
    official and may be used again.

    Raises
    ------
    SchemaError
        Naming the codes.
    """
    retired = past[past["origin"] == Origin.GIVEN]
    if retired.empty:
        return
    added = to_frame("grids", found.added, decode)
    places: dict[str, set[bytes]] = {}
    for code, shape in zip(retired["code"], shapely.to_wkb(retired.geometry.array), strict=True):
        places.setdefault(code, set()).add(shape)
    reused = [
        code
        for code, shape in zip(added["code"], shapely.to_wkb(added.geometry.array), strict=True)
        if code in places and shape not in places[code]
    ]
    if reused:
        raise SchemaError(
            f"Layer grids: {len(reused)} x code was retired and belongs to another place, first "
            f"{reused[0]!r}. Give new grids codes that were never used."
        )


def _descents(found: Difference, decode: Decode, *, epsg: int) -> list[dict[str, Any]]:
    """Return which grid came from which as rows of the table (:func:`geo.descent.descents`)."""
    before = [*(each.row for each, _ in found.changed), *(each.row for each in found.removed)]
    table = descents(_metric(before, decode, epsg), _metric(found.begun, decode, epsg))
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _metric(rows: list[Row], decode: Decode, epsg: int) -> gpd.GeoDataFrame:
    return crs.to_metric(to_frame("grids", rows, decode), epsg)
