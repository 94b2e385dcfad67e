"""Service points of ten categories: in shops along the streets and just inside gates."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from boundaries.demo.town.layers.lanes import Openings
from boundaries.demo.town.parcels.courts import CourtPlan
from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.streets.names import TRADES, Trade
from boundaries.demo.town.streets.quads import inward_normals
from boundaries.demo.town.streets.streets import WALL_BACK_M
from geo.arrays import FloatArray, IntArray, ObjectArray

PER_THOUSAND: Final = {
    "catering": 7.0,
    "household": 0.75,
    "medical": 1.7,
    "elderly": 0.75,
    "shopping": 7.0,
    "repair": 0.8,
    "personal": 3.0,
    "post_fin": 2.4,
    "edu_culture": 1.3,
    "public": 1.2,
}
"""Service points per thousand households."""

_COMMON: Final = 2.0
"""Service points per thousand households from which a category is common."""

_SHOP_EVERY_M: Final = 15.0
_SHOP_DEPTH_M: Final = 6.0
_CORNER_M: Final = 34.0
_DOORSTEP_M: Final = 2.0


@dataclass(frozen=True, slots=True)
class ShopSites:
    """Places where a service point can be.

    Attributes
    ----------
    xy : ndarray of float64, shape (s, 2)
    parcel : ndarray of int64, shape (s,)
    inside : ndarray of bool, shape (s,)
        Whether the place lies inside a compound.
    draw : ndarray of float64, shape (s,)
        How much the place draws customers.
    """

    xy: FloatArray
    parcel: IntArray
    inside: npt.NDArray[np.bool_]
    draw: FloatArray


@dataclass(frozen=True, slots=True)
class Points:
    """Service points: coordinates in metres, category, finer kind, and parcel, all of length p."""

    xy: FloatArray
    category: ObjectArray
    sub: ObjectArray
    parcel: IntArray


def sites(parcels: Parcels, found: Openings, near: FloatArray, lump: FloatArray) -> ShopSites:
    """Return shops every 15 m along the streets, and doorsteps behind the gates.

    Parameters
    ----------
    parcels : Parcels
    found : Openings
    near : ndarray of float64, shape (parcels,)
        Households around each parcel, relative to their mean.
    lump : ndarray of float64, shape (parcels,)
        How lively the surroundings are for no other reason; towns are uneven.
    """
    parcel, side = np.nonzero((parcels.line >= 0) & (parcels.use != Use.PARK)[:, None])
    start = parcels.quad[parcel, side]
    along = parcels.quad[parcel, (side + 1) % 4] - start
    length = np.linalg.norm(along, axis=1)
    count = np.maximum(((length - 2 * _CORNER_M) // _SHOP_EVERY_M).astype(np.int64), 0)
    of = np.repeat(np.arange(len(parcel)), count)
    place = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    far = _CORNER_M + (place + 0.5) * _SHOP_EVERY_M
    back = parcels.back_m[parcel[of], side[of]] - _SHOP_DEPTH_M
    inward = inward_normals(parcels.quad)[parcel[of], side[of]]
    shops = start[of] + along[of] * (far / length[of])[:, None] + inward * back[:, None]
    busy = np.where(parcels.back_m[parcel[of], side[of]] == WALL_BACK_M["primary"], 0.7, 1.0)
    homes = parcels.use[found.parcel] == Use.RESIDENTIAL
    behind, doors = found.parcel[homes], _doorsteps(found, homes)
    which = np.concatenate([parcel[of], behind])
    return ShopSites(
        xy=np.concatenate([shops, doors]),
        parcel=which.astype(np.int64),
        inside=np.arange(len(which)) >= len(shops),
        draw=np.concatenate([busy, np.ones(len(doors))]) * (near[which] + 0.1) * lump[which],
    )


def _doorsteps(found: Openings, some: npt.NDArray[np.bool_]) -> FloatArray:
    """Return places beside the lane between a gate and the first junction inside."""
    inner, gate = found.inner[some], found.gate[some]
    along = gate - inner
    unit = along / np.linalg.norm(along, axis=1, keepdims=True)
    aside = np.stack([-unit[:, 1], unit[:, 0]], axis=1) * _DOORSTEP_M
    return inner + along * 0.4 + aside


def service_points(
    places: ShopSites, parcels: Parcels, plan: CourtPlan, households: int, rng: np.random.Generator
) -> Points:
    """Place service points; their number follows from the households of the town."""
    free = np.ones(len(places.xy), np.bool_)
    chosen: list[IntArray] = []
    category: list[str] = []
    sub: list[str] = []
    for name, trades in TRADES.items():
        for trade in trades:
            count = _count(PER_THOUSAND[name] * trade.share * households / 1_000, rng)
            took = _draw(places, free, trade, count, rng, common=PER_THOUSAND[name] > _COMMON)
            free[took] = False
            chosen.append(took)
            category += [name] * len(took)
            sub += [trade.term] * len(took)
    at = np.concatenate(chosen)
    fixed = _landmarks(parcels, plan)
    return Points(
        xy=np.concatenate([places.xy[at], fixed.xy]),
        category=np.concatenate([np.array(category, dtype=object), fixed.category]),
        sub=np.concatenate([np.array(sub, dtype=object), fixed.sub]),
        parcel=np.concatenate([places.parcel[at], fixed.parcel]),
    )


def _count(expected: float, rng: np.random.Generator) -> int:
    """Round up or down by chance, so that rare trades appear in small towns too."""
    return int(expected) + int(rng.random() < expected % 1)


def _draw(
    places: ShopSites,
    free: npt.NDArray[np.bool_],
    trade: Trade,
    count: int,
    rng: np.random.Generator,
    *,
    common: bool,
) -> IntArray:
    """Draw places without replacement, in proportion to how much they draw."""
    able = np.flatnonzero(free & (places.inside == trade.inside))
    # What is rare stands in every quarter; what is common flocks to where it is lively.
    weight = places.draw[able] ** (1.0 if common else 0.5)
    count = min(count, len(able))
    # Efraimidis and Spirakis 2006: the smallest exponentials over weights are such a draw.
    return np.sort(
        able[np.argsort(rng.exponential(size=len(able)) / weight, kind="stable")[:count]]
    )


def _landmarks(parcels: Parcels, plan: CourtPlan) -> Points:
    """Return the service points that come with a parcel: schools, parks, markets, service halls."""
    schools, parks, markets = (
        np.flatnonzero(parcels.use == u) for u in (Use.SCHOOL, Use.PARK, Use.MARKET)
    )
    parks = parks[(parcels.line[parks] >= 0).any(axis=1)]
    offices = np.flatnonzero(parcels.use == Use.OFFICE)
    halls = offices[np.unique(parcels.office[offices], return_index=True)[1]]
    found = (
        (schools, "edu_culture", "小学", 0.5),
        (parks, "edu_culture", "公园", 0.97),
        (markets, "shopping", "菜市场", 0.5),
        (halls, "public", "街道便民服务中心", 0.5),
    )
    xy = [
        plan.point(some, np.full(len(some), at), np.full(len(some), at)) for some, _, _, at in found
    ]
    return Points(
        xy=np.concatenate(xy),
        category=np.concatenate([np.full(len(s), c, dtype=object) for s, c, _, _ in found]),
        sub=np.concatenate([np.full(len(s), t, dtype=object) for s, _, t, _ in found]),
        parcel=np.concatenate([s for s, _, _, _ in found]).astype(np.int64),
    )
