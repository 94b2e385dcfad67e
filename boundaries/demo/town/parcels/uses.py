"""What each parcel becomes: homes until every household has one, and the rest of a town."""

from typing import Final

import numpy as np

from boundaries.demo.town.parcels.courts import Courts
from boundaries.demo.town.parcels.parcels import Parcels, Use
from geo.arrays import BoolArray, FloatArray, IntArray

_REST: Final = (
    Use.SCHOOL, Use.PARK, Use.OFFICE, Use.WORKS, Use.MARKET, Use.VACANT, Use.OFFICE, Use.WORKS,
    Use.PARK, Use.VACANT, Use.SCHOOL, Use.VACANT, Use.WORKS,
)  # fmt: skip
"""Uses of parcels without homes, in the order in which they are handed out from the centre on."""

_TRIED: Final = 3
"""Slabs at the end that may give way to one of a better size."""

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
    """Return the slabs that hold `households`, as nearly as slabs allow, parcel after parcel."""
    rank = np.full(int(courts.parcel.max(initial=0)) + 1, -1, np.int64)
    rank[order[order < len(rank)]] = np.flatnonzero(order < len(rank))
    able = np.flatnonzero((courts.households > 0) & (rank[courts.parcel] >= 0))
    able = able[np.lexsort((able, rank[courts.parcel[able]]))]
    sizes = courts.households[able]
    held = np.concatenate([[0], np.cumsum(sizes)])
    # All slabs up to one, and one more from anywhere after it: the pair that comes nearest.
    last = max(int(np.searchsorted(held, households, side="right")) - 1, 0)
    chosen, miss = able[:last], abs(households - int(held[last]))
    for stop in range(max(last - _TRIED, 0), min(last, len(able) - 1) + 1):
        off = np.abs(households - held[stop] - sizes[stop:])
        best = int(np.argmin(off))
        if off[best] < miss:
            miss = int(off[best])
            chosen = np.append(able[:stop], able[stop + best])
    return np.sort(chosen)
