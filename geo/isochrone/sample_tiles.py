"""Samples of a network at one cell size, linked tile by tile where they are asked for."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Final, NamedTuple

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.isochrone.sample_grid import NO_JUMP, TILE, SampleGrid, Samples, Window, fill_tile
from geo.network.snap_kernel import LINK_LIMIT_M, SnapIndex

MOST_KEPT: Final = 12_000_000
"""Samples that are kept before all are let go: 290 MB, 1,000 km2 at 20 m."""

_FIRST_ROOM: Final = 1 << 16
_UNFILLED: Final = -1
_EMPTY: Final = -2
"""Mark of a tile in which no sample is linked."""


class Filled(NamedTuple):
    """Samples at hand, and where each tile begins in them; negative where it does not."""

    start: IntArray
    samples: Samples


@dataclass(slots=True)
class SampleTiles:
    """The samples of one network at one cell size, linked where they have been asked for.

    Samples are kept up to :data:`MOST_KEPT`, then all are let go. Threads may share them.

    Attributes
    ----------
    snap_index : SnapIndex
        Of the network.
    corner : ndarray of float64, shape (2,)
        Origin of the lattice, metres in the network's CRS.
    lattice : SampleGrid
    """

    snap_index: SnapIndex
    corner: FloatArray
    lattice: SampleGrid
    _filled: Filled = field(init=False)
    _used: int = field(init=False)
    _filling: Lock = field(init=False, default_factory=Lock)

    @classmethod
    def over(
        cls, bounds: FloatArray, snap_index: SnapIndex, *, corner: FloatArray, cell_m: float
    ) -> "SampleTiles":
        """Return cells that hold every place that may be linked.

        Parameters
        ----------
        bounds : ndarray of float64, shape (4,)
            West, south, east and north of the streets, metres in the network's CRS.
        snap_index : SnapIndex
        corner : ndarray of float64, shape (2,)
            Origin of the lattice, whole metres in the network's CRS.
        cell_m : float
            Distance of samples, metres.
        """
        low = np.floor((bounds[:2] - LINK_LIMIT_M) / cell_m) * cell_m
        size = np.ceil((bounds[2:] + LINK_LIMIT_M - low) / (cell_m * TILE)).astype(np.int64)
        west, south = (low - corner).tolist()
        columns, rows = size.tolist()
        return cls(snap_index, corner, SampleGrid(west, south, cell_m, rows, columns))

    def __post_init__(self) -> None:
        self._let_go(_FIRST_ROOM)

    def fill(self, window: Window) -> Filled:
        """Return the samples of all tiles that a window touches, linking those that are not yet.

        What is returned stays as it is, whatever is asked for later.
        """
        filled = self._filled
        if not window.rows * window.columns:
            return filled
        low, high = window.row // TILE, (window.row + window.rows - 1) // TILE
        first, last = window.column // TILE, (window.column + window.columns - 1) // TILE
        tiles = np.arange(low, high + 1)[:, None] * self.lattice.columns
        tiles = (tiles + np.arange(first, last + 1)).ravel()
        if (filled.start[tiles] != _UNFILLED).all():
            return filled
        with self._filling:
            if self._used + 2 * TILE * TILE * len(tiles) > MOST_KEPT:
                self._let_go(_FIRST_ROOM)
            for tile in tiles[self._filled.start[tiles] == _UNFILLED].tolist():
                self._fill(tile)
            return self._filled

    def _let_go(self, room: int) -> None:
        tiles = self.lattice.rows * self.lattice.columns
        self._filled = Filled(np.full(tiles, _UNFILLED, np.int64), _room(room))
        self._used = NO_JUMP + 1

    def _fill(self, tile: int) -> None:
        fresh = fill_tile(tile, self.lattice, self.corner, self.snap_index)
        begin, end = self._used, self._used + len(fresh.edge)
        if end > len(self._filled.samples.edge):
            # Who reads the old arrays meanwhile finds there all that it has asked for.
            grown = Filled(self._filled.start.copy(), _room(2 * end))
            for old, new in zip(self._filled.samples, grown.samples, strict=True):
                new[:begin] = old[:begin]
            self._filled = grown
        fresh.east[fresh.east > NO_JUMP] += begin
        fresh.north[fresh.north > NO_JUMP] += begin
        for part, kept in zip(fresh, self._filled.samples, strict=True):
            kept[begin:end] = part
        self._used = end
        self._filled.start[tile] = begin if end > begin else _EMPTY


def _room(n: int) -> Samples:
    whole = [np.empty(n, np.int32) for _ in range(3)]
    real = [np.empty(n, np.float32) for _ in range(3)]
    return Samples(whole[0], real[0], real[1], whole[1], whole[2], real[2])
