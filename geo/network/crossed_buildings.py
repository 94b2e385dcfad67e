"""Access legs that pass other buildings: no footprint but the own one counts, so they are named."""

import numpy as np
import shapely

from geo.arrays import GeometryArray, IntArray
from geo.network.compile import WalkNetwork
from geo.network.entrances import Entrances
from geo.network.snap import Links
from geo.tolerances import TOUCH_M


def crossed_buildings(
    entrances: Entrances, links: Links, network: WalkNetwork, footprints: GeometryArray
) -> IntArray:
    """Return the building that stands on the legs of each building, shape (n,), -1 for none.

    Of several the first. Where one entrance of a building has a free leg, none is told. A leg may
    touch a footprint, and share up to :data:`geo.tolerances.TOUCH_M` with it.

    Parameters
    ----------
    entrances : Entrances
        Of the n buildings.
    links : Links
        Of these entrances.
    network : WalkNetwork
    footprints : ndarray of geometry, shape (n,)
        In the network's CRS; those that are points stand on no leg.
    """
    rows = np.flatnonzero(links.linked)
    legs, home = _legs(links.take(rows), network), entrances.place[rows]
    leg, other = shapely.STRtree(footprints).query(legs, predicate="intersects")
    foreign = other != home[leg]
    leg, other = leg[foreign], other[foreign]
    shapes = shapely.make_valid(footprints[other], method="structure", keep_collapsed=False)
    passed = shapely.length(shapely.intersection(legs[leg], shapes)) > TOUCH_M
    crossed = np.full(len(rows), len(footprints))
    np.minimum.at(crossed, leg[passed], other[passed])
    result = np.full(len(footprints), -1)
    np.maximum.at(result, home, crossed % len(footprints))
    result[home[crossed == len(footprints)]] = -1
    return result


def _legs(links: Links, network: WalkNetwork) -> GeometryArray:
    """Return the lines of legs, by the gate where they pass one."""
    edges, of = np.unique(links.edge, return_inverse=True)
    feet = shapely.line_interpolate_point(network.geometry[edges][of], links.offset_m)
    stops = np.stack([links.start_xy, links.start_xy, shapely.get_coordinates(feet)], axis=1)
    at_gate = links.gate >= 0
    stops[at_gate, 1] = shapely.get_coordinates(network.gates[links.gate[at_gate]])
    return np.asarray(shapely.linestrings(stops), object)
