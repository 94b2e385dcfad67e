"""On which side of a line or of rings a point lies, without rounding errors (Numba).

Reference: J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
Predicates, 1997, sections 2.4 and 4.3.
"""

from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

OUTSIDE: Final = 0
INSIDE: Final = 1
BORDER: Final = 2
_FILTER: Final = 3.3306690738754716e-16
"""(3 + 16 u) u with u = 2**-53: relative error bound of the plain orientation test."""

_SPLITTER: Final = 134217729.0
"""2**27 + 1: splits a double into two halves of 26 bits."""


@nb.njit(cache=True)
def orientation(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> int:
    """Return 1 if c lies left of a -> b, -1 if right, 0 if the three are exactly in line.

    Exact for all coordinates whose products neither overflow nor underflow.

    Examples
    --------
    Just above, on and just below a line; the plain formula takes all three for points on it:

    >>> above, below = 0.5 + 2**-52, 0.5 - 2**-53
    >>> [orientation((12.0, 12.0), (24.0, 24.0), (0.5, y)) for y in (above, 0.5, below)]
    [1, 0, -1]
    >>> [(12.0 - 0.5) * (24.0 - y) - (12.0 - y) * (24.0 - 0.5) for y in (above, 0.5, below)]
    [0.0, 0.0, 0.0]
    """
    ax, ay = a
    bx, by = b
    cx, cy = c
    one = (ax - cx) * (by - cy)
    two = (ay - cy) * (bx - cx)
    if abs(one - two) > _FILTER * (abs(one) + abs(two)):
        return 1 if one > two else -1
    sums = np.zeros(12)
    factors = ((ax, by), (-ax, cy), (-cx, by), (-ay, bx), (ay, cx), (cy, bx))
    n = 0
    for factor in factors:
        product, error = _product(factor[0], factor[1])
        for term in (error, product):
            rest = term
            for i in range(n):  # grow the expansion by one term, without error
                total = rest + sums[i]
                virtual = total - rest
                sums[i] = (rest - (total - virtual)) + (sums[i] - virtual)
                rest = total
            sums[n] = rest
            n += 1
    for i in range(n - 1, -1, -1):
        if sums[i] != 0.0:
            return 1 if sums[i] > 0.0 else -1
    return 0


@nb.njit(cache=True)
def _product(a: float, b: float) -> tuple[float, float]:
    """Return a * b and its rounding error (Dekker)."""
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = _SPLITTER * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@nb.njit(cache=True)
def side_of_rings(
    px: float, py: float, edges: npt.NDArray[np.float64], first: int, last: int
) -> int:
    """Return OUTSIDE, INSIDE or BORDER of a point and rings: the parity of edges east of it.

    Parameters
    ----------
    px, py : float
        The point.
    edges : ndarray of float64, shape (e, 4)
        x and y of the lower, then of the upper end.
    first, last : int
        The edges to test, `last` excluded: all of the rings that reach the point's y.
    """
    odd = False
    for k in range(first, last):
        x1, y1, x2, y2 = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        if py < y1 or py > y2 or (px > x1 and px > x2):
            continue
        if px < x1 and px < x2:
            if py < y2:  # an edge holds its lower end, not its upper one
                odd = not odd
            continue
        turn = orientation((x1, y1), (x2, y2), (px, py))
        if turn == 0:
            return BORDER
        if turn > 0 and py < y2:
            odd = not odd
    return INSIDE if odd else OUTSIDE
