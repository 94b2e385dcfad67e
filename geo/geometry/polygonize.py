"""Street blocks: the faces that lines cut an area into, and who borders on whom over which line.

All coordinates are snapped to tenths of a millimetre while the lines are noded, so that the two
sides of a border have exactly the same vertices: unions of faces are then exact and seamless.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import FloatArray, IntArray
from geo.geometry.polygon_coverage import ring_segments

PRECISION_M: Final = 1e-4
"""Size of the grid that coordinates are snapped to, metres."""

_ON_LINE_M: Final = 0.01
"""A border lies on a line within this distance, metres: snapping moves a line by less."""


ON_BOUNDARY_M: Final = 0.01
"""A vertex this close to the boundary lies on it, metres: no sliver is cut off there."""


_NOTHING: Final = np.zeros(0, dtype=object)


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces and their borders.

    Attributes
    ----------
    shapes : ndarray of Polygon, shape (f,)
        Seamless and without overlap; metric CRS.
    pairs : ndarray of int64, shape (b, 2)
        The two faces of each border, lower first. Two faces have one border per rank.
    rank : ndarray of int64, shape (b,)
        Rank of the lines between them.
    length_m : ndarray of float64, shape (b,)
        Metres of border.
    """

    shapes: npt.NDArray[np.object_]
    pairs: IntArray
    rank: IntArray
    length_m: FloatArray

    def connected(self, *, below: int, within: IntArray) -> IntArray:
        """Return the block of each face: faces joined over borders of a rank lower than `below`.

        Parameters
        ----------
        below : int
            Borders of this rank and higher ones separate.
        within : ndarray of int64, shape (f,)
            Faces with different labels are never joined.

        Returns
        -------
        ndarray of int64, shape (f,)
            Labels 0, 1, 2 ...
        """
        first, second = self.pairs.T
        open_ = (self.rank < below) & (within[first] == within[second])
        return connected_labels(len(self.shapes), self.pairs[open_])


def connected_labels(n: int, pairs: IntArray) -> IntArray:
    """Return labels 0, 1, 2 ... of the connected components of n nodes."""
    graph = scipy.sparse.coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(n, n))
    labels = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
    return np.asarray(labels, dtype=np.int64)


def cut(
    area: BaseGeometry,
    lines: Sequence[npt.NDArray[np.object_]],
    *,
    reach_m: float = 0.0,
    obstacles: npt.NDArray[np.object_] = _NOTHING,
) -> Faces:
    """Cut an area into faces along lines.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Metric CRS.
    lines : sequence of arrays of LineString
        Lines by rank, the highest first; dead ends cut nothing, and nor does what runs along the
        boundary (:data:`ON_BOUNDARY_M`): slivers of a millimetre would become spikes in degrees.
    reach_m : float
        Dead ends this close to the boundary are drawn on to it, metres.
    obstacles : ndarray of geometries
        What no line is drawn on through: buildings.

    Returns
    -------
    Faces
        In an order that does not depend on the order or direction of the lines. Ranks count down to
        0 for the last of `lines`. Cost n log n; 1.5 s for 40,000 lines.

    Examples
    --------
    >>> from shapely import LineString, box
    >>> street, lane = LineString([(5, 0), (5, 9)]), LineString([(0, 4), (5, 4)])
    >>> faces = cut(box(0, 0, 9, 9), [np.array([street]), np.array([lane])])
    >>> shapely.area(faces.shapes).tolist()
    [20.0, 25.0, 36.0]
    >>> faces.pairs.tolist(), faces.rank.tolist(), faces.length_m.tolist()
    ([[0, 1], [0, 2], [1, 2]], [0, 1, 1], [5.0, 4.0, 5.0])
    """
    area = shapely.set_precision(area, PRECISION_M)
    shapely.prepare(area)
    outline = shapely.boundary(area)
    met = [some[shapely.intersects(area, some)] for some in lines]
    ranked = [_sorted(_onto(outline, some)) for some in met]
    ranked = [
        np.concatenate([some, more])
        for some, more in zip(ranked, _extensions(area, ranked, reach_m, obstacles), strict=True)
    ]
    noded = shapely.union_all(np.concatenate([*ranked, [outline]]), grid_size=PRECISION_M)
    shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.contains_properly(area, shapely.point_on_surface(shapes))
    shapes = _sorted(shapes[inside])  # neither beyond the boundary nor in its holes
    pairs, rank, length_m = _borders(shapes, ranked)
    return Faces(shapes, pairs, rank, length_m)


def _onto(outline: BaseGeometry, lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return lines whose vertices beside an outline lie on it, or at its corner if that is near."""
    shapely.prepare(outline)
    near = np.flatnonzero(shapely.dwithin(lines, outline, ON_BOUNDARY_M))
    xy = shapely.get_coordinates(lines[near])
    beside = shapely.dwithin(shapely.points(xy), outline, ON_BOUNDARY_M)
    to_outline = shapely.shortest_line(shapely.points(xy[beside]), outline)
    xy[beside] = shapely.get_coordinates(to_outline)[1::2]
    corners = shapely.get_coordinates(outline)
    vertex, corner = shapely.STRtree(
        np.asarray(shapely.points(corners), dtype=object)
    ).query_nearest(shapely.points(xy), max_distance=ON_BOUNDARY_M)
    xy[vertex] = corners[corner]
    moved = lines.copy()
    moved[near] = shapely.set_coordinates(lines[near], xy)
    return moved


def _extensions(
    area: BaseGeometry,
    ranked: Sequence[npt.NDArray[np.object_]],
    reach_m: float,
    obstacles: npt.NDArray[np.object_],
) -> list[npt.NDArray[np.object_]]:
    """Return the shortest lines from dead ends to the boundary, by rank of the dead end.

    An extract stops every street a little short of the boundary drawn around it; without these
    lines all blocks along the boundary would be one.
    """
    every = np.concatenate(ranked)
    outline = shapely.boundary(area)
    shapely.prepare(outline)
    tree, in_the_way = shapely.STRtree(every), shapely.STRtree(obstacles)
    more = []
    for lines in ranked:
        ends = shapely.get_point(np.concatenate([lines, lines]), np.repeat([0, -1], len(lines)))
        near = shapely.dwithin(ends, outline, reach_m) & shapely.contains_properly(area, ends)
        ends = ends[near]
        end, _ = tree.query(ends, "dwithin", _ON_LINE_M)
        dead = np.bincount(end, minlength=len(ends)) == 1  # only its own line comes here
        onward = shapely.shortest_line(ends[dead], outline)
        through = in_the_way.query(onward, predicate="crosses")[0]
        more.append(np.delete(onward, through))
    return more


def _sorted(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return distinct geometries in normal form, in an order of their own."""
    distinct = {bytes(wkb): each for wkb, each in _with_wkb(shapely.normalize(geometries))}
    out = np.empty(len(distinct), dtype=object)
    out[:] = [distinct[wkb] for wkb in sorted(distinct)]
    return out


def _with_wkb(geometries: npt.NDArray[np.object_]) -> list[tuple[bytes, BaseGeometry]]:
    return list(zip(shapely.to_wkb(geometries, byte_order=0), geometries, strict=True))


def _borders(
    shapes: npt.NDArray[np.object_], ranked: Sequence[npt.NDArray[np.object_]]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return pairs of faces, rank and length of their borders."""
    pairs, ends = _shared_segments(shapes)
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    segments = [_segments(lines) for lines in ranked[:-1]]  # what the last cuts has rank 0
    rank_of_segment = np.repeat(np.arange(len(segments), 0, -1), [len(some) for some in segments])
    tree = shapely.STRtree(np.concatenate([*segments, np.zeros(0, dtype=object)]))
    on_line, segment = tree.query(middle, "dwithin", _ON_LINE_M)
    rank = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(rank, on_line, rank_of_segment[segment])
    length_m = np.hypot(*(ends[:, 2:] - ends[:, :2]).T)
    keys = np.column_stack([pairs, rank])
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    total_m = np.bincount(which.ravel(), weights=length_m, minlength=len(distinct))
    return distinct[:, :2], distinct[:, 2], np.asarray(total_m, dtype=np.float64)


def _segments(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the segments of lines, each a LineString."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    return np.asarray(shapely.linestrings(np.stack([vertices[start], vertices[start + 1]], axis=1)))


def _shared_segments(shapes: npt.NDArray[np.object_]) -> tuple[IntArray, FloatArray]:
    """Return the segments that two faces share: the faces (s, 2), and x1, y1, x2, y2 (s, 4)."""
    face, ends, key = ring_segments(shapes)
    order = np.lexsort((face, key))
    twin = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    one, two = order[twin], order[twin + 1]
    shared = ends[one]
    # The lower end comes first, whichever way round the ring runs.
    turned = shared[:, 0] + 1j * shared[:, 1] > shared[:, 2] + 1j * shared[:, 3]
    shared[turned] = shared[turned][:, [2, 3, 0, 1]]
    return np.column_stack([face[one], face[two]]), shared
