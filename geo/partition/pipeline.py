"""The whole partition of a district: layers in, grids, workers, roster and report out."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.crs import require_metric
from geo.errors import NotFoundError
from geo.geometry.merge_regions import Target
from geo.grids.assign import members
from geo.grids.codes import LEVELS, scheme_of
from geo.model.layers import Layers, Level
from geo.partition.atoms.atoms import Atoms, make_atoms
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.atoms.cut_lines import STREET_KINDS, bounding_lines
from geo.partition.atoms.enclosures import enclosures
from geo.partition.atoms.locked import contracted, inside_of
from geo.partition.atoms.open_ground import merged_ground
from geo.partition.atoms.parents import TARGETS, parents
from geo.partition.outputs.grid_frame import grid_frame
from geo.partition.outputs.report import PartitionReport, make_report
from geo.partition.search import Watch, Weights, search
from geo.partition.street_blocks import check_boundary
from geo.partition.workers import of_whole_grids, with_ground, workers_frame

REACH_M: Final = 100.0
"""How far a street may end short of the boundary and still reach it, metres."""

_CUT, _SEARCHED = 0.45, 0.85


@dataclass(frozen=True, slots=True)
class PartitionResult:
    """Grids and beats of a district.

    Attributes
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS.
    workers : DataFrame
        Layer ``workers``.
    roster : DataFrame
        One row per worker; see :func:`geo.partition.workers.workers_frame`.
    report : PartitionReport
    """

    grids: gpd.GeoDataFrame
    workers: pd.DataFrame
    roster: pd.DataFrame
    report: PartitionReport


def partition(
    boundary: BaseGeometry,
    layers_metric: Layers,
    *,
    code: str,
    seed: int = 1,
    locked: AbstractSet[str] = frozenset(),
    used: AbstractSet[str] = frozenset(),
    bands: tuple[Band, Band] = (SMALL_BAND, BEAT_BAND),
    weights: Weights = Weights(),  # noqa: B008 - frozen
    targets: Mapping[Level, Target] = TARGETS,
    kinds: Mapping[Level, frozenset[str]] = STREET_KINDS,
    reach_m: float = REACH_M,
    watch: Watch = lambda _: None,
    threads: int = 1,
) -> PartitionResult:
    """Draw grids of three levels and the beats of the service workers.

    Parameters
    ----------
    boundary : Polygon or MultiPolygon
        Of the district, in the CRS of the layers.
    layers_metric : Layers
        Layers in the district's metric CRS. `grids` and `workers` are read for what is kept.
    code : str
        Code of the district; it decides the scheme of the codes
        (:func:`geo.grids.codes.scheme_of`).
    seed : int
        The same seed gives the same bytes.
    locked : set of str
        Codes of present grids that are kept: a small grid as it is, with its parents; a medium or
        large one as an area, inside which its own are drawn anew unless they are locked too.
        Outlines move by 0.1 mm at most.
    used : set of str
        Codes that no new grid may bear, for instance retired ones.
    bands : tuple of Band
        Households of a small grid and of a beat.
    weights : Weights
        What the search weighs against each other.
    targets, kinds : mapping by Level
        Sizes of parents to aim at, streets that bound a level.
    reach_m : float
        Streets that end dead this close to the boundary are drawn on to it, metres.
    watch : callable
        Called with the share of the work that is done, 0..1; what it raises ends the work.
    threads : int
        The answer does not depend on it.

    Returns
    -------
    PartitionResult
        Small grids are connected, cut no building, cross no barrier (no two of their buildings are
        parted by one) and together cover the district without a gap. Buildings stay whole, so a
        grid is out of the band where counting allows none in it; the report says why.

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    InputError
        If the boundary is not a valid polygon, or a parent holds more grids than the scheme has
        numbers.
    NotFoundError
        If a locked grid is not there.

    Notes
    -----
    Cost: n log n in the buildings.

    Examples
    --------
    >>> from tests.geo.partition.partition_scene import box, lattice, neighbourhood
    >>> houses = neighbourhood(lattice(6, 4), [10] * 24)
    >>> drawn = partition(box(0, 0, 120, 80), houses, code="371602")
    >>> drawn.grids["level"].value_counts().to_dict(), drawn.roster["households"].tolist()
    ({'small': 6, 'large': 1, 'medium': 1}, [120, 120])
    """
    crs = require_metric(layers_metric.buildings.crs, what="The building layer")
    check_boundary(boundary)
    kept = _kept(layers_metric.grids, locked)
    areas = np.concatenate([frame.geometry.to_numpy(dtype=object) for frame in kept.values()])
    lines = bounding_lines(layers_metric, areas, kinds=kinds)
    atoms = make_atoms(boundary, layers_metric, lines, reach_m=reach_m, threads=threads)
    watch(_CUT)
    former = _former(atoms, layers_metric)
    atoms, kept_of, to = _with_kept(atoms, kept)
    former = _carried(former, to, len(atoms.households))
    scheme = scheme_of(code)
    fixed = kept_of[Level.SMALL] >= 0
    enclosure = enclosures(atoms, bands[0], fixed=fixed, most=scheme.capacity(Level.SMALL))
    above = parents(atoms, enclosure, scheme, kept=kept_of, targets=targets)
    groups = search(
        atoms, enclosure, above[Level.LARGE], bands=bands, weights=weights, seed=seed,
        watch=lambda share: watch(_CUT + (_SEARCHED - _CUT) * share), threads=threads,
    )  # fmt: skip
    smalls = merged_ground(
        atoms, groups.small, above[Level.MEDIUM], most=scheme.capacity(Level.SMALL)
    )
    every = {**above, Level.SMALL: smalls}
    grids, small = grid_frame(atoms, every, scheme, kept=kept, kept_of=kept_of, used=used)
    parent = dict(zip(grids["code"], grids["parent_code"], strict=True))
    large = np.array([parent[parent[c]] for c in small], dtype=object)
    beat = of_whole_grids(with_ground(atoms, groups, above[Level.LARGE]), smalls, atoms.households)
    workers, roster = workers_frame(
        beat, small, large, households=atoms.households, former=former, band=bands[1]
    )
    of_grid = dict(zip(workers["grid_code"], workers["worker_code"], strict=True))
    report = make_report(
        grids, roster, atoms, smalls,
        enclosure=enclosure, region=groups.region, code=small,
        worker=np.array([of_grid.get(c) for c in small], dtype=object),
        kept=frozenset(kept[Level.SMALL]["code"]), bands=bands,
        outside=tuple(layers_metric.buildings["building_id"][atoms.of_building < 0]),
    )  # fmt: skip
    watch(1.0)
    return PartitionResult(grids.set_crs(crs), workers, roster, report)


def _kept(grids: gpd.GeoDataFrame, locked: AbstractSet[str]) -> dict[Level, gpd.GeoDataFrame]:
    """Return the locked grids and their parents, by level."""
    missing = sorted(set(locked) - set(grids["code"]))
    if missing:
        raise NotFoundError(
            f"Got {missing[0]!r} among the grids to keep; wanted codes of present grids. "
            "Correct the list."
        )
    wanted = set(locked)
    parent = dict(zip(grids["code"], grids["parent_code"], strict=True))
    for _ in LEVELS:
        wanted |= {parent[c] for c in wanted if parent[c] is not None}
    some = grids.loc[grids["code"].isin(wanted)]
    return {level: some.loc[some["level"] == str(level)] for level in LEVELS}


def _with_kept(
    atoms: Atoms, kept: Mapping[Level, gpd.GeoDataFrame]
) -> tuple[Atoms, dict[Level, IntArray], IntArray]:
    """Return atoms of which each kept small grid is one, and the kept grids that each lies in."""
    areas: dict[Level, GeometryArray] = {
        level: kept[level].geometry.to_numpy(dtype=object) for level in LEVELS
    }
    atoms, to = contracted(atoms, inside_of(atoms, areas[Level.SMALL]))
    return atoms, {level: inside_of(atoms, areas[level]) for level in LEVELS}, to


def _former(atoms: Atoms, layers: Layers) -> np.ndarray:
    """Return the worker who looked after each atom so far, None for nobody."""
    former = np.full(len(atoms.households), None, dtype=object)
    if len(layers.workers) and len(layers.grids):
        of_grid = dict(zip(layers.workers["grid_code"], layers.workers["worker_code"], strict=True))
        small = members(layers)["small"].to_numpy(dtype=object)
        held = np.flatnonzero(atoms.of_building >= 0)
        former[atoms.of_building[held]] = [of_grid.get(c) for c in small[held]]
    return former


def _carried(former: np.ndarray, to: IntArray, n: int) -> np.ndarray:
    """Return the former worker of each atom after kept grids became one atom."""
    out = np.full(n, None, dtype=object)
    told = np.array([f is not None for f in former], dtype=np.bool_)
    out[to[told]] = former[told]
    return out
