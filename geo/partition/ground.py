"""What grids are drawn from: atoms, the homes that ground goes with, and what is kept."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, IntArray
from geo.errors import NotFoundError
from geo.grids.assign import members
from geo.grids.codes import LEVELS
from geo.model.layers import Layers
from geo.model.vocabulary import GroundKind, Level
from geo.partition.atoms.atoms import Atoms, make_atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.compounds import between_compounds, is_compound
from geo.partition.atoms.cut_lines import Rank, bounding_lines
from geo.partition.atoms.locked import contracted, inside_of
from geo.partition.atoms.open_ground import whole_grounds
from geo.partition.atoms.reach import within_reach
from geo.partition.atoms.territories import OWN_GROUND_M2, territories


@dataclass(frozen=True, slots=True)
class DrawingGround:
    """What grids are drawn from.

    Attributes
    ----------
    atoms : Atoms
        Each kept small grid is one of them.
    homes : Atoms
        The atoms with the ground that goes with them: what is grouped.
    home : ndarray of int64, shape (atoms,)
        Which of these each atom is part of.
    host : ndarray of int64, shape (atoms,)
        Atom with a building that each goes with.
    movable : ndarray of bool, shape (atoms,)
        Ground that may go with another neighbour than its home.
    kept : mapping of Level to GeoDataFrame
        Grids that are kept.
    kept_of : mapping of Level to ndarray of int64, shape (homes,)
        Row in `kept` of the grid that each lies in, -1 for none.
    former : ndarray of str objects, shape (atoms,)
        Worker who looked after an atom so far, None for nobody.
    use : ndarray of int64, shape (atoms,)
        Row among the `open_grounds` that are no compound of ground that stays by itself, -1 for
        none.
    named : ndarray of bool, shape (homes,)
        Ground that merges with no other: a park, a school, works.
    beyond : ndarray of bool, shape (homes,)
        Homes with a neighbour beyond the reach.
    """

    atoms: Atoms
    homes: Atoms
    home: IntArray
    host: IntArray
    movable: BoolArray
    kept: Mapping[Level, gpd.GeoDataFrame]
    kept_of: Mapping[Level, IntArray]
    former: np.ndarray
    use: IntArray
    named: BoolArray
    beyond: BoolArray


def make_ground(
    boundary: BaseGeometry,
    layers: Layers,
    locked: AbstractSet[str],
    *,
    kinds: Mapping[Rank, frozenset[str]],
    band: Band,
    reach_m: float,
    home_reach_m: float,
    threads: int,
) -> DrawingGround:
    """Cut a district into atoms; kept small grids become one atom each.

    `band`: of small grids; a building with more households is a grid of its own. `home_reach_m`:
    see :func:`geo.partition.atoms.reach.within_reach`.

    Raises
    ------
    NotFoundError
        If a locked grid is not there.
    """
    kept = _kept(layers.grids, locked)
    areas = {level: rows.geometry.to_numpy(dtype=object) for level, rows in kept.items()}
    lines = bounding_lines(layers, np.concatenate(list(areas.values())), kinds=kinds)
    atoms = make_atoms(boundary, layers, lines, reach_m=reach_m, threads=threads)
    former = _former(atoms, layers)
    atoms, contracted_to = contracted(atoms, inside_of(atoms, areas[Level.SMALL]))
    carried = np.full(len(atoms.households), None, dtype=object)
    is_known = former != np.array(None)
    carried[contracted_to[is_known]] = former[is_known]
    fixed = inside_of(atoms, areas[Level.SMALL]) >= 0
    grounds = layers.open_grounds[~is_compound(layers.open_grounds)]
    atoms, ground, whole_of = whole_grounds(atoms, grounds, fixed=fixed, least_m2=OWN_GROUND_M2)
    carried, fixed = (_moved(each, whole_of, len(ground)) for each in (carried, fixed))
    is_field = (grounds["kind"] == GroundKind.FIELD).to_numpy()
    named = (ground >= 0) & ~np.append(is_field, [False])[ground]
    atoms, host = territories(atoms, fixed=fixed, most=band.high, named=named)
    homes, home = contracted(atoms, host, atoms.built)
    movable = ~atoms.built & (host != np.arange(len(host)))
    across = (home[atoms.pairs[:, 0]] == home[atoms.pairs[:, 1]]) & (atoms.rank >= Rank.WALL)
    movable[atoms.pairs[across]] = False
    homes = between_compounds(homes, layers.buildings, layers.open_grounds)
    homes, beyond = within_reach(homes, layers, band=band, reach_m=home_reach_m)
    kept_of = {level: inside_of(homes, areas[level]) for level in LEVELS}
    use = np.where(host == np.arange(len(host)), ground, -1)
    is_named = np.zeros(len(homes.households), dtype=np.bool_)
    is_named[home[named & (use >= 0)]] = True
    return DrawingGround(
        atoms, homes, home, host, movable, kept, kept_of, carried, use, is_named, beyond
    )  # fmt: skip


def _moved(values: np.ndarray, to: IntArray, n: int) -> np.ndarray:
    """Return values of atoms after some of them became one."""
    moved = np.empty(n, dtype=values.dtype)
    moved[to] = values
    return moved


def _kept(grids: gpd.GeoDataFrame, locked: AbstractSet[str]) -> dict[Level, gpd.GeoDataFrame]:
    """Return the locked grids and their parents, by level."""
    missing = sorted(set(locked) - set(grids["code"]))
    if missing:
        raise NotFoundError("partition.nothing_to_keep", code=missing[0])
    wanted = set(locked)
    parent = dict(zip(grids["code"], grids["parent_code"], strict=True))
    for _ in LEVELS:
        wanted |= {parent[c] for c in wanted if parent[c] is not None}
    rows = grids.loc[grids["code"].isin(wanted)]
    return {level: rows.loc[rows["level"] == str(level)] for level in LEVELS}


def _former(atoms: Atoms, layers: Layers) -> np.ndarray:
    """Return the worker who looked after each atom so far, None for nobody."""
    former = np.full(len(atoms.households), None, dtype=object)
    if len(layers.workers) and len(layers.grids):
        of_grid = dict(zip(layers.workers["grid_code"], layers.workers["worker_code"], strict=True))
        small = members(layers)["small"].to_numpy(dtype=object)
        inside = np.flatnonzero(atoms.of_building >= 0)
        former[atoms.of_building[inside]] = [of_grid.get(c) for c in small[inside]]
    return former
