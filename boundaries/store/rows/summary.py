"""Summary of a district for lists: how much there is of what, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import to_district
from boundaries.store.rows.read import district_row, layer_frame
from boundaries.store.rows.usable_rows import decoded, shape_faults
from boundaries.store.tables import layer_tables
from geo.arrays import FloatArray, GeometryArray
from geo.grids.inhabited import inhabited_box
from geo.model.layers import District, Layers
from geo.model.vocabulary import Level

_COUNTED: Final = (
    "service_points",
    "walk_edges",
    "barriers",
    "gates",
    "open_grounds",
    "entrances",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """A district without its layers.

    Attributes
    ----------
    district : District
    counts : dict of str to int
        Grids of each level, ``households``, ``workers`` (each once), and the rows of other layers.
    extent : tuple of float
        West, south, east, north, degrees (:func:`geo.grids.hierarchy.extent`).
    """

    district: District
    counts: Mapping[str, int]
    extent: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Households:
    """The households of a district, small counts by building.

    Attributes
    ----------
    small : dict of str to int
        Building -> its households, where these are some and below the limit that was asked for.
    others : int
        The sum of all others.
    """

    small: Mapping[str, int]
    others: int


def summary_of(
    district: District, layers: Layers, extent: tuple[float, float, float, float]
) -> Summary:
    """Return the summary of a district whose layers are at hand."""
    counts = {
        **_levels(layers.grids),
        "buildings": len(layers.buildings),
        "households": int(layers.buildings["households"].sum()),
        "workers": int(layers.workers["worker_code"].nunique()),
        **{name: len(getattr(layers, name)) for name in _COUNTED},
    }
    return Summary(district, counts, extent)


def read_summary(base: Backend, connection: Connection, code: str) -> Summary:
    """Return the summary of a district; of large layers only what it is made of is read.

    Raises
    ------
    NotFoundError
        If there is no such district.
    """
    district = to_district(district_row(base, connection, code), base.codec.decode)
    lonlat = _demand_points(base, connection, code)
    box = inhabited_box(_grids(base, connection, code, Level.SMALL), lonlat, district.epsg)
    if box is None:
        grids = _grids(base, connection, code, *Level)
        box = tuple(shapely.total_bounds(grids if len(grids) else district.boundary).tolist())
    counts = {"buildings": len(lonlat), **_counts(connection, code)}
    return Summary(district, counts, box)


def read_households(base: Backend, connection: Connection, code: str, *, below: int) -> Households:
    """Return the households of a district, those of buildings with fewer than `below` one by one.

    Raises
    ------
    NotFoundError
        If there is no such district.
    """
    district_row(base, connection, code)
    table = layer_tables.layers["buildings"]
    of_district = "district = ? AND households > 0 AND households < ?"
    small = base.fetch(connection, table, ["building_id", "households"], of_district, (code, below))
    others = sa.select(sa.func.sum(table.c.households)).where(
        table.c.district == code, table.c.households >= below
    )
    return Households(dict(small), int(connection.scalar(others) or 0))


def _levels(grids: gpd.GeoDataFrame) -> dict[str, int]:
    numbers = grids["level"].value_counts()
    return {str(level): int(numbers.get(level, 0)) for level in Level}


def _grids(base: Backend, connection: Connection, code: str, *levels: Level) -> GeometryArray:
    """Return the shapes of the grids of some levels that can be used, by code."""
    table, columns = layer_tables.layers["grids"], ["code", layer_tables.GEOMETRY_COLUMN]
    of_levels = f"district = ? AND level IN ({', '.join('?' * len(levels))})"
    rows = sorted(base.fetch(connection, table, columns, of_levels, (code, *map(str, levels))))
    shapes, _ = decoded([shape for _, shape in rows], base.codec.decode)
    faults = shape_faults(shapes, layer_tables.kinds_of("grids"))
    usable: GeometryArray = np.delete(shapes, list(faults))
    return usable


def _demand_points(base: Backend, connection: Connection, code: str) -> FloatArray:
    """Return longitude and latitude of the demand points of buildings, shape (n, 2)."""
    table = layer_tables.layers["buildings"]
    rows = base.fetch(connection, table, ["lon", "lat"], "district = ?", (code,))
    lonlat = np.array(rows, dtype=np.float64).reshape(-1, 2)
    if not np.isnan(lonlat).any():
        return lonlat
    frame = layer_frame(base, connection, "buildings", code)  # works out those that were cleared
    points: FloatArray = frame[["lon", "lat"]].to_numpy(np.float64)
    return points


def _counts(connection: Connection, code: str) -> dict[str, int]:
    """Return the counts that the database works out."""
    tables = layer_tables.layers
    grids = tables["grids"]
    of_levels = sa.select(grids.c.level, sa.func.count()).where(grids.c.district == code)
    rows = connection.execute(of_levels.group_by(grids.c.level))
    found = {level: int(n) for level, n in rows}
    asked: dict[str, tuple[str, Any]] = {
        "households": ("buildings", sa.func.sum(tables["buildings"].c.households)),
        "workers": ("workers", sa.func.count(sa.distinct(tables["workers"].c.worker_code))),
        **{name: (name, sa.func.count()) for name in _COUNTED},
    }
    counts = {str(level): found.get(str(level), 0) for level in Level}
    for name, (layer, figure) in asked.items():
        of_district = tables[layer].c.district == code
        query = sa.select(figure).select_from(tables[layer]).where(of_district)
        counts[name] = int(connection.scalar(query) or 0)
    return counts
