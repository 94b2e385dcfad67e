"""Agreement of an outline with the exact answer (Numba).

It is the share of check places, buildings and evenly scattered ones, on which both say the same.
"""

from typing import Any, NamedTuple

import numba as nb
import numpy as np

from geo.arrays import FloatArray
from geo.isochrone.marching_squares import Rings, SampleSheet
from geo.isochrone.sample_grid import SampleGrid


class CheckPlaces(NamedTuple):
    """Places to compare on: metres from the corner of the sample grid, and exact times, ticks."""

    at: FloatArray
    ticks: FloatArray


@nb.njit(cache=True, nogil=True)
def _by_row(rings: Rings, lattice: SampleGrid) -> Any:  # noqa: ANN401 - arrays
    """Return the segments of rings by row of cells, where each row begins, and the first row.

    A segment stays within one row.
    """
    at, first = rings.at, rings.first
    n = len(at)
    row = np.empty(n, np.int64)
    ahead = np.empty(n, np.int64)
    for r in range(len(first) - 1):
        for k in range(first[r], first[r + 1]):
            ahead[k] = k + 1 if k + 1 < first[r + 1] else first[r]
            middle = 0.5 * (at[k, 1] + at[ahead[k], 1])
            row[k] = int(np.floor((middle - lattice.south) / lattice.cell))
    low, high = (row[0], row[0]) if n else (0, -1)
    for k in range(n):
        low, high = min(low, row[k]), max(high, row[k])
    start = np.zeros(high - low + 2, np.int64)
    for k in range(n):
        start[row[k] - low] += 1
    for r in range(1, len(start)):
        start[r] += start[r - 1]
    segment = np.empty((n, 4))
    for k in range(n):
        r = row[k] - low
        start[r] -= 1
        segment[start[r], 0], segment[start[r], 1] = at[k, 0], at[k, 1]
        segment[start[r], 2], segment[start[r], 3] = at[ahead[k], 0], at[ahead[k], 1]
    return segment, start, low


@nb.njit(cache=True, nogil=True)
def agreed(
    rings: Rings,
    sheet: SampleSheet,
    budget: float,
    known: CheckPlaces,
    box: tuple[float, float, float, float],
) -> tuple[int, int]:
    """Count the places in a box where rings and exact time agree, and all places there.

    Rings pass only cells of which some corners are inside and some are not; what lies in another
    cell is where its corners are.
    """
    agree, n = 0, 0
    lattice, ticks = sheet.lattice, sheet.ticks
    segment, start, low = _by_row(rings, lattice)
    for p in range(len(known.at)):
        x, y = known.at[p, 0], known.at[p, 1]
        if not (box[0] <= x <= box[2] and box[1] <= y <= box[3]):
            continue
        row = int(np.floor((y - lattice.south) / lattice.cell))
        i = row - sheet.row
        j = int(np.floor((x - lattice.west) / lattice.cell)) - sheet.column
        if not (0 <= i < len(ticks) - 1 and 0 <= j < ticks.shape[1] - 1):
            continue
        corners = 0
        for k in range(4):
            corners += ticks[i + k // 2, j + k % 2] <= budget
        within = corners == 4  # noqa: PLR2004 - all of them
        if 0 < corners < 4:  # noqa: PLR2004
            for k in range(start[row - low], start[row - low + 1]):
                y1, y2 = segment[k, 1], segment[k, 3]
                if (y1 > y) != (y2 > y):
                    share = (y - y1) / (y2 - y1)
                    within ^= x < segment[k, 0] + share * (segment[k, 2] - segment[k, 0])
        n += 1
        agree += within == (known.ticks[p] <= budget)
    return agree, n
