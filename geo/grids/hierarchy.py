"""The tree of grids: which ones lie on the ground, and parents derived from their children."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.geometry.polygon_coverage import joined, wide_parts
from geo.model.layers import Level

NAMES: Final[Mapping[Level, tuple[str, str]]] = MappingProxyType(
    {
        Level.LARGE: ("大网格", "Large grid"),
        Level.MEDIUM: ("中网格", "Medium grid"),
        Level.SMALL: ("小网格", "Small grid"),
    }
)
"""Beginnings of the names in Chinese and English."""

_UPWARDS: Final = (Level.MEDIUM, Level.LARGE)


def ground_grids(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the grids that have no children, by code, with an index 0..n-1."""
    parents = set(grids["parent_code"].dropna())
    return grids[~grids["code"].isin(parents)].sort_values("code", ignore_index=True)


def ground_under(plan: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return the code of each grid that has children, with the ground grids under it."""
    above = dict(zip(plan["code"], plan["parent_code"], strict=True))
    ground = ground_grids(plan)
    lines = []
    for row, parent in enumerate(ground["parent_code"]):
        ancestor = parent
        for _ in _UPWARDS:
            if ancestor in above:
                lines.append((ancestor, row))
            ancestor = above.get(ancestor)
    table = pd.DataFrame(lines, columns=["code", "row"])
    groups = table.groupby("code", sort=True)["row"]
    return [(str(code), ground.iloc[rows]) for code, rows in groups]


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
    shapes, old_shapes = (np.asarray(each, dtype=object) for each in (after.geometry, old))
    shapes = shapes.copy()
    unchanged = shapely.equals_exact(shapes, old_shapes, normalize=True)
    above = after["code"].isin(after["parent_code"]).to_numpy()
    for row in np.flatnonzero(above & ~unchanged & shapely.is_valid(old_shapes)):
        unchanged[row] = not wide_parts(shapely.symmetric_difference(shapes[row], old_shapes[row]))
    shapes[unchanged] = old_shapes[unchanged]
    return after.set_geometry(shapes, crs=after.crs)
