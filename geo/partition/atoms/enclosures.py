"""Enclosures: what a small grid stays inside of, and the households that counting allows there.

An enclosure is a block or compound that no street and no barrier cuts. One with too few households
for a grid is joined to a neighbour across a street, never across a barrier.
"""

from enum import StrEnum
from typing import Final

import numpy as np

from geo.arrays import BoolArray, IntArray
from geo.geometry.polygonize import connected_labels
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.cut_lines import Rank
from geo.partition.optimise.spanning_trees import cut_tree, draw, spanning_forest

_STEPS: Final = 200
"""Households are counted in this many steps where an enclosure is cut."""

_TREES: Final = 8


def enclosures(atoms: Atoms, band: Band, *, fixed: BoolArray, most: int | None = None) -> IntArray:
    """Return the enclosure of each atom.

    Parameters
    ----------
    atoms : Atoms
    band : Band
        Of the small grids.
    fixed : ndarray of bool, shape (n,)
        Atoms that are a kept grid, each an enclosure of its own.
    most : int, optional
        Small grids that one may hold: where a superblock has too many households for them, it is
        cut into several, along short borders.

    Returns
    -------
    ndarray of int64, shape (n,)
        Labels; open ground is an enclosure of its own, atom by atom.
    """
    one, two = atoms.pairs.T
    free = atoms.built & ~fixed
    open_ = free[one] & free[two] & (atoms.face[one] == atoms.face[two])
    open_ &= atoms.rank == Rank.OPEN
    label = _joined(atoms, connected_labels(len(atoms.built), atoms.pairs[open_]), band, free=free)
    if most is None:
        return label
    inside = free[one] & free[two] & (label[one] == label[two]) & (atoms.rank < Rank.WALL)
    return _cut(atoms, label, inside, most * band.low)


def _cut(atoms: Atoms, label: IntArray, inside: BoolArray, most: int) -> IntArray:
    """Cut enclosures of more than `most` households into connected parts of no more.

    Of a few random trees, the one whose cheapest cuts part the shortest borders. Households are
    counted in steps that are rounded up, so parts aim at half of `most` or more, but may have less.
    """
    label = label.copy()
    households = np.bincount(label, weights=atoms.households)
    step = -(-most // _STEPS)
    band = (_STEPS // 2, _STEPS, 0.8 * _STEPS, 0.0)
    for large in np.flatnonzero(households > most).tolist():
        members = np.flatnonzero(label == large)
        place = np.full(len(label), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        some = inside & (label[atoms.pairs[:, 0]] == large)
        ends, length = place[atoms.pairs[some]], atoms.length_m[some]
        weight = -(-atoms.households[members] // step)
        state = np.array([large], dtype=np.uint64)
        cuts: list[tuple[float, float, IntArray]] = []
        for _ in range(_TREES):
            key = np.array([draw(state) for _ in range(len(ends))]) / (4.0 + length)
            tree = spanning_forest(len(members), ends, key)
            part = cut_tree(weight, ends, tree, np.zeros(len(ends), np.bool_), band)
            over = np.maximum(np.bincount(part, weights=weight) - _STEPS, 0).sum()
            border_m = length[part[ends[:, 0]] != part[ends[:, 1]]].sum()
            cuts.append((float(over), float(border_m), part))
        best = min(cuts, key=lambda one: one[:2])[2]
        label[members] = np.where(best == 0, large, label.max() + best)
    return label


def _joined(atoms: Atoms, label: IntArray, band: Band, *, free: BoolArray) -> IntArray:
    """Join enclosures with too few households to a neighbour across the least street."""
    n = int(label.max()) + 1 if len(label) else 0
    households = np.bincount(label, weights=atoms.households, minlength=n).astype(np.int64)
    joinable = free[atoms.pairs].all(axis=1) & (atoms.rank < Rank.WALL)
    near = label[atoms.pairs[joinable]]
    borders: dict[int, dict[int, tuple[int, float]]] = {}
    for (one, two), rank, length in zip(
        near.tolist(), atoms.rank[joinable].tolist(), atoms.length_m[joinable].tolist(), strict=True
    ):
        if one != two:
            for here, there in ((one, two), (two, one)):
                had = borders.setdefault(here, {}).get(there, (rank, 0.0))
                borders[here][there] = (min(had[0], rank), had[1] + length)
    to = np.arange(n)
    inhabited = np.zeros(n, dtype=np.bool_)
    inhabited[label[free]] = True
    few = np.flatnonzero(inhabited & (households < band.low))
    for small in few[np.argsort(households[few], kind="stable")].tolist():
        if to[small] == small and households[small] < band.low:
            _join(small, to, households, borders, band)
    return _roots(to)[label]


def _join(
    small: int,
    to: IntArray,
    households: IntArray,
    borders: dict[int, dict[int, tuple[int, float]]],
    band: Band,
) -> None:
    """Join one enclosure to the neighbour that suits it best, if there is one."""
    if small not in borders or not borders[small]:
        return

    def worth(other: int) -> tuple[bool, int, float, int]:
        rank, length = borders[small][other]
        fits = band.allows(int(households[small] + households[other]))
        return fits, -rank, round(length, 3), -other

    best = max(borders[small], key=worth)
    to[small] = best
    households[best] += households[small]
    for other, border in borders.pop(small).items():
        del borders[other][small]
        if other != best:
            had = borders[best].get(other, (border[0], 0.0))
            both = (min(had[0], border[0]), had[1] + border[1])
            borders[best][other] = borders[other][best] = both


def _roots(to: IntArray) -> IntArray:
    """Return where each label ends up."""
    while True:
        further = to[to]
        if (further == to).all():
            return to
        to = further


class Reason(StrEnum):
    """Why a grid or beat is out of its band; only the last is the search's fault."""

    TOO_FEW = "too_few_households"
    NO_NUMBER_FITS = "no_number_fits"
    BUILDINGS_TOO_LARGE = "buildings_too_large"
    BUILDINGS_DO_NOT_ADD_UP = "buildings_do_not_add_up"
    KEPT = "kept"
    NOT_FOUND = "not_found"


def reason(households: IntArray, band: Band) -> Reason:
    """Return why some buildings cannot all be grouped in the band.

    Parameters
    ----------
    households : ndarray of int64
        Of each building of an enclosure, or of what a beat could reach.

    Examples
    --------
    Twenty buildings of 14 make 280, but no grid of them has 30 to 50 households except three:

    >>> from geo.partition.atoms.band import SMALL_BAND
    >>> str(reason(np.full(20, 14), SMALL_BAND))
    'buildings_do_not_add_up'
    """
    total = int(households.sum())
    if total < band.low:
        return Reason.TOO_FEW
    if not band.allows(total):
        return Reason.NO_NUMBER_FITS
    if int(households.max()) > band.high:
        return Reason.BUILDINGS_TOO_LARGE
    unit = int(np.gcd.reduce(households))
    low, high = -(-band.low // unit), band.high // unit
    if low > high or -(-total // unit // high) > total // unit // low:
        return Reason.BUILDINGS_DO_NOT_ADD_UP
    return Reason.NOT_FOUND
