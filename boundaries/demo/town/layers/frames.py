"""The town's other layers as frames: buildings, service points, barriers and gates."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries.demo.town.layers.buildings import Buildings
from boundaries.demo.town.layers.lanes import Openings, walled
from boundaries.demo.town.layers.network import NODE_DECIMALS
from boundaries.demo.town.layers.services import Points
from boundaries.demo.town.parcels.courts import CourtPlan
from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.parcels.site import Site
from boundaries.demo.town.streets.names import ParcelNames, compound_names
from geo.arrays import FloatArray, IntArray
from geo.crs import STORED_EPSG
from geo.model.layers import with_demand_point
from geo.model.vocabulary import BarrierKind, Origin

_RESIDENTS_PER_HOUSEHOLD: Final = 2.8
_OLDER: Final = (0.12, 0.34)
"""Range of the share of residents of 60 and over; older neighbourhoods lie at its upper end."""

_CHILDREN: Final = (0.10, 0.22)
"""Range of the share of children under 15 among those under 60; older neighbourhoods lie at its
lower end. With the share of the older it makes about 13 % of all, as in a Chinese town."""

_SUFFIX: Final = {
    Use.PARK: "公园",
    Use.SCHOOL: "小学",
    Use.MARKET: "农贸市场",
    Use.OFFICE: "商务楼",
    Use.WORKS: "产业园",
    Use.VACANT: "待建地块",
    Use.WATER: "水域",
}


def parcel_names(parcels: Parcels, rng: np.random.Generator) -> ParcelNames:
    """Name every parcel; the names of compounds are all different."""
    new, old = compound_names(len(parcels), rng), compound_names(len(parcels), rng, old=True)
    zh: list[str] = []
    for number, use in enumerate(parcels.use):
        if use == Use.RESIDENTIAL:
            zh.append(old[number] if parcels.old[number] else new[number])
        else:
            zh.append(new[number][:2] + _SUFFIX[Use(int(use))])
    return ParcelNames(zh=zh, word=[name[:2] for name in zh])


def building_frame(
    buildings: Buildings, site: Site, names: ParcelNames, rng: np.random.Generator, *, crs: str
) -> gpd.GeoDataFrame:
    """Return the layer ``buildings``, EPSG:4326."""
    count = len(buildings.parcel)
    households = buildings.households
    share = (_RESIDENTS_PER_HOUSEHOLD - 1) / 4
    residents = households + rng.binomial(4 * households, share)
    low, high = _OLDER
    ageing = np.where(
        site.parcels.old, high, low + 0.7 * (high - low) * rng.random(len(site.parcels))
    )
    older = rng.binomial(residents, ageing[buildings.parcel])
    few, many = _CHILDREN
    young = many - (many - few) * (ageing - low) / (high - low)
    # A generator of its own: the rest of the town stays as it was without children.
    children = rng.spawn(1)[0].binomial(residents - older, young[buildings.parcel])
    frame = gpd.GeoDataFrame(
        {
            "building_id": [f"b{number:06d}" for number in range(1, count + 1)],
            "name": _building_names(buildings, names),
            "use": np.where(households > 0, "residential", "other"),
            "households": households,
            "residents": residents,
            "residents_60plus": older,
            "residents_under15": children,
            "levels": buildings.levels,
            "households_source": "synthetic",
        },
        geometry=shapely.polygons(buildings.quad),
        crs=crs,
    )
    return with_demand_point(frame.to_crs(STORED_EPSG))


def _building_names(buildings: Buildings, names: ParcelNames) -> list[str]:
    """Return names such as 锦绣花园3号楼2单元, numbered inside the parcel."""
    found: list[str] = []
    slabs: dict[int, dict[int, int]] = {}
    stairs: dict[int, int] = {}
    for parcel, court in zip(buildings.parcel.tolist(), buildings.court.tolist(), strict=True):
        if court < 0:
            found.append(names.zh[parcel])
            continue
        of_parcel = slabs.setdefault(parcel, {})
        slab = of_parcel.setdefault(court, len(of_parcel) + 1)
        stairs[court] = stairs.get(court, 0) + 1
        found.append(f"{names.zh[parcel]}{slab}号楼{stairs[court]}单元")
    return found


def point_frame(
    points: Points,
    names: ParcelNames,
    communities: list[str],
    rng: np.random.Generator,
    *,
    crs: str,
) -> gpd.GeoDataFrame:
    """Return the layer ``service_points``, EPSG:4326.

    Parameters
    ----------
    communities : list of str
        Short name of the community of each parcel; half of the services carry it, and every window.
    """
    by_community = rng.random(len(points.xy)) < 0.5  # noqa: PLR2004 - half
    by_community |= points.kind == "window"
    named = [
        (communities[parcel] if own else names.word[parcel]) + sign
        for parcel, sign, own in zip(
            points.parcel.tolist(), points.sign, by_community.tolist(), strict=True
        )
    ]
    geometry = gpd.GeoSeries(shapely.points(points.xy), crs=crs).to_crs(STORED_EPSG)
    frame = gpd.GeoDataFrame(
        {
            "point_id": [f"p{number:06d}" for number in range(1, len(named) + 1)],
            "category": points.category,
            "name": named,
            "sub": points.kind,
            "origin": Origin.SYNTHETIC.value,
        },
        geometry=geometry,
    )
    return with_demand_point(frame)


def barrier_frame(
    parcels: Parcels, plan: CourtPlan, found: Openings, names: ParcelNames, water: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the layer ``barriers``: the rivers and the wall of every compound, CRS of `water`."""
    some = np.flatnonzero(walled(parcels))
    walls = gpd.GeoDataFrame(
        {
            "barrier_id": [f"wall-{number:05d}" for number in range(1, len(some) + 1)],
            "kind": BarrierKind.WALL.value,
            "name": [f"{names.zh[int(parcel)]}围墙" for parcel in some],
        },
        geometry=_wall_rings(plan.wall, some, found),
        crs=water.crs,
    )
    return gpd.GeoDataFrame(pd.concat([water, walls], ignore_index=True), crs=water.crs)


def _wall_rings(wall: FloatArray, parcels: IntArray, found: Openings) -> npt.NDArray[np.object_]:
    """Return the ring of each wall, with a corner at each of its gates.

    So the wall runs through the very node of the walk network at which a lane passes it.
    """
    gated = found.access != ""
    order = np.full(len(wall), -1, np.int64)
    order[parcels] = np.arange(len(parcels))
    ring = np.concatenate([np.repeat(np.arange(len(parcels)), 5), order[found.parcel[gated]]])
    step = np.concatenate([np.tile(np.arange(5.0), len(parcels)), found.side[gated] + 0.5])
    corners = np.concatenate([wall[parcels], wall[parcels, :1]], axis=1).reshape(-1, 2)
    xy = np.round(np.concatenate([corners, found.gate[gated]]), NODE_DECIMALS)
    along = np.lexsort((step, ring))
    return np.asarray(shapely.linestrings(xy[along], indices=ring[along]), dtype=object)


SIDE_GATE_HOURS: Final = "06:00-22:00"
"""Made up, as the rest of the town."""


def gate_frame(
    found: Openings, node: IntArray, names: ParcelNames, *, crs: str
) -> gpd.GeoDataFrame:
    """Return the layer ``gates`` (metric CRS); openings without a wall have none.

    The first open gate of a compound is its main gate; the others are shut at night.
    """
    some = np.flatnonzero(found.access != "")
    opened = some[found.access[some] == "open"]
    main = opened[np.unique(found.parcel[opened], return_index=True)[1]]
    side_gate = np.setdiff1d(opened, main)
    side = ("南门", "东门", "北门", "西门")
    return gpd.GeoDataFrame(
        {
            "gate_id": [f"g{number:05d}" for number in range(1, len(some) + 1)],
            "access": found.access[some],
            "name": [names.zh[int(found.parcel[k])] + side[int(found.side[k])] for k in some],
            "node": node[some],
            "opening_hours": np.where(np.isin(some, side_gate), SIDE_GATE_HOURS, ""),
        },
        geometry=shapely.points(np.round(found.gate[some], NODE_DECIMALS)),
        crs=crs,
    )
