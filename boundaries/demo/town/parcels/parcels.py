"""Superblocks sliced into parcels, each of which touches a street."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np

from boundaries.demo.town.streets.lattice import StreetLattice
from boundaries.demo.town.streets.quads import bilinear, side_lengths
from boundaries.demo.town.streets.streets import WALL_BACK_M, StreetLines
from geo.arrays import BoolArray, FloatArray, IntArray

PARTY_M: Final = 2.0
"""From the border of two parcels to the wall of each."""

_SINGLE_STRIP: Final = 0.12
_SIDEWAYS: Final = 0.3
_OLD: Final = 0.14
_INNER_STREET: Final = 0.45
_PARCEL_WIDTH_M: Final = (125.0, 205.0)
DICE: Final = 12
"""Random numbers that one superblock uses."""


class Use(IntEnum):
    """What a parcel is used for."""

    UNDECIDED = 0
    RESIDENTIAL = 1
    PARK = 2
    SCHOOL = 3
    MARKET = 4
    OFFICE = 5
    WORKS = 6
    VACANT = 7
    WATER = 8


@dataclass(frozen=True, slots=True)
class Parcels:
    """Parcels, n of them, in the order of their superblocks.

    Attributes
    ----------
    quad : ndarray of float64, shape (n, 4, 2)
        Corners on street centre lines and on borders with other parcels, metres.
    line : ndarray of int64, shape (n, 4)
        Street line along each side; -1 where another parcel or water is.
    back_m : ndarray of float64, shape (n, 4)
        From each side back to the wall or building line.
    cell : ndarray of int64, shape (n,)
        Flat index of the superblock.
    office, bank : ndarray of int64, shape (n,)
        Number of the street office; number of the bank of the rivers.
    old : ndarray of bool, shape (n,)
        Whether homes here would be an old neighbourhood without a wall.
    use : ndarray of int64, shape (n,)
        Values of :class:`Use`.
    """

    quad: FloatArray
    line: IntArray
    back_m: FloatArray
    cell: IntArray
    office: IntArray
    bank: IntArray
    old: BoolArray
    use: IntArray

    def __len__(self) -> int:
        """Return the number of parcels."""
        return len(self.cell)

    def joined(self, other: "Parcels") -> "Parcels":
        """Return these parcels followed by `other`."""
        names = self.__slots__
        return Parcels(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        )

    def used_as(self, use: IntArray) -> "Parcels":
        """Return the parcels with their uses decided."""
        return replace(self, use=use)


@dataclass(frozen=True, slots=True)
class InnerStreets:
    """Public streets through superblocks, each between two lines of the lattice.

    Attributes
    ----------
    start, end : ndarray of float64, shape (k, 2)
    start_line, end_line : ndarray of int64, shape (k,)
        The lattice lines on which it starts and ends.
    """

    start: FloatArray
    end: FloatArray
    start_line: IntArray
    end_line: IntArray


def side_lines(lattice: StreetLattice, lines: StreetLines, cells: IntArray) -> IntArray:
    """Return the street line along each side of lattice cells, -1 where none may be, (n, 4)."""
    nx, ny = lattice.nodes.shape[:2]
    i, j = np.divmod(cells, ny - 1)
    rows = (nx - 1) * ny
    sides = np.stack(
        [i * ny + j, rows + (i + 1) * (ny - 1) + j, i * ny + j + 1, rows + i * (ny - 1) + j], axis=1
    )
    return np.where(lines.allowed[sides] & ~lines.bridge[sides], sides, -1).astype(np.int64)


def banks(lattice: StreetLattice, cells: IntArray) -> IntArray:
    """Return the bank of lattice cells: 0 south of the large river, then 1 west, 2 east."""
    i, j = np.divmod(cells, lattice.shape[1])
    return np.where(j < lattice.jc, 0, np.where(i < lattice.ic, 1, 2)).astype(np.int64)


def slice_blocks(
    lattice: StreetLattice, lines: StreetLines, cells: IntArray, office: IntArray, dice: FloatArray
) -> tuple[Parcels, InnerStreets]:
    """Slice superblocks into one or two strips, and strips into one to three parcels.

    Parameters
    ----------
    cells, office : ndarray of int64, shape (n,)
        Flat index and street office of each superblock.
    dice : ndarray of float64, shape (n, DICE)
        Uniform random numbers.
    """
    quads = lattice.quads().reshape(-1, 4, 2)[cells]
    sides = side_lines(lattice, lines, cells)
    # A block sliced sideways is one whose eastern side is called south while it is sliced.
    turn = np.where(dice[:, 0] < _SIDEWAYS, 1, 0)
    corner = (np.arange(4)[None] + turn[:, None]) % 4
    rows = np.arange(len(cells))[:, None]
    quads, sides = quads[rows, corner], sides[rows, corner]
    split = np.where(dice[:, 1] < _SINGLE_STRIP, 1.0, 0.42 + 0.16 * dice[:, 2])
    halved = split < 1
    streeted = halved & (dice[:, 3] < _INNER_STREET)
    inner_line = np.where(streeted, len(lines.u) + np.cumsum(streeted) - 1, -1)

    block = np.concatenate([np.arange(len(cells)), np.flatnonzero(halved)])
    upper = np.arange(len(block)) >= len(cells)
    low, high = np.where(upper, split[block], 0.0), np.where(upper, 1.0, split[block])
    strip = _part(quads[block], np.zeros(len(block)), np.ones(len(block)), low, high)
    strip_sides = sides[block].copy()
    strip_sides[upper, 0] = inner_line[block[upper]]
    lower = ~upper & halved[block]
    strip_sides[lower, 2] = inner_line[block[lower]]

    parcel, quad, line = _slice_strips(strip, strip_sides, dice[block, 4:10], upper)
    source = block[parcel]
    back = (-turn[source][:, None] + np.arange(4)[None]) % 4
    each = np.arange(len(source))[:, None]
    quad, line = quad[each, back], line[each, back]
    order = np.lexsort((np.arange(len(source)), source))
    source, quad, line = source[order], quad[order], line[order]
    found = Parcels(
        quad=quad,
        line=line,
        back_m=_backs(line, lines),
        cell=cells[source],
        office=office[source],
        bank=banks(lattice, cells[source]),
        old=dice[source, 11] < _OLD,
        use=np.full(len(source), Use.UNDECIDED, np.int64),
    )
    some, at = np.flatnonzero(streeted), split[streeted]
    return found, InnerStreets(
        start=bilinear(quads[some], np.zeros(len(some)), at),
        end=bilinear(quads[some], np.ones(len(some)), at),
        start_line=sides[some, 3],
        end_line=sides[some, 1],
    )


def _part(
    quads: FloatArray, u0: FloatArray, u1: FloatArray, v0: FloatArray, v1: FloatArray
) -> FloatArray:
    """Return the part of each quadrilateral between two lines of each kind."""
    corners = ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
    return np.stack([bilinear(quads, u, v) for u, v in corners], axis=1)


def _slice_strips(
    strip: FloatArray, sides: IntArray, dice: FloatArray, upper: BoolArray
) -> tuple[IntArray, FloatArray, IntArray]:
    """Slice strips from west to east; return the strip, corners and street lines of each parcel."""
    roll = np.where(upper[:, None], dice[:, 3:6], dice[:, :3])
    width = side_lengths(strip)[:, [0, 2]].mean(axis=1)
    aim = _PARCEL_WIDTH_M[0] + (_PARCEL_WIDTH_M[1] - _PARCEL_WIDTH_M[0]) * roll[:, 0]
    count = np.clip(np.rint(width / aim), 1, 3).astype(np.int64)
    of = np.repeat(np.arange(len(strip)), count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    cuts = np.arange(4)[None] / count[:, None] + 0.0
    cuts[:, 1] += 0.12 * (roll[:, 1] - 0.5) * (count > 1)
    cuts[:, 2] += 0.12 * (roll[:, 2] - 0.5) * (count > 2)  # noqa: PLR2004 - three parcels
    west, east = cuts[of, place], cuts[of, place + 1]
    quad = _part(strip[of], west, east, np.zeros(len(of)), np.ones(len(of)))
    line = sides[of].copy()
    line[place > 0, 3] = -1
    line[place < count[of] - 1, 1] = -1
    return of.astype(np.int64), quad, line


def _backs(line: IntArray, lines: StreetLines) -> FloatArray:
    """Return how far each side of a parcel stands back, metres."""
    by_kind = np.array([WALL_BACK_M[str(kind)] for kind in lines.kind])
    lattice_line = np.clip(line, 0, len(by_kind) - 1)
    inner = line >= len(by_kind)
    back = np.where(inner, WALL_BACK_M["residential"], by_kind[lattice_line])
    return np.where(line < 0, PARTY_M, back)


def fringe_parcels(
    lattice: StreetLattice, cells: IntArray, office: IntArray, use: IntArray
) -> Parcels:
    """Return the cells of water and green beside superblocks as parcels of their own."""
    n = len(cells)
    return Parcels(
        quad=lattice.quads().reshape(-1, 4, 2)[cells],
        line=np.full((n, 4), -1, np.int64),
        back_m=np.full((n, 4), PARTY_M),
        cell=cells,
        office=office,
        bank=banks(lattice, cells),
        old=np.zeros(n, np.bool_),
        use=use,
    )
