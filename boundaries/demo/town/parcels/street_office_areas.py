"""Which superblocks each street office fills: the nearest ones to its seat, as many as it needs."""

from dataclasses import dataclass

import numpy as np

from boundaries.demo.town.streets.lattice import LandKind, StreetLattice
from geo.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Settlement:
    """The cells of the lattice that are built or belong to what is built.

    Attributes
    ----------
    office : ndarray of int64, shape (nx - 1, ny - 1)
        Number of the street office that owns each cell; -1 outside.
    host : ndarray of int64, same shape
        Flat index of the superblock whose fringe a cell of water or green is; a superblock hosts
        itself.
    """

    office: IntArray
    host: IntArray

    def blocks(self, ground: IntArray) -> IntArray:
        """Return the flat indices of the superblocks that are filled."""
        return np.flatnonzero((self.office >= 0) & (ground == LandKind.BLOCK)).astype(np.int64)

    def fringe(self, ground: IntArray) -> IntArray:
        """Return the flat indices of the cells of water and green beside them."""
        return np.flatnonzero((self.office >= 0) & (ground != LandKind.BLOCK)).astype(np.int64)


def settle(lattice: StreetLattice, seats: FloatArray, wanted: IntArray) -> Settlement:
    """Fill superblocks around the seats, the most urgent first.

    Parameters
    ----------
    lattice : StreetLattice
    seats : ndarray of float64, shape (k, 2)
        Metres.
    wanted : ndarray of int64, shape (k,)
        Superblocks that each office needs; fewer are given where the district has no more.
    """
    ground = lattice.ground()
    corner = lattice.inside
    whole = corner[:-1, :-1] & corner[1:, :-1] & corner[1:, 1:] & corner[:-1, 1:]
    free = np.flatnonzero(whole & (ground == LandKind.BLOCK))
    centre = lattice.quads().mean(axis=2).reshape(-1, 2)[free]
    # A seat that wants more ground also reaches further before a neighbour takes it.
    away = ((centre[None] - seats[:, None]) ** 2).sum(axis=2) / np.maximum(wanted, 1)[:, None]
    owner = np.full(ground.size, -1, np.int64)
    left = wanted.copy()
    reach = np.argsort(away, axis=None, kind="stable")
    for pair in reach[: 40 * (int(wanted.sum()) + 10)]:
        who, where = divmod(int(pair), len(free))
        if left[who] and owner[free[where]] < 0:
            owner[free[where]] = who
            left[who] -= 1
    return _with_fringe(lattice, owner.reshape(lattice.shape), ground)


def _with_fringe(lattice: StreetLattice, office: IntArray, ground: IntArray) -> Settlement:
    """Give every half band of water or green to the superblock on its bank."""
    host = np.arange(ground.size, dtype=np.int64).reshape(lattice.shape)
    ic, jc = lattice.ic, lattice.jc
    for band, bank in ((ic - 1, ic - 2), (ic, ic + 1)):
        host[band], office[band] = host[bank], office[bank]
    for band, bank in ((jc - 1, jc - 2), (jc, jc + 1)):
        host[:, band], office[:, band] = host[:, bank], office[:, bank]
    return Settlement(office=office, host=host)
