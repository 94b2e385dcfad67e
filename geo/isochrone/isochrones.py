"""Isochrones: pictures of what lies within a walking time, and how far they can be trusted.

A place is inside if its walk takes no longer than the threshold: access leg, network and access
leg, by the rules that coverage is counted by. Times are sampled on a lattice, and the outline is
drawn between the samples; a place that no leg links, in a lake or behind a wall, is never inside.
A picture is a picture: each one says on what share of sample places it agrees with the exact
answer, and households are counted building by building, never by the outline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.errors import InputError, NotFoundError
from geo.isochrone.agreement import CheckPlaces
from geo.isochrone.households_within import BuildingTimes
from geo.isochrone.marching_squares import polygons
from geo.isochrone.reachable_edges import Box, ReachableEdges
from geo.isochrone.sample_tiles import SampleTiles
from geo.isochrone.search_direction import Search, SearchDirection
from geo.isochrone.travel_time_surface import MOST_SAMPLES, Outline, TravelTimeSurface
from geo.messages import Message
from geo.network.search_graph import TICKS_PER_S
from geo.network.snap import REASON_WORDS, Links, link
from geo.routing.snapped_district import SnappedDistrict, best_of
from geo.routing.walking_time import threshold_s

CELL_M: Final = 20.0
"""Distance of samples, metres, where they agree well enough with the exact answer."""

AGREEMENT: Final = 0.998
"""Share of sample places below which a picture is drawn again with cells half as wide."""

LABEL: Final = Message("isochrone.picture")
"""What every isochrone says of itself."""

_FEWEST: Final = 400
"""Sample places that are too few to show an agreement; narrower cells come with more."""

_FINEST_M: Final = 1.0
_COARSEST_M: Final = 50.0
_HALVED_TO_M: Final = 2.5
"""SampleTiles are not halved below this, metres."""


@dataclass(frozen=True, slots=True)
class Isochrone:
    """What lies within a walking time of an origin, or of the nearest of several.

    Attributes
    ----------
    minutes : float
        Threshold, inclusive.
    geometry : MultiPolygon
        In the network's CRS; valid, outer rings counter-clockwise, holes kept. A picture.
    agreement : float
        Share of `sampled` places on which the picture and the exact answer agree, 0..1.
    sampled : int
        Places compared: buildings and evenly scattered places in the isochrone's bounding box.
    cell_m : float
        Distance of samples, metres.
    reached_m : float
        Length of the walk network within the threshold, metres.
    households, buildings : int
        Within the threshold by exact walking time, building by building.
    """

    minutes: float
    geometry: shapely.MultiPolygon
    agreement: float
    sampled: int
    cell_m: float
    reached_m: float
    households: int
    buildings: int


@dataclass(slots=True)
class Isochrones:
    """A network made ready to draw isochrones around any place of it.

    What does not depend on the origin is found once, where it is first needed: the links of samples
    (:class:`geo.isochrone.sample_tiles.SampleTiles`), the graph turned around. Threads may share
    it.

    Parameters
    ----------
    snapped : SnappedDistrict
        Its buildings are counted, and pictures are compared with their exact times.
    households : ndarray of int64, shape (n,)
        Of each building.

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene, xy
    >>> layers, network = tiny_scene()
    >>> households = layers.buildings["households"].to_numpy()
    >>> engine = Isochrones(snap_layers(layers, network, ()), households)
    >>> near, far = engine.around(xy(150, 190), [2, 5])
    >>> near.households, far.households, round(near.reached_m), round(near.agreement, 3)
    (7, 31, 550, 1.0)
    """

    snapped: SnappedDistrict
    households: IntArray
    _corner: FloatArray = field(init=False)
    _building_times: BuildingTimes = field(init=False)
    _making: Lock = field(init=False, default_factory=Lock)
    _directions: dict[bool, SearchDirection] = field(init=False, default_factory=dict)
    _cells: dict[float, SampleTiles] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        streets = self.snapped.network.snap_index.streets[0].buckets
        self._corner = np.floor([streets.west, streets.south])  # what pictures are measured from
        self._building_times = BuildingTimes(self.snapped)

    def around(
        self,
        xy: npt.ArrayLike,
        minutes: Sequence[float],
        *,
        cell_m: float = CELL_M,
        agreement: float = AGREEMENT,
        towards: bool = False,
    ) -> list[Isochrone]:
        """Draw the isochrones of one origin, or of the nearest of several, in one search.

        Parameters
        ----------
        xy : array_like of float, shape (2,) or (k, 2)
            Metres in the network's CRS.
        minutes : sequence of float
            Thresholds, more than 0 and at most 120; the isochrone of a larger one holds that of a
            smaller one.
        cell_m : float
            Widest distance of samples, metres, 1 to 50.
        agreement : float
            Share of sample places on which picture and exact answer are to agree. While an
            isochrone stays below it, or has too few samples to tell, the cells are halved, down to
            2.5 m; 0 keeps `cell_m`.
        towards : bool
            False for what is reached from the origin, True for from where it is reached.

        Returns
        -------
        list of Isochrone
            In the order of `minutes`.

        Raises
        ------
        InputError
            If a threshold or the cell is out of range, or the cell so fine that a picture of the
            thresholds would take too many samples.
        NotFoundError
            If an origin cannot be linked to the network.
        """
        at = np.atleast_2d(np.asarray(xy, np.float64))
        budgets = [_budget(each) for each in minutes]
        if not budgets:
            raise InputError("isochrone.no_minutes")
        if not _FINEST_M <= cell_m <= _COARSEST_M:  # NaN fails as well
            raise InputError("isochrone.cell", cell=cell_m, least=_FINEST_M, most=_COARSEST_M)
        links = self._link(at)
        direction = self._direction(towards=towards)
        at = at - self._corner
        with direction.search(at, links, limit_s=max(budgets) / TICKS_PER_S) as search:
            parts = [direction.reached(search, budget) for budget in budgets]
            at_entrances = self._building_times.ticks(search, direction)
            query = _IsochroneQuery(
                budgets,
                parts,
                CheckPlaces(
                    self.snapped.buildings.start_xy - self._corner, at_entrances.astype(np.float64)
                ),
            )
            outlines = self._draw(direction, search, query, cell_m, agreement)
        ticks = best_of(at_entrances[None], self.snapped.entrances)[0]
        return [
            Isochrone(
                minutes=each,
                geometry=polygons(drawn.rings, self._corner),
                agreement=drawn.agreement,
                sampled=drawn.sampled,
                cell_m=drawn.cell_m,
                reached_m=part.metres,
                households=int(self.households[ticks <= budget].sum()),
                buildings=int(np.count_nonzero(ticks <= budget)),
            )
            for each, budget, part, drawn in zip(minutes, budgets, parts, outlines, strict=True)
        ]

    def _draw(
        self,
        direction: SearchDirection,
        search: Search,
        query: "_IsochroneQuery",
        cell_m: float,
        agreement: float,
    ) -> list[Outline]:
        """Draw all budgets with one cell, halved while an outline agrees too little."""
        while True:
            cells = self._cells_of(cell_m)
            picture = TravelTimeSurface(direction, search, cells, query.box, query.known)
            outlines = [
                picture.outline(budget, part.box)
                for budget, part in zip(query.budgets, query.parts, strict=True)
            ]
            cell_m /= 2
            enough = agreement == 0 or all(
                each.agreement >= agreement and (each.sampled >= _FEWEST or not each.sampled)
                for each in outlines
            )
            if enough or cell_m < _HALVED_TO_M or 4 * picture.samples > MOST_SAMPLES:
                return outlines

    def _link(self, at: FloatArray) -> Links:
        links = link(at, self.snapped.network)
        lost = np.flatnonzero(~links.linked)
        if len(lost):
            reason = Message(REASON_WORDS[links.reason[lost[0]]])
            raise NotFoundError("isochrone.origin_unlinked", reason=reason)
        return links

    def _direction(self, *, towards: bool) -> SearchDirection:
        with self._making:
            if towards not in self._directions:
                self._directions[towards] = SearchDirection.of(
                    self.snapped.network, self._corner, towards=towards
                )
            return self._directions[towards]

    def _cells_of(self, cell_m: float) -> SampleTiles:
        with self._making:
            if cell_m not in self._cells:
                network = self.snapped.network
                self._cells[cell_m] = SampleTiles.over(
                    network.geometry.total_bounds(),
                    network.snap_index,
                    corner=self._corner,
                    cell_m=cell_m,
                )
            return self._cells[cell_m]


@dataclass(frozen=True, slots=True)
class _IsochroneQuery:
    """Budgets in ticks, what each reaches of the network, and places with known times."""

    budgets: list[int]
    parts: list[ReachableEdges]
    known: CheckPlaces

    @property
    def box(self) -> Box:
        """Bounds of everything within the largest budget."""
        return self.parts[int(np.argmax(self.budgets))].box


@lru_cache(maxsize=1024)
def _budget(minutes: float) -> int:
    """Return the longest walk, ticks, whose published time is within a threshold."""
    wanted_s = threshold_s(minutes)
    ticks = round(wanted_s * TICKS_PER_S) + np.arange(-1, round(0.01 * TICKS_PER_S))
    return int(ticks[np.round(ticks / TICKS_PER_S, 2) <= wanted_s].max())


def isochrone_frame(drawn: Sequence[Isochrone], *, epsg: int) -> gpd.GeoDataFrame:
    """Return isochrones as rows to be written as GeoJSON (RFC 7946).

    Parameters
    ----------
    drawn : sequence of Isochrone
    epsg : int
        Metric CRS that they are in.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, outer rings counter-clockwise; in the order given: ``minutes, agreement, sampled,
        cell_m, reached_m, households, buildings, label``, the last in the language spoken.
    """
    table = {
        name: [getattr(each, name) for each in drawn]
        for name in (
            "minutes", "agreement", "sampled", "cell_m", "reached_m", "households", "buildings",
        )
    }  # fmt: skip
    shapes = gpd.GeoSeries([each.geometry for each in drawn], crs=epsg).to_crs(crs.STORED_EPSG)
    turned = shapely.orient_polygons(shapes.to_numpy())
    return gpd.GeoDataFrame({**table, "label": LABEL.text()}, geometry=turned, crs=crs.STORED_EPSG)
