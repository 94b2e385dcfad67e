"""Give outlines that were drawn at different times the same vertices where they meet."""

import numpy as np
import scipy.spatial
import shapely

from geo.arrays import FloatArray


def match_vertices(shape: shapely.Polygon, points: FloatArray, within_m: float) -> shapely.Polygon:
    """Return a polygon with every point on its outline that lies that near.

    Parameters
    ----------
    shape : Polygon
    points : ndarray of float64, shape (k, 2)
        Vertices of others.
    within_m : float
        A vertex this near a point moves to it; an edge this near a point gets it as a vertex.

    Returns
    -------
    Polygon

    Examples
    --------
    >>> square = shapely.box(0, 0, 2, 2)
    >>> match_vertices(square, np.array([[1.0, 0.0], [2.00001, 2.0], [9.0, 9.0]]), 1e-4).wkt
    'POLYGON ((2 0, 2.00001 2, 0 2, 0 0, 1 0, 2 0))'
    """
    if not len(points):
        return shape
    points = np.unique(points, axis=0)
    rings = [
        _ring(shapely.get_coordinates(ring), points, within_m)
        for ring in (shape.exterior, *shape.interiors)
    ]
    return shapely.Polygon(rings[0], rings[1:])


def _ring(at: FloatArray, points: FloatArray, within_m: float) -> FloatArray:
    """Return a closed ring with the points that lie on it."""
    gap, nearest = scipy.spatial.cKDTree(points).query(at[:-1])
    vertices = np.where((gap <= within_m)[:, None], points[nearest], at[:-1])
    start, end = vertices, np.roll(vertices, -1, axis=0)
    west, south = np.minimum(start, end).min(axis=0) - within_m
    east, north = np.maximum(start, end).max(axis=0) + within_m
    x, y = points.T
    near = points[(x >= west) & (x <= east) & (y >= south) & (y <= north)]
    along = end - start
    square = np.maximum((along**2).sum(axis=1), 1e-30)
    share = ((near[:, None] - start) * along).sum(axis=2) / square
    foot = start + share[:, :, None] * along
    off = np.hypot(*np.moveaxis(near[:, None] - foot, 2, 0))
    margin = within_m / np.sqrt(square)
    point, edge = np.nonzero((off <= within_m) & (share > margin) & (share < 1 - margin))
    every = np.concatenate([vertices, near[point]])
    order = np.lexsort(
        (
            np.concatenate([np.zeros(len(vertices)), share[point, edge]]),
            np.concatenate([np.arange(len(vertices)), edge]),
        )
    )
    ring = every[order]
    ring = ring[np.concatenate([[True], (ring[1:] != ring[:-1]).any(axis=1)])]
    return np.concatenate([ring, ring[:1]])
