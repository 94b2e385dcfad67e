"""Change as few grids as possible when buildings are built, pulled down or counted anew.

A small grid that has left its band is drawn anew alone if counting allows, else together with one
neighbour of its medium grid, else with two; where that is not enough, with neighbours of the same
large grid. So one new building changes three grids at most. All other grids stay as they are.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.crs import require_metric
from geo.geometry.polygon_coverage import joined
from geo.grids.assign import assign, demand_xy
from geo.grids.checks.faults import GridFault
from geo.grids.codes import CodeScheme, number_of, scheme_of
from geo.grids.hierarchy import NAMES
from geo.model.layers import Layers
from geo.model.vocabulary import Level, Origin
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.partition.atoms.atoms import NECK_M
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.atoms.reach import HOME_REACH_M
from geo.partition.atoms.weights import Weights
from geo.partition.few_grids import FewGrids, draw_few
from geo.partition.outputs.edge_matching import match_vertices
from geo.partition.own_check import own_faults
from geo.partition.search import Watch

GRIDS_MOST: Final = 3
"""Grids that one repair changes at most."""

_MEET_M: Final = 2e-4

_NEIGHBOURS: Final = 8
"""Neighbours that are tried, those with the longest border."""


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """Grids after as little change as possible.

    Attributes
    ----------
    grids : GeoDataFrame
        Layer ``grids``; rows of unchanged grids as they were, but for vertices where a changed
        border now meets theirs.
    changed : DataFrame
        One row per grid that got another outline: `code`, `change` (``redrawn``, ``added``,
        ``retired``), `households`, `because` (the grid that had left its band).
    left : DataFrame
        Grids out of the band: `code`, `households`. First those that were to be drawn anew, which
        no drawing of three grids puts in it; then those whose buildings have not changed.
    faults : tuple of GridFault
        Grave faults that the grid check finds and did not find before: such a plan must not be
        stored. Empty without a boundary to check by.
    """

    grids: gpd.GeoDataFrame
    changed: pd.DataFrame
    left: pd.DataFrame
    faults: tuple[GridFault, ...] = ()


def update(
    layers_metric: Layers,
    among: AbstractSet[str],
    *,
    code: str,
    seed: int = 1,
    bands: tuple[Band, Band] = (SMALL_BAND, BEAT_BAND),
    weights: Weights = Weights(),  # noqa: B008 - frozen
    locked: AbstractSet[str] = frozenset(),
    used: AbstractSet[str] = frozenset(),
    boundary: BaseGeometry | None = None,
    home_reach_m: float = HOME_REACH_M,
    watch: Watch = lambda _: None,
) -> UpdateResult:
    """Redraw the small grids that changed buildings have put out of their band.

    Parameters
    ----------
    layers_metric : Layers
        Metric CRS; `grids` as drawn so far, `buildings` as they are now.
    among : set of str
        Codes of the small grids whose buildings have changed; others may only help them.
    code : str
        Code of the district.
    seed : int
        The same seed gives the same bytes.
    bands : tuple of Band
        Households of a small grid and of a beat.
    weights : Weights
        What the search weighs.
    locked : set of str
        Codes of small grids that must not change.
    used : set of str
        Codes that no new grid may carry, beside those of present grids.
    boundary : Polygon or MultiPolygon, optional
        Of the district, in the CRS of the layers: the plan is checked by it at the end.
    home_reach_m : float
        See :func:`geo.partition.atoms.reach.within_reach`.
    watch : callable
        Called with the share of the work that is done, 0..1; what it raises ends the work.

    Returns
    -------
    UpdateResult

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    """
    require_metric(layers_metric.buildings.crs, what="crs.building_layer")
    state = _UpdateState.of(
        layers_metric, scheme_of(code), bands=bands, weights=weights, seed=seed,
        locked=locked, reach_m=home_reach_m,
    )  # fmt: skip
    state.codes |= used
    candidates = sorted(among & set(state.outline) - state.locked)
    for number, grid in enumerate(candidates):
        if grid in state.outline and not state.fits(grid):
            state.repair(grid)
        watch((number + 1) / len(candidates))
    result = state.result(among)
    if boundary is None or not len(result.changed):
        return result
    before, after = (
        own_faults(grids, boundary, layers_metric, state.scheme)
        for grids in (layers_metric.grids, result.grids)
    )
    known = {(fault.rule, fault.codes, fault.subject) for fault in before}
    new = [each for each in after if (each.rule, each.codes, each.subject) not in known]
    return replace(result, faults=tuple(new))


@dataclass(slots=True)
class _UpdateState:
    """Small grids while they are redrawn."""

    layers: Layers
    scheme: CodeScheme
    bands: tuple[Band, Band]
    weights: Weights
    seed: int
    locked: AbstractSet[str]
    grid_of: np.ndarray
    outline: dict[str, shapely.Polygon]
    parent: dict[str, str]
    changed: list[tuple[str, str, str]]
    codes: set[str]
    reach_m: float
    undrawable: set[frozenset[str]]  # grids that no drawing of them together puts in the band

    @classmethod
    def of(
        cls, layers: Layers, scheme: CodeScheme, *, bands: tuple[Band, Band], weights: Weights,
        seed: int, locked: AbstractSet[str], reach_m: float,
    ) -> "_UpdateState":  # fmt: skip
        small = layers.grids.loc[layers.grids["level"] == str(Level.SMALL)]
        small_of = assign(layers.grids, *demand_xy(layers.buildings).T, nearest=False)["small"]
        # No drawing puts a building in the band that is over it by itself.
        over = layers.buildings["households"].to_numpy() > bands[0].high
        locked = locked | set(small_of.to_numpy()[over])
        return cls(
            layers=layers,
            scheme=scheme,
            bands=bands,
            weights=weights,
            seed=seed,
            locked=locked,
            grid_of=small_of.to_numpy(dtype=object, copy=True),
            outline=dict(zip(small["code"], small.geometry, strict=True)),
            parent=dict(zip(small["code"], small["parent_code"], strict=True)),
            changed=[],
            codes=set(layers.grids["code"]),
            reach_m=reach_m,
            undrawable=set(),
        )

    @property
    def band(self) -> Band:
        """Households of a small grid."""
        return self.bands[0]

    def households(self, grid: str) -> int:
        """Return the households of a grid."""
        return int(self.layers.buildings["households"].to_numpy()[self.grid_of == grid].sum())

    def fits(self, grid: str) -> bool:
        """Tell whether a grid is in its band, or nobody lives there."""
        households = self.households(grid)
        return not households or self.band.low <= households <= self.band.high

    def repair(self, grid: str) -> None:
        """Redraw a grid with as few neighbours as possible, of its medium grid if that will do."""
        for families in ({self.parent[grid]}, self._cousins(grid)):
            for size in range(GRIDS_MOST):
                drawn = [
                    (few, codes)
                    for codes in self._sets(grid, size, families)
                    if (few := self._drawn(codes)) and self._keeps_parents(grid, codes, few)
                ]
                if drawn:
                    few, codes = max(drawn, key=lambda each: each[0].compactness)
                    self._write(grid, codes, few)
                    return

    def _cousins(self, grid: str) -> set[str]:
        """Return the medium grids of the large grid that a small one is in."""
        grids = self.layers.grids
        above = dict(zip(grids["code"], grids["parent_code"], strict=True))
        large = above.get(self.parent[grid])
        return {each for each in self.parent.values() if above.get(each) == large}

    def _sets(self, grid: str, more: int, families: AbstractSet[str]) -> Iterator[tuple[str, ...]]:
        """Yield the grid with `more` others, connected, that counting allows to fit."""
        near = self._beside(grid, families) if more else []
        others: list[tuple[str, ...]] = list(combinations(near, more))
        if more > 1:
            further = ((one, each) for one in near for each in self._beside(one, families))
            others += [each for each in further if each[1] != grid and each[1] not in near]
        for each in others:
            codes = (grid, *each)
            total = sum(self.households(each) for each in codes)
            parts = range(1, GRIDS_MOST + 1)
            if any(self.band.low * k <= total <= self.band.high * k for k in parts):
                yield codes

    def _beside(self, grid: str, families: AbstractSet[str]) -> list[str]:
        """Return neighbours in some medium grids that may change, the longest border first."""
        family = [
            other
            for other, parent in self.parent.items()
            if parent in families and other != grid and other not in self.locked
            and other in self.outline
        ]  # fmt: skip
        shapes = np.array([self.outline[other] for other in family], dtype=object)
        near = shapely.dwithin(shapes, self.outline[grid], _MEET_M)
        border = shapely.intersection(
            shapely.boundary(self.outline[grid]), shapely.boundary(shapes[near])
        )
        length = dict(zip(np.array(family, object)[near], shapely.length(border), strict=True))
        beside = [each for each in length if length[each] >= NECK_M and self.households(each)]
        return sorted(beside, key=lambda each: (-round(length[each], 3), each))[:_NEIGHBOURS]

    def _drawn(self, codes: tuple[str, ...]) -> FewGrids | None:
        """Return some grids drawn anew; None if one would be out of its band."""
        if frozenset(codes) in self.undrawable:
            return None
        area = joined(np.array([self.outline[each] for each in codes], dtype=object))
        rows = np.flatnonzero(np.isin(self.grid_of.astype(str), codes))
        layers = _around(area, self.layers, self.reach_m)
        drawn = draw_few(
            area, replace(layers, buildings=self.layers.buildings.iloc[rows]), bands=self.bands,
            weights=self.weights, most=GRIDS_MOST, seed=self.seed, home_reach_m=self.reach_m,
        )  # fmt: skip
        if drawn is None:
            self.undrawable.add(frozenset(codes))
        return drawn

    def _keeps_parents(self, because: str, codes: tuple[str, ...], few: FewGrids) -> bool:
        """Tell whether no medium grid loses all its grids, or falls into more parts than before."""
        families = {self.parent[code] for code in codes}
        if len(families) == 1:
            return True
        parts_after: dict[str, list[shapely.Polygon]] = {family: [] for family in families}
        parts_before: dict[str, list[shapely.Polygon]] = {family: [] for family in families}
        for code, shape in self.outline.items():
            if (family := self.parent[code]) in families:
                parts_before[family].append(shape)
                if code not in codes:
                    parts_after[family].append(shape)
        for stays, shape in zip(self._codes(codes, few), few.shapes, strict=True):
            parts_after[self.parent[stays or because]].append(shape)
        return all(
            1 <= _pieces(parts_after[family]) <= _pieces(parts_before[family])
            for family in families
        )

    def _codes(self, codes_before: tuple[str, ...], few: FewGrids) -> list[str | None]:
        """Return the code of each new grid: it stays where most households stay; None for none."""
        buildings = np.flatnonzero(np.isin(self.grid_of.astype(str), codes_before))
        weight = self.layers.buildings["households"].to_numpy()[buildings]
        overlap = np.zeros((len(codes_before), len(few.shapes)))
        old = pd.Index(codes_before).get_indexer(pd.Index(self.grid_of[buildings]))
        np.add.at(overlap, (old, few.of_building), weight)
        rows, columns = linear_sum_assignment(overlap, maximize=True)
        stays = dict(zip(columns.tolist(), [codes_before[row] for row in rows], strict=True))
        return [stays.get(each) for each in range(len(few.shapes))]

    def _write(self, because: str, codes_before: tuple[str, ...], few: FewGrids) -> None:
        """Put new outlines in the place of old ones; a new grid is in the parent of `because`."""
        self.undrawable = {some for some in self.undrawable if some.isdisjoint(codes_before)}
        parent = self.parent[because]
        known = self._codes(codes_before, few)
        code = [each or self._next(parent) for each in known]
        for name, had in zip(code, known, strict=True):
            self.changed.append((name, "redrawn" if had else "added", because))
        for gone in sorted(set(codes_before) - set(code)):
            self.changed.append((gone, "retired", because))
            del self.outline[gone]
        self._meet(codes_before, few.shapes)
        buildings = np.flatnonzero(np.isin(self.grid_of.astype(str), codes_before))
        for name, shape in zip(code, few.shapes, strict=True):
            self.outline[name] = shape
            self.parent.setdefault(name, parent)
        self.grid_of[buildings] = np.array(code, dtype=object)[few.of_building]

    def _next(self, parent: str) -> str:
        """Return a code that no grid of a medium grid ever had here."""
        family = [c for c in self.codes if c.startswith(parent) and c != parent]
        last = max(number_of(c, self.scheme) for c in family)
        width = len(family[0]) - len(parent) - len(self.scheme.separator)
        code = f"{parent}{self.scheme.separator}{last + 1:0{width}d}"
        self.codes.add(code)
        return code

    def _meet(self, some: tuple[str, ...], shapes: GeometryArray) -> None:
        """Give new outlines and the neighbours around them the same vertices, exactly."""
        others = [c for c in self.outline if c not in some]
        around = np.array([self.outline[c] for c in others], dtype=object)
        touching = shapely.dwithin(around, shapely.union_all(shapes), _MEET_M)
        fixed = shapely.get_coordinates(around[touching])
        shapes[:] = [shapely.normalize(match_vertices(shape, fixed, _MEET_M)) for shape in shapes]
        new = shapely.get_coordinates(shapes)
        for place in np.flatnonzero(touching):
            met = match_vertices(around[place], new, _MEET_M)
            self.outline[others[place]] = shapely.normalize(met)

    def result(self, among: AbstractSet[str]) -> UpdateResult:
        """Return the layer with new rows, parents derived from their children again."""
        grids = self.layers.grids
        old = grids.set_index("code")
        rows = []
        for code in sorted(self.outline):
            row = old.loc[code].to_dict() if code in old.index else self._new_row(code)
            rows.append({**row, "code": code, "geometry": self.outline[code]})
        small = pd.DataFrame(rows)
        touched = {code for code, _, _ in self.changed}
        frames = [small]
        children = small
        for level in (Level.MEDIUM, Level.LARGE):
            parents = grids.loc[grids["level"] == str(level)].copy()
            if touched:
                family = children.groupby("parent_code")["geometry"]
                union = {code: joined(np.asarray(shapes_of, object)) for code, shapes_of in family}
                shapes = [
                    shapely.normalize(union.get(code, shape))
                    for code, shape in zip(parents["code"], parents.geometry, strict=True)
                ]
                parents["geometry"] = gpd.GeoSeries(shapes, index=parents.index, crs=grids.crs)
            frames.insert(0, parents)
            children = parents
        every = pd.concat(frames, ignore_index=True)[list(grids.columns)]
        changed = pd.DataFrame(self.changed, columns=["code", "change", "because"])
        changed["households"] = [self.households(c) for c in changed["code"]]
        bad = [code for code in small["code"] if not self.fits(code)]
        bad.sort(key=lambda code: code not in among)
        left = pd.DataFrame({"code": bad, "households": [self.households(c) for c in bad]})
        layer = gpd.GeoDataFrame(every, geometry="geometry", crs=grids.crs)
        return UpdateResult(layer, changed[["code", "change", "households", "because"]], left)

    def _new_row(self, code: str) -> dict[str, object]:
        """Return the row of a new grid."""
        path = f"{self.parent[code]}-{number_of(code, self.scheme)}"
        zh, en = NAMES[Level.SMALL]
        return {
            "level": str(Level.SMALL),
            "parent_code": self.parent[code],
            "name_zh": f"{zh} {path}",
            "name_en": f"{en} {path}",
            "origin": str(Origin.DRAWN),
        }


def _around(area: BaseGeometry, layers: Layers, reach_m: float) -> Layers:
    """Return the layers without what no drawing of an area and no walk of its homes can meet.

    A walk within the reach stays that close to where it begins, so all the answers are the same.
    """
    near = shapely.box(*area.bounds).buffer(reach_m + LINK_LIMIT_M)
    edges = layers.walk_edges.iloc[_meeting(layers.walk_edges, near)]
    crossed = shapely.box(*shapely.total_bounds([near, *edges.geometry]))
    return replace(
        layers,
        walk_edges=edges,
        barriers=layers.barriers.iloc[_meeting(layers.barriers, crossed)],
        open_grounds=layers.open_grounds.iloc[_meeting(layers.open_grounds, near)],
    )


def _meeting(layer: gpd.GeoDataFrame, ground: BaseGeometry) -> IntArray:
    """Return the rows of a layer that intersect some ground, in their order."""
    return np.sort(layer.sindex.query(ground, predicate="intersects"))


def _pieces(shapes: list[shapely.Polygon]) -> int:
    """Return how many polygons the ground of some grids is."""
    return len(shapely.get_parts(shapely.union_all(shapes))) if shapes else 0
