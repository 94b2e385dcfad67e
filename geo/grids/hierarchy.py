"""The tree of grids: which ones lie on the ground, and parents derived from their children."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.geometry.polygon_coverage import joined, wide_parts
from geo.messages import Message
from geo.model.vocabulary import Level

NAMES: Final[Mapping[Level, tuple[str, str]]] = MappingProxyType(
    {
        Level.LARGE: ("大网格", "Large grid"),
        Level.MEDIUM: ("中网格", "Medium grid"),
        Level.SMALL: ("小网格", "Small grid"),
    }
)
"""Beginnings of the names in Chinese and English."""

LEVEL_WORDS: Final[Mapping[str, Message]] = MappingProxyType(
    {
        Level.LARGE: Message("grids.large"),
        Level.MEDIUM: Message("grids.medium"),
        Level.SMALL: Message("grids.small"),
    }
)
"""What messages call a level."""

_UPWARDS: Final = (Level.MEDIUM, Level.LARGE)


def ground_grids(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the grids that have no children, by code, with an index 0..n-1."""
    parents = set(grids["parent_code"].dropna())
    return grids[~grids["code"].isin(parents)].sort_values("code", ignore_index=True)


def ground_under(plan: gpd.GeoDataFrame, ground: gpd.GeoDataFrame) -> list[tuple[str, IntArray]]:
    """Return the code of each grid that has children, with the rows of `ground` under it."""
    above = dict(zip(plan["code"], plan["parent_code"], strict=True))
    lines = []
    for row, parent in enumerate(ground["parent_code"]):
        ancestor = parent
        for _ in _UPWARDS:
            if ancestor in above:
                lines.append((ancestor, row))
            ancestor = above.get(ancestor)
    table = pd.DataFrame(lines, columns=["code", "row"])
    groups = table.groupby("code", sort=True)["row"]
    return [(str(code), rows.to_numpy(np.int64)) for code, rows in groups]


def extent(
    grids: gpd.GeoDataFrame, inhabited: "pd.Series[Any]", boundary: BaseGeometry
) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the inhabited grids of a district.

    Of all grids where none is inhabited, of the boundary where there are no grids: a district may
    have grids in one corner only.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``.
    inhabited : Series of str
        Code of the small grid of each building, None where there is none.
    boundary : BaseGeometry
        Of the district, in the CRS of `grids`.
    """
    lived = grids[grids["code"].isin(inhabited.dropna().unique())]
    grids = lived if len(lived) else grids
    west, south, east, north = grids.total_bounds if len(grids) else boundary.bounds
    return float(west), float(south), float(east), float(north)


def children_of(grids: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return the code of each parent with the rows of its children, by code."""
    return [(str(code), rows) for code, rows in grids.groupby("parent_code", sort=True)]


def derive_parents(small: gpd.GeoDataFrame, parents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all levels, every parent as the exact union of its children.

    Parameters
    ----------
    small : GeoDataFrame
        Ground grids: layer ``grids``, any CRS.
    parents : GeoDataFrame
        Layer ``grids`` in the same CRS: what parents are called and whose children they are. Those
        that have no children any more are left out.

    Returns
    -------
    GeoDataFrame
        Layer ``grids`` by code, index 0..n-1.

    Examples
    --------
    >>> from shapely import box
    >>> small = gpd.GeoDataFrame(
    ...     {"code": ["a1", "a2"], "level": "small", "parent_code": "a"},
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4548,
    ... )
    >>> parent = gpd.GeoDataFrame(
    ...     {"code": ["a"], "level": "medium", "parent_code": None}, geometry=[None], crs=4548
    ... )
    >>> derive_parents(small, parent).set_index("code").area.to_dict()
    {'a': 2.0, 'a1': 1.0, 'a2': 1.0}
    """
    named = parents[~parents["code"].isin(small["code"])].set_index("code", drop=False)
    whole = small
    for level in _UPWARDS:
        codes = named.index[named["level"] == level]
        union = {
            code: joined(np.asarray(rows.geometry, object))
            for code, rows in children_of(whole)
            if code in codes
        }
        if not union:
            continue
        rows = named.loc[list(union)].reset_index(drop=True)
        rows = rows.set_geometry(list(union.values()), crs=small.crs)
        whole = gpd.GeoDataFrame(pd.concat([whole, rows], ignore_index=True), crs=small.crs)
    return whole.sort_values("code", ignore_index=True)


def with_unchanged_shapes(after: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `after` with the very shapes of `before` where the ground is the same.

    Ground grids count as the same only vertex by vertex, since their neighbours have to match.
    """
    old = before.drop_duplicates("code").set_index("code").geometry.reindex(after["code"])
    above = after["code"].isin(after["parent_code"]).to_numpy()
    new_shapes, old_shapes = (np.asarray(each, dtype=object) for each in (after.geometry, old))
    return after.set_geometry(unchanged_shapes(new_shapes, old_shapes, above), crs=after.crs)


def unchanged_shapes(
    after: GeometryArray, before: GeometryArray, above: npt.NDArray[np.bool_]
) -> GeometryArray:
    """Return the shapes after a change, the very ones of before where the ground is the same.

    Parameters
    ----------
    after, before : ndarray of Polygon, MultiPolygon or None, shape (n,)
        Of the same grids, metric CRS.
    above : ndarray of bool, shape (n,)
        Whether a grid has others in it; the others count vertex by vertex.
    """
    shapes = after.copy()
    with np.errstate(invalid="ignore"):  # places that are no numbers are not the same
        unchanged = shapely.equals_exact(shapes, before, normalize=True)
    for row in np.flatnonzero(above & ~unchanged & shapely.is_valid(before)):
        unchanged[row] = not wide_parts(shapely.symmetric_difference(shapes[row], before[row]))
    shapes[unchanged] = before[unchanged]
    return shapes
