"""Ground cells into polygons that fit: one coverage, every shared corner on both sides."""

from typing import Final

import numpy as np
import shapely

from geo.arrays import FloatArray, GeometryArray, IntArray

_GRID_M: Final = 1e-3
"""Corners are snapped to millimetres, so that a corner on a neighbour's side lies on it exactly."""


def faces(quads: FloatArray) -> tuple[GeometryArray, IntArray]:
    """Return the polygons of a seamless ground, and the cell that each belongs to.

    All sides are noded together with snap rounding and built into faces again, so that the corner
    of one cell in the middle of another's side becomes a vertex of both.

    Parameters
    ----------
    quads : ndarray of float64, shape (c, 4, 2)
        Convex cells that touch but do not overlap, but for rounding.
    """
    rings = np.concatenate([quads, quads[:, :1]], axis=1)
    lines = shapely.unary_union(shapely.linestrings(rings), grid_size=_GRID_M)
    found = shapely.get_parts(shapely.polygonize([lines]))
    inner = shapely.point_on_surface(found)
    tree = shapely.STRtree(np.asarray(shapely.polygons(quads), dtype=object))
    face, cell = tree.query(inner, predicate="within")
    first = np.unique(face, return_index=True)[1]
    order = np.lexsort((face[first], cell[first]))
    return found[face[first]][order], cell[first][order].astype(np.int64)


def dissolve(polygons: GeometryArray, group: IntArray) -> GeometryArray:
    """Unite the polygons of a coverage by group, 0..n-1; the result fits as the input does."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    merged = np.empty(len(starts), dtype=object)
    for number, part in enumerate(np.split(polygons[order], starts[1:])):
        merged[number] = part[0] if len(part) == 1 else shapely.coverage_union_all(part)
    return merged
