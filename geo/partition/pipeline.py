"""The whole partition of a district: layers in, grids, workers, roster and report out.

Small grids are connected, cut no building, cross no barrier (none separates two of their buildings)
and together cover the district without a gap. Buildings stay whole, so a grid is out of the band
where counting allows none in it; the report says why.

A small grid that is kept stays as it is, with its parents; a medium or large one is kept as an
area, inside which its own are drawn anew unless they are kept too. Outlines move by 0.1 mm at most.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.arrays import ObjectArray
from geo.crs import require_metric
from geo.geometry.merge_regions import Target
from geo.grids.checks.faults import GridFault
from geo.grids.codes import CodeScheme, scheme_of
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.atoms.compounds import is_compound
from geo.partition.atoms.cut_lines import STREET_KINDS, Rank
from geo.partition.atoms.parents import TARGETS
from geo.partition.atoms.reach import HOME_REACH_M, check_reach
from geo.partition.atoms.weights import Weights
from geo.partition.drawing import Drawing, Question, draw
from geo.partition.ground import DrawingGround, make_ground
from geo.partition.outputs.entrance_splits import entrance_splits
from geo.partition.outputs.grid_frame import grid_frame
from geo.partition.outputs.report import PartitionReport, make_report
from geo.partition.own_check import own_faults
from geo.partition.search import Watch
from geo.partition.street_blocks import BOUNDARY_REACH_M, check_boundary
from geo.partition.workers import workers_frame

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
    faults : tuple of GridFault
        Grave faults that the grid check finds in it: such a plan must not be stored.
    """

    grids: gpd.GeoDataFrame
    workers: pd.DataFrame
    roster: pd.DataFrame
    report: PartitionReport
    faults: tuple[GridFault, ...] = ()


def partition(
    boundary: BaseGeometry,
    layers_metric: Layers,
    *,
    code: str,
    seed: int = 1,
    locked: AbstractSet[str] = frozenset(),
    used: AbstractSet[str] = frozenset(),
    ending: AbstractSet[str] = frozenset(),
    bands: tuple[Band, Band] = (SMALL_BAND, BEAT_BAND),
    weights: Weights = Weights(),  # noqa: B008 - frozen
    targets: Mapping[Level, Target] = TARGETS,
    kinds: Mapping[Rank, frozenset[str]] = STREET_KINDS,
    reach_m: float = BOUNDARY_REACH_M,
    home_reach_m: float = HOME_REACH_M,
    watch: Watch = lambda _: None,
    threads: int = 1,
) -> PartitionResult:
    """Draw grids of three levels and the beats of the service workers; cost n log n in buildings.

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
        The same seed gives the same bytes, whatever `threads`.
    locked, used : set of str
        Codes of present grids that are kept, and codes that no new grid may carry, for instance
        retired ones.
    ending : set of str
        Codes of present grids that are given again only where their parent has no other numbers.
    bands : tuple of Band
        Households of a small grid and of a beat.
    weights, targets, kinds : Weights, mapping by Level, mapping by Rank
        What the search weighs, sizes of parents to aim at, kinds of street by rank.
    reach_m : float
        Streets that end dead this close to the boundary are drawn on to it, metres.
    home_reach_m : float
        Detached homes join the nearest cluster within it on the walk network, metres
        (:func:`geo.partition.atoms.reach.within_reach`).
    watch : callable
        Called with the share of the work that is done, 0..1; what it raises ends the work.

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    InputError
        If the boundary is not a valid polygon, the reach of homes cannot be one, or a parent holds
        more grids than the scheme has numbers.
    NotFoundError
        If a locked grid is not there.

    Examples
    --------
    >>> from tests.geo.partition.partition_scene import box, lattice, neighbourhood
    >>> houses = neighbourhood(lattice(6, 4), [10] * 24)
    >>> drawn = partition(box(0, 0, 120, 80), houses, code="371602")
    >>> drawn.grids["level"].value_counts().to_dict(), drawn.roster["households"].tolist()
    ({'small': 6, 'large': 1, 'medium': 1}, [120, 120])
    """
    require_metric(layers_metric.buildings.crs, what="crs.building_layer")
    check_boundary(boundary)
    ground = make_ground(
        boundary, layers_metric, locked, kinds=kinds, band=bands[0], reach_m=reach_m,
        home_reach_m=check_reach(home_reach_m), threads=threads,
    )  # fmt: skip
    watch(_CUT)
    scheme = scheme_of(code)
    question = Question(
        scheme, bands, weights, targets, seed, threads,
        watch=lambda share: watch(_CUT + (_SEARCHED - _CUT) * share),
    )  # fmt: skip
    drawing = draw(ground, layers_metric, question)
    result = _result(
        ground, drawing, scheme, layers_metric, used=(used, ending), bands=bands,
        reach_m=home_reach_m,
    )  # fmt: skip
    kept = frozenset(code for rows in ground.kept.values() for code in rows["code"])
    faults = own_faults(result.grids, boundary, layers_metric, scheme, kept=kept)
    result = replace(result, faults=faults)
    watch(1.0)
    return result


def _result(
    ground: DrawingGround,
    drawing: Drawing,
    scheme: CodeScheme,
    layers: Layers,
    *,
    used: tuple[AbstractSet[str], AbstractSet[str]],
    bands: tuple[Band, Band],
    reach_m: float,
) -> PartitionResult:
    """Turn what is drawn into layers, and report on it."""
    atoms, buildings, open_grounds = ground.atoms, layers.buildings, layers.open_grounds
    open_grounds = open_grounds[~is_compound(open_grounds)]
    grids, small = grid_frame(
        atoms.pieces, atoms.of_piece, drawing.levels, scheme,
        kept=ground.kept, kept_of={k: of[ground.home] for k, of in ground.kept_of.items()},
        used=used[0], ending=used[1], called=_called(ground, drawing, open_grounds),
    )  # fmt: skip
    workers, roster = _staff(ground, drawing, grids, small, band=bands[1])
    outside = tuple(buildings["building_id"][atoms.of_building < 0])
    worker_of = dict(zip(workers["grid_code"], workers["worker_code"], strict=True))
    of_building = np.append(small, [None])[atoms.of_building]
    report = make_report(
        grids, roster, atoms, drawing.levels[Level.SMALL],
        enclosure=drawing.enclosure, proven=drawing.proven, region=drawing.region, code=small,
        worker=np.array([worker_of.get(c) for c in small], dtype=object),
        kept=frozenset(ground.kept[Level.SMALL]["code"]), bands=bands, outside=outside,
        beyond=ground.beyond[ground.home], reach_m=reach_m,
        splits=entrance_splits(buildings, layers.entrances, of_building, bands[0]),
    )  # fmt: skip
    return PartitionResult(grids.set_crs(buildings.crs), workers, roster, report)


def _called(ground: DrawingGround, drawing: Drawing, open_grounds: gpd.GeoDataFrame) -> ObjectArray:
    """Return the use and name of the open ground that each atom's small grid is, None for none."""
    atoms, small = ground.atoms, drawing.levels[Level.SMALL]
    called = np.full(len(small), None, dtype=object)
    which = np.unique(small, return_inverse=True)[1]
    bare = np.bincount(which, weights=atoms.households) == 0
    some = np.flatnonzero((ground.use >= 0) & bare[which])
    largest = some[np.argsort(atoms.area_m2[some], kind="stable")]
    use = np.full(len(bare), -1, dtype=np.int64)
    use[which[largest]] = ground.use[largest]
    kinds, names = (open_grounds[each].to_numpy(object) for each in ("kind", "name"))
    for atom in np.flatnonzero(use[which] >= 0).tolist():
        row = use[which[atom]]
        called[atom] = (kinds[row], names[row])
    return called


def _staff(
    ground: DrawingGround,
    drawing: Drawing,
    grids: gpd.GeoDataFrame,
    small: np.ndarray,
    *,
    band: Band,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the workers and their roster; `small` has the code of each atom's small grid."""
    parent = dict(zip(grids["code"], grids["parent_code"], strict=True))
    large = np.array([parent[parent[code]] for code in small], dtype=object)
    return workers_frame(
        drawing.beat, small, large,
        households=ground.atoms.households, former=ground.former, band=band,
    )  # fmt: skip
