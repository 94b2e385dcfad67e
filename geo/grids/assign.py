"""Which large, medium and small grid a point belongs to.

Every point of the covered area belongs to exactly one grid of a level, and always to the same one:
a point on a shared border belongs to the touching grid with the lowest code, in whatever order the
grids come. Large and medium follow from the small grid by `parent_code`, so the three never
contradict each other; where there is no small grid, the next level is looked up in its own
polygons.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import FloatArray, IntArray
from geo.crs import project_points, require_metric
from geo.errors import InputError
from geo.geometry.point_in_polygon import PointLocator
from geo.grids.codes import LEVELS
from geo.model.layers import Layers

_STATUSES: Final = np.array(["outside", "inside", "on_border", "invalid"], dtype=object)
_OUTSIDE, _INSIDE, _ON_BORDER, _INVALID = range(4)


def assign(
    grids: gpd.GeoDataFrame, x: npt.ArrayLike, y: npt.ArrayLike, *, nearest: bool = True
) -> pd.DataFrame:
    """Assign points to grids.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, any subset of the three levels.
    x, y : array_like, shape (n,)
        Easting and northing in the same CRS, metres. What is missing, not finite or not a number
        makes the point `invalid`.
    nearest : bool
        Whether to look for the nearest grid of points outside.

    Returns
    -------
    DataFrame
        Index 0..n-1. `large`, `medium`, `small`: code, None where there is none. `status`:

        - ``inside``: in the interior of its grid (of the finest level that holds it);
        - ``on_border``: on the border of its grid;
        - ``outside``: in no grid of any level;
        - ``invalid``: not a point.

        `nearest`: for points outside, the nearest grid of the finest level there is, the lowest
        code among equals; else None. `distance_m`: metres to it; else NaN.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.
    InputError
        If `x` and `y` differ in length.

    Notes
    -----
    About 0.2 s for 1,000,000 points and 5,000 grids; 10 us more for each point outside.

    Examples
    --------
    >>> from shapely import box
    >>> grids = gpd.GeoDataFrame(
    ...     {"code": ["b", "a"], "level": "small", "parent_code": None},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4548,
    ... )
    >>> assign(grids, [0.5, 1.0, 5.0, None], [0.5, 0.5, 0.5, 0.5])[["small", "status", "nearest"]]
      small     status nearest
    0     b     inside    None
    1     a  on_border    None
    2  None    outside       a
    3  None    invalid    None
    """
    require_metric(grids.crs, what="crs.grid_layer")
    east, north = _number(x), _number(y)
    if len(east) != len(north):
        raise InputError("grids.x_without_y", x=len(east), y=len(north))
    tree = _GridTree.of(grids)
    row, status = _finest(tree, east, north)
    status[~(np.isfinite(east) & np.isfinite(north))] = _INVALID
    columns = {
        str(level): _codes(tree, depth, row=row, x=east, y=north)
        for depth, level in enumerate(LEVELS)
    }
    columns["status"] = _STATUSES[status]
    near, distance = _nearest(tree, east, north, status == _OUTSIDE if nearest else None)
    columns["nearest"] = tree.codes[near]
    series = {name: pd.Series(column, dtype=object, copy=False) for name, column in columns.items()}
    return pd.DataFrame({**series, "distance_m": distance}, copy=False)


def members(layers_metric: Layers) -> pd.DataFrame:
    """Assign every building to its grids, by its demand point.

    Parameters
    ----------
    layers_metric : Layers
        Layers in the district's metric CRS; `lon` and `lat` of buildings are degrees.

    Returns
    -------
    DataFrame
        `large`, `medium`, `small`: code, None where there is none; index of the buildings.
    """
    frame = assign(layers_metric.grids, *demand_xy(layers_metric.buildings).T, nearest=False)
    return frame[["large", "medium", "small"]].set_index(layers_metric.buildings.index)


def demand_xy(buildings: gpd.GeoDataFrame) -> FloatArray:
    """Return easting and northing of the demand points of buildings.

    Parameters
    ----------
    buildings : GeoDataFrame
        Layer ``buildings`` in the metric CRS.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Metres.
    """
    crs = require_metric(buildings.crs, what="crs.building_layer")
    epsg = crs.to_epsg()
    if epsg is None:
        raise InputError("grids.no_epsg", crs=crs.name)
    return project_points(buildings["lon"], buildings["lat"], epsg)


@dataclass(frozen=True, slots=True)
class _GridTree:
    """Grids by code, with their ancestors.

    Attributes
    ----------
    codes : ndarray of str objects, shape (g + 1,)
        Ascending; the last is None, so that row -1 reads as "none".
    levels : ndarray of int64, shape (g,)
        0 large, 1 medium, 2 small.
    lineage : ndarray of int64, shape (g + 1, 3)
        Row of the large, medium and small grid of each grid, itself included; -1 for none.
    shapes : ndarray of geometries, shape (g,)
    """

    codes: npt.NDArray[np.object_]
    levels: IntArray
    lineage: IntArray
    shapes: npt.NDArray[np.object_]

    @classmethod
    def of(cls, grids: gpd.GeoDataFrame) -> "_GridTree":
        names = grids["code"].astype(str).to_numpy(dtype=object)
        order = np.argsort(names, kind="stable")
        codes = np.append(names[order], [None])
        depth = {str(level): place for place, level in enumerate(LEVELS)}
        level_names = grids["level"].astype(str).to_numpy(dtype=object)[order]
        unknown = sorted(set(level_names) - set(depth))
        if unknown:
            raise InputError("grids.level_unknown", level=unknown[0])
        levels = np.array([depth[level] for level in level_names], dtype=np.int64)
        parent = pd.Index(codes[:-1]).get_indexer(
            grids["parent_code"].to_numpy(dtype=object)[order]
        )
        lineage = np.full((len(codes), 3), -1, dtype=np.int64)
        rows = np.arange(len(levels))
        ancestor = rows
        for _ in range(3):  # itself, its parent, and the parent's parent
            exists = ancestor >= 0
            lineage[rows[exists], levels[ancestor[exists]]] = ancestor[exists]
            ancestor = np.where(exists, parent[ancestor] if len(parent) else -1, -1)
        return cls(codes, levels, lineage, np.asarray(grids.geometry, dtype=object)[order])

    def rows_of(self, depth: int) -> IntArray:
        """Return the rows of the grids of one level, by code."""
        return np.flatnonzero(self.levels == depth)

    def finest(self) -> IntArray:
        """Return the rows of the grids of the finest level there is."""
        return self.rows_of(int(self.levels.max())) if len(self.levels) else self.rows_of(0)


def _finest(tree: _GridTree, x: FloatArray, y: FloatArray) -> tuple[IntArray, npt.NDArray[np.int8]]:
    """Return the row of the finest grid that holds each point, and its status."""
    row = np.full(len(x), -1, dtype=np.int64)
    status = np.full(len(x), _OUTSIDE, dtype=np.int8)
    for depth in range(len(LEVELS))[::-1]:
        unassigned = slice(None) if depth == len(LEVELS) - 1 else np.flatnonzero(row < 0)
        grid_row, border = _locate(tree, depth, x[unassigned], y[unassigned])
        row[unassigned] = grid_row
        status[unassigned] = _INSIDE * (grid_row >= 0) + (_ON_BORDER - _INSIDE) * border
    return row, status


def _codes(
    tree: _GridTree, depth: int, *, row: IntArray, x: FloatArray, y: FloatArray
) -> npt.NDArray[np.object_]:
    """Return the code of one level for points whose finest grid is `row`."""
    codes: npt.NDArray[np.object_] = tree.codes[tree.lineage[:, depth]][row]
    # The parents of a grid without `parent_code` are looked up in their own polygons.
    orphan = np.append((tree.lineage[:-1, depth] < 0) & (tree.levels > depth), [False])
    if orphan.any():
        orphaned = np.flatnonzero(orphan[row])
        codes[orphaned] = tree.codes[_locate(tree, depth, x[orphaned], y[orphaned])[0]]
    return codes


def _locate(
    tree: _GridTree, depth: int, x: FloatArray, y: FloatArray
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Return the row of the grid of one level that holds each point, and whether on its border."""
    grid_rows = tree.rows_of(depth)
    if len(grid_rows) == 0 or len(x) == 0:
        return np.full(len(x), -1, dtype=np.int64), np.zeros(len(x), dtype=np.bool_)
    grid_row, border = PointLocator.build(tree.shapes[grid_rows], points=len(x)).locate(x, y)
    return np.append(grid_rows, [-1])[grid_row], border


def _nearest(
    tree: _GridTree,
    x: FloatArray,
    y: FloatArray,
    wanted: npt.NDArray[np.bool_] | None,
) -> tuple[IntArray, FloatArray]:
    """Return the row of the nearest grid and the metres to it, for the points `wanted`."""
    near = np.full(len(x), -1, dtype=np.int64)
    distance = np.full(len(x), np.nan)
    grid_rows = tree.finest()
    if wanted is None or not wanted.any() or len(grid_rows) == 0:
        return near, distance
    points = np.flatnonzero(wanted)
    (point, grid), metres = shapely.STRtree(tree.shapes[grid_rows]).query_nearest(
        shapely.points(x[points], y[points]), return_distance=True, all_matches=True
    )
    # Write the highest code first, so that the lowest of those equally near stays.
    order = np.lexsort((-grid, point))
    near[points[point[order]]] = grid_rows[grid[order]]
    distance[points[point]] = metres
    return near, distance


def _number(values: npt.ArrayLike) -> FloatArray:
    """Return values as float64; what is no number becomes NaN."""
    array = np.atleast_1d(np.asarray(values))
    if array.dtype.kind in "fiu":
        return array.astype(np.float64, copy=False)
    numbers = pd.to_numeric(pd.Series(list(array), dtype=object), errors="coerce")
    return np.asarray(numbers, dtype=np.float64)
