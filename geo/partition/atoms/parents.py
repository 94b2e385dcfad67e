"""Large grids, before small ones are drawn inside them, and medium grids, made of small ones.

Blocks between main streets are merged into large grids. A medium grid is made of the small grids of
a block or compound, and where these are few, of several; open ground goes with its neighbours.
Every grid is connected.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, IntArray
from geo.geometry.merge_regions import Target, merge
from geo.geometry.polygonize import Faces, connected_labels
from geo.model.vocabulary import Level
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank
from geo.partition.atoms.enclosures import cut_groups
from geo.partition.atoms.locked import contracted

TARGETS: Final[Mapping[Level, Target]] = MappingProxyType(
    {
        Level.LARGE: Target(area_m2=0.0, households=1_000, households_max=3_000),
        Level.MEDIUM: Target(area_m2=0.0, households=100, households_max=800),
    }
)
"""Sizes to aim at: a community, and a residential compound, by order of magnitude."""

_TIED_MOST: Final = 1.5
"""What lies between main streets stays together up to so many times the most households."""

_NEARNESS: Final = np.array([1.0, 1.0, 1.0, 0.7, 0.2, 0.2, 1.0, 0.05, 0.0])
"""What a metre of border counts by what lies on it: grids rather grow over lanes and along the
walls of compounds than over main streets and water."""


def large_grids(
    atoms: Atoms, blocks: IntArray, *, kept: IntArray, target: Target = TARGETS[Level.LARGE]
) -> IntArray:
    """Return the large grid of each atom.

    Parameters
    ----------
    atoms : Atoms
    blocks : ndarray of int64, shape (n,)
        Never cut.
    kept : ndarray of int64, shape (n,)
        Number of the kept large grid of each atom, -1 for none.
    target : Target

    Returns
    -------
    ndarray of int64, shape (n,)
        Labels. Where nobody lives nearby a large grid may stay without households.
    """
    one, two = atoms.pairs.T
    passable = (atoms.rank < Rank.KEPT) & (kept[one] == kept[two])
    lived_in = atoms.built[one] & atoms.built[two]  # else a countryside would gather all around it
    minor = passable & ((atoms.line < Rank.MEDIUM_STREET) | (atoms.line == Rank.WALL))
    tied = connected_labels(len(blocks), _tied(atoms, blocks, minor & lived_in))
    # Between main streets far apart there is a town: its blocks are merged as any others.
    fits = np.bincount(tied, weights=atoms.households) <= _TIED_MOST * target.households_max
    tied = np.where(fits[tied], tied, len(blocks) + blocks)
    dry = passable & (atoms.rank < Rank.RIVER)
    large = tied
    for borders in (minor & dry & lived_in, dry & lived_in, passable & lived_in):
        large = _merged(atoms, large, kept, target, borders, within=kept)
    return _merged(atoms, large, kept, target, passable, within=kept)


def medium_grids(
    atoms: Atoms,
    blocks: IntArray,
    small: IntArray,
    large: IntArray,
    *,
    kept: IntArray,
    target: Target = TARGETS[Level.MEDIUM],
    most: int | None = None,
) -> IntArray:
    """Return the medium grid of each atom: whole small grids, those of one block together.

    Parameters
    ----------
    atoms : Atoms
    blocks, small, large : ndarray of int64, shape (n,)
        Block, small and large grid of each atom.
    kept : ndarray of int64, shape (n,)
        Number of the kept medium grid of each atom, -1 for none.
    target : Target
        Sizes to aim at, and the most medium grids that a large one can hold.
    most : int, optional
        Small grids that a medium one can hold; where there are more, it is cut.
    """
    order = np.lexsort((blocks, -atoms.households, small))  # the block of most households
    names, first = np.unique(small[order], return_index=True)
    block = blocks[order[first]][np.searchsorted(names, small)]
    within = np.unique(np.column_stack([large, kept]), axis=0, return_inverse=True)[1].ravel()
    one, two = atoms.pairs.T
    passable = (atoms.rank < Rank.KEPT) & (within[one] == within[two])
    together = passable & (block[one] == block[two]) & (atoms.rank < Rank.WALL)
    groups = connected_labels(len(blocks), _tied(atoms, small, together))
    medium = _merged(atoms, groups, kept, target, passable, within=within)
    if most is None:
        return medium
    return _held(atoms, small, medium, within, fixed=kept >= 0, most=(target.most, most))


def _held(
    atoms: Atoms, small: IntArray, medium: IntArray, large: IntArray, *, fixed: BoolArray,
    most: tuple[int | None, int],
) -> IntArray:  # fmt: skip
    """Cut medium grids with more small grids than they can hold, and join the smallest instead.

    `most`: medium grids that a large one can hold, and small ones that a medium one can.
    """
    grids, grid = contracted(atoms, small)
    first = np.unique(grid, return_index=True)[1]
    label = np.unique(medium, return_inverse=True)[1][first]
    counted = (~fixed[first]).astype(np.int64)  # kept ones stay whole
    one, two = grids.pairs.T
    passable = grids.rank < Rank.KEPT
    inside = (label[one] == label[two]) & passable
    label = cut_groups(replace(grids, households=counted), label, inside, most[1])
    beside = passable & (large[first][one] == large[first][two]) & ~fixed[first][grids.pairs].any(1)
    if most[0] is not None:
        label = _fewer(label, large[first], grids.pairs[beside], (most[0], most[1]))
    return label[grid]


def _fewer(label: IntArray, large: IntArray, pairs: IntArray, most: tuple[int, int]) -> IntArray:
    """Join the smallest neighbours where a large grid has more medium grids than it can hold."""
    label = label.copy()
    while True:
        names, first, size = np.unique(label, return_index=True, return_counts=True)
        held = np.bincount(np.unique(large, return_inverse=True)[1][first])
        crowded = np.flatnonzero(held > most[0])
        inside = np.isin(np.unique(large, return_inverse=True)[1], crowded)
        ends = np.searchsorted(names, label[pairs[inside[pairs[:, 0]]]])
        ends = ends[ends[:, 0] != ends[:, 1]]
        together = size[ends].sum(axis=1)
        ends, together = ends[together <= most[1]], together[together <= most[1]]
        if not len(ends):
            return label
        one, two = np.sort(ends[int(np.argmin(together))])
        label[label == names[two]] = names[one]


def _tied(atoms: Atoms, groups: IntArray, some: npt.NDArray[np.bool_]) -> IntArray:
    """Return pairs that tie atoms of one group, and atoms with `some` border between them."""
    order = np.argsort(groups, kind="stable")
    same = np.flatnonzero(np.diff(groups[order]) == 0)
    chain = np.column_stack([order[same], order[same + 1]])
    return np.concatenate([chain, atoms.pairs[some]])


def _merged(
    atoms: Atoms,
    groups: IntArray,
    fixed: IntArray,
    target: Target,
    borders: npt.NDArray[np.bool_],
    *,
    within: IntArray,
) -> IntArray:
    """Merge groups that are too small over some borders; kept grids stay as they are."""
    n = len(groups)
    groups = np.where(fixed >= 0, n + fixed, groups)
    none = np.zeros(0, dtype=object)
    near = atoms.length_m[borders] * _NEARNESS[atoms.line[borders]]
    faces = Faces(none, atoms.pairs[borders], atoms.rank[borders], near)
    return merge(
        groups, faces, target, within=within, area_m2=atoms.area_m2, households=atoms.households
    )
