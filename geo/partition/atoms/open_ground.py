"""Grids of open ground: parks, schools, works, fields and water, where nobody lives."""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import BoolArray, IntArray
from geo.geometry.merge_regions import Target, merge
from geo.geometry.polygonize import Faces, connected_labels
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank
from geo.partition.atoms.locked import contracted, inside_of

GROUND: Final = Target(area_m2=100_000.0)
"""Open ground is merged inside its medium grid up to about this size."""


def merged_ground(
    atoms: Atoms,
    small: IntArray,
    medium: IntArray,
    *,
    most: int | None,
    named: BoolArray | None = None,
    target: Target = GROUND,
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
    named : ndarray of bool, shape (n,), optional
        Ground that stays by itself as long as the medium grid can hold it: a park, a school.
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
        if size is not None and named is not None:
            open_ &= ~named[atoms.pairs].any(axis=1)
        faces = Faces(none, atoms.pairs[open_], atoms.rank[open_], atoms.length_m[open_])
        wanted = replace(size or Target(area_m2=0.0), most=most)
        small = merge(small, faces, wanted, within=medium, area_m2=atoms.area_m2)
    return small


def whole_grounds(
    atoms: Atoms, grounds: gpd.GeoDataFrame, *, fixed: BoolArray, least_m2: float
) -> tuple[Atoms, IntArray, IntArray]:
    """Return atoms of which each piece of open ground is one, whatever lanes run through it.

    Parameters
    ----------
    atoms : Atoms
    grounds : GeoDataFrame
        Layer ``open_grounds`` in the metric CRS; of two that overlap the smaller counts.
    fixed : ndarray of bool, shape (n,)
        Kept grids, which are no part of it.
    least_m2 : float
        Smaller pieces, between major streets and barriers, stay as they are.

    Returns
    -------
    atoms : Atoms
    ground : ndarray of int64, shape (new atoms,)
        Row of `grounds` that each is a piece of, -1 for none.
    new_of : ndarray of int64, shape (n,)
        New atom of each old one.
    """
    order = np.argsort(shapely.area(np.asarray(grounds.geometry, dtype=object)), kind="stable")
    areas = np.asarray(grounds.geometry, dtype=object)[order]
    inside = inside_of(atoms, areas)
    inside[atoms.built | atoms.far | fixed] = -1
    one, two = atoms.pairs.T
    same = (inside[one] >= 0) & (inside[one] == inside[two]) & (atoms.rank < Rank.MAJOR_STREET)
    part = connected_labels(len(inside), atoms.pairs[same])
    area = np.bincount(part, weights=atoms.area_m2)
    group = np.where((inside >= 0) & (area[part] >= least_m2), part, -1)
    atoms, new_of = contracted(atoms, group)
    ground = np.full(len(atoms.households), -1, dtype=np.int64)
    ground[new_of[group >= 0]] = order[inside[group >= 0]] if len(order) else -1
    return atoms, ground, new_of
