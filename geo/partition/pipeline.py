"""The whole partition of a district: layers in, grids, workers, roster and report out."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import IntArray
from geo.crs import require_metric
from geo.errors import NotFoundError
from geo.geometry.merge_regions import Target
from geo.grids.assign import members
from geo.grids.codes import LEVELS, CodeScheme, scheme_of
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
from geo.partition.street_blocks import BOUNDARY_REACH_M, check_boundary
from geo.partition.workers import beats_of_whole_grids, with_open_ground, workers_frame

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
    reach_m: float = BOUNDARY_REACH_M,
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
        Codes that no new grid may carry, for instance retired ones.
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
        Small grids are connected, cut no building, cross no barrier (none separates two of their
        buildings) and together cover the district without a gap. Buildings stay whole, so a
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
    ground = _ground(boundary, layers_metric, locked, kinds=kinds, reach_m=reach_m, threads=threads)
    watch(_CUT)
    scheme = scheme_of(code)
    drawing = _draw(
        ground, scheme, bands=bands, weights=weights, targets=targets, seed=seed,
        watch=lambda share: watch(_CUT + (_SEARCHED - _CUT) * share), threads=threads,
    )  # fmt: skip
    atoms, kept = ground.atoms, ground.kept
    grids, small = grid_frame(
        atoms.pieces, atoms.of_piece, drawing.levels, scheme,
        kept=kept, kept_of=ground.kept_of, used=used,
    )  # fmt: skip
    parent = dict(zip(grids["code"], grids["parent_code"], strict=True))
    large = np.array([parent[parent[c]] for c in small], dtype=object)
    workers, roster = workers_frame(
        drawing.beat, small, large,
        households=atoms.households, former=ground.former, band=bands[1],
    )  # fmt: skip
    worker_of = dict(zip(workers["grid_code"], workers["worker_code"], strict=True))
    report = make_report(
        grids, roster, atoms, drawing.levels[Level.SMALL],
        enclosure=drawing.enclosure, region=drawing.region, code=small,
        worker=np.array([worker_of.get(c) for c in small], dtype=object),
        kept=frozenset(kept[Level.SMALL]["code"]), bands=bands,
        outside=tuple(layers_metric.buildings["building_id"][atoms.of_building < 0]),
    )  # fmt: skip
    watch(1.0)
    return PartitionResult(grids.set_crs(crs), workers, roster, report)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What grids are drawn from; arrays have one entry for each atom."""

    atoms: Atoms  # each kept small grid is one of them
    kept: dict[Level, gpd.GeoDataFrame]  # grids that are kept
    kept_of: dict[Level, IntArray]  # row in `kept` of the grid that an atom lies in, -1 for none
    former: np.ndarray  # worker who looked after an atom so far, None for nobody


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is drawn, as labels of each atom."""

    levels: dict[Level, IntArray]  # large, medium and small grid, nested
    beat: IntArray  # of whole small grids, -1 for none
    enclosure: IntArray  # no small grid reaches beyond
    region: IntArray  # no beat reaches beyond


def _ground(
    boundary: BaseGeometry,
    layers: Layers,
    locked: AbstractSet[str],
    *,
    kinds: Mapping[Level, frozenset[str]],
    reach_m: float,
    threads: int,
) -> _Ground:
    """Cut the district into atoms; kept small grids become one atom each."""
    kept = _kept(layers.grids, locked)
    areas = {level: rows.geometry.to_numpy(dtype=object) for level, rows in kept.items()}
    lines = bounding_lines(layers, np.concatenate(list(areas.values())), kinds=kinds)
    atoms = make_atoms(boundary, layers, lines, reach_m=reach_m, threads=threads)
    former = _former(atoms, layers)
    atoms, contracted_to = contracted(atoms, inside_of(atoms, areas[Level.SMALL]))
    carried = np.full(len(atoms.households), None, dtype=object)
    is_known = former != np.array(None)
    carried[contracted_to[is_known]] = former[is_known]
    return _Ground(atoms, kept, {k: inside_of(atoms, areas[k]) for k in LEVELS}, carried)


def _draw(
    ground: _Ground,
    scheme: CodeScheme,
    *,
    bands: tuple[Band, Band],
    weights: Weights,
    targets: Mapping[Level, Target],
    seed: int,
    watch: Watch,
    threads: int,
) -> _Drawing:
    """Draw large and medium grids from enclosures, then small grids and beats inside them."""
    atoms, most = ground.atoms, scheme.capacity(Level.SMALL)
    enclosure = enclosures(atoms, bands[0], fixed=ground.kept_of[Level.SMALL] >= 0, most=most)
    above = parents(atoms, enclosure, scheme, kept=ground.kept_of, targets=targets)
    large = above[Level.LARGE]
    groups = search(
        atoms, enclosure, large, bands=bands, weights=weights, seed=seed, watch=watch,
        threads=threads,
    )  # fmt: skip
    small = merged_ground(atoms, groups.small, above[Level.MEDIUM], most=most)
    beat = beats_of_whole_grids(with_open_ground(atoms, groups, large), small, atoms.households)
    return _Drawing({**above, Level.SMALL: small}, beat, enclosure, groups.region)


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
