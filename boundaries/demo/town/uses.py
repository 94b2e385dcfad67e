"""What each parcel becomes: homes until every household has one, and the rest of a town."""

from typing import Final

import numpy as np

from boundaries.demo.town.courts import Courts
from boundaries.demo.town.parcels import Parcels, Use
from boundaries.demo.town.quads import BoolArray, FloatArray, IntArray

_REST: Final = (
    Use.SCHOOL, Use.PARK, Use.OFFICE, Use.WORKS, Use.MARKET, Use.VACANT, Use.OFFICE, Use.WORKS,
    Use.PARK, Use.VACANT, Use.SCHOOL, Use.VACANT, Use.WORKS,
)  # fmt: skip
"""Uses of parcels without homes, in the order in which they are handed out from the centre on."""

_PULL: Final = 0.5
"""How strongly homes gather at the centre of a street office, against chance."""


def decide(
    parcels: Parcels, courts: Courts, seats: FloatArray, wanted: IntArray, dice: FloatArray
) -> tuple[IntArray, BoolArray]:
    """Decide the use of every parcel and which slabs are built.

    Parameters
    ----------
    parcels, courts
        Parcels of superblocks (use undecided) and their courts as if all were for homes.
    seats : ndarray of float64, shape (k, 2)
    wanted : ndarray of int64, shape (k,)
        Households of each street office. What one office misses is built in the next.
    dice : ndarray of float64, shape (n,)
        Uniform random numbers.

    Returns
    -------
    use : ndarray of int64, shape (n,)
    built : ndarray of bool, shape (courts,)
    """
    use = parcels.use.copy()
    built = np.zeros(len(courts.parcel), np.bool_)
    away = np.linalg.norm(parcels.quad.mean(axis=1) - seats[parcels.office], axis=1)
    owed = 0
    for office, households in enumerate(wanted):
        own = np.flatnonzero(parcels.office == office)
        if not len(own):
            owed += int(households)
            continue
        urge = dice[own] + _PULL * away[own] / max(float(away[own].max()), 1.0)
        slabs = _choose(own[np.argsort(urge, kind="stable")], courts, int(households) + owed)
        owed += int(households) - int(courts.households[slabs].sum())
        built[slabs] = True
        use[np.unique(courts.parcel[slabs])] = Use.RESIDENTIAL
        rest = own[use[own] == Use.UNDECIDED]
        rest = rest[np.argsort(away[rest] + 400 * dice[rest], kind="stable")]
        use[rest] = np.array(_REST)[np.arange(len(rest)) % len(_REST)]
    return use, built


def _choose(order: IntArray, courts: Courts, households: int) -> IntArray:
    """Return the slabs that hold `households`, parcel after parcel, at most one slab too few."""
    rank = np.full(int(order.max()) + 1, len(order), np.int64)
    rank[order] = np.arange(len(order))
    able = np.flatnonzero((courts.households > 0) & (courts.parcel <= order.max()))
    able = able[rank[courts.parcel[able]] < len(order)]
    able = able[np.lexsort((able, rank[courts.parcel[able]]))]
    return np.sort(able[np.cumsum(courts.households[able]) <= households])
