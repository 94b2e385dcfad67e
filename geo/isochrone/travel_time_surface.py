"""Travel-time surface: sampled times around one search, its isolines, and their agreement."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.errors import InputError
from geo.isochrone.agreement import CheckPlaces, agreed
from geo.isochrone.arrival_times import Arrivals, ticks_of
from geo.isochrone.marching_squares import Rings, SampleSheet, outline
from geo.isochrone.reachable_edges import Box
from geo.isochrone.sample_grid import TILE, SampleGrid, Window, framed, scattered_in
from geo.isochrone.sample_tiles import SampleTiles
from geo.isochrone.search_direction import Search, SearchDirection

MOST_SAMPLES: Final = 4_000_000
"""Samples of one picture: 40 km by 40 km at 20 m."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of a budget.

    Attributes
    ----------
    rings : Rings
    agreement : float
        Share of `sampled` places on which outline and exact answer agree; 1 if there are none.
    sampled : int
    cell_m : float
        Distance of the samples that it is drawn between, metres.
    """

    rings: Rings
    agreement: float
    sampled: int
    cell_m: float


class TravelTimeSurface:
    """The lattice of times around one search.

    Parameters
    ----------
    direction : SearchDirection
    search : Search
        Read now; the picture holds when the search is gone, but for :meth:`outline`.
    cells : SampleTiles
        Filled where the box needs it.
    box : tuple of float
        Of everything within the largest budget.
    buildings : CheckPlaces
        Places with exact times to compare with, beside those scattered over the lattice.

    Attributes
    ----------
    samples : int

    Raises
    ------
    InputError
        If there would be more than :data:`MOST_SAMPLES` samples.
    """

    def __init__(
        self,
        direction: SearchDirection,
        search: Search,
        cells: SampleTiles,
        box: Box,
        buildings: CheckPlaces,
    ) -> None:
        window = window_of(box, cells.lattice)
        filled = cells.fill(window)
        self._arrivals = Arrivals(filled.samples, search.label, direction.sides, search.origins)
        index = framed(window, cells.lattice, filled.start)
        ticks = ticks_of(index.ravel(), self._arrivals).reshape(index.shape)
        self.samples = index.size
        self._sheet = SampleSheet(cells.lattice, window.row - 1, window.column - 1, index, ticks)
        at, where = scattered_in(window, cells.lattice, filled.start)
        scattered = CheckPlaces(at, ticks_of(where, self._arrivals))
        self._known = [each for each in (scattered, buildings) if len(each.at)]

    def outline(self, budget: int, box: Box) -> Outline:
        """Return the outline of a budget, compared with the exact answer inside its box."""
        rings = outline(self._sheet, budget, self._arrivals)
        counts = [agreed(rings, self._sheet, float(budget), each, box) for each in self._known]
        agree, n = (sum(part) for part in zip((0, 0), *counts, strict=True))
        return Outline(rings, agree / n if n else 1.0, n, self._sheet.lattice.cell)


def window_of(box: Box, lattice: SampleGrid) -> Window:
    """Return the samples around a box, as far as there are any.

    Raises
    ------
    InputError
        If there are more than :data:`MOST_SAMPLES`.
    """
    if not np.isfinite(box).all():
        return Window(0, 0, 0, 0)
    origin = (lattice.west, lattice.south)
    most = (lattice.columns * TILE - 1, lattice.rows * TILE - 1)
    low = [max(int((box[k] - origin[k]) / lattice.cell), 0) for k in range(2)]
    high = [min(int((box[2 + k] - origin[k]) / lattice.cell) + 1, most[k]) for k in range(2)]
    columns, rows = (high[k] - low[k] + 1 for k in range(2))
    if rows * columns > MOST_SAMPLES:
        samples = rows * columns
        raise InputError(
            "isochrone.too_fine", cell=lattice.cell, samples=samples, most=MOST_SAMPLES
        )
    return Window(low[1], low[0], rows, columns)
