"""Grids of open ground: parks, schools, works, fields and water, where nobody lives."""

from dataclasses import replace
from typing import Final

import numpy as np

from geo.arrays import IntArray
from geo.geometry.merge_regions import Target, merge
from geo.geometry.polygonize import Faces
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank

GROUND: Final = Target(area_m2=100_000.0)
"""Open ground is merged inside its medium grid up to about this size."""


def merged_ground(
    atoms: Atoms, small: IntArray, medium: IntArray, *, most: int | None, target: Target = GROUND
) -> IntArray:
    """Return the small grid of each atom, open ground merged with open ground beside it.

    Parameters
    ----------
    atoms : Atoms
    small, medium : ndarray of int64, shape (n,)
        Present small grid, and the medium grid that none leaves.
    most : int or None
        Small grids that a medium grid can hold. Only where there are more, ground is merged across
        walls, and at last across water.
    target : Target

    Returns
    -------
    ndarray of int64, shape (n,)
        Grids of open ground never join one with households.
    """
    bare = ~atoms.built
    none = np.zeros(0, dtype=object)
    for size, below in ((target, Rank.WALL), (None, Rank.RIVER), (None, Rank.KEPT)):
        open_ = bare[atoms.pairs].all(axis=1) & (atoms.rank < below)
        faces = Faces(none, atoms.pairs[open_], atoms.rank[open_], atoms.length_m[open_])
        wanted = replace(size or Target(area_m2=0.0), most=most)
        small = merge(small, faces, wanted, within=medium, area_m2=atoms.area_m2)
    return small
