"""Many quadrilaterals at once: points inside them, insets, and where lines meet their sides.

A quadrilateral is convex and runs south-west, south-east, north-east, north-west; its sides are
numbered 0 south, 1 east, 2 north, 3 west, side s leading from corner s to corner s + 1.
"""

from typing import Final

import numpy as np

from geo.arrays import BoolArray, FloatArray, IntArray

SOUTH: Final = 0
EAST: Final = 1
NORTH: Final = 2
WEST: Final = 3


def bilinear(quads: FloatArray, u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the point of each quadrilateral at `u` (west 0, east 1), `v` (south 0, north 1).

    Parameters
    ----------
    quads : ndarray of float64, shape (n, 4, 2)
    u, v : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Lines of constant `u` or `v` are straight.
    """
    u_, v_ = u[:, None], v[:, None]
    south = quads[:, 0] * (1 - u_) + quads[:, 1] * u_
    north = quads[:, 3] * (1 - u_) + quads[:, 2] * u_
    return south * (1 - v_) + north * v_


def side_lengths(quads: FloatArray) -> FloatArray:
    """Return the length of each side, metres, shape (n, 4)."""
    sides = np.roll(quads, -1, axis=1) - quads
    return np.asarray(np.linalg.norm(sides, axis=2), dtype=np.float64)


def inward_normals(quads: FloatArray) -> FloatArray:
    """Return the unit vector that points inwards from each side, shape (n, 4, 2)."""
    along = np.roll(quads, -1, axis=1) - quads
    normal = np.stack([-along[..., 1], along[..., 0]], axis=2)
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    return np.asarray(normal / length, dtype=np.float64)


def meet(p: FloatArray, d: FloatArray, q: FloatArray, e: FloatArray) -> FloatArray:
    """Return where the lines p + s d and q + t e meet; all of shape (..., 2)."""
    cross = d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0]
    gap = q - p
    s = (gap[..., 0] * e[..., 1] - gap[..., 1] * e[..., 0]) / cross
    return p + s[..., None] * d


def inset(quads: FloatArray, metres: FloatArray) -> FloatArray:
    """Move each side inwards by its own distance.

    Parameters
    ----------
    quads : ndarray of float64, shape (n, 4, 2)
    metres : ndarray of float64, shape (n, 4)

    Returns
    -------
    ndarray of float64, shape (n, 4, 2)
    """
    along = np.roll(quads, -1, axis=1) - quads
    moved = quads + inward_normals(quads) * metres[..., None]
    return meet(np.roll(moved, 1, axis=1), np.roll(along, 1, axis=1), moved, along)


def meet_side(quads: FloatArray, side: IntArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return where the line through `p` and `q` meets side `side` of each quadrilateral, (n, 2)."""
    rows = np.arange(len(quads))
    start, end = quads[rows, side], quads[rows, (side + 1) % 4]
    return meet(p, q - p, start, end - start)


def contains(quads: FloatArray, points: FloatArray, margin_m: float) -> BoolArray:
    """Say which points lie inside their quadrilateral, `margin_m` or more from every side.

    Parameters
    ----------
    quads : ndarray of float64, shape (n, 4, 2)
    points : ndarray of float64, shape (n, k, 2)

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether all k points of each row do.
    """
    from_side = points[:, :, None, :] - quads[:, None, :, :]
    depth = (from_side * inward_normals(quads)[:, None]).sum(axis=3)
    return np.asarray((depth >= margin_m).all(axis=(1, 2)), dtype=np.bool_)


def boxes(
    centre: FloatArray, along: FloatArray, length_m: FloatArray, depth_m: FloatArray
) -> FloatArray:
    """Return rectangles by centre, unit direction, length along it and depth across, (n, 4, 2)."""
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    half, deep = along * length_m[:, None] / 2, across * depth_m[:, None] / 2
    return np.stack(
        [centre - half - deep, centre + half - deep, centre + half + deep, centre - half + deep],
        axis=1,
    )
