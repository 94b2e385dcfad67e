"""OdPairs: every service point of a category that each building can walk to within a threshold.

Coverage needs the nearest point only; shared supply and the k-th nearest need them all. One bounded
search runs from each point, against the walk, and reads the connectors of the buildings on its
way, so the cost grows with what is reached, not with buildings times points. Times are exactly
those of :mod:`geo.accessibility.coverage`: access legs, private stages and direct walks along a
shared edge included.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray, IntArray
from geo.errors import InputError
from geo.routing.od_kernel import all_pairs, by_building
from geo.routing.snapped_district import SnappedDistrict
from geo.routing.walking_time import HORIZON_S, published


@dataclass(frozen=True, slots=True)
class OdPairs:
    """Pairs of a building and a service point within a threshold, in rows, one row per building.

    Attributes
    ----------
    category : str
    limit_s : float
        Threshold in seconds, inclusive.
    begin : ndarray of int64, shape (n + 1,)
        Where the pairs of each building begin; the order is that of ``layers.buildings``.
    point : ndarray of int64, shape (pairs,)
        Row in ``layers.service_points``; nearest first, ties by ``point_id``.
    time_s : ndarray of float64, shape (pairs,)
        Walking time, seconds rounded to 0.01.
    points : ndarray of int64, shape (m,)
        Rows of all points of the category, in order of ``point_id``.
    reason, point_reason : ndarray of str, shapes (n,) and (m,)
        Empty where the building, or the point, is linked, else one of
        :data:`geo.network.snap.REASONS`.
    """

    category: str
    limit_s: float
    begin: IntArray
    point: IntArray
    time_s: FloatArray
    points: IntArray
    reason: npt.NDArray[np.object_]
    point_reason: npt.NDArray[np.object_]

    @property
    def building(self) -> IntArray:
        """Row of the building of each pair, shape (pairs,)."""
        return np.repeat(np.arange(len(self.begin) - 1), np.diff(self.begin))

    def nearest(self, k: int = 1) -> tuple[FloatArray, IntArray]:
        """Return the k nearest points of every building.

        Parameters
        ----------
        k : int
            At least 1.

        Returns
        -------
        time_s : ndarray of float64, shape (n, k)
            NaN where fewer than so many are within the threshold.
        point : ndarray of int64, shape (n, k)
            Row in ``layers.service_points``, -1 for none.
        """
        if k < 1:
            raise InputError("routing.k", k=k)
        pair = self.begin[:-1, None] + np.arange(k)
        exists = pair < self.begin[1:, None]
        pair = np.where(exists, pair, -1)  # the spare entry at the end
        return np.append(self.time_s, np.nan)[pair], np.append(self.point, -1)[pair]


def pairs_within(
    snapped: SnappedDistrict, *, category: str, limit_s: float, threads: int = 1
) -> OdPairs:
    """Find every service point of a category within `limit_s` of every building.

    Parameters
    ----------
    snapped : SnappedDistrict
    category : str
    limit_s : float
        Threshold in seconds, inclusive, at most two hours.
    threads : int
        Searches that run at a time; the answer is the same for any number.

    Returns
    -------
    OdPairs
        Without pairs where there is no such point, or none is linked.

    Raises
    ------
    EmptyError
        If there are no buildings.
    InputError
        Unless ``0 < limit_s <= 7200``.

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> pairs = pairs_within(snap_layers(layers, network, ()), category="catering", limit_s=240)
    >>> pairs.time_s[:4].tolist(), pairs.point[:4].tolist()
    ([212.0, 236.0, 132.0, 208.0], [3, 3, 3, 0])
    """
    snapped.require_buildings()
    if not 0 < limit_s <= HORIZON_S:
        raise InputError("routing.limit_s", limit=limit_s, most=HORIZON_S)
    order = snapped.point_order
    rows = order[snapped.point_category[order] == category]
    label, building = all_pairs(snapped, rows, limit_s=limit_s, threads=threads)
    begin, label = by_building(building, label, len(snapped.building_xy))
    time_s, rank = published(label)
    return OdPairs(
        category=category,
        limit_s=limit_s,
        begin=begin,
        point=rows[rank],
        time_s=time_s,
        points=rows,
        reason=snapped.reason,
        point_reason=snapped.point_reason[rows],
    )
