"""Ground where nobody lives goes whole to a neighbour: face by face, across the least line.

A face is never divided for that. It goes to the nearest home across streets, never across a wall,
unless walls shut it in and nobody uses it. Large faces stay open ground of their own.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from geo.arrays import BoolArray, IntArray
from geo.geometry.polygonize import connected_labels
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank

OWN_GROUND_M2: Final = 50_000.0
"""Ground of this size where nobody lives may be a grid of its own: a park, a school, works, fields.
"""

OWN_SHARE: Final = 0.04
"""Grids of open ground for each grid that counting asks for, the largest first: where land use is
not known, fields would else be half of all grids."""


def territories(
    atoms: Atoms,
    *,
    fixed: BoolArray,
    most: int,
    own_m2: float = OWN_GROUND_M2,
    named: BoolArray | None = None,
) -> tuple[Atoms, IntArray]:
    """Return the atoms with the ranks that hold once ground has gone with homes, and whose it is.

    Parameters
    ----------
    atoms : Atoms
    fixed : ndarray of bool, shape (n,)
        Atoms that take no ground: kept grids.
    most : int
        Homes with more households take ground only where no other can: they are grids of their
        own, and would bar the way to neighbours.
    own_m2 : float
        Ground of this size stays by itself.
    named : ndarray of bool, shape (n,), optional
        Ground that does so before other ground: a park, a school, works.

    Returns
    -------
    atoms : Atoms
        A border of ground that an atom holds across a barrier counts as a wall.
    host : ndarray of int64, shape (n,)
        Atom that each goes with: itself, but for ground.
    """
    stays = atoms.built | fixed | _own_ground(atoms, most, own_m2, named)
    takes = stays & ~fixed
    to = np.where(stays, np.arange(len(stays)), -1)
    for some in (takes & (atoms.households <= most), takes):
        to = _spread(atoms, to, some, below=Rank.WALL)
    shut_in = to < 0
    if not shut_in.any():
        return atoms, to
    to = _shut_in(atoms, to, shut_in)
    to = _spread(atoms, to, takes, below=Rank.KEPT)
    to = np.where(to < 0, np.arange(len(to)), to)
    across = shut_in & (to != np.arange(len(to)))
    hard = across[atoms.pairs].any(axis=1)
    rank = np.where(hard, np.maximum(atoms.rank, int(Rank.WALL)), atoms.rank)
    return replace(atoms, rank=rank), to


def _own_ground(atoms: Atoms, most: int, own_m2: float, named: BoolArray | None) -> BoolArray:
    """Return faces where nobody lives: those with a use of their own first, then the largest."""
    large = np.flatnonzero(~atoms.built & ~atoms.far & (atoms.area_m2 >= own_m2))
    grids = int(atoms.households[atoms.households > most].size)
    grids += int(atoms.households[atoms.households <= most].sum()) // (4 * most // 5)
    other = np.zeros(len(large)) if named is None else ~named[large]
    order = large[np.lexsort((large, -np.round(atoms.area_m2[large], 3), other))]
    own = np.zeros(len(atoms.built), dtype=np.bool_)
    own[order[: max(1, int(OWN_SHARE * grids))]] = True
    return own


def _shut_in(atoms: Atoms, to: IntArray, shut_in: BoolArray) -> IntArray:
    """Let ground that barriers shut in and that has a building on it stay by itself, in one."""
    one, two = atoms.pairs.T
    inner = shut_in[one] & shut_in[two] & (atoms.rank < Rank.WALL)
    part = connected_labels(len(to), atoms.pairs[inner])
    with_building = np.zeros(int(part.max()) + 1, dtype=np.bool_)
    with_building[part[atoms.of_building[atoms.of_building >= 0]]] = True
    first = np.unique(part, return_index=True)[1]
    return np.where(shut_in & with_building[part], first[part], to)


def _spread(atoms: Atoms, to: IntArray, takes: BoolArray, *, below: int) -> IntArray:
    """Return whose each atom is after all that borders on somebody's has gone with it."""
    both = np.concatenate([atoms.pairs, atoms.pairs[:, ::-1]])
    rank = np.concatenate([atoms.rank, atoms.rank])
    length = np.round(np.concatenate([atoms.length_m, atoms.length_m]), 3)
    usable = rank < below
    both, rank, length = both[usable], rank[usable], length[usable]
    to = to.copy()
    while True:
        open_ = (to[both[:, 0]] < 0) & (to[both[:, 1]] >= 0)
        open_[open_] &= takes[to[both[open_, 1]]]
        if not open_.any():
            return to
        source, target = both[open_, 0], to[both[open_, 1]]
        order = np.lexsort((target, -length[open_], rank[open_], source))
        chosen = order[np.unique(source[order], return_index=True)[1]]
        to[source[chosen]] = target[chosen]
