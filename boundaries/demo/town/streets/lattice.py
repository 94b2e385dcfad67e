"""The warped lattice of streets, with room left for two rivers.

Column and row lines lie 360 to 500 m apart. Three lines side by side make a river's band: a bank
road, the middle of the water, the other bank road; so no superblock is ever cut by a river, and a
street crosses the water only where a line is chosen for a bridge. The smaller river comes from the
north and joins the larger; south of it, its band is a green belt.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, FloatArray, IntArray

SPACING_M: Final = (360.0, 500.0)
"""Range of the distance between two street lines."""

LARGE_RIVER_HALF_M: Final = 130.0
SMALL_RIVER_HALF_M: Final = 30.0
"""Half the width of the water."""

_LARGE_BAND_HALF_M: Final = 190.0
_SMALL_BAND_HALF_M: Final = 60.0
_JITTER_M: Final = 16.0
_TILT_RAD: Final = 0.07
_LARGE_BRIDGE_EVERY: Final = 6
_SMALL_BRIDGE_EVERY: Final = 4
_FIRST_BRIDGE: Final = 2


class LandKind(IntEnum):
    """What a cell of the lattice is."""

    BLOCK = 0
    WATER = 1
    GREEN = 2


@dataclass(frozen=True, slots=True)
class Warp:
    """The smooth bend that turns a straight lattice into a town, and its place on the ground."""

    origin: FloatArray
    phase: FloatArray

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the ground coordinates of the lattice coordinates, metres, shape (..., 2)."""
        turn, p = 2 * np.pi, self.phase
        bent_x = x + 140 * np.sin(turn * y / 7_300 + p[0]) + 35 * np.sin(turn * y / 2_600 + p[1])
        bent_y = y + 180 * np.sin(turn * x / 9_100 + p[2]) + 40 * np.sin(turn * x / 3_100 + p[3])
        cos, sin = np.cos(_TILT_RAD), np.sin(_TILT_RAD)
        return (
            np.stack([bent_x * cos - bent_y * sin, bent_x * sin + bent_y * cos], axis=-1)
            + self.origin
        )


@dataclass(frozen=True, slots=True)
class StreetLattice:
    """Lines, crossings and cells.

    Attributes
    ----------
    warp : Warp
    x, y : ndarray of float64, shapes (nx,), (ny,)
        Lattice coordinates of column and row lines, metres; the rivers join at (0, 0).
    ic, jc : int
        Column line in the middle of the small river, row line in the middle of the large one.
    nodes : ndarray of float64, shape (nx, ny, 2)
        Crossings, metres.
    inside : ndarray of bool, shape (nx, ny)
        Whether each crossing lies in the district.
    """

    warp: Warp
    x: FloatArray
    y: FloatArray
    ic: int
    jc: int
    nodes: FloatArray
    inside: BoolArray

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cells from west to east and from south to north."""
        return len(self.x) - 1, len(self.y) - 1

    def quads(self) -> FloatArray:
        """Return the corners of all cells, shape (nx - 1, ny - 1, 4, 2)."""
        n = self.nodes
        return np.stack([n[:-1, :-1], n[1:, :-1], n[1:, 1:], n[:-1, 1:]], axis=2)

    def ground(self) -> IntArray:
        """Return the :class:`LandKind` of all cells, shape (nx - 1, ny - 1)."""
        kind = np.full(self.shape, LandKind.BLOCK, np.int64)
        kind[self.ic - 1 : self.ic + 1, self.jc :] = LandKind.WATER
        kind[self.ic - 1 : self.ic + 1, : self.jc] = LandKind.GREEN
        kind[:, self.jc - 1 : self.jc + 1] = LandKind.WATER
        return kind

    def large_bridge(self, column: IntArray) -> BoolArray:
        """Say which column lines cross the large river."""
        return np.asarray(
            (column - self.ic - 1) % _LARGE_BRIDGE_EVERY == _FIRST_BRIDGE, dtype=np.bool_
        )

    def small_bridge(self, row: IntArray) -> BoolArray:
        """Say which row lines cross the small river."""
        return np.asarray(
            (row - self.jc - 1) % _SMALL_BRIDGE_EVERY == _FIRST_BRIDGE, dtype=np.bool_
        )


def _lines(
    rng: np.random.Generator, *, low_m: float, high_m: float, band_m: float
) -> tuple[FloatArray, int]:
    """Draw lines from `low_m` to `high_m` around a band at 0; return them and the middle one."""
    up = band_m + np.cumsum(rng.uniform(*SPACING_M, size=int((high_m - band_m) // SPACING_M[0])))
    down = -band_m - np.cumsum(rng.uniform(*SPACING_M, size=int((-low_m - band_m) // SPACING_M[0])))
    up, down = up[up < high_m], down[down > low_m]
    return np.concatenate([down[::-1], [-band_m, 0.0, band_m], up]), len(down) + 1


def make_lattice(
    outline: BaseGeometry, origin: FloatArray, rng: np.random.Generator
) -> StreetLattice:
    """Lay the lattice over a district.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        The district, metric CRS.
    origin : ndarray of float64, shape (2,)
        Where the rivers join, metres, inside the district.
    rng : numpy.random.Generator
    """
    west, south, east, north = outline.bounds
    # The bend and the tilt move a line by less than 3 km over the length of a district.
    reach = 3_000.0
    x, ic = _lines(
        rng,
        low_m=west - origin[0] - reach,
        high_m=east - origin[0] + reach,
        band_m=_SMALL_BAND_HALF_M,
    )
    y, jc = _lines(
        rng,
        low_m=south - origin[1] - reach,
        high_m=north - origin[1] + reach,
        band_m=_LARGE_BAND_HALF_M,
    )
    warp = Warp(origin=origin, phase=rng.uniform(0, 2 * np.pi, 4))
    grid_x, grid_y = np.meshgrid(x, y, indexing="ij")
    jitter = rng.uniform(-_JITTER_M, _JITTER_M, size=(2, len(x), len(y)))
    # Banks are smooth: a crossing on a river's band keeps its distance from the water.
    jitter[0, ic - 1 : ic + 2] = 0
    jitter[1, :, jc - 1 : jc + 2] = 0
    # A bridge is straight: its ends and its middle move along the river together.
    jitter[0, :, jc - 1 : jc + 2] = jitter[0, :, jc : jc + 1]
    jitter[1, ic - 1 : ic + 2] = jitter[1, ic : ic + 1]
    nodes = warp(grid_x + jitter[0], grid_y + jitter[1])
    shapely.prepare(outline)
    inside = np.asarray(shapely.contains_xy(outline, nodes[..., 0], nodes[..., 1]), dtype=np.bool_)
    return StreetLattice(warp=warp, x=x, y=y, ic=ic, jc=jc, nodes=nodes, inside=inside)
