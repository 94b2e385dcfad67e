"""Courts: the rows and columns of a parcel, each with one slab of stairwell buildings.

Cells come first and buildings are placed inside them, so no building is ever cut by the edge of a
grid, a lane or a wall.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.streets.quads import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    bilinear,
    boxes,
    contains,
    inset,
    meet_side,
    side_lengths,
)
from geo.arrays import BoolArray, FloatArray, IntArray

FLATS_PER_FLOOR: Final = 2
_LEVELS: Final = np.array([5, 6, 7, 9, 11, 12])
_LEVEL_SHARES: Final = (0.16, 0.44, 0.1, 0.16, 0.1, 0.04)
_COURT: Final = (30, 50)
"""Fewest and most households of a slab, and so of a small grid."""

TALL: Final = 8
"""Storeys from which a building has a lift."""

UNIT_M: Final = ((16.0, 12.0), (22.0, 15.0))
"""Length and depth of a stairwell building, walk-up and with a lift."""

UNIT_GAP_M: Final = 0.4
_STOREY_M: Final = 3.0
_SUN: Final = 1.3
"""Distance between rows as a share of the height, so that the sun reaches the ground floor."""

WALK_MARGIN_M: Final = 3.0
"""Between a building and the lane along the edge of its court, at least."""

_WALL_MARGIN_M: Final = 5.0
_GARDEN: Final = 0.1
_YARD: Final = 2
"""Rows and columns of a parcel without homes."""


@dataclass(frozen=True, slots=True)
class CourtPlan:
    """The rows and columns of each of n parcels.

    Attributes
    ----------
    levels, stairwells, rows, columns : ndarray of int64, shape (n,)
    wall, core : ndarray of float64, shape (n, 4, 2)
        The wall or building line, and the area of the courts inside it.
    """

    levels: IntArray
    stairwells: IntArray
    rows: IntArray
    columns: IntArray
    wall: FloatArray
    core: FloatArray

    def point(
        self, parcel: IntArray, row: IntArray | FloatArray, column: IntArray | FloatArray
    ) -> FloatArray:
        """Return the crossing of a row line and a column line of a parcel, shape (..., 2)."""
        return bilinear(self.core[parcel], column / self.columns[parcel], row / self.rows[parcel])

    def joined(self, other: "CourtPlan") -> "CourtPlan":
        """Return the plans of these parcels followed by those of `other`."""
        names = self.__slots__
        return CourtPlan(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        )


@dataclass(frozen=True, slots=True)
class Courts:
    """Courts of all parcels.

    Attributes
    ----------
    parcel, row, column : ndarray of int64, shape (k,)
    quad : ndarray of float64, shape (k, 4, 2)
        The court; the outer ones reach to the border of the parcel.
    slab : ndarray of float64, shape (k, 2, 2)
        Centre and unit direction of the slab.
    households : ndarray of int64, shape (k,)
        Households that the slab holds if it is built; 0 where none fits.
    """

    parcel: IntArray
    row: IntArray
    column: IntArray
    quad: FloatArray
    slab: FloatArray
    households: IntArray


def plan_homes(parcels: Parcels, dice: FloatArray) -> CourtPlan:
    """Plan every parcel as if it were for homes.

    Parameters
    ----------
    parcels : Parcels
    dice : ndarray of float64, shape (n,)
        Uniform random numbers: the number of storeys. Where tall slabs do not fit, lower ones do.
    """
    wall = inset(parcels.quad, parcels.back_m)
    core = inset(wall, np.full((len(parcels), 4), _WALL_MARGIN_M))
    sides = side_lengths(core)
    width, height = np.minimum(sides[:, 0], sides[:, 2]), np.minimum(sides[:, 1], sides[:, 3])
    levels = _LEVELS[np.searchsorted(np.cumsum(_LEVEL_SHARES)[:-1], dice)]
    levels = np.where(parcels.old, _LEVELS[0], levels)
    for lower in (6, 5):
        rows, columns, _ = _counts(levels, parcels.old, width, height)
        levels = np.where((rows < _YARD) | (columns < _YARD), np.minimum(levels, lower), levels)
    rows, columns, stairwells = _counts(levels, parcels.old, width, height)
    return CourtPlan(
        levels=levels, stairwells=stairwells, rows=rows, columns=columns, wall=wall, core=core
    )


def _counts(
    levels: IntArray, old: BoolArray, width: FloatArray, height: FloatArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return how many rows and columns of slabs fit, and how many stairwells make a slab.

    The stairwells are chosen so that a slab is a court of 30 to 50 households and a row holds most.
    """
    deep = np.where(levels >= TALL, UNIT_M[1][1], UNIT_M[0][1])
    pitch = deep + np.where(old, 18.0, np.maximum(24.0, _SUN * _STOREY_M * levels))
    gap = np.where(old, 8.0, np.where(levels >= TALL, 17.0, 12.0))
    choices = np.arange(1, 6)
    slab = _slab_m(levels[:, None], choices[None])
    holds = FLATS_PER_FLOOR * levels[:, None] * choices[None]
    columns = (width[:, None] // (slab + gap[:, None])).astype(np.int64)
    good = (holds >= _COURT[0]) & (holds <= _COURT[1])
    # A row of one slab makes no compound, so two columns beat any longer slab.
    best = np.argmax(np.where(good, columns * choices + 100 * (columns >= _YARD), -1), axis=1)
    chosen = columns[np.arange(len(levels)), best]
    return (height // pitch).astype(np.int64), chosen, choices[best].astype(np.int64)


def _slab_m(levels: IntArray, stairwells: IntArray) -> FloatArray:
    """Return the length of a slab, metres."""
    unit = np.where(levels >= TALL, UNIT_M[1][0], UNIT_M[0][0])
    return np.asarray(stairwells * (unit + UNIT_GAP_M) - UNIT_GAP_M, dtype=np.float64)


def lay_courts(parcels: Parcels, plan: CourtPlan, dice: FloatArray) -> Courts:
    """Lay the courts of every parcel that has room for two rows and two columns.

    Parameters
    ----------
    dice : ndarray of float64, shape (n, 64)
        Uniform random numbers: courts that stay gardens.
    """
    fits = (plan.rows >= _YARD) & (plan.columns >= _YARD)
    count = np.where(fits, plan.rows * plan.columns, 0)
    parcel = np.repeat(np.arange(len(parcels), dtype=np.int64), count)
    place = np.arange(len(parcel)) - np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(place, plan.columns[parcel])
    quad = court_quads(parcels, plan, parcel, row, column)
    inner = court_corners(plan, parcel, row, column)
    middle = inner.mean(axis=1)
    along = plan.point(parcel, row + 0.5, plan.columns[parcel]) - plan.point(
        parcel, row + 0.5, np.zeros(len(row))
    )
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    levels, stairwells = plan.levels[parcel], plan.stairwells[parcel]
    deep = np.where(levels >= TALL, UNIT_M[1][1], UNIT_M[0][1])
    stands = contains(inner, boxes(middle, along, _slab_m(levels, stairwells), deep), WALK_MARGIN_M)
    garden = dice[parcel, place % dice.shape[1]] < np.where(
        parcels.old[parcel], _GARDEN / 3, _GARDEN
    )
    holds = FLATS_PER_FLOOR * levels * stairwells
    return Courts(
        parcel=parcel,
        row=row,
        column=column,
        quad=quad,
        slab=np.stack([middle, along], axis=1),
        households=np.where(stands & ~garden, holds, 0),
    )


def court_corners(plan: CourtPlan, parcel: IntArray, row: IntArray, column: IntArray) -> FloatArray:
    """Return the courts inside the wall, the outer ones not yet stretched, shape (k, 4, 2)."""
    steps = ((0, 0), (0, 1), (1, 1), (1, 0))
    return np.stack([plan.point(parcel, row + up, column + right) for up, right in steps], axis=1)


def court_quads(
    parcels: Parcels, plan: CourtPlan, parcel: IntArray, row: IntArray, column: IntArray
) -> FloatArray:
    """Return the courts with the outer ones stretched to the border of their parcel, (k, 4, 2)."""
    quads = court_corners(plan, parcel, row, column)
    rows, columns = plan.rows[parcel], plan.columns[parcel]
    for corner, (up, right) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
        r, c = row + up, column + right
        south, north, west, east = r == 0, r == rows, c == 0, c == columns
        for at_edge, side in ((south, SOUTH), (north, NORTH)):
            some = np.flatnonzero(at_edge & ~west & ~east)
            low = plan.point(parcel[some], np.zeros(len(some)), c[some])
            high = plan.point(parcel[some], rows[some], c[some])
            quads[some, corner] = meet_side(
                parcels.quad[parcel[some]], np.full(len(some), side), low, high
            )
        for at_edge, side in ((west, WEST), (east, EAST)):
            some = np.flatnonzero(at_edge & ~south & ~north)
            left = plan.point(parcel[some], r[some], np.zeros(len(some)))
            right_ = plan.point(parcel[some], r[some], columns[some])
            quads[some, corner] = meet_side(
                parcels.quad[parcel[some]], np.full(len(some), side), left, right_
            )
        for at_corner, number in (
            (south & west, 0),
            (south & east, 1),
            (north & east, 2),
            (north & west, 3),
        ):
            quads[at_corner, corner] = parcels.quad[parcel[at_corner], number]
    return np.asarray(quads, dtype=np.float64)


def with_yards(plan: CourtPlan, parcels: Parcels) -> CourtPlan:
    """Return the plan with two rows and columns wherever no homes were built."""
    homes = parcels.use == Use.RESIDENTIAL
    return replace(
        plan, rows=np.where(homes, plan.rows, _YARD), columns=np.where(homes, plan.columns, _YARD)
    )
