"""The ground of a network: what linking looks at, laid once, and patched where streets change."""

import numpy as np
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.link_pieces import LinkPieces
from geo.linker import CLOSED, UNKNOWN, Gates, Ground, link_gates
from geo.segments import Segments, bucketed, segments_of


def lay_ground(
    pieces: LinkPieces,
    *,
    barriers: GeometryArray,
    gates: GeometryArray,
    length_m: FloatArray,
    tiny: BoolArray,
) -> Ground:
    """Return the ground of a compiled network.

    Parameters
    ----------
    pieces : LinkPieces
        Of its edges.
    barriers : ndarray of geometry
        Lines.
    gates : ndarray of Point
        That are not closed.
    length_m : ndarray of float64, shape (m,)
        Of each edge.
    tiny : ndarray of bool, shape (m,)
        Whether each edge lies on a tiny island.
    """
    none = np.zeros(len(barriers), np.int64)
    ground = Ground(
        streets=(_segments(pieces), _segments(pieces.take(np.zeros(0, np.int64)))),
        standing=tiny.astype(np.uint8),
        length=length_m,
        walls=segments_of(barriers, edge=none, offset_m=none.astype(np.float64)),
        gates=_unlinked(gates),
    )
    link_gates(ground)
    return ground


def patch_ground(
    ground: Ground,
    added: LinkPieces,
    *,
    gates: GeometryArray,
    length_m: FloatArray,
    tiny: BoolArray,
    closed: IntArray,
) -> Ground:
    """Return the ground with streets added and closed; `ground` itself stays as it is.

    Links on it are bit for bit those on the ground of the network compiled from the edited edges.
    Gates are linked where they are first needed, so it serves one thread.

    Parameters
    ----------
    ground : Ground
        Of :func:`lay_ground`.
    added : LinkPieces
        Of the added edges, whose indices follow those of the others.
    gates : ndarray of Point
        That are not closed, after the edits.
    length_m, tiny : ndarray, shape (m + a,)
        As for :func:`lay_ground`, added edges included.
    closed : ndarray of int64
        Indices of the edges closed.
    """
    standing = tiny.astype(np.uint8)
    standing[closed] = CLOSED
    return ground._replace(
        streets=(ground.streets[0], _segments(added)),
        standing=standing,
        length=length_m,
        gates=_unlinked(gates),
    )


def _segments(pieces: LinkPieces) -> Segments:
    return segments_of(pieces.geometry, edge=pieces.edge, offset_m=pieces.offset_m)


def _unlinked(gates: GeometryArray) -> Gates:
    ends = np.tile(shapely.get_coordinates(gates), 2)
    n = len(ends)
    nowhere = np.full((2, n), np.nan)
    return Gates(ends, bucketed(ends), np.full(n, UNKNOWN, np.int32), nowhere[0], nowhere[1])
