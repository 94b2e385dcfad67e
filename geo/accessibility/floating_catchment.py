"""Supply access: how much service there is for a building when it is shared by all who reach it.

Coverage asks whether a point is near; supply access asks how many share it. The floating catchment
methods are two sums over the pairs of :mod:`geo.routing.od_pairs`: each point's supply is divided
by the demand that reaches it, and each building collects what it gets of every point. With weights
``w`` of a walk (:mod:`geo.accessibility.decay`), demand ``D`` and supply ``S``::

    R_j = S_j / sum_i(v_ij D_i)         A_i = sum_j(v_ij R_j)

where ``v = w`` in 2SFCA and E2SFCA, and ``v_ij = w_ij w_ij / sum_k(w_ik)`` in 3SFCA, in which the
points that a building reaches compete for it. Hence ``sum(A D)`` is exactly the supply that demand
reaches: nothing is made, nothing is lost. Gravity, ``A_i = sum_j(w_ij S_j)``, shares nothing and
conserves nothing.

References
----------
Hansen 1959, doi:10.1080/01944365908978307 (gravity); Luo and Wang 2003, doi:10.1068/b29120
(2SFCA); Luo and Qi 2009, doi:10.1016/j.healthplace.2009.06.002 (E2SFCA); Wan, Zou and Sternberg
2012, doi:10.1080/13658816.2011.624987 (3SFCA).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.accessibility.decay import Decay, Exponential, Gaussian, StepDecay, Zones
from geo.arrays import FloatArray, IntArray
from geo.errors import EmptyError, InputError
from geo.messages import Message
from geo.model.layers import Layers
from geo.routing.od_pairs import OdPairs

FAINT: Final = 1e-12
"""A weight below this counts as 0: rounding near the threshold must not give a point away."""


class Method(StrEnum):
    """How supply is shared."""

    TWO_STEP = "2sfca"
    ENHANCED = "e2sfca"
    THREE_STEP = "3sfca"
    GRAVITY = "gravity"


class Group(StrEnum):
    """Whose demand is counted; each is a column of the layer ``buildings``."""

    HOUSEHOLDS = "households"
    RESIDENTS = "residents"
    RESIDENTS_60PLUS = "residents_60plus"
    RESIDENTS_UNDER15 = "residents_under15"


_DEFAULT_DECAY: Final[dict[Method, Callable[[float], Decay]]] = {
    Method.TWO_STEP: StepDecay,
    Method.ENHANCED: Zones,
    Method.THREE_STEP: Gaussian,
    Method.GRAVITY: Exponential,
}


@dataclass(frozen=True, slots=True)
class SupplyAccess:
    """Supply access of every building to one category.

    Attributes
    ----------
    category : str
    method : Method
    decay : Decay
    score : Series of float64
        On the index of ``layers.buildings``: units of supply per unit of demand (for
        :attr:`Method.GRAVITY`: units of supply); 0 where nothing is reached, NaN where unlinked.
    ratio : Series of float64
        On the index of ``layers.service_points``, rows of the category only: supply per unit of
        demand at each point; NaN where no demand reaches it, and for gravity.
    reached, idle, unlinked : float
        Supply of points that some demand reaches; of linked points that none reaches (such supply
        is in no score); of points that are not linked. They sum to all supply.
    """

    category: str
    method: Method
    decay: Decay
    score: "pd.Series[float]"
    ratio: "pd.Series[float]"
    reached: float
    idle: float
    unlinked: float


def demand_of(layers: Layers, group: str = Group.HOUSEHOLDS) -> "pd.Series[float]":
    """Return the demand of every building, on the index of ``layers.buildings``.

    Parameters
    ----------
    layers : Layers
    group : str
        One of :class:`Group`.

    Raises
    ------
    InputError
        If there is no such group.
    EmptyError
        If the data counts nobody of a group of residents: no share of it could be told.
    """
    if group not in list(Group):
        raise InputError(
            "accessibility.group_unknown", group=group, known=[str(each) for each in Group]
        )
    column: pd.Series[float] = layers.buildings[str(group)].astype(np.float64)
    if group != Group.HOUSEHOLDS and not column.any():
        raise EmptyError("accessibility.group_empty", group=str(group))
    return column


def default_decay(method: Method, *, threshold_s: float) -> Decay:
    """Return the decay that a method is published with; for gravity, which has many, exponential.

    Examples
    --------
    >>> default_decay(Method.TWO_STEP, threshold_s=900.0)
    StepDecay(threshold_s=900.0)
    """
    return _DEFAULT_DECAY[method](threshold_s)


def supply_access(
    reach: OdPairs,
    *,
    demand: "pd.Series[float]",
    supply: "pd.Series[float]",
    method: Method = Method.TWO_STEP,
    decay: Decay | None = None,
) -> SupplyAccess:
    """Share the supply of a category among those who reach it; cost O(pairs).

    A building with no demand of its own gets the score of its neighbours; a point that only such
    buildings reach is idle.

    Parameters
    ----------
    reach : OdPairs
        Pairs within the threshold.
    demand : Series
        Of each building, at least 0 (:func:`demand_of`).
    supply : Series
        Capacity of each row of ``layers.service_points``, at least 0; other categories are unread.
    method, decay : Method, Decay, optional
        The decay is by default that of :func:`default_decay` over the threshold of `reach`.

    Raises
    ------
    InputError
        If lengths do not fit, a value is negative or not finite, or the decay goes beyond the
        threshold of `reach`.

    Examples
    --------
    >>> from geo.routing.od_pairs import pairs_within
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> pairs = pairs_within(snap_layers(layers, network, ()), category="catering", limit_s=300)
    >>> supply = layers.service_points["capacity"]
    >>> supply_access(pairs, demand=demand_of(layers), supply=supply).ratio.round(4).to_dict()
    {0: 0.2, 3: 0.0323}
    """
    weigh = decay or default_decay(method, threshold_s=reach.limit_s)
    wanted = _checked(demand, len(reach.reason), "accessibility.demand")
    capacity = _capacities(supply, reach)
    building, at = reach.building, _position(reach)
    weight = _weights(reach, weigh, method, len(wanted))
    load = np.bincount(at, weights=weight * wanted[building], minlength=len(capacity))
    met, linked = load > 0, reach.point_reason == ""
    ratio = np.divide(capacity, load, out=np.full(len(capacity), np.nan), where=met)
    value = capacity if method == Method.GRAVITY else np.where(met, ratio, 0.0)
    score = np.bincount(building, weights=weight * value[at], minlength=len(wanted))
    told = np.nan if method == Method.GRAVITY else ratio
    return SupplyAccess(
        category=reach.category, method=method, decay=weigh,
        score=pd.Series(np.where(reach.reason == "", score, np.nan), demand.index, name="access"),
        ratio=pd.Series(told, supply.index[reach.points], name="ratio"),
        reached=float(capacity[met].sum()), idle=float(capacity[~met & linked].sum()),
        unlinked=float(capacity[~linked].sum()),
    )  # fmt: skip


def _capacities(supply: "pd.Series[float]", reach: OdPairs) -> FloatArray:
    """Return the supply of each point of the category."""
    offered = _checked(supply, None, "accessibility.supply")
    if len(reach.points) and len(offered) <= reach.points.max():
        raise InputError("accessibility.supply_short", n=len(offered))
    return offered[reach.points]


def _weights(reach: OdPairs, weigh: Decay, method: Method, n: int) -> FloatArray:
    """Return the weight of each pair, that of `n` buildings."""
    if weigh.threshold_s > reach.limit_s:
        raise InputError("accessibility.decay_too_far", got=weigh.threshold_s, most=reach.limit_s)
    weight = weigh(reach.time_s)
    weight[weight < FAINT] = 0.0
    if method == Method.THREE_STEP:
        weight *= _selection(weight, reach.building, n)
    return weight


def _position(reach: OdPairs) -> IntArray:
    """Return the place of each pair's point among those of the category."""
    place = np.zeros(reach.points.max(initial=-1) + 1, np.int64)
    place[reach.points] = np.arange(len(reach.points))
    return place[reach.point]


def _selection(weight: FloatArray, building: IntArray, n: int) -> FloatArray:
    """Return how likely each building is to choose each of its points: its share of the weights."""
    total = np.bincount(building, weights=weight, minlength=n)[building]
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)


def _checked(values: "pd.Series[float]", n: int | None, what: str) -> FloatArray:
    array = np.asarray(values, np.float64)
    if n is not None and len(array) != n:
        raise InputError(
            "accessibility.not_one_per_building", n=len(array), what=Message(what), wanted=n
        )
    wrong: npt.NDArray[np.bool_] = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        found = {"n": int(wrong.sum()), "first": float(array[wrong][0])}
        raise InputError("accessibility.negative", what=Message(what), **found)
    return array
