"""Which kept grids atoms lie in, and atoms of a kept small grid made one."""

import numpy as np
import shapely

from geo.arrays import BoolArray, GeometryArray, IntArray
from geo.geometry.point_in_polygon import PointLocator
from geo.partition.atoms.atoms import Atoms, sums
from geo.partition.atoms.cut_lines import Rank


def inside_of(atoms: Atoms, areas: GeometryArray) -> IntArray:
    """Return the first of some areas that each atom lies in, -1 for none.

    Parameters
    ----------
    atoms : Atoms
        No atom may cross the outline of an area.
    areas : ndarray of Polygon, shape (k,)
    """
    of = np.full(len(atoms.households), -1, dtype=np.int64)
    if len(areas):
        inside = shapely.get_coordinates(shapely.point_on_surface(atoms.pieces))
        is_inside = PointLocator.build(areas, points=len(inside)).locate(*inside.T)[0]
        order = np.argsort(shapely.area(atoms.pieces), kind="stable")  # the largest decides
        of[atoms.of_piece[order]] = is_inside[order]
    return of


def contracted(
    atoms: Atoms, group: IntArray, built: BoolArray | None = None
) -> tuple[Atoms, IntArray]:
    """Return atoms of which groups have become one, and the new atom of each old one.

    Parameters
    ----------
    atoms : Atoms
    group : ndarray of int64, shape (n,)
        Atoms with the same number become one; those with -1 stay as they are.
    built : ndarray of bool, shape (n,), optional
        What makes a new atom built; without it, households of a group.
    """
    n = len(group)
    if (group < 0).all():
        return atoms, np.arange(n)
    _, first, to = np.unique(
        np.where(group < 0, np.arange(n), n + group), return_index=True, return_inverse=True
    )
    m = len(first)
    pairs = np.sort(to[atoms.pairs], axis=1)
    inner = pairs[:, 0] == pairs[:, 1]
    around = sums(to, atoms.perimeter_m, m)
    around -= 2 * sums(pairs[inner, 0], atoms.length_m[inner], m)
    distinct, which = np.unique(pairs[~inner], axis=0, return_inverse=True)
    line, rank = np.full((2, len(distinct)), int(Rank.KEPT), dtype=np.int64)
    np.minimum.at(line, which.ravel(), atoms.line[~inner])
    np.minimum.at(rank, which.ravel(), atoms.rank[~inner])
    if built is None:
        built = atoms.built & ((atoms.households > 0) | (group < 0))
    is_built = np.zeros(m, dtype=np.bool_)
    np.logical_or.at(is_built, to, built)
    is_far = np.ones(m, dtype=np.bool_)
    np.logical_and.at(is_far, to, atoms.far)
    return Atoms(
        pieces=atoms.pieces,
        of_piece=to[atoms.of_piece],
        households=np.bincount(to, weights=atoms.households, minlength=m).astype(np.int64),
        area_m2=sums(to, atoms.area_m2, m),
        perimeter_m=around,
        built=is_built,
        far=is_far,
        pairs=distinct,
        line=line,
        rank=rank,
        length_m=sums(which.ravel(), atoms.length_m[~inner], len(distinct)),
        of_building=np.where(atoms.of_building >= 0, to[atoms.of_building], -1),
    ), to
