"""Buildings inside courts: stairwell buildings with homes, and halls where nobody lives."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from boundaries.demo.town.parcels.courts import (
    FLATS_PER_FLOOR,
    TALL,
    UNIT_GAP_M,
    UNIT_M,
    WALK_MARGIN_M,
    CourtPlan,
    Courts,
    court_corners,
)
from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.streets.quads import boxes, contains, side_lengths
from geo.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Buildings:
    """Buildings as rectangles.

    Attributes
    ----------
    quad : ndarray of float64, shape (b, 4, 2)
    parcel, court : ndarray of int64, shape (b,)
        Index of the parcel and of the court; -1 where the parcel has none.
    levels, households : ndarray of int64, shape (b,)
    """

    quad: FloatArray
    parcel: IntArray
    court: IntArray
    levels: IntArray
    households: IntArray

    def joined(self, other: "Buildings") -> "Buildings":
        """Return these buildings followed by `other`."""
        names = self.__slots__
        return Buildings(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        )


def homes(plan: CourtPlan, courts: Courts, built: BoolArray) -> Buildings:
    """Cut the slab of every built court into its stairwell buildings."""
    court = np.flatnonzero(built)
    count = plan.stairwells[courts.parcel[court]]
    of = np.repeat(court, count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    parcel = courts.parcel[of]
    levels = plan.levels[parcel]
    length = np.where(levels >= TALL, UNIT_M[1][0], UNIT_M[0][0])
    depth = np.where(levels >= TALL, UNIT_M[1][1], UNIT_M[0][1])
    shift = (place - (plan.stairwells[parcel] - 1) / 2) * (length + UNIT_GAP_M)
    centre = courts.slab[of, 0] + courts.slab[of, 1] * shift[:, None]
    return Buildings(
        quad=boxes(centre, courts.slab[of, 1], length, depth),
        parcel=parcel,
        court=of,
        levels=levels,
        households=FLATS_PER_FLOOR * levels,
    )


_HALLS: Final = {
    Use.SCHOOL: ((0, 0), (0, 1), (1, 0)),
    Use.MARKET: ((0, 0), (0, 1)),
    Use.OFFICE: ((0, 0), (1, 1)),
    Use.WORKS: ((0, 0), (0, 1), (1, 0), (1, 1)),
}
_HALL_LEVELS: Final = {Use.SCHOOL: 4, Use.MARKET: 2, Use.OFFICE: 8, Use.WORKS: 1}


def halls(plan: CourtPlan, parcels: Parcels) -> Buildings:
    """Place the buildings of schools, markets, offices and works: nobody lives in them."""
    found: list[tuple[IntArray, IntArray, IntArray]] = []
    for use, places in _HALLS.items():
        some = np.flatnonzero(parcels.use == use)
        for row, column in places:
            found.append((some, np.full(len(some), row), np.full(len(some), column)))
    parcel, rows, columns = (np.concatenate(part) for part in zip(*found, strict=True))
    inner = court_corners(plan, parcel, rows, columns)
    sides = side_lengths(inner)
    along = inner[:, 1] - inner[:, 0]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    quad = boxes(
        inner.mean(axis=1),
        along,
        np.minimum(0.62 * sides[:, 0], 70.0),
        np.minimum(0.42 * sides[:, 1], 26.0),
    )
    stands = contains(inner, quad, WALK_MARGIN_M)
    parcel, quad = parcel[stands], quad[stands]
    return Buildings(
        quad=quad,
        parcel=parcel,
        court=np.full(len(parcel), -1, np.int64),
        levels=np.array([_HALL_LEVELS[Use(int(use))] for use in parcels.use[parcel]], np.int64),
        households=np.zeros(len(parcel), np.int64),
    )
