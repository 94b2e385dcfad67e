"""The whole town, from an outline and a number of households to layers."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.demo.town.governance.beats import beats
from boundaries.demo.town.governance.communities import govern
from boundaries.demo.town.governance.grids import grid_frame
from boundaries.demo.town.governance.offices import StreetOffice
from boundaries.demo.town.layers import frames
from boundaries.demo.town.layers.buildings import halls, homes
from boundaries.demo.town.layers.lanes import (
    DICE,
    Openings,
    gate_lanes,
    inner_lanes,
    is_private,
    openings,
)
from boundaries.demo.town.layers.network import walk_network
from boundaries.demo.town.layers.services import Points, service_points, sites, windows
from boundaries.demo.town.parcels.site import Site, build_site, households_around, used_lines
from boundaries.demo.town.streets.lattice import StreetLattice, make_lattice
from boundaries.demo.town.streets.rivers import rivers
from boundaries.demo.town.streets.streets import street_lines
from geo.arrays import IntArray
from geo.crs import STORED_EPSG
from geo.model.layers import Layers

_LIVELY: Final = 0.8
"""How uneven a town is: standard deviation of the logarithm of a superblock's liveliness."""

_VILLAGE: Final = 0.25
"""Households of a village, as a share of those of a community."""


def build_town(
    outline: BaseGeometry,
    offices: tuple[StreetOffice, ...],
    *,
    origin: tuple[float, float],
    households: int,
    epsg: int,
    seed: int,
) -> Layers:
    """Build a town inside a district.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        The district, metric CRS `epsg`.
    offices : tuple of StreetOffice
        Those to fill; households are shared out as :func:`shares` says.
    origin : tuple of float
        Where the rivers join, metres, inside the district.
    households : int
        How many to house; met to within one slab of stairwell buildings.
    epsg : int
    seed : int
        The same seed gives the same bytes.

    Returns
    -------
    Layers
        EPSG:4326, every origin ``synthetic``. Cost: about 0.1 ms per household.
    """
    streams = [np.random.Generator(np.random.PCG64([seed, part])) for part in range(6)]
    crs = f"EPSG:{epsg}"
    lattice = make_lattice(outline, np.array(origin), streams[0])
    lines = street_lines(lattice)
    seats = np.array(origin) + np.array([office.seat_m for office in offices])
    site = build_site(lattice, lines, seats, shares(offices, households), streams[1])
    parcels, plan = site.parcels, site.plan
    dice = streams[2].random((len(parcels), DICE))
    private = is_private(parcels, dice)
    found = openings(parcels, plan, private, dice)
    lanes = inner_lanes(parcels, plan, private).joined(gate_lanes(found, private))
    used = used_lines(lattice, lines, parcels)
    edges, gate_node = walk_network(lines, used, site.inner, lanes, found, crs=crs)
    names = frames.parcel_names(parcels, streams[4])
    most = np.array([len(office.communities) for office in offices], np.int64)
    belongs = govern(parcels, site.households(), most, site.hosts)
    grids, lived = grid_frame(site, belongs, offices, names, crs=crs)
    small = grids.loc[grids["level"] == "small"]
    buildings = homes(plan, site.courts, site.built).joined(halls(plan, parcels))
    called = _community_of(grids, site)
    points = _points(lattice, site, found, called, streams[3])
    barriers = frames.barrier_frame(parcels, plan, found, names, rivers(lattice, outline, crs=crs))
    gates = frames.gate_frame(found, gate_node, names, crs=crs)
    return Layers(
        grids=grids.to_crs(STORED_EPSG),
        buildings=frames.building_frame(buildings, site, names, streams[5], crs=crs),
        service_points=frames.point_frame(points, names, called, streams[3], crs=crs),
        walk_edges=edges.to_crs(STORED_EPSG),
        barriers=barriers.to_crs(STORED_EPSG),
        gates=gates.to_crs(STORED_EPSG),
        workers=beats(small["code"], lived, shapely.get_coordinates(small.geometry.centroid)),
    ).conformed()


def shares(offices: tuple[StreetOffice, ...], households: int) -> IntArray:
    """Share households out by communities, a village counting a quarter; the sum is exact."""
    weight = np.array(
        [sum(1.0 if c.urban else _VILLAGE for c in office.communities) for office in offices]
    )
    upto = np.rint(np.cumsum(weight) / weight.sum() * households).astype(np.int64)
    return np.asarray(np.diff(upto, prepend=0), dtype=np.int64)


def _points(
    lattice: StreetLattice,
    site: Site,
    found: Openings,
    community: list[str],
    rng: np.random.Generator,
) -> Points:
    """Place the service points where people live and where it is lively."""
    lively = rng.lognormal(sigma=_LIVELY, size=int(np.prod(lattice.shape)))[site.parcels.cell]
    places = sites(site.parcels, found, households_around(lattice, site), lively)
    points = service_points(places, site.parcels, site.plan, int(site.households().sum()), rng)
    return points.joined(windows(places, points, community))


def _community_of(grids: gpd.GeoDataFrame, site: Site) -> list[str]:
    """Return the short name of the community of each parcel, as a shop's sign has it."""
    large = grids.loc[grids["level"] == "large"]
    centre = shapely.points(site.parcels.quad.mean(axis=1))
    tree = shapely.STRtree(large.geometry.to_numpy())
    parcel, which = tree.query(centre, predicate="within")
    short = large["name_zh"].str.replace(
        "(社区)?(居委会|居民委员会|村委会|村民委员会)$", "", regex=True
    )
    found = [""] * len(site.parcels)
    for row, grid in zip(parcel.tolist(), which.tolist(), strict=True):
        found[row] = str(short.iloc[grid])
    return found
