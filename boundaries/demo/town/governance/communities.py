"""Who belongs together: parcels in communities, compounds in mediums, courts in small grids."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from boundaries.demo.town.parcels.courts import Courts
from boundaries.demo.town.parcels.parcels import Parcels, Use
from geo.arrays import BoolArray, FloatArray, IntArray

MEDIUMS_PER_COMMUNITY: Final = 9
"""The code of a medium grid has one digit after that of its community."""

_PARCEL_WEIGHT: Final = 12.0
"""Weight of a parcel without homes, in households, when a street is cut into communities."""


def split(xy: FloatArray, weight: FloatArray, count: int) -> IntArray:
    """Cut points into `count` compact groups of about the same weight.

    Halves across the longer side, again and again.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Metres.
    weight : ndarray of float64, shape (n,)
        Positive.
    count : int
        At most n.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group of each point, 0..count-1; no group is empty.

    Examples
    --------
    >>> xy = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    >>> split(xy, np.ones(4), 2).tolist()
    [0, 0, 1, 1]
    """
    group = np.zeros(len(xy), np.int64)
    todo = [(np.arange(len(xy)), 0, count)]
    while todo:
        members, first, parts = todo.pop()
        group[members] = first
        if parts == 1:
            continue
        axis = int(np.argmax(np.ptp(xy[members], axis=0)))
        order = members[np.argsort(xy[members, axis], kind="stable")]
        low = parts // 2
        reached = np.cumsum(weight[order]) / weight[order].sum()
        cut = (
            int(
                np.searchsorted(
                    reached, low / parts - 0.5 * weight[order].min() / weight[order].sum()
                )
            )
            + 1
        )
        cut = min(max(cut, low), len(order) - (parts - low))
        todo += [(order[:cut], first, low), (order[cut:], first + low, parts - low)]
    return group


@dataclass(frozen=True, slots=True)
class Membership:
    """The grids of each parcel and of each ground cell.

    Attributes
    ----------
    community, medium : ndarray of int64, shape (parcels,)
        Numbers that run through the whole town.
    office : ndarray of int64, shape (communities,)
        Street office of each community.
    """

    community: IntArray
    medium: IntArray
    office: IntArray


def govern(parcels: Parcels, households: IntArray, names: IntArray, hosts: IntArray) -> Membership:
    """Group parcels into communities and medium grids.

    Parameters
    ----------
    parcels : Parcels
    households : ndarray of int64, shape (parcels,)
    names : ndarray of int64, shape (offices,)
        How many communities each street office has at most; a small town does not need them all.
    hosts : ndarray of int64, shape (parcels,)
        The parcel that a piece of water or green goes with; itself for all others.
    """
    centre = parcels.quad.mean(axis=1)
    own = np.flatnonzero(hosts == np.arange(len(parcels)))
    community = np.full(len(parcels), -1, np.int64)
    offices: list[int] = []
    for office in range(len(names)):
        some = own[parcels.office[own] == office]
        if len(some):
            group = _communities(
                centre[some],
                households[some] + _PARCEL_WEIGHT,
                parcels.bank[some],
                int(names[office]),
            )
            community[some] = len(offices) + group
            offices += [office] * (int(group.max()) + 1)
    medium = np.full(len(parcels), -1, np.int64)
    count = 0
    homes = parcels.use == Use.RESIDENTIAL
    for number in range(len(offices)):
        some = own[community[own] == number]
        group = _mediums(centre[some], households[some].astype(np.float64), homes[some])
        medium[some] = count + group
        count += int(group.max()) + 1
    return Membership(
        community=community[hosts], medium=medium[hosts], office=np.array(offices, np.int64)
    )


def _communities(xy: FloatArray, weight: FloatArray, bank: IntArray, most: int) -> IntArray:
    """Cut the parcels of one street office into communities, none of which crosses a river."""
    count = max(1, min(most, len(xy) // 2))
    sides, side = np.unique(bank, return_inverse=True)
    if len(sides) > count:
        return split(xy, weight, count)
    size = np.bincount(side)
    share = np.bincount(side, weights=weight)
    parts = np.ones(len(sides), np.int64)
    for _ in range(count - len(sides)):
        parts[int(np.argmax(np.where(parts < size, share / parts, -1.0)))] += 1
    group = np.zeros(len(xy), np.int64)
    for number in range(len(sides)):
        some = np.flatnonzero(side == number)
        group[some] = split(xy[some], weight[some], int(parts[number])) + parts[:number].sum()
    return group


def _mediums(xy: FloatArray, households: FloatArray, homes: BoolArray) -> IntArray:
    """Make each compound a medium grid with the parcels nearest to it; more than nine share."""
    compound = np.flatnonzero(homes)
    if not len(compound):
        return np.zeros(len(xy), np.int64)
    count = min(len(compound), MEDIUMS_PER_COMMUNITY)
    group = split(xy[compound], households[compound], count)
    nearest = cKDTree(xy[compound]).query(xy)[1]
    return np.asarray(group[nearest], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class GroundCells:
    """The ground, cut into convex cells without a gap: courts, and every other parcel as a whole.

    Attributes
    ----------
    quad : ndarray of float64, shape (c, 4, 2)
    parcel : ndarray of int64, shape (c,)
    small : ndarray of int64, shape (c,)
        The small grid of each cell; a court without homes goes with its neighbour in the row.
    """

    quad: FloatArray
    parcel: IntArray
    small: IntArray


def ground_cells(
    parcels: Parcels, courts: Courts, built: BoolArray
) -> tuple[GroundCells, IntArray]:
    """Return the cells, and the number of the cell of every court (-1 where there is none)."""
    homes = parcels.use == Use.RESIDENTIAL
    court = np.flatnonzero(homes[courts.parcel])
    whole = np.flatnonzero(~homes)
    parcel = np.concatenate([courts.parcel[court], whole])
    small = np.arange(len(parcel), dtype=np.int64)
    # Far apart by parcel, less so by row: the nearest built court is in the same row if any is.
    place = np.column_stack(
        [courts.parcel[court] * 1e6, courts.row[court] * 100.0, courts.column[court]]
    )
    with_homes = np.flatnonzero(built[court])
    small[: len(court)] = with_homes[cKDTree(place[with_homes]).query(place)[1]]
    number = np.full(len(courts.parcel), -1, np.int64)
    number[court] = np.arange(len(court))
    quad = np.concatenate([courts.quad[court], parcels.quad[whole]])
    return GroundCells(quad=quad, parcel=parcel, small=small), number
