"""Enclosures: what a small grid stays inside of, and the households that counting allows there.

An enclosure is cut by no barrier and no major street; a block or compound not even by a lesser
street. One with households that counting cannot divide into grids is joined to a neighbour across
the least street, never across a barrier.
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


def enclosures(
    atoms: Atoms,
    band: Band,
    *,
    fixed: BoolArray,
    most: int | None = None,
    below: int = Rank.MAJOR_STREET,
    within: IntArray | None = None,
) -> IntArray:
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
    below : int
        Borders of this rank and higher ones enclose.
    within : ndarray of int64, shape (n,), optional
        Areas that no enclosure leaves: kept parents.

    Returns
    -------
    ndarray of int64, shape (n,)
        Labels; open ground is an enclosure of its own, atom by atom.
    """
    one, two = atoms.pairs.T
    free = atoms.built & ~fixed & (atoms.households <= band.high)
    beside = free[one] & free[two] & (atoms.rank < Rank.WALL)
    if within is not None:
        beside &= within[one] == within[two]
    open_ = beside & (atoms.rank < below)
    label = connected_labels(len(atoms.built), atoms.pairs[open_])
    label = _joined(atoms, label, band, free=free, joinable=beside)
    if most is None:
        return label
    inside = beside & (label[one] == label[two])
    return cut_groups(atoms, label, inside, most * band.low)


def cut_groups(atoms: Atoms, label: IntArray, inside: BoolArray, most: int) -> IntArray:
    """Cut groups of more than `most` households into connected parts of no more.

    Of a few random trees, the one whose cheapest cuts part the shortest borders. Households are
    counted in steps that are rounded up, so parts aim at half of `most` or more, but may have less.

    Parameters
    ----------
    atoms : Atoms
    label : ndarray of int64, shape (n,)
    inside : ndarray of bool, shape (b,)
        Borders that hold a part together.
    most : int
    """
    label = label.copy()
    households = np.bincount(label, weights=atoms.households)
    steps = min(_STEPS, most)
    step = -(-most // steps)
    bands = [(low, steps, 0.8 * steps, 0.0) for low in (steps // 2, 1)]
    for large in np.flatnonzero(households > most).tolist():
        members = np.flatnonzero(label == large)
        place = np.full(len(label), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        some = inside & (label[atoms.pairs[:, 0]] == large)
        ends, length = place[atoms.pairs[some]], atoms.length_m[some]
        weight = -(-atoms.households[members] // step)
        state = np.array([large], dtype=np.uint64)
        cuts: list[tuple[float, float, IntArray]] = []
        for turn in range(2 * _TREES):
            if turn == _TREES and min(over for over, _, _ in cuts) == 0:
                break  # else any part that is not too large will do, however small
            key = np.array([draw(state) for _ in range(len(ends))]) / (4.0 + length)
            tree = spanning_forest(len(members), ends, key)
            part = cut_tree(
                weight, ends, tree, np.zeros(len(ends), np.bool_), bands[turn // _TREES]
            )
            over = np.maximum(np.bincount(part, weights=weight) - steps, 0).sum()
            border_m = length[part[ends[:, 0]] != part[ends[:, 1]]].sum()
            cuts.append((float(over), float(border_m), part))
        best = min(cuts, key=lambda one: one[:2])[2]
        label[members] = np.where(best == 0, large, label.max() + best)
    return label


def _joined(
    atoms: Atoms, label: IntArray, band: Band, *, free: BoolArray, joinable: BoolArray
) -> IntArray:
    """Join enclosures whose households fit no grids to a neighbour across the least street."""
    n = int(label.max()) + 1 if len(label) else 0
    households = np.bincount(label, weights=atoms.households, minlength=n).astype(np.int64)
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
    few = [each for each in np.flatnonzero(inhabited) if not band.allows(int(households[each]))]
    for small in sorted(few, key=lambda each: (int(households[each]), int(each))):
        if to[small] == small and not band.allows(int(households[small])):
            _join(int(small), to, households, borders, band)
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
    OUT_OF_REACH = "out_of_reach"
    NO_NUMBER_FITS = "no_number_fits"
    BUILDINGS_TOO_LARGE = "buildings_too_large"
    BUILDINGS_DO_NOT_ADD_UP = "buildings_do_not_add_up"
    KEPT = "kept"
    AROUND = "nothing_around_fits"
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
