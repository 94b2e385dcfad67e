"""Small grids that a barrier separates: found by the rule of the grid check, and taken apart.

A wall may end in mid-block, where it bounds no face. Whether it separates the homes of a grid shows
once the grid has an outline. Homes on its two sides then count as walled off from each other.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import BoolArray, GeometryArray, IntArray
from geo.geometry.polygonize import connected_labels
from geo.grids.checks.building_and_barrier_check import separations
from geo.model.layers import Layers
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank
from geo.partition.ground import DrawingGround


@dataclass(frozen=True, slots=True)
class Parted:
    """Atoms of grids that barriers separate.

    Attributes
    ----------
    side : ndarray of int64, shape (atoms,)
        Side of its grid that each atom is on, all numbers different; -1 in other grids.
    main : ndarray of bool, shape (atoms,)
        Whether that is the side with most households in its grid.
    """

    side: IntArray
    main: BoolArray


def parted(
    ground: DrawingGround, small: IntArray, layers: Layers, among: BoolArray, whole: set[bytes]
) -> Parted | None:
    """Return what barriers separate in some small grids; None if nothing.

    Parameters
    ----------
    ground : DrawingGround
    small : ndarray of int64, shape (atoms,)
    layers : Layers
        Metric CRS; `buildings` and `barriers` are read.
    among : ndarray of bool, shape (atoms,)
        Only grids with one of these atoms are looked at.
    whole : set of bytes
        Atoms of grids that nothing separates: they are not looked at again, and others are added.
    """
    atoms = ground.atoms
    labels = np.unique(small[among])
    members = _members(small, labels)
    labels = labels[[each not in whole for each in members]]
    if not len(labels) or not len(layers.barriers):
        return None
    frame = gpd.GeoDataFrame(
        {"code": labels}, geometry=outlines(atoms, small, labels), crs=layers.buildings.crs
    )
    side = np.full(len(small), -1, dtype=np.int64)
    main = np.zeros(len(small), dtype=np.bool_)
    count = 0
    found = separations(frame, layers.barriers, layers.buildings)
    whole |= set(members) - set(_members(small, labels[[each.grid for each in found]]))
    for each in found:
        own = [np.unique(atoms.of_building[rows]) for rows in each.sides]
        own = [some[some >= 0] for some in own]
        largest = int(np.argmax([atoms.households[some].sum() for some in own]))
        for number, some in enumerate(own):
            side[some] = count + number
            main[some] = number == largest
        count += len(own)
    if count == 0:
        return None
    return _with_ground(ground, small, side, main)


def _members(small: IntArray, labels: IntArray) -> list[bytes]:
    """Return the atoms of some small grids, as what they can be told by."""
    order = np.argsort(small, kind="stable")
    starts, ends = (np.searchsorted(small[order], labels, side) for side in ("left", "right"))
    return [order[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]


def outlines(atoms: Atoms, small: IntArray, labels: IntArray) -> GeometryArray:
    """Return the outline of some small grids."""
    label = small[atoms.of_piece]
    order = np.argsort(label, kind="stable")
    starts, ends = (np.searchsorted(label[order], labels, side) for side in ("left", "right"))
    shapes = np.empty(len(labels), dtype=object)
    shapes[:] = [
        shapely.coverage_union_all(atoms.pieces[order[start:end]])
        for start, end in zip(starts, ends, strict=True)
    ]
    return shapes


def _with_ground(ground: DrawingGround, small: IntArray, side: IntArray, main: BoolArray) -> Parted:
    """Let ground without a building be on the side of the home that it goes with."""
    host = ground.host
    follows = (side < 0) & (small == small[host])
    return Parted(np.where(follows, side[host], side), np.where(follows, main[host], main))


def walled_off(ground: DrawingGround, found: Parted) -> DrawingGround:
    """Return the ground with a wall between the sides of each grid."""
    one, two = ground.atoms.pairs.T
    apart = (found.side[one] >= 0) & (found.side[two] >= 0) & (found.side[one] != found.side[two])
    atoms = _raised(ground.atoms, apart)
    n = len(ground.homes.households)
    ends = np.sort(ground.home[ground.atoms.pairs[apart]], axis=1)
    walls = ends[:, 0] * n + ends[:, 1]
    homes = ground.homes
    homes = _raised(homes, np.isin(homes.pairs[:, 0] * n + homes.pairs[:, 1], walls))
    return replace(ground, atoms=atoms, homes=homes)


def _raised(atoms: Atoms, some: BoolArray) -> Atoms:
    """Return atoms with a wall on some borders."""
    return replace(atoms, rank=np.where(some, np.maximum(atoms.rank, int(Rank.WALL)), atoms.rank))


def taken_apart(
    ground: DrawingGround, small: IntArray, parent: IntArray, found: Parted
) -> IntArray:
    """Return the small grid of each atom, every side of a separated one by itself.

    A side where nobody lives goes with the grid beside it that no barrier separates from it, if
    there is one in the same parent.
    """
    atoms, n = ground.atoms, len(small)
    new = small.copy()
    taken = int(max(small.max() + 1, n))
    for number in np.unique(found.side[(found.side >= 0) & ~found.main]).tolist():
        some = found.side == number
        to = -1
        if not atoms.households[some].any():
            to = _beside(atoms, some, new, parent)
        new[some] = to if to >= 0 else taken
        taken += 1
    return _in_one_part(atoms, new, parent)


def _in_one_part(atoms: Atoms, small: IntArray, parent: IntArray) -> IntArray:
    """Return the small grids with every further part with a neighbour, or by itself."""
    new = small.copy()
    same = (small[atoms.pairs[:, 0]] == small[atoms.pairs[:, 1]]) & (atoms.rank < Rank.KEPT)
    part = connected_labels(len(small), atoms.pairs[same])
    _, first = np.unique(part, return_index=True)
    households = np.bincount(part, weights=atoms.households)
    area = np.bincount(part, weights=atoms.area_m2)
    order = np.lexsort((first, -area, -households, small[first]))
    is_main = np.zeros(len(first), dtype=np.bool_)
    is_main[order[np.unique(small[first][order], return_index=True)[1]]] = True
    taken = int(small.max()) + 1
    for number in np.flatnonzero(~is_main).tolist():
        some = part == number
        to = -1 if households[number] else _beside(atoms, some, new, parent)
        new[some] = to if to >= 0 else taken
        taken += 1
    return new


def _beside(atoms: Atoms, some: BoolArray, small: IntArray, parent: IntArray) -> int:
    """Return the grid beside some atoms with the longest border across no barrier, -1 for none."""
    one, two = atoms.pairs.T
    crosses = (some[one] != some[two]) & (atoms.rank < Rank.WALL) & (parent[one] == parent[two])
    other = np.where(some[one[crosses]], two[crosses], one[crosses])
    own = small[np.flatnonzero(some)[0]]
    usable = small[other] != own
    if not usable.any():
        return -1
    labels, which = np.unique(small[other[usable]], return_inverse=True)
    length = np.bincount(which, weights=atoms.length_m[crosses][usable])
    return int(labels[np.argmax(np.round(length, 3))])
