"""The fewest cut borders of a compound, proven: all connected grids in the band, and HiGHS."""

import numpy as np
import scipy.optimize
import scipy.sparse

from geo.arrays import IntArray


def fewest_cuts(households: list[int], pairs: IntArray, low: int, high: int) -> int | None:
    """Return the fewest borders between grids of `low` to `high` households; None if none fit.

    Parameters
    ----------
    households : list of int
        Of each building.
    pairs : ndarray of int64, shape (b, 2)
        Buildings that share a border.
    """
    grids, beside = connected_grids(households, pairs, low, high)
    n = len(households)
    rows = [(i, k) for k, grid in enumerate(grids) for i in range(n) if grid >> i & 1]
    holds = scipy.sparse.csr_array((np.ones(len(rows)), np.array(rows).T), shape=(n, len(grids)))
    found = scipy.optimize.milp(
        [outer_borders(grid, beside) for grid in grids],
        constraints=scipy.optimize.LinearConstraint(holds, 1, 1),
        integrality=1,
        bounds=(0, 1),
    )
    return round(found.fun) // 2 if found.status == 0 else None  # a cut counts from both sides


def outer_borders(grid: int, beside: list[int]) -> int:
    """Return the borders that lead out of a grid."""
    return sum((beside[i] & ~grid).bit_count() for i in range(len(beside)) if grid >> i & 1)


def connected_grids(
    households: list[int], pairs: IntArray, low: int, high: int
) -> tuple[list[int], list[int]]:
    """Return every connected set of buildings in the band, as bits, and who borders on whom."""
    n = len(households)
    beside = [0] * n
    for one, two in pairs.tolist():
        beside[one] |= 1 << two
        beside[two] |= 1 << one
    found: list[int] = []

    def grow(grid: int, total: int, front: int, banned: int) -> None:
        if total >= low:
            found.append(grid)
        while front:
            bit = front & -front
            front ^= bit
            banned |= bit
            i = bit.bit_length() - 1
            if total + households[i] <= high:
                more = (front | beside[i]) & ~banned & ~(grid | bit)
                grow(grid | bit, total + households[i], more, banned)

    for i in range(n):
        earlier = (1 << i) - 1
        if households[i] <= high:
            grow(1 << i, households[i], beside[i] & ~earlier, earlier | 1 << i)
    return sorted(found), beside
