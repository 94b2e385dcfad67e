"""Which large and medium grid each atom belongs to, before small grids are drawn.

Blocks between main streets are merged into large grids, and compounds inside them into medium
grids; open ground goes with its neighbours. Every grid is connected; a small grid never leaves its
enclosure, nor an enclosure its medium grid.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.arrays import IntArray
from geo.geometry.merge_regions import Target, merge
from geo.geometry.polygonize import Faces, connected_labels
from geo.grids.codes import CodeScheme
from geo.model.layers import Level
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank

TARGETS: Final[Mapping[Level, Target]] = MappingProxyType(
    {
        Level.LARGE: Target(area_m2=0.0, households=1_000, households_max=3_000),
        Level.MEDIUM: Target(area_m2=0.0, households=100, households_max=800),
    }
)
"""Sizes to aim at: a community, and a residential compound, by order of magnitude."""

_NEARNESS: Final = np.array([1.0, 1.0, 0.7, 0.2, 1.0, 0.05, 0.0])
"""What a metre of border counts by what lies on it: grids rather grow over lanes and along the
walls of compounds than over main streets and water."""


def parents(
    atoms: Atoms,
    enclosure: IntArray,
    scheme: CodeScheme,
    *,
    kept: Mapping[Level, IntArray],
    targets: Mapping[Level, Target] = TARGETS,
) -> dict[Level, IntArray]:
    """Return the large and the medium grid of each atom.

    Parameters
    ----------
    atoms : Atoms
    enclosure : ndarray of int64, shape (n,)
        Never cut.
    scheme : CodeScheme
        How many medium grids a large one can hold.
    kept : mapping of Level to ndarray of int64, shape (n,)
        Number of the kept large and medium grid of each atom, -1 for none.
    targets : mapping of Level to Target

    Returns
    -------
    dict of Level to ndarray of int64, shape (n,)
        Labels. Where nobody lives nearby a large grid may stay without households.
    """
    fixed = kept[Level.LARGE]
    one, two = atoms.pairs.T
    passable = (atoms.rank < Rank.KEPT) & (fixed[one] == fixed[two])
    minor = passable & ((atoms.line < Rank.MEDIUM_STREET) | (atoms.line == Rank.WALL))
    blocks = connected_labels(len(enclosure), _tied(atoms, enclosure, minor))
    dry = passable & (atoms.rank < Rank.RIVER)
    large = _merged(atoms, blocks, fixed, targets[Level.LARGE], dry, within=fixed)
    large = _merged(atoms, large, fixed, targets[Level.LARGE], passable, within=fixed)
    fixed = kept[Level.MEDIUM]
    within = np.unique(np.column_stack([large, fixed]), axis=0, return_inverse=True)[1].ravel()
    target = replace(targets[Level.MEDIUM], most=scheme.capacity(Level.MEDIUM))
    medium = _merged(atoms, enclosure, fixed, target, passable, within=within)
    return {Level.LARGE: large, Level.MEDIUM: medium}


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
