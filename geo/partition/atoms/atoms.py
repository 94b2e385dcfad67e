"""Atoms: what a grid is put together from and what is never cut.

An atom is a building (or several that overlap) with the ground around it, or a face where nobody
lives. Atoms cover the district without a gap; two are neighbours if they share an edge, never by
distance alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.spatial
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.geometry.point_in_polygon import PointLocator
from geo.geometry.polygonize import Faces, connected_labels, cut
from geo.grids.assign import demand_xy
from geo.model.layers import Layers
from geo.partition.atoms.cut_lines import Rank, footprints_of
from geo.partition.atoms.tessellation import GROUND_M2, CellSites, assign_sites, borders

NECK_M: Final = 2.0
"""Two atoms that share less border than this are no neighbours: a neck holds no grid together."""

_OVERLAP_M2: Final = 0.1
_CRUMB_M2: Final = 20.0
"""Ground smaller than this goes with a neighbour at once."""

_FAR_LEAST_M2: Final = 1_000.0
_SPIKE_SIDES: Final = 2.5  # of an equilateral triangle 2, of a square 3
_SPIKE_AREA: Final = 0.85  # of a square or strip 1, of a long triangle 0.5
_THIN_M: Final = 0.01


@dataclass(frozen=True, slots=True)
class Atoms:
    """Atoms and their borders.

    Attributes
    ----------
    pieces : ndarray of Polygon, shape (p,)
        Seamless, without overlap; metric CRS.
    of_piece : ndarray of int64, shape (p,)
        Atom of each piece.
    households : ndarray of int64, shape (n,)
    area_m2, perimeter_m : ndarray of float64, shape (n,)
    built : ndarray of bool, shape (n,)
        False for faces where nobody lives.
    far : ndarray of bool, shape (n,)
        Ground of a face where somebody lives, far from its buildings.
    pairs : ndarray of int64, shape (b, 2)
        Neighbours, lower first, each once.
    line : ndarray of int64, shape (b,)
        The least that lies on the border (:class:`Rank`).
    rank : ndarray of int64, shape (b,)
        The least that must be crossed: `line`, but at least `WALL` where ground is met that an atom
        holds on the far side of a barrier.
    length_m : ndarray of float64, shape (b,)
    of_building : ndarray of int64, shape (buildings,)
        Atom of each building; -1 outside the district.
    """

    pieces: GeometryArray
    of_piece: IntArray
    households: IntArray
    area_m2: FloatArray
    perimeter_m: FloatArray
    built: BoolArray
    far: BoolArray
    pairs: IntArray
    line: IntArray
    rank: IntArray
    length_m: FloatArray
    of_building: IntArray


def make_atoms(
    area: BaseGeometry,
    layers: Layers,
    lines: list[GeometryArray],
    *,
    reach_m: float,
    ground_m2: float = GROUND_M2,
    threads: int = 1,
) -> Atoms:
    """Cut an area into atoms.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Metric CRS.
    layers : Layers
        Metric CRS.
    lines : list of arrays of LineString
        Of :func:`geo.partition.atoms.cut_lines.bounding_lines`.
    reach_m : float
        Streets that end this close to the boundary are drawn on to it, metres.
    ground_m2 : float
        Open ground of this size between walled compounds is an atom of its own.
    threads : int
        The atoms do not depend on it.

    Returns
    -------
    Atoms
        The same whatever the order of the lines. Cost: n log n.
    """
    # `cut` counts ranks down to 0 for the last lines: those between territories.
    none = np.zeros(0, dtype=object)
    footprints = footprints_of(layers.buildings)
    faces = cut(area, [*lines, none], reach_m=reach_m, obstacles=footprints)
    households = layers.buildings["households"].to_numpy(dtype=np.int64)
    x, y = demand_xy(layers.buildings).T
    face_of_building, _ = PointLocator.build(faces.shapes, points=len(x)).locate(x, y)
    together = _overlapping(footprints)
    host = _host_faces(faces, face_of_building, footprints, together)
    home = np.where(face_of_building >= 0, host[face_of_building], -1)
    is_inhabited = _inhabited_faces(home, households, len(faces.shapes))
    same = together[home[together[:, 0]] == home[together[:, 1]]]
    single = connected_labels(len(x), same)
    label = np.where(is_inhabited[home], single, len(x) + home)
    ground = len(x) + np.arange(len(faces.shapes))
    sites = assign_sites(faces, home, label, footprints, ground=ground)
    between = borders(
        faces, sites, footprints, shared=is_inhabited[:-1], ground_m2=ground_m2, threads=threads
    )
    pieces = cut(area, [*lines, between], reach_m=reach_m, obstacles=footprints)
    inside = shapely.get_coordinates(shapely.point_on_surface(pieces.shapes))
    face_of_piece, _ = PointLocator.build(faces.shapes, points=len(inside)).locate(*inside.T)
    shared = np.flatnonzero(is_inhabited[:-1])
    name = _names(inside, face_of_piece, host, sites, ground, shared=frozenset(shared.tolist()))
    name = _with_spikes_cut(pieces, name, int(ground[-1]) + 1)
    piece_of_building, _ = PointLocator.build(pieces.shapes, points=len(x)).locate(x, y)
    located = piece_of_building >= 0
    name[piece_of_building[located]] = label[located]
    atom, name = _connect(pieces, name, piece_of_building, ground=ground)
    of_building = np.where(located, atom[piece_of_building], -1)
    face = _face_of(atom, name, host[face_of_piece], piece_of_building, host[face_of_building])
    is_near = host[face_of_piece] == face[atom]
    is_near[piece_of_building[located]] = True
    return _compile(
        pieces, atom, (name < len(x), name > ground[-1]), is_near=is_near, households=households,
        of_building=of_building,
    )  # fmt: skip


def _inhabited_faces(home: IntArray, households: IntArray, n: int) -> BoolArray:
    """Return which faces have households; one more entry, False, for no face."""
    inside = home >= 0
    total = np.bincount(home[inside], weights=households[inside], minlength=n)
    return np.append(total > 0, [False])


def _overlapping(footprints: GeometryArray) -> IntArray:
    """Return pairs of buildings that share ground, or stand on one point, shape (k, 2)."""
    one, two = shapely.STRtree(footprints).query(footprints, predicate="intersects")
    one, two = one[one < two], two[one < two]
    shared = shapely.area(shapely.intersection(footprints[one], footprints[two]))
    point = shapely.get_dimensions(footprints) == 0
    kept = np.flatnonzero((shared > _OVERLAP_M2) | point[one] | point[two])
    together: IntArray = np.column_stack([one[kept], two[kept]])
    return together


def _host_faces(
    faces: Faces, face_of_building: IntArray, footprints: GeometryArray, together: IntArray
) -> IntArray:
    """Return the face that each face goes with: itself, but for those that are one building.

    Where a street or barrier was bent around a building, the building is a face; it goes with the
    neighbour with which it shares the longest border, never across the outline of a kept grid. A
    building that overlaps another one beyond a street goes with that.
    """
    host = np.arange(len(faces.shapes), dtype=np.int64)
    located = np.flatnonzero(face_of_building >= 0)
    alone = shapely.area(faces.shapes[face_of_building[located]]) < 1.01 * shapely.area(
        footprints[located]
    )
    is_building = np.zeros(len(host), dtype=np.bool_)
    is_building[face_of_building[located[alone]]] = True
    for face in np.flatnonzero(is_building).tolist():
        beside = (faces.pairs == face).any(axis=1) & (faces.rank < Rank.KEPT)
        other = faces.pairs[beside].sum(axis=1) - face
        is_open = ~is_building[other]
        if is_open.any():
            total = np.bincount(other[is_open], weights=faces.length_m[beside][is_open])
            host[face] = int(np.argmax(np.round(total, 3)))
    free = {tuple(pair) for pair in faces.pairs[faces.rank < Rank.WALL].tolist()}
    for one, two in face_of_building[together].tolist():
        if (min(one, two), max(one, two)) not in free:
            continue
        if is_building[two]:
            host[two] = host[one]
        elif is_building[one]:
            host[one] = host[two]
    return host


def _names(
    inside: FloatArray, face: IntArray, host: IntArray, sites: CellSites, ground: IntArray, *,
    shared: frozenset[int],
) -> IntArray:  # fmt: skip
    """Return whose ground each piece is: the nearest of those that share its face.

    Far from it, in a face that is shared out, that number and the end of all others.
    """
    name = ground[host[face]].copy()
    order = np.argsort(face, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(face[order])) + 1):
        where = int(face[rows[0]])
        if where in sites.xy:
            samples, label = sites.samples(where)
            near = label[scipy.spatial.cKDTree(samples).query(inside[rows])[1]]
            far = sites.open_ground(where, inside[rows])
            apart = near + int(ground[-1]) + 1 if where in shared else ground[host[where]]
            name[rows] = np.where(far, apart, near)
    return name


def _with_spikes_cut(pieces: Faces, name: IntArray, apart: int) -> IntArray:
    """Return whose ground each piece is; far from its building it is apart only in a spike.

    A spike is a part that narrows, and is long for the border that ties it to its building's cell.
    `apart`: names of far ground begin there, each as far above the name of its building.
    """
    far = name >= apart
    one, two = pieces.pairs.T
    part = connected_labels(len(name), pieces.pairs[far[one] & (name[one] == name[two])])
    n = int(part.max(initial=-1)) + 1
    own = np.where(far, name - apart, name)
    base = np.zeros(n)
    tie = (own[one] == own[two]) & (far[one] != far[two])
    np.add.at(base, part[np.where(far[one], one, two)[tie]], pieces.length_m[tie])
    inner = part[one] == part[two]
    around = sums(part, shapely.length(pieces.shapes), n)
    around -= 2 * sums(part[one[inner]], pieces.length_m[inner], n)
    sides = around - base
    block = base * (sides - base) / 2  # as large as a part of such sides that does not narrow
    area = sums(part, shapely.area(pieces.shapes), n)
    spike = (base > 0) & (sides > _SPIKE_SIDES * base) & (area < _SPIKE_AREA * block)
    return np.where(far & ~spike[part], own, name)


def _connect(
    pieces: Faces, name: IntArray, piece_of_building: IntArray, *, ground: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the atom of each piece, every atom in one part, and the name of each atom.

    A part that lost touch with its building, and a sliver, goes with the neighbour with which it
    shares the longest border.
    """
    same = name[pieces.pairs[:, 0]] == name[pieces.pairs[:, 1]]
    part = connected_labels(len(name), pieces.pairs[same])
    n = int(part.max()) + 1
    named = np.zeros(n, dtype=np.int64)
    named[part] = name
    area = np.bincount(part, weights=shapely.area(pieces.shapes), minlength=n)
    first, second = part[pieces.pairs].T
    # A sliver beside a kept grid is where a street runs along its outline, to the centimetre.
    around = sums(part, shapely.length(pieces.shapes), n)
    thin = area < _THIN_M * around
    least = np.where(named > ground[-1], _FAR_LEAST_M2, _CRUMB_M2)
    stays = (named >= ground[0]) & ~thin & (area >= least)
    stays[part[piece_of_building[piece_of_building >= 0]]] = True
    rank = np.where(thin[first] | thin[second], np.minimum(pieces.rank, Rank.RIVER), pieces.rank)
    to = _absorb(np.column_stack([first, second]), pieces.length_m, stays, rank)
    distinct, atom_of_part = np.unique(to, return_inverse=True)
    return atom_of_part[part], named[distinct]


def _face_of(
    atom: IntArray, name: IntArray, face_of_piece: IntArray, piece_of_building: IntArray,
    face_of_building: IntArray,
) -> IntArray:  # fmt: skip
    """Return the face that each atom is at home in: that of its buildings, else its own."""
    face = np.zeros(len(name), dtype=np.int64)
    face[atom] = face_of_piece
    located = piece_of_building >= 0
    face[atom[piece_of_building[located]]] = face_of_building[located]
    return face


def _absorb(pairs: IntArray, length_m: FloatArray, stays: BoolArray, rank: IntArray) -> IntArray:
    """Return the part that each part goes with: itself if it stays, else a neighbour that does."""
    to = np.where(stays, np.arange(len(stays)), -1)
    if not stays.any():
        return np.zeros(len(stays), dtype=np.int64)
    while (to < 0).any():
        both = np.concatenate([pairs, pairs[:, ::-1]])
        both_rank = np.concatenate([rank, rank])
        weight = np.concatenate([length_m, length_m])
        attachable = (to[both[:, 0]] < 0) & (to[both[:, 1]] >= 0) & (both_rank < Rank.KEPT)
        if not attachable.any():  # a part of the district with no home and little ground
            first = int(np.flatnonzero(to < 0)[0])
            to[first] = first
            continue
        source, target = both[attachable, 0], to[both[attachable, 1]]
        order = np.lexsort(
            (target, -np.round(weight[attachable], 3), both_rank[attachable], source)
        )
        chosen = order[np.unique(source[order], return_index=True)[1]]
        to[source[chosen]] = target[chosen]
    return to


def _compile(
    pieces: Faces,
    atom: IntArray,
    what: tuple[BoolArray, BoolArray],
    *,
    is_near: BoolArray,
    households: IntArray,
    of_building: IntArray,
) -> Atoms:
    """Return the atoms with their sums and borders.

    `what`: built, and far. `is_near`: pieces that no barrier separates from the building of their
    atom.
    """
    built, far = what
    n = len(built)
    inside = of_building >= 0
    households_of = np.zeros(n, dtype=np.int64)
    np.add.at(households_of, of_building[inside], households[inside])
    first, second = np.sort(atom[pieces.pairs], axis=1).T
    outer = first != second
    distinct, which = np.unique(first[outer] * n + second[outer], return_inverse=True)
    length = sums(which, pieces.length_m[outer], len(distinct))
    line, rank = np.full((2, len(distinct)), int(Rank.KEPT), dtype=np.int64)
    wide = pieces.length_m[outer] >= NECK_M
    np.minimum.at(line, which[wide], pieces.rank[outer][wide])
    # Whoever meets what an atom holds beyond a wall has not met those behind it.
    beyond = ~is_near[pieces.pairs].all(axis=1)
    met = np.where(beyond, np.maximum(pieces.rank, int(Rank.WALL)), pieces.rank)
    np.minimum.at(rank, which[wide], met[outer][wide])
    together = sums(first[~outer], pieces.length_m[~outer], n)
    whole = sums(atom, shapely.length(pieces.shapes), n)
    open_ = length >= NECK_M
    return Atoms(
        pieces=pieces.shapes,
        of_piece=atom,
        households=households_of,
        area_m2=sums(atom, shapely.area(pieces.shapes), n),
        perimeter_m=whole - 2 * together,
        built=built,
        far=far,
        pairs=np.column_stack([distinct // n, distinct % n])[open_],
        line=line[open_],
        rank=rank[open_],
        length_m=length[open_],
        of_building=of_building,
    )


def sums(group: IntArray, weight: FloatArray, n: int) -> FloatArray:
    """Return the sum of the weights of each group."""
    return np.asarray(np.bincount(group, weights=weight, minlength=n), dtype=np.float64)
