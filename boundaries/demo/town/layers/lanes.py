"""Inside a parcel: walls, gates, and the lanes between the rows of buildings."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from boundaries.demo.town.parcels.courts import CourtPlan
from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.streets.quads import EAST, NORTH, SOUTH, meet_side
from geo.arrays import BoolArray, FloatArray, IntArray
from geo.model.vocabulary import GateAccess

_WIDE: Final = 6
"""Columns from which a parcel has two lanes from south to north."""

_PRIVATE: Final = 0.35
_CLOSED: Final = 0.14
_GATE_SHARES: Final = (0.22, 0.45, 0.23, 0.1)
"""Share of compounds with one, two, three and four open gates, where there are streets for them."""

_OPEN: Final = (Use.RESIDENTIAL, Use.PARK, Use.MARKET, Use.OFFICE)
WALLED: Final = (Use.RESIDENTIAL, Use.SCHOOL, Use.WORKS)
DICE: Final = 8
"""Random numbers that one parcel uses."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Straight lanes.

    Attributes
    ----------
    start, end : ndarray of float64, shape (m, 2)
    parcel : ndarray of int64, shape (m,)
    kind : ndarray of str, shape (m,)
    private : ndarray of bool, shape (m,)
    """

    start: FloatArray
    end: FloatArray
    parcel: IntArray
    kind: npt.NDArray[np.object_]
    private: BoolArray

    def joined(self, other: "Lanes") -> "Lanes":
        """Return these lanes followed by `other`."""
        names = self.__slots__
        return Lanes(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        )


@dataclass(frozen=True, slots=True)
class Openings:
    """Where a parcel meets a street: a gate in its wall, or the open end of a lane.

    Attributes
    ----------
    parcel, side : ndarray of int64, shape (g,)
    inner, gate, foot : ndarray of float64, shape (g, 2)
        The lane junction inside, the gate in the wall, the point on the street's centre line.
    line : ndarray of int64, shape (g,)
        The street line.
    access : ndarray of str, shape (g,)
        A :class:`~geo.model.vocabulary.GateAccess`, or empty where there is no wall.
    """

    parcel: IntArray
    side: IntArray
    inner: FloatArray
    gate: FloatArray
    foot: FloatArray
    line: IntArray
    access: npt.NDArray[np.object_]


def walled(parcels: Parcels) -> BoolArray:
    """Say which parcels have a wall around them."""
    open_homes = parcels.old & (parcels.use == Use.RESIDENTIAL)
    return np.asarray(np.isin(parcels.use, WALLED) & ~open_homes, dtype=np.bool_)


def is_private(parcels: Parcels, dice: FloatArray) -> BoolArray:
    """Say which walled compounds let nobody pass through."""
    some = (dice[:, 0] < _PRIVATE) | (parcels.use != Use.RESIDENTIAL)
    return np.asarray(walled(parcels) & some, dtype=np.bool_)


def _spines(plan: CourtPlan, parcel: IntArray) -> tuple[IntArray, IntArray]:
    """Return the column lines of the lanes from south to north; the second is -1 where none."""
    columns = plan.columns[parcel]
    wide = columns >= _WIDE
    first = np.where(wide, columns // 3, columns // 2)
    return first, np.where(wide, columns - columns // 3, -1)


def laned(parcels: Parcels) -> IntArray:
    """Return the parcels with lanes: walled ones, and open ones that people walk into."""
    with_lanes = walled(parcels) | np.isin(parcels.use, _OPEN)
    return np.flatnonzero(with_lanes & (parcels.line >= 0).any(axis=1)).astype(np.int64)


def inner_lanes(parcels: Parcels, plan: CourtPlan, private: BoolArray) -> Lanes:
    """Lay a lane along every line between two rows, and one or two across them."""
    some = laned(parcels)
    count = plan.rows[some] - 1
    parcel = np.repeat(some, count)
    row = 1 + np.arange(len(parcel)) - np.repeat(np.cumsum(count) - count, count)
    first, second = _spines(plan, parcel)
    columns = plan.columns[parcel]
    after = np.where(second >= 0, second, columns)
    west = np.zeros(len(parcel), np.int64)
    two = second >= 0
    stretches = [
        (parcel, row, west, row, first, "footway"),
        (parcel, row, first, row, after, "footway"),
        (parcel[two], row[two], second[two], row[two], columns[two], "footway"),
    ]
    on = row < plan.rows[parcel] - 1
    stretches.append((parcel[on], row[on], first[on], row[on] + 1, first[on], "service"))
    on &= two
    stretches.append((parcel[on], row[on], second[on], row[on] + 1, second[on], "service"))
    return _lanes(plan, stretches, parcels, private)


def _lanes(
    plan: CourtPlan,
    stretches: list[tuple[IntArray, IntArray, IntArray, IntArray, IntArray, str]],
    parcels: Parcels,
    private: BoolArray,
) -> Lanes:
    """Turn stretches (parcel, row, column, to row, to column, kind) into lanes."""
    parcel = np.concatenate([stretch[0] for stretch in stretches])
    start = np.concatenate([plan.point(p, r, c) for p, r, c, _, _, _ in stretches])
    end = np.concatenate([plan.point(p, r, c) for p, _, _, r, c, _ in stretches])
    kind = np.concatenate([np.full(len(s[0]), s[5], dtype=object) for s in stretches])
    kind[parcels.use[parcel] == Use.PARK] = "path"
    return Lanes(start=start, end=end, parcel=parcel, kind=kind, private=private[parcel])


def openings(parcels: Parcels, plan: CourtPlan, private: BoolArray, dice: FloatArray) -> Openings:
    """Choose the gates of every compound and the open ends of every other parcel.

    Each side on a street can have one gate (an open parcel: an opening at each of its lanes). Every
    compound has one open gate at least; some of its other sides have one that is closed.
    """
    some = laned(parcels)
    behind_wall = walled(parcels)[some]
    rows = [_side_openings(plan, some, side, first=True) for side in range(4)]
    parcel, side, inner, across = (np.concatenate(part) for part in zip(*rows, strict=True))
    line = parcels.line[parcel, side]
    access = _access(parcels, some, behind_wall, private, dice)[
        np.tile(np.arange(len(some)), 4), side
    ]
    more = [_more_openings(parcels, plan, some[~behind_wall], side) for side in range(4)]
    extra = [np.concatenate(part) for part in zip(*more, strict=True)]
    parcel, side = np.concatenate([parcel, extra[0]]), np.concatenate([side, extra[1]])
    inner, across = np.concatenate([inner, extra[2]]), np.concatenate([across, extra[3]])
    line = np.concatenate([line, parcels.line[extra[0], extra[1]]])
    access = np.concatenate([access, np.full(len(extra[0]), "", dtype=object)])
    keep = np.array([value is not None for value in access]) & (line >= 0)
    parcel, side, inner, across = parcel[keep], side[keep], inner[keep], across[keep]
    return Openings(
        parcel=parcel,
        side=side,
        inner=inner,
        gate=meet_side(plan.wall[parcel], side, inner, across),
        foot=meet_side(parcels.quad[parcel], side, inner, across),
        line=line[keep],
        access=access[keep],
    )


def _side_openings(
    plan: CourtPlan, parcel: IntArray, side: int, *, first: bool
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return parcel, side, inner junction and a second point of the lane that leads out there."""
    one, two = _spines(plan, parcel)
    spine = one if first else two
    rows, columns = plan.rows[parcel], plan.columns[parcel]
    if side in (SOUTH, NORTH):
        inner_row = np.ones_like(rows) if side == SOUTH else rows - 1
        inner = plan.point(parcel, inner_row, spine)
        across = plan.point(parcel, np.zeros_like(rows) if side == SOUTH else rows, spine)
    else:
        row = np.maximum(rows // 2, 1)
        inner = plan.point(parcel, row, columns if side == EAST else np.zeros_like(columns))
        across = plan.point(parcel, row, np.zeros_like(columns) if side == EAST else columns)
    return parcel, np.full(len(parcel), side, np.int64), inner, across


def _more_openings(
    parcels: Parcels, plan: CourtPlan, parcel: IntArray, side: int
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return the other ends of lanes of parcels without a wall, as :func:`_side_openings`."""
    parcel = parcel[parcels.line[parcel, side] >= 0]
    if side in (SOUTH, NORTH):
        wide = parcel[_spines(plan, parcel)[1] >= 0]
        return _side_openings(plan, wide, side, first=False)
    count = plan.rows[parcel] - 1
    of = np.repeat(parcel, count)
    row = 1 + np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    other = row != np.maximum(plan.rows[of] // 2, 1)
    of, row = of[other], row[other]
    columns = plan.columns[of]
    ends = (columns, np.zeros_like(columns)) if side == EAST else (np.zeros_like(columns), columns)
    inner, across = plan.point(of, row, ends[0]), plan.point(of, row, ends[1])
    return of, np.full(len(of), side, np.int64), inner, across


def _access(
    parcels: Parcels, some: IntArray, behind_wall: BoolArray, private: BoolArray, dice: FloatArray
) -> npt.NDArray[np.object_]:
    """Decide what each side of each parcel has: a gate's access, "" (no wall), None (nothing)."""
    access = np.full((len(some), 4), None, dtype=object)
    possible = parcels.line[some] >= 0
    roll = dice[some]
    count = 1 + np.searchsorted(np.cumsum(_GATE_SHARES)[:-1], roll[:, 1])
    count = np.where(parcels.use[some] == Use.RESIDENTIAL, count, 1)
    rank = np.argsort(np.argsort(np.where(possible, roll[:, 2:6], 2.0), axis=1), axis=1)
    others = np.where(private[some], GateAccess.PRIVATE.value, GateAccess.OPEN.value)
    access[possible & (rank < count[:, None])] = GateAccess.OPEN.value
    further = possible & (rank < count[:, None]) & (rank > 0)
    access[further] = np.broadcast_to(others[:, None], (len(some), 4))[further]
    shut = possible & (rank >= count[:, None]) & (roll[:, 2:6] > 1 - 2.5 * _CLOSED)
    access[shut] = GateAccess.CLOSED.value
    access[~behind_wall] = None
    access[possible & ~behind_wall[:, None]] = ""
    return access


def gate_lanes(found: Openings, private: BoolArray) -> Lanes:
    """Lead a lane from inside to every gate, and a footway on to the street if it is not closed."""
    passable = found.access != GateAccess.CLOSED.value
    n, m = len(found.parcel), int(passable.sum())
    return Lanes(
        start=np.concatenate([found.inner, found.gate[passable]]),
        end=np.concatenate([found.gate, found.foot[passable]]),
        parcel=np.concatenate([found.parcel, found.parcel[passable]]),
        kind=np.array(["service"] * n + ["footway"] * m, dtype=object),
        private=np.concatenate([private[found.parcel], np.zeros(m, np.bool_)]),
    )
