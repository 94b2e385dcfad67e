"""Snapshot: one district at one revision, read and compiled once and shared by all requests."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from api.errors import ParameterError
from api.formats.json import DEGREE_DECIMALS
from api.parameters import CoverageQuestion
from api.snapshot.memory import held_bytes
from api.snapshot.profiles import find_profile
from api.snapshot.single_flight import Once
from boundaries.cache.compiled_network import compiled_network
from boundaries.content_hash import layers_hash, network_hash
from boundaries.standards.plan_figures import households_per_worker
from geo.accessibility.coverage import By, Times, building_table, coverage_table, nearest_times
from geo.accessibility.gaps import ALL, gap_areas, gap_table
from geo.crs import project_points
from geo.errors import EmptyError
from geo.grids.assign import members
from geo.isochrone.isochrones import Isochrones
from geo.model.layers import District, Layers
from geo.model.standard import Category, Profile, Standard
from geo.network.close_gates import with_closed_gates
from geo.network.compile import WalkNetwork
from geo.routing.route import Walk, walk
from geo.routing.snapped_district import SnappedDistrict, snap_layers
from geo.scenario.engine import WhatIfEngine
from geo.staffing.beats import Beats, find_beats

VARIANTS: Final = 3
"""Variants with closed gates that are kept beside the district itself."""


class Snapshot:
    """A district, its layers and everything that is computed from them, each thing once.

    Parameters
    ----------
    district : District
        As stored, with its revision.
    layers : Layers
        Of exactly that revision, EPSG:4326.
    standard : Standard
        Categories and profiles to answer for.
    cache : Path, optional
        Where compiled walk networks are kept (:mod:`boundaries.cache.compiled_network`); by
        default nowhere.
    """

    def __init__(
        self,
        district: District,
        layers: Layers,
        standard: Standard,
        *,
        cache: Path | None = None,
    ) -> None:
        self.district = district
        self.layers = layers
        self.standard = standard
        self._cache = cache
        self._once = Once()
        self._guard = Lock()
        self._variants: OrderedDict[frozenset[str], Snapshot] = OrderedDict()

    def held_bytes(self) -> int:
        """Return the bytes of the layers and of everything computed from them so far."""
        return held_bytes(self.held())

    def held(self) -> list[object]:
        """Return the layers and everything computed so far, of its variants as well."""
        with self._guard:
            variants = list(self._variants.values())
        values = self._once.values()
        variants += [value for value in values if isinstance(value, Snapshot)]
        return [self.layers, *values, *(variant.held() for variant in variants)]

    def with_gates_closed(self, gate_ids: frozenset[str]) -> "Snapshot":
        """Return the district with these gates closed, itself where there are none.

        The most recently used variants are kept (:data:`VARIANTS`).
        """
        if not gate_ids:
            return self
        with self._guard:
            variant = self._variants.pop(gate_ids, None) or _WithGatesClosed(self, gate_ids)
            self._variants[gate_ids] = variant
            if len(self._variants) > VARIANTS:
                self._variants.popitem(last=False)
        return variant

    def with_own_points(self) -> "Snapshot":
        """Return the district with the service points inside its boundary alone.

        Those of neighbours count by default, since people walk across boundaries.
        """
        return self._once.get("own", lambda: _WithOwnPoints(self))

    @property
    def in_district(self) -> npt.NDArray[np.bool_]:
        """Whether each service point lies inside the boundary or on it."""
        points = self.layers.service_points
        inside = shapely.intersects_xy(self.district.boundary, points["lon"], points["lat"])
        return np.asarray(inside, np.bool_)

    @property
    def metric(self) -> Layers:
        """The layers in the district's metric CRS."""
        return self._once.get("metric", lambda: self.layers.to_metric(self.district.epsg))

    @property
    def members(self) -> pd.DataFrame:
        """Grid codes of each building, columns ``large, medium, small``."""
        return self._once.get("members", lambda: members(self.metric))

    @property
    def beats(self) -> Beats:
        """The beats of the service workers, in the metric CRS."""
        return self._once.get(
            "beats",
            lambda: find_beats(
                self.metric,
                self.members["small"],
                households_per_worker=households_per_worker(),
            ),
        )

    @property
    def without_points(self) -> list[str]:
        """Categories of the standard of which the data has no service point at all."""
        existing = set(self.layers.service_points["category"])
        return [category.id for category in self.standard.categories if category.id not in existing]

    def profile(self, profile_id: str) -> Profile:
        """Return a profile of the standard; raise `ParameterError` naming those there are."""
        return find_profile(self.standard, profile_id)

    def category(self, category_id: str) -> Category:
        """Return a category of the standard; raise `ParameterError` naming those there are."""
        for category in self.standard.categories:
            if category.id == category_id:
                return category
        known = ", ".join(category.id for category in self.standard.categories)
        raise ParameterError("category", f"Got category {category_id!r}; wanted one of {known}.")

    def network(self, profile_id: str) -> WalkNetwork:
        """Return the walk network compiled for a profile."""
        profile = self.profile(profile_id)
        layers, code, cache = self.metric, self.district.code, self._cache
        return self._once.get(
            ("network", profile.id), lambda: compiled_network(cache, code, layers, profile)
        )

    def network_hash(self, profile_id: str) -> str:
        """Return the hash of a profile's walk network: layers, profile and code version."""
        content = self._once.get("network hash", lambda: layers_hash(self.metric))
        return network_hash(content, self.profile(profile_id))

    def snapped(self, profile_id: str) -> SnappedDistrict:
        """Return buildings and service points snapped to the network of a profile."""
        network, categories = self.network(profile_id), [c.id for c in self.standard.categories]
        return self._once.get(
            ("snapped", profile_id), lambda: snap_layers(self.metric, network, categories)
        )

    def times(self, profile_id: str) -> Times:
        """Return the walking times of every building to every category of the standard."""
        snapped = self.snapped(profile_id)
        return self._once.get(("times", profile_id), lambda: nearest_times(snapped))

    def what_if(self, profile_id: str) -> WhatIfEngine:
        """Return the district compiled for scenarios and explanations.

        Raises
        ------
        EmptyError
            If the district has no buildings.
        """
        snapped, times = self.snapped(profile_id), self.times(profile_id)
        return self._once.get(
            ("what-if", profile_id), lambda: WhatIfEngine(self.metric, snapped, times)
        )

    def isochrones(self, profile_id: str) -> Isochrones:
        """Return the network of a profile, ready to draw isochrones."""
        snapped = self.snapped(profile_id)
        households = self.layers.buildings["households"].to_numpy(np.int64)
        return self._once.get(("isochrones", profile_id), lambda: Isochrones(snapped, households))

    def buildings(self, question: CoverageQuestion) -> pd.DataFrame:
        """Return one row per building and category."""
        times = self.times(question.profile)
        return building_table(times, self.metric, minutes=question.minutes)

    def coverage(self, by: str, question: CoverageQuestion) -> pd.DataFrame:
        """Return one row per grid of level `by`, or one for the district, under its own name."""
        table = coverage_table(
            self.times(question.profile),
            self.metric,
            minutes=question.minutes,
            by=cast("By", by),
            members=self.members,
        )
        if by == "district":
            district = self.district
            table = table.assign(
                code=district.code, name_zh=district.name_zh, name_en=district.name_en
            )
        return table

    def coverage_rows(self, by: str, question: CoverageQuestion) -> pd.DataFrame:
        """Return coverage by `by`: ``building`` or one of the levels of :meth:`coverage`.

        Raises
        ------
        EmptyError
            If the district has no grids of that level.
        """
        if by == "building":
            return self.buildings(question)
        self.require_grids(by)
        return self.coverage(by, question)

    def require_grids(self, level: str) -> None:
        """Raise `EmptyError` if the district has no grids of `level`."""
        if level != "district" and not (self.layers.grids["level"] == level).any():
            raise EmptyError(
                f"District {self.district.code} has no {level} grids; wanted at least one. "
                "Load grids, or ask by building or by district."
            )

    def outside(self) -> tuple[int, int]:
        """Return buildings and households that lie in no small grid."""
        nowhere = self.members["small"].isna().to_numpy(np.bool_)
        return int(nowhere.sum()), int(self.layers.buildings["households"][nowhere].sum())

    def gaps(self, question: CoverageQuestion, *, level: str, category: str | None) -> pd.DataFrame:
        """Return the uncovered households, ranked (:func:`geo.accessibility.gaps.gap_table`)."""
        self._check_gap(category)
        self.require_grids(level)
        return gap_table(
            self.times(question.profile),
            self.metric,
            minutes=question.minutes,
            level=cast("By", level),
            members=self.members,
            category=category,
        )

    def areas(self, question: CoverageQuestion, *, category: str | None) -> gpd.GeoDataFrame:
        """Return the contiguous areas of buildings that are not covered."""
        self._check_gap(category)
        times, chosen = self.times(question.profile), category or ALL
        return gap_areas(times, self.metric, minutes=question.minutes, category=chosen)

    def _check_gap(self, category: str | None) -> None:
        """Raise `ParameterError` unless `category` is one of the standard, ``all`` or None."""
        if category is not None and category != ALL:
            self.category(category)

    def walk(self, start: tuple[float, float], end: tuple[float, float], *, profile: str) -> Walk:
        """Return the shortest walk between two places given as (lon, lat), degrees."""
        lon, lat = zip(start, end, strict=True)
        places = project_points(lon, lat, self.district.epsg)
        return walk(self.network(profile), places[0], places[1])


class _WithGatesClosed(Snapshot):
    """A variant with some gates closed; shares what does not depend on gates."""

    def __init__(self, base: Snapshot, gate_ids: frozenset[str]) -> None:
        layers = with_closed_gates(base.layers, gate_ids)
        super().__init__(base.district, layers, base.standard)
        self._base, self._gate_ids = base, gate_ids

    @property
    def metric(self) -> Layers:
        return self._once.get(
            "metric", lambda: with_closed_gates(self._base.metric, self._gate_ids)
        )

    @property
    def members(self) -> pd.DataFrame:
        return self._base.members


class _WithOwnPoints(Snapshot):
    """A variant with its own service points only; shares what does not depend on points."""

    def __init__(self, base: Snapshot) -> None:
        in_district = base.in_district
        super().__init__(base.district, _with_points(base.layers, in_district), base.standard)
        self._base, self._own = base, in_district

    @property
    def metric(self) -> Layers:
        return self._once.get("metric", lambda: _with_points(self._base.metric, self._own))

    @property
    def members(self) -> pd.DataFrame:
        return self._base.members

    def network(self, profile_id: str) -> WalkNetwork:
        return self._base.network(profile_id)

    def network_hash(self, profile_id: str) -> str:
        return self._base.network_hash(profile_id)

    def snapped(self, profile_id: str) -> SnappedDistrict:
        of_base = self._base.snapped(profile_id)
        return self._once.get(
            ("snapped", profile_id), lambda: of_base.with_points(np.flatnonzero(self._own))
        )


def _with_points(layers: Layers, kept: npt.NDArray[np.bool_]) -> Layers:
    points = layers.service_points[kept].reset_index(drop=True)
    return replace(layers, service_points=points)


def extent(snapshot: Snapshot) -> list[float]:
    """Return ``[west, south, east, north]`` of the grids, of the boundary where there are none.

    A district may have grids in one corner only; inhabited grids are preferred.
    """
    grids = snapshot.layers.grids
    lived = grids[grids["code"].isin(snapshot.members["small"])]
    grids = lived if len(lived) else grids
    bounds = grids.total_bounds if len(grids) else snapshot.district.boundary.bounds
    return [round(float(x), DEGREE_DECIMALS) for x in bounds]
