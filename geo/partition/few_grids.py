"""Draw the ground of one, two or three small grids anew."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.grids.checks.building_and_barrier_check import separations
from geo.model.layers import Layers
from geo.partition.atoms.atoms import Atoms, make_atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.compounds import between_compounds
from geo.partition.atoms.cut_lines import STREET_KINDS, Rank, bounding_lines
from geo.partition.atoms.enclosures import enclosures
from geo.partition.atoms.locked import contracted
from geo.partition.atoms.reach import HOME_REACH_M, within_reach
from geo.partition.atoms.territories import territories
from geo.partition.atoms.weights import Weights
from geo.partition.outputs.report import polsby_popper
from geo.partition.search import search


@dataclass(frozen=True, slots=True)
class FewGrids:
    """Small grids drawn on the ground of others.

    Attributes
    ----------
    shapes : ndarray of Polygon, shape (k,)
        Their outlines, seamless.
    of_building : ndarray of int64, shape (n,)
        Grid of each building.
    compactness : float
        Polsby-Popper of the least compact one.
    """

    shapes: GeometryArray
    of_building: IntArray
    compactness: float


def draw_few(
    area: BaseGeometry,
    layers: Layers,
    *,
    bands: tuple[Band, Band],
    weights: Weights,
    most: int,
    seed: int,
    home_reach_m: float = HOME_REACH_M,
) -> FewGrids | None:
    """Draw an area as small grids that are all in their band; None if no drawing is found.

    Block by block first, then all blocks together: a grid may reach across a street where that
    keeps all of them in the band, never across a barrier. A drawing is none if a wall that ends in
    mid-block parts the homes of a grid.

    Parameters
    ----------
    area : Polygon
        Metric CRS.
    layers : Layers
        Metric CRS, with the buildings of the area alone.
    bands : tuple of Band
        Households of a small grid and of a beat.
    weights : Weights
        What the search weighs; beats are not drawn.
    most : int
        Grids at most.
    seed : int
    home_reach_m : float
        See :func:`geo.partition.atoms.reach.within_reach`.
    """
    band, weights = bands[0], replace(weights, beat=0.0, beat_shape=0.0, beat_cut=0.0)
    lines = bounding_lines(layers, kinds=STREET_KINDS)
    atoms = make_atoms(area, layers, lines, reach_m=0.0, ground_m2=np.inf)
    if (atoms.of_building < 0).any():
        return None
    none = np.zeros(len(atoms.households), dtype=np.bool_)
    atoms, host = territories(atoms, fixed=none, most=band.high, own_m2=np.inf)
    atoms, _ = contracted(atoms, host, atoms.built)
    atoms = between_compounds(atoms, layers.buildings, layers.open_grounds)
    atoms, _ = within_reach(atoms, layers, band=band, reach_m=home_reach_m)
    n = len(atoms.households)
    by_block = enclosures(atoms, band, fixed=np.zeros(n, dtype=np.bool_), below=Rank.SMALL_STREET)
    for enclosure in (by_block, np.zeros(n, dtype=np.int64)):
        label = _grouped(atoms, enclosure, bands, weights, seed)
        people = np.bincount(label, weights=atoms.households)
        fits = (people >= band.low) & (people <= band.high)
        if fits.all() and len(people) <= most:
            shapes = _outlines(atoms, label)
            if separations(_frame(shapes, layers), layers.barriers, layers.buildings):
                continue
            return FewGrids(shapes, label[atoms.of_building], float(polsby_popper(shapes).min()))
    return None


def _grouped(
    atoms: Atoms, enclosure: IntArray, bands: tuple[Band, Band], weights: Weights, seed: int
) -> IntArray:
    """Return the new grid of each atom, numbered from 0."""
    groups = search(
        atoms, enclosure, np.zeros_like(enclosure), bands=bands, weights=weights,
        seed=seed, watch=lambda _: None,
    )  # fmt: skip
    return np.unique(_with_ground(atoms, groups.small), return_inverse=True)[1]


def _outlines(atoms: Atoms, label: IntArray) -> GeometryArray:
    """Return the outline of each new grid from the pieces of its atoms."""
    of_piece = label[atoms.of_piece]
    shapes = np.empty(int(label.max()) + 1, dtype=object)
    shapes[:] = [
        shapely.normalize(shapely.coverage_union_all(atoms.pieces[of_piece == each]))
        for each in range(len(shapes))
    ]
    return shapes


def _frame(shapes: GeometryArray, layers: Layers) -> gpd.GeoDataFrame:
    """Return outlines as grids."""
    return gpd.GeoDataFrame(geometry=list(shapes), crs=layers.buildings.crs)


def _with_ground(atoms: Atoms, small: IntArray) -> IntArray:
    """Return the groups with those where nobody lives joined to the one they border on longest.

    Across a wall or water only where there is nothing else beside them.
    """
    _, label = np.unique(small, return_inverse=True)
    while True:
        people = np.bincount(label, weights=atoms.households)
        ends = label[np.concatenate([atoms.pairs, atoms.pairs[:, ::-1]])]
        joins = (people[ends[:, 0]] == 0) & (people[ends[:, 1]] > 0)
        if not joins.any():
            return label
        rank, length = (
            np.concatenate([each, each])[joins] for each in (atoms.rank, atoms.length_m)
        )
        table = pd.DataFrame({"bare": ends[joins, 0], "to": ends[joins, 1], "m": length})
        table["walled"] = rank >= Rank.WALL
        sums = table.groupby(["bare", "walled", "to"], as_index=False)["m"].sum()
        sums = sums.assign(m=-sums["m"].round(3)).sort_values(["bare", "walled", "m", "to"])
        best = sums.drop_duplicates("bare")
        to = np.arange(len(people))
        to[best["bare"]] = best["to"]
        label = to[label]
