"""A regular grid of samples over a network: where each sample links to, whatever the origin.

An isochrone needs of every sample its edge, the place on it, and the length of the access leg. None
of these depends on the origin, so they are found once (Numba), tile by tile, where an isochrone
needs them.

Between two neighbouring samples that link differently (to two streets, to the two sides of a wall)
time is not continuous. The place of that jump and the links on both sides of it are kept too, so
that an outline drawn later stands where the jump is and not half a cell beside it.
"""

from typing import Any, Final, NamedTuple

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IndexArray, IntArray
from geo.network.snap_kernel import UNLINKED, Link, SnapIndex, link_one

TILE: Final = 32
"""Samples along one side of a tile."""

SCATTERED: Final = 256
"""Places scattered over each tile, on which a picture is compared with the exact answer."""

_HALVINGS: Final = 6
"""A jump is found to 1/64 of a cell."""

NO_JUMP: Final = 0
"""Index of no jump."""

_STEADY: Final = 1.5
"""Where offset or leg differ by more than this many cells between neighbours, time may jump."""


class SampleGrid(NamedTuple):
    """Rows and columns of tiles; the first sample is at (`west`, `south`).

    Both are metres from the corner of the cells; coordinates of samples in the CRS are whole
    multiples of `cell`.
    """

    west: float
    south: float
    cell: float
    rows: int
    columns: int


class Window(NamedTuple):
    """A part of a lattice: row and column of its first sample, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


class Samples(NamedTuple):
    """Links of samples, of scattered places and of both sides of jumps, tile after tile.

    Attributes
    ----------
    edge : ndarray of int32
        :data:`geo.network.snap_kernel.UNLINKED` for none.
    offset, leg : ndarray of float32
        Metres.
    east, north : ndarray of int32
        Where the jump between a sample and its neighbour stands in these arrays, near side first;
        :data:`NO_JUMP` where there is none.
    share : ndarray of float32
        Of the way to the neighbour at which the jump is; at its near side.
    """

    edge: IndexArray
    offset: Any
    leg: Any
    east: IndexArray
    north: IndexArray
    share: Any


@nb.njit(cache=True, nogil=True)
def scattered(tile: int, k: int) -> tuple[float, float]:
    """Return where the k-th scattered place of a tile is, as shares of the tile's sides.

    A sequence that fills the square evenly (Roberts' R2), shifted from tile to tile.
    """
    x = 0.5 + 0.754877666246693 * (k + 1) + 0.381966011250105 * tile
    y = 0.5 + 0.569840290998053 * (k + 1) + 0.618033988749895 * tile * 0.73
    return x - np.floor(x), y - np.floor(y)


@nb.njit(cache=True, nogil=True)
def _alike(one: Link, other: Link, cell: float) -> bool:
    """Say whether time can be taken as continuous between two neighbours."""
    if one.edge != other.edge:
        return False
    if one.edge == UNLINKED:
        return True
    moved = max(abs(one.offset - other.offset), abs(one.leg - other.leg))
    return bool(moved <= _STEADY * cell)


@nb.njit(cache=True, nogil=True)
def _nearer(link: Link, here: Link, there: Link) -> bool:
    """Say whether a link between two others belongs to the first of them."""
    if here.edge != there.edge or link.edge != here.edge:
        return bool(link.edge == here.edge)
    to_here = abs(link.offset - here.offset) + abs(link.leg - here.leg)
    return to_here < abs(link.offset - there.offset) + abs(link.leg - there.leg)


@nb.njit(cache=True, nogil=True)
def _jump(
    at: tuple[float, float],
    step: tuple[float, float],
    ends: tuple[Link, Link],
    snap_index: SnapIndex,
) -> Any:  # noqa: ANN401 - both sides and the share
    """Find where, on the way from `at` by `step`, the link of the start gives way."""
    low, high = 0.0, 1.0
    near, far = ends
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        link = link_one(at[0] + middle * step[0], at[1] + middle * step[1], snap_index)
        if _nearer(link, ends[0], ends[1]):
            low, near = middle, link
        else:
            high, far = middle, link
    return near, far, 0.5 * (low + high)


@nb.njit(cache=True, nogil=True)
def fill_tile(tile: int, lattice: SampleGrid, corner: FloatArray, snap_index: SnapIndex) -> Samples:
    """Link the samples of a tile and find the jumps to their neighbours east and north."""
    cell, side, wide = lattice.cell, TILE, TILE + 1
    west = corner[0] + lattice.west + (tile % lattice.columns) * side * cell
    south = corner[1] + lattice.south + (tile // lattice.columns) * side * cell
    links = [
        link_one(west + (k % wide) * cell, south + (k // wide) * cell, snap_index)
        for k in range(wide * wide)
    ]
    linked, jumps = False, 0
    for k in range(wide * wide):
        linked |= links[k].edge != UNLINKED
        if k % wide < side and k // wide < side:
            jumps += not _alike(links[k], links[k + 1], cell)
            jumps += not _alike(links[k], links[k + wide], cell)
    n = side * side + SCATTERED + 2 * jumps if linked else 0
    edge, east, north = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32)
    offset, leg, share = np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    samples = Samples(edge, offset, leg, east, north, share)
    if not linked:
        return samples
    for k in range(SCATTERED):
        x, y = scattered(tile, k)
        link = link_one(west + x * side * cell, south + y * side * cell, snap_index)
        _put(samples, side * side + k, link)
    at = side * side + SCATTERED
    for row in range(side):
        for column in range(side):
            k = row * wide + column
            here = row * side + column
            _put(samples, here, links[k])
            place = (west + column * cell, south + row * cell)
            for axis in range(2):
                other = links[k + 1] if axis == 0 else links[k + wide]
                if not _alike(links[k], other, cell):
                    step = (cell, 0.0) if axis == 0 else (0.0, cell)
                    near, far, when = _jump(place, step, (links[k], other), snap_index)
                    _put(samples, at, near)
                    _put(samples, at + 1, far)
                    share[at] = when
                    if axis == 0:
                        east[here] = at
                    else:
                        north[here] = at
                    at += 2
    return samples


@nb.njit(cache=True, nogil=True)
def _put(samples: Samples, at: int, link: Link) -> None:
    samples.edge[at] = link.edge
    samples.offset[at] = link.offset
    samples.leg[at] = link.leg


@nb.njit(cache=True, nogil=True)
def framed(window: Window, lattice: SampleGrid, start: IntArray) -> IntArray:
    """Return where the samples of a window stand, inside a frame of -1; -1 where there is none."""
    out = np.full((window.rows + 2, window.columns + 2), -1, np.int64)
    for i in range(window.rows):
        row = window.row + i
        j = 0
        while j < window.columns:  # as far as one tile reaches
            column = window.column + j
            upto = min(window.columns, j + TILE - column % TILE)
            begin = start[(row // TILE) * lattice.columns + column // TILE]
            if begin >= 0:
                at = begin + (row % TILE) * TILE + column % TILE
                for k in range(upto - j):
                    out[i + 1, j + 1 + k] = at + k
            j = upto
    return out


@nb.njit(cache=True, nogil=True)
def scattered_in(window: Window, lattice: SampleGrid, start: IntArray) -> Any:  # noqa: ANN401 - arrays
    """Return the scattered places of a window, metres from the corner, and where they stand."""
    low, high = window.row // TILE, (window.row + window.rows - 1) // TILE
    first, last = window.column // TILE, (window.column + window.columns - 1) // TILE
    at = np.empty(((high - low + 1) * (last - first + 1) * SCATTERED, 2))
    index = np.empty(len(at), np.int64)
    n = 0
    for row in range(low, high + 1):
        for column in range(first, last + 1):
            tile = row * lattice.columns + column
            for k in range(SCATTERED):
                across, up = scattered(tile, k)
                x, y = (column + across) * TILE, (row + up) * TILE
                if not (0 <= x - window.column < window.columns - 1):
                    continue
                if not (0 <= y - window.row < window.rows - 1):
                    continue
                at[n] = lattice.west + x * lattice.cell, lattice.south + y * lattice.cell
                index[n] = start[tile] + TILE * TILE + k if start[tile] >= 0 else -1
                n += 1
    return at[:n], index[:n]
