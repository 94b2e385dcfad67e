"""Borders between the grounds of neighbouring buildings: each point goes to the nearest building.

Inside a face (a street block, a walled compound) these are the edges of a Voronoi diagram of the
buildings' outlines. The strip outside a wall goes with the nearest building behind the wall, and
what lies far from every building is open ground of its own.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import scipy.spatial
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.geometry.point_in_polygon import PointLocator
from geo.geometry.polygonize import Faces
from geo.partition.atoms.cut_lines import Rank, bent, crossings

STRIP_M: Final = 35.0
"""How far ground belongs to the buildings or walls beside it, metres: from a wall to the middle of
the widest streets."""

GROUND_M2: Final = 5_000.0
"""Open ground of this size is a cell of its own; less goes with its neighbour."""

FAR_M: Final = 80.0
"""Ground farther from every building is cut off from its building's cell, metres: it goes with that
building, unless it suits the grid beside it better. Else a cell between two others ends in a spike.
"""

_SPACING_M: Final = 6.5
_CLOSE_M: Final = 6.0
_BEHIND_WALL_M: Final = 13.0
_WALL_SPACING_M: Final = 9.0
_STRAIGHT_M: Final = 1.5
_WALLED_SHARE: Final = 0.8
_FAR: Final = 10.0
_BEYOND_M: Final = 0.002
_MITRE: Final = 1.5
"""Corners of strips stay square; a sharper one would reach out in a spike of five strips."""


@dataclass(slots=True)
class CellSites:
    """What ground is shared out among, by face.

    Attributes
    ----------
    xy : dict of int to list of ndarray
        Samples of outlines, metres.
    label : dict of int to list of ndarray
        Whose outline each sample is of.
    near : dict of int to list of geometries
        What open ground begins away from.
    ground : dict of int to ndarray of Polygon
        Open ground, once :func:`borders` has found it; in a face that is shared out whole, what
        is far from every building.
    """

    xy: dict[int, list[FloatArray]] = field(default_factory=dict)
    label: dict[int, list[IntArray]] = field(default_factory=dict)
    near: dict[int, list[shapely.Geometry]] = field(default_factory=dict)
    ground: dict[int, GeometryArray] = field(default_factory=dict)

    def open_ground(self, face: int, xy: FloatArray) -> BoolArray:
        """Return which points lie on the open ground of a face."""
        rest = self.ground.get(face)
        if rest is None or len(rest) == 0:
            return np.zeros(len(xy), dtype=np.bool_)
        inside, _ = PointLocator.build(rest, points=len(xy)).locate(*xy.T)
        return np.asarray(inside >= 0, dtype=np.bool_)

    def add(
        self, face: int, shapes: GeometryArray, labels: IntArray, spacing_m: float
    ) -> tuple[FloatArray, IntArray]:
        """Let shapes share the ground of a face; return the samples and the shape of each."""
        samples, row = shapely.get_coordinates(
            shapely.segmentize(shapes, spacing_m), return_index=True
        )
        self.xy.setdefault(face, []).append(samples)
        self.label.setdefault(face, []).append(labels[row])
        return samples, row

    def add_mirrored(self, face: int, shapes: GeometryArray, labels: IntArray) -> None:
        """Let buildings share the ground of their face, with samples face to face where close."""
        self.near.setdefault(face, []).extend(shapes)
        samples, row = self.add(face, shapes, labels, _SPACING_M)
        if (labels == labels[0]).all():
            return
        mirrored, other = _mirrored(shapes, labels, samples, row)
        self.xy[face].append(mirrored)
        self.label[face].append(labels[other])

    def is_divided(self, face: int) -> bool:
        """Tell whether several share the ground of a face."""
        labels = np.concatenate(self.label[face])
        return bool((labels != labels[0]).any())

    def samples(self, face: int) -> tuple[FloatArray, IntArray]:
        """Return the samples of a face, and their labels."""
        return np.concatenate(self.xy[face]), np.concatenate(self.label[face])


def _mirrored(
    shapes: GeometryArray, labels: IntArray, samples: FloatArray, row: IntArray
) -> tuple[FloatArray, IntArray]:
    """Return the places on outlines that lie nearest to samples of others close by.

    With samples face to face the border between two walls runs straight through the middle.
    """
    point, shape = shapely.STRtree(shapes).query(shapely.points(samples), "dwithin", _CLOSE_M)
    differs = labels[row[point]] != labels[shape]
    point, shape = point[differs], shape[differs]
    nearest = shapely.shortest_line(shapes[shape], shapely.points(samples[point]))
    return shapely.get_coordinates(shapely.get_point(nearest, 0)), shape


def walled(faces: Faces) -> BoolArray:
    """Return which faces lie behind barriers on nearly all sides."""
    total = shapely.length(faces.shapes)
    hard = (faces.rank == Rank.WALL) | (faces.rank == Rank.RIVER)
    behind = np.zeros(len(faces.shapes))
    for side in range(2):
        behind += np.bincount(
            faces.pairs[hard, side], weights=faces.length_m[hard], minlength=len(total)
        )
    return np.asarray(behind > _WALLED_SHARE * total, dtype=np.bool_)


def assign_sites(
    faces: Faces, home: IntArray, label: IntArray, footprints: GeometryArray, *, ground: IntArray
) -> CellSites:
    """Return who shares the ground of each face.

    Parameters
    ----------
    faces : Faces
    home : ndarray of int64, shape (b,)
        Face of each building; -1 for none.
    label : ndarray of int64, shape (b,)
        Whose ground is shared: one label for buildings that are one atom.
    footprints : ndarray of geometries, shape (b,)
    ground : ndarray of int64, shape (f,)
        Label of the open ground of each face.

    Returns
    -------
    CellSites
        A face behind walls is shared among its own buildings. Any other face is shared among its
        buildings and those behind the walls that it touches.
    """
    sites = CellSites()
    order = np.argsort(home, kind="stable")
    order = order[home[order] >= 0]
    by_face = np.split(order, np.flatnonzero(np.diff(home[order])) + 1) if len(order) else []
    of_face = {int(home[rows[0]]): rows for rows in by_face}
    for face, rows in of_face.items():
        sites.add_mirrored(face, footprints[rows], label[rows])
    closed = walled(faces)
    hard = faces.rank == Rank.WALL
    pairs = np.unique(np.concatenate([faces.pairs[hard], faces.pairs[hard][:, ::-1]]), axis=0)
    for inner, outer in pairs[closed[pairs[:, 0]] & ~closed[pairs[:, 1]]].tolist():
        sites.near.setdefault(outer, []).append(faces.shapes[inner])
        behind = of_face.get(inner, order[:0])
        if (label[behind] != ground[inner]).any():
            shapely.prepare(faces.shapes[outer])
            front = shapely.dwithin(faces.shapes[outer], footprints[behind], STRIP_M)
            behind = behind[front] if front.any() else behind  # the first row shares the strip
            sites.add(outer, footprints[behind], label[behind], _BEHIND_WALL_M)
        else:
            sites.add(outer, faces.shapes[[inner]], ground[[inner]], _WALL_SPACING_M)
    return sites


def borders(
    faces: Faces,
    sites: CellSites,
    footprints: GeometryArray,
    *,
    shared: BoolArray,
    ground_m2: float = GROUND_M2,
    threads: int = 1,
) -> GeometryArray:
    """Return the lines between territories, none of them through a building.

    Parameters
    ----------
    faces, sites, footprints : Faces, CellSites, ndarray of geometries
    shared : ndarray of bool, shape (f,)
        Faces that are shared out whole; in others the ground far from walls is open ground, not
        behind walls.
    ground_m2 : float
        Least area of that open ground.
    threads : int

    Returns
    -------
    ndarray of LineString
        Inside the faces. Cost: n log n in the samples.
    """
    closed = walled(faces)
    with_sites = sorted(sites.xy)

    def between(face: int) -> GeometryArray:
        return _between(faces.shapes[face], *sites.samples(face))

    with ThreadPoolExecutor(threads) as pool:
        raw = list(pool.map(between, with_sites))
    for face in with_sites:
        if sites.is_divided(face) and (shared[face] or not closed[face]):
            lines, sites.ground[face] = _ground(
                faces.shapes[face], sites.near[face], ground_m2, FAR_M if shared[face] else STRIP_M
            )
            raw.append(lines)
    lines = np.concatenate(raw) if raw else np.zeros(0, dtype=object)
    straight = shapely.simplify(lines, _STRAIGHT_M)
    through, _ = crossings(straight, footprints)
    straight[through] = lines[through]
    return bent(straight, footprints)


def _between(shape: shapely.Geometry, xy: FloatArray, label: IntArray) -> GeometryArray:
    """Return the edges of the Voronoi diagram between samples of different labels, in `shape`."""
    none = np.zeros(0, dtype=object)
    if (label == label[0]).all():
        return none
    segments = np.asarray(shapely.linestrings(_voronoi(xy, label, shapely.bounds(shape))))
    shapely.prepare(shape)
    inside = shapely.contains_properly(shape, segments)
    across = segments[~inside]
    across = across[shapely.intersects(shape, across)]
    parts = shapely.get_parts(shapely.intersection(across, _reaching(shape)))
    parts = parts[shapely.get_dimensions(parts) == 1]
    kept = np.concatenate([segments[inside], parts])
    if len(kept) == 0:
        return none
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(kept)))


def _reaching(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a face and a little more, so that lines inside it end beyond its border.

    Noding moves the border by up to half a tenth of a millimetre: a line that ended on it might end
    short of it, and would divide nothing.
    """
    return shapely.buffer(shape, _BEYOND_M, join_style="mitre")


def _voronoi(xy: FloatArray, label: IntArray, bounds: FloatArray) -> FloatArray:
    """Return both ends of each Voronoi edge between two labels, shape (s, 2, 2).

    Of two samples in one place the first counts. The edges join the middles of the circles around
    the triangles of Delaunay, which takes half as long as the whole diagram.
    """
    west, south, east, north = bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    far = _FAR * max(east - west, north - south)  # no edge inside the bounds is then without end
    frame = far * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64)
    _, first = np.unique(xy[:, 0] + 1j * xy[:, 1], return_index=True)
    vertices = np.concatenate([xy[first] - middle, frame])
    label = np.concatenate([label[first], [-1, -1, -1, -1]])
    diagram = scipy.spatial.Delaunay(vertices)
    triangle, beside = diagram.simplices, diagram.neighbors
    cell, side = np.nonzero(beside > np.arange(len(triangle))[:, None])
    one, two = (label[triangle[cell, (side + step) % 3]] for step in (1, 2))
    apart = (one != two) & (one >= 0) & (two >= 0)
    cell, side = cell[apart], side[apart]
    ends = _circumcentres(vertices[triangle])[np.column_stack([cell, beside[cell, side]])] + middle
    return np.asarray(ends[np.isfinite(ends).all(axis=(1, 2))], dtype=np.float64)


def _circumcentres(corners: FloatArray) -> FloatArray:
    """Return the middle of the circle around each triangle (t, 3, 2); not finite if it is flat."""
    start = corners[:, 0]
    u, v = corners[:, 1] - start, corners[:, 2] - start
    u_square, v_square = (u**2).sum(axis=1), (v**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 0.5 / (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
        x = (v[:, 1] * u_square - u[:, 1] * v_square) * share
        y = (u[:, 0] * v_square - v[:, 0] * u_square) * share
    return np.asarray(start + np.column_stack([x, y]), dtype=np.float64)


def _widened(shapes: Any, by_m: float) -> Any:  # noqa: ANN401 - one shape or many
    """Return shapes with a strip around them."""
    return shapely.buffer(shapes, by_m, join_style="mitre", mitre_limit=_MITRE, quad_segs=2)


def _ground(
    shape: shapely.Geometry, near: list[shapely.Geometry], ground_m2: float, strip_m: float
) -> tuple[GeometryArray, GeometryArray]:
    """Return the edge of the open ground of a face, and that ground."""
    none = np.zeros(0, dtype=object)
    taken = shapely.union_all(_widened(near, strip_m))
    if shapely.area(shapely.difference(shape, taken)) < ground_m2:
        return none, none
    # Gaps narrower than two strips are no ground of their own.
    taken = _widened(_widened(taken, strip_m), -strip_m)
    rest = shapely.get_parts(shapely.difference(shape, taken))
    rest = rest[shapely.area(rest) >= ground_m2]
    if len(rest) == 0:
        return none, none
    parts = shapely.get_parts(shapely.intersection(shapely.boundary(taken), _reaching(shape)))
    parts = parts[shapely.get_dimensions(parts) == 1]
    parts = parts[shapely.dwithin(parts, shapely.union_all(rest), 0.01)]
    return shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts))), rest
