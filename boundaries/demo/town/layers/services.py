"""Service points by category and kind: in shops along the streets and just inside gates."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
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
    "medical": 1.55,
    "elderly": 0.75,
    "shopping": 7.0,
    "repair": 0.8,
    "personal": 2.7,
    "post": 1.9,
    "education": 0.65,
    "leisure": 0.65,
    "public": 0.65,
    "amenity": 1.5,
}
"""Service points per thousand households."""

_COMMON: Final = 2.0
"""Service points per thousand households from which a category is common."""

_WINDOW: Final = TRADES["public"][0]
"""The one-stop window, of which each community should have one."""

_SHOP_EVERY_M: Final = 15.0
_SHOP_DEPTH_M: Final = 6.0
_CORNER_M: Final = 34.0
_DOORSTEP_M: Final = 2.0
_WINDOWLESS: Final = 7
"""Of so many communities one has no window, so that the rule has something to find."""


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
    """Service points, all of length p: metres, category, kind, what the sign says, and parcel."""

    xy: FloatArray
    category: ObjectArray
    kind: ObjectArray
    sign: ObjectArray
    parcel: IntArray

    def joined(self, other: "Points") -> "Points":
        """Return these points with others after them."""
        return Points(
            *(
                np.concatenate([getattr(self, field.name), getattr(other, field.name)])
                for field in fields(self)
            )
        )


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
    kind: list[str] = []
    sign: list[str] = []
    for name, trades in TRADES.items():
        for trade in trades:
            count = _count(PER_THOUSAND[name] * trade.share * households / 1_000, rng)
            took = _draw(places, free, trade, count, rng, common=PER_THOUSAND[name] > _COMMON)
            free[took] = False
            chosen.append(took)
            category += [name] * len(took)
            kind += [trade.kind] * len(took)
            sign += [trade.term] * len(took)
    at = np.concatenate(chosen)
    fixed = _landmarks(parcels, plan)
    return Points(
        xy=np.concatenate([places.xy[at], fixed.xy]),
        category=np.concatenate([np.array(category, dtype=object), fixed.category]),
        kind=np.concatenate([np.array(kind, dtype=object), fixed.kind]),
        sign=np.concatenate([np.array(sign, dtype=object), fixed.sign]),
        parcel=np.concatenate([places.parcel[at], fixed.parcel]),
    )


def windows(places: ShopSites, points: Points, community: Sequence[str]) -> Points:
    """Return a one-stop window for communities that have none, at their liveliest free shop.

    Parameters
    ----------
    places : ShopSites
    points : Points
        Those there are.
    community : sequence of str
        Of each parcel; empty where there is none.
    """
    of_site = np.array([community[parcel] for parcel in places.parcel], dtype=object)
    has = {community[parcel] for parcel in points.parcel[points.kind == _WINDOW.kind]}
    taken = set(map(tuple, points.xy.tolist()))
    free = np.array([tuple(place) not in taken for place in places.xy.tolist()])
    able = np.flatnonzero(free & ~places.inside)
    able = able[np.argsort(places.draw[able], kind="stable")]
    best = dict(zip(of_site[able], able.tolist(), strict=True))  # the last of each stays
    lacking = sorted(set(best) - has - {""})
    chosen = [best[name] for rank, name in enumerate(lacking, 1) if rank % _WINDOWLESS]
    at = np.array(chosen, np.int64)
    category, kind, sign = (
        np.full(len(at), text, dtype=object) for text in ("public", _WINDOW.kind, _WINDOW.term)
    )
    return Points(places.xy[at], category, kind, sign, places.parcel[at])


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
        (schools, "education", "primary_school", "小学", 0.5),
        (parks, "amenity", "park", "公园", 0.97),
        (markets, "shopping", "market", "菜市场", 0.5),
        (halls, "public", "service_centre", "街道便民服务中心", 0.5),
    )
    xy = [
        plan.point(some, np.full(len(some), at), np.full(len(some), at)) for some, *_, at in found
    ]
    category, kind, sign = (
        np.concatenate([np.full(len(row[0]), row[column], dtype=object) for row in found])
        for column in (1, 2, 3)
    )
    return Points(
        xy=np.concatenate(xy),
        category=category,
        kind=kind,
        sign=sign,
        parcel=np.concatenate([some for some, *_ in found]).astype(np.int64),
    )
