"""Change as few grids as possible when buildings are built, pulled down or counted anew.

A small grid that has left its band is drawn anew alone if counting allows, else together with one
neighbour of its medium grid, else with two; so one new building changes three grids at most. All
other grids stay as they are.
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

from geo.arrays import GeometryArray, IntArray
from geo.crs import require_metric
from geo.geometry.polygon_coverage import joined
from geo.grids.assign import assign, demand_xy
from geo.grids.codes import CodeScheme, number_of, scheme_of
from geo.grids.hierarchy import NAMES
from geo.model.layers import Layers, Level, Origin
from geo.partition.atoms.atoms import NECK_M, make_atoms
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.atoms.cut_lines import STREET_KINDS, bounding_lines
from geo.partition.atoms.enclosures import enclosures
from geo.partition.outputs.edge_matching import match_vertices
from geo.partition.outputs.report import polsby_popper
from geo.partition.search import Weights, search

GRIDS_MOST: Final = 3
"""Grids that one repair changes at most."""

_MEET_M: Final = 2e-4


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
        Grids still out of the band, since no drawing of three grids puts them in: `code`,
        `households`.
    """

    grids: gpd.GeoDataFrame
    changed: pd.DataFrame
    left: pd.DataFrame


def update(
    layers_metric: Layers,
    changed_buildings: AbstractSet[str],
    *,
    code: str,
    seed: int = 1,
    band: Band = SMALL_BAND,
    locked: AbstractSet[str] = frozenset(),
    used: AbstractSet[str] = frozenset(),
) -> UpdateResult:
    """Redraw the small grids that changed buildings have put out of their band.

    Parameters
    ----------
    layers_metric : Layers
        Metric CRS; `grids` as drawn so far, `buildings` as they are now.
    changed_buildings : set of str
        Ids of buildings that are new or have other households than when the grids were drawn, and
        of none that is gone: name one that stands in the same grid instead.
    code : str
        Code of the district.
    seed : int
        The same seed gives the same bytes.
    band : Band
    locked : set of str
        Codes of small grids that must not change.
    used : set of str
        Codes that no new grid may carry, beside those of present grids.

    Returns
    -------
    UpdateResult

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    """
    require_metric(layers_metric.buildings.crs, what="The building layer")
    state = _State.of(layers_metric, scheme_of(code), band=band, seed=seed, locked=locked)
    state.codes |= used
    some = layers_metric.buildings["building_id"].isin(changed_buildings).to_numpy()
    for grid in sorted({g for g in state.grid_of[some] if g is not None}):
        if grid in state.outline and not state.fits(grid):
            state.repair(grid)
    return state.result()


@dataclass(slots=True)
class _State:
    """Small grids while they are redrawn."""

    layers: Layers
    scheme: CodeScheme
    band: Band
    seed: int
    locked: AbstractSet[str]
    grid_of: np.ndarray
    outline: dict[str, shapely.Polygon]
    parent: dict[str, str]
    changed: list[tuple[str, str, str]]
    codes: set[str]

    @classmethod
    def of(
        cls, layers: Layers, scheme: CodeScheme, *, band: Band, seed: int,
        locked: AbstractSet[str],
    ) -> "_State":  # fmt: skip
        small = layers.grids.loc[layers.grids["level"] == str(Level.SMALL)]
        small_of = assign(layers.grids, *demand_xy(layers.buildings).T, nearest=False)["small"]
        return cls(
            layers=layers,
            scheme=scheme,
            band=band,
            seed=seed,
            locked=locked,
            grid_of=small_of.to_numpy(dtype=object, copy=True),
            outline=dict(zip(small["code"], small.geometry, strict=True)),
            parent=dict(zip(small["code"], small["parent_code"], strict=True)),
            changed=[],
            codes=set(layers.grids["code"]),
        )

    def households(self, grid: str) -> int:
        """Return the households of a grid."""
        return int(self.layers.buildings["households"].to_numpy()[self.grid_of == grid].sum())

    def fits(self, grid: str) -> bool:
        """Tell whether a grid is in its band."""
        return self.band.low <= self.households(grid) <= self.band.high

    def repair(self, grid: str) -> None:
        """Redraw a grid with as few neighbours as possible."""
        for size in range(GRIDS_MOST):
            best: tuple[float, tuple[str, ...], GeometryArray, np.ndarray] | None = None
            for codes in self._sets(grid, size):
                drawn = self._drawn(codes)
                if drawn is not None and (best is None or drawn[0] > best[0]):
                    best = (drawn[0], codes, drawn[1], drawn[2])
            if best is not None:
                self._write(grid, *best[1:])
                return

    def _sets(self, grid: str, more: int) -> Iterator[tuple[str, ...]]:
        """Yield the grid with `more` others, connected, that counting allows to fit."""
        near = self._beside(grid)
        for others in combinations(near, more):
            codes = (grid, *others)
            total = sum(self.households(each) for each in codes)
            parts = range(1, GRIDS_MOST + 1)
            if any(self.band.low * k <= total <= self.band.high * k for k in parts):
                yield codes

    def _beside(self, grid: str) -> list[str]:
        """Return neighbours in the same medium grid that may change, the longest border first."""
        family = [
            other
            for other, parent in self.parent.items()
            if parent == self.parent[grid] and other != grid and other not in self.locked
            and other in self.outline
        ]  # fmt: skip
        outline = shapely.boundary(self.outline[grid])
        length = {
            other: shapely.length(
                shapely.intersection(outline, shapely.boundary(self.outline[other]))
            )
            for other in family
        }
        near = [other for other in family if length[other] >= NECK_M and self.households(other)]
        return sorted(near, key=lambda other: (-round(length[other], 3), other))[:8]

    def _drawn(self, codes: tuple[str, ...]) -> tuple[float, GeometryArray, np.ndarray] | None:
        """Return compactness, outlines and the outline of each building; None if out of band."""
        area = joined(np.array([self.outline[each] for each in codes], dtype=object))
        rows = np.flatnonzero(np.isin(self.grid_of.astype(str), codes))
        layers = replace(self.layers, buildings=self.layers.buildings.iloc[rows])
        lines = bounding_lines(layers, kinds=STREET_KINDS)
        atoms = make_atoms(area, layers, lines, reach_m=0.0, ground_m2=np.inf)
        n = len(atoms.households)
        enclosure = enclosures(atoms, self.band, fixed=np.zeros(n, dtype=np.bool_))
        groups = search(
            atoms, enclosure, enclosure, bands=(self.band, BEAT_BAND),
            weights=Weights(beat=0.0, beat_shape=0.0, beat_cut=0.0), seed=self.seed,
            watch=lambda _: None,
        )  # fmt: skip
        names, which = np.unique(groups.small, return_inverse=True)
        people = np.bincount(which, weights=atoms.households)
        fits = (people >= self.band.low) & (people <= self.band.high)
        if not fits.all() or len(names) > GRIDS_MOST or (atoms.of_building < 0).any():
            return None
        label = which[atoms.of_piece]
        shapes = np.empty(len(names), dtype=object)
        shapes[:] = [
            shapely.normalize(shapely.coverage_union_all(atoms.pieces[label == each]))
            for each in range(len(names))
        ]
        return float(polsby_popper(shapes).min()), shapes, which[atoms.of_building]

    def _write(
        self,
        because: str,
        codes_before: tuple[str, ...],
        shapes: GeometryArray,
        of_building: IntArray,
    ) -> None:
        """Put new outlines in the place of old ones; codes stay where most households stay."""
        buildings = np.flatnonzero(np.isin(self.grid_of.astype(str), codes_before))
        weight = self.layers.buildings["households"].to_numpy()[buildings]
        overlap = np.zeros((len(codes_before), len(shapes)))
        old = pd.Index(codes_before).get_indexer(pd.Index(self.grid_of[buildings]))
        np.add.at(overlap, (old, of_building), weight)
        rows, columns = linear_sum_assignment(overlap, maximize=True)
        code = dict(zip(columns.tolist(), [codes_before[row] for row in rows], strict=True))
        parent = self.parent[codes_before[0]]
        for each in range(len(shapes)):
            if each not in code:
                code[each] = self._next(parent)
                self.changed.append((code[each], "added", because))
            else:
                self.changed.append((code[each], "redrawn", because))
        for gone in sorted(set(codes_before) - set(code.values())):
            self.changed.append((gone, "retired", because))
            del self.outline[gone]
        self._meet(codes_before, shapes)
        for each, shape in enumerate(shapes):
            self.outline[code[each]] = shape
            self.parent[code[each]] = parent
        self.grid_of[buildings] = [code[each] for each in of_building.tolist()]

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

    def result(self) -> UpdateResult:
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
        bad = [c for c in small["code"] if self.households(c) and not self.fits(c)]
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
