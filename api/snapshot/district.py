"""Snapshot: one district at one revision, read and compiled once and shared by all requests."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from api.formats.json import DEGREE_DECIMALS
from api.parameters import CoverageQuestion
from api.snapshot.inheritance import Inheritance, inheritance
from api.snapshot.memory import held_bytes
from api.snapshot.profiles import find_category, find_profile
from api.snapshot.single_flight import Once
from boundaries.cache.compiled_network import compiled_network
from boundaries.content_hash import layers_hash, network_hash
from boundaries.standards.catalogue import with_own_profiles
from boundaries.standards.grid_rules import GridRules, grid_rules
from boundaries.store.rows.summary import Summary, summary_of
from boundaries.store.rows.usable_rows import SET_ASIDE, RowFault
from boundaries.store.tables.records import State
from geo.accessibility.coverage import By, Times, building_table, coverage_table, nearest_times
from geo.accessibility.floors import Floors, floor_households, floors_of
from geo.accessibility.gaps import ALL, gap_areas, gap_table
from geo.crs import project_points
from geo.errors import EmptyError
from geo.grids.assign import members
from geo.grids.hierarchy import extent as grid_extent
from geo.isochrone.isochrones import Isochrones
from geo.model.district_settings import parsed_settings
from geo.model.layer_columns import HOUSEHOLDS_SOURCES
from geo.model.layers import District, Layers
from geo.model.standard import Category, PlaceGroup, Profile, Standard
from geo.network.compile import WalkNetwork
from geo.routing.renewed_district import renewed_district
from geo.routing.route import Walk, walk
from geo.routing.snapped_district import SnappedDistrict, judged_categories, snap_layers
from geo.routing.walking_time import Minutes, limits_s
from geo.scenario.engine import WhatIfEngine
from geo.staffing.beats import Beats, find_beats

T = TypeVar("T")

VARIANTS: Final = 3
"""Variants that are kept beside the district itself while others are asked for."""


_NO_GRIDS: Final = {
    "small": "district.no_small_grids",
    "medium": "district.no_medium_grids",
    "large": "district.no_large_grids",
}
"""What is told where there are no grids of a level."""


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
    inherited : Inheritance, optional
        What an earlier snapshot of the district leaves to this one.
    """

    def __init__(
        self,
        district: District,
        layers: Layers,
        standard: Standard,
        *,
        cache: Path | None = None,
        inherited: Inheritance | None = None,
    ) -> None:
        self.district = district
        self.layers = layers
        self.standard = with_own_profiles(standard, own_entries(district))
        self._common = standard
        self._cache = cache
        self._inherited = inherited or Inheritance()
        self._once = Once(self._inherited.values)
        self._guard = Lock()
        self._variants: OrderedDict[Hashable, Snapshot] = OrderedDict()

    def renewed(self, state: State) -> "Snapshot":
        """Return the snapshot of a later state that was read by its difference from this one.

        What the difference cannot touch is taken over; everything else is computed when it is asked
        for, as in a new snapshot, and equals what that would compute.
        """
        inherited = None
        same_walkers = own_entries(state.district) == own_entries(self.district)
        if state.district.epsg == self.district.epsg and same_walkers:
            inherited = inheritance(self.layers, self._once.known(), state)
        district, layers = state.district, state.layers
        return Snapshot(district, layers, self._common, cache=self._cache, inherited=inherited)

    def held_bytes(self) -> int:
        """Return the bytes of the layers and of everything computed from them so far."""
        return held_bytes(self.held())

    def held(self) -> list[object]:
        """Return the layers and everything computed so far, of its variants as well."""
        with self._guard:
            variants = list(self._variants.values())
        values = self._once.values()
        variants += [value for value in values if isinstance(value, Snapshot)]
        before = list(self._inherited.snapped.values())
        return [self.layers, *values, *before, *(variant.held() for variant in variants)]

    def variant(self, key: Hashable, make: Callable[[], "Snapshot"]) -> "Snapshot":
        """Return a variant of the district (:mod:`api.snapshot.variants`), made once."""
        return self._once.get(key, make)

    def of_places(self, key: Hashable, make: Callable[["Snapshot"], T]) -> T:
        """Return what follows from places and names alone, made once for whoever asks.

        Of a variant with protected counts it is that of the district itself, so `make` must not
        look at the counts of buildings.
        """
        return self._once.get(key, lambda: make(self))

    def recent_variant(self, key: Hashable, make: Callable[[], "Snapshot"]) -> "Snapshot":
        """Return a variant that is kept while it is among the last used (:data:`VARIANTS`)."""
        with self._guard:
            variant = self._variants.pop(key, None) or make()
            self._variants[key] = variant
            if len(self._variants) > VARIANTS:
                self._variants.popitem(last=False)
        return variant

    @property
    def set_aside(self) -> list[RowFault]:
        """The rows of this revision that no figure is computed from, with what is wrong."""
        frames = [getattr(self.layers, field.name) for field in fields(self.layers)]
        return [fault for frame in frames for fault in frame.attrs.get(SET_ASIDE, ())]

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
    def households_known(self) -> dict[str, int]:
        """Households by how they are known: counted, estimated, synthetic."""
        buildings = self.layers.buildings

        def add_up() -> dict[str, int]:
            sums = buildings.groupby("households_source")["households"].sum()
            return {source: int(sums.get(source, 0)) for source in HOUSEHOLDS_SOURCES}

        return self._once.get("households known", add_up)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the inhabited grids, degrees."""
        return grid_extent(self.layers.grids, self.members["small"], self.district.boundary)

    @property
    def summary(self) -> Summary:
        """How much there is of what, and where: as the store tells it of a district as it is."""
        return summary_of(self.district, self.layers, self.extent)

    @property
    def grid_rules(self) -> GridRules:
        """The bands, weights and names of its grid plan, by its settings."""
        return grid_rules(self.district.settings)

    @property
    def beats(self) -> Beats:
        """The beats of the service workers, in the metric CRS."""
        return self._once.get(
            "beats",
            lambda: find_beats(
                self.metric,
                self.members["small"],
                band=self.grid_rules.beat,
            ),
        )

    @property
    def judged(self) -> dict[str, bool]:
        """Category of the standard -> whether the data has any service point of it."""
        categories = [category.id for category in self.standard.categories]
        of_points = self.layers.service_points["category"].to_numpy(dtype=object)
        return dict(zip(categories, judged_categories(categories, of_points).tolist(), strict=True))

    def profile(self, profile_id: str) -> Profile:
        """Return a profile of the standard; raise `ParameterError` naming those there are."""
        return find_profile(self.standard, profile_id)

    def category(self, category_id: str) -> Category:
        """Return a category of the standard; raise `ParameterError` naming those there are."""
        return find_category(category_id, self.standard.categories, self.standard)

    def group(self, group_id: str) -> Category | PlaceGroup:
        """As :meth:`category`, or what stands beside the categories."""
        return find_category(group_id, self.standard.groups, self.standard)

    def thresholds(self, question: CoverageQuestion) -> dict[str, float]:
        """Return the minutes within which each category counts."""
        own = question.tier is not None
        categories = self.standard.categories
        return {each.id: each.time_min if own else question.minutes for each in categories}

    def minutes(self, question: CoverageQuestion, *, pace: float = 1.0) -> Minutes:
        """Return the threshold of a question, or that of each category, times `pace`."""
        if question.tier is None:
            return question.minutes * pace
        return tuple(minutes * pace for minutes in self.thresholds(question).values())

    def of_category(self, question: CoverageQuestion, category: str) -> CoverageQuestion:
        """Return a question with the threshold that counts for one category."""
        return replace(question, minutes=self.thresholds(question)[category], tier=None)

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

        def snap() -> SnappedDistrict:
            before = self._inherited.snapped.pop(profile_id, None)
            if before is None:
                return snap_layers(self.metric, network, categories)
            return renewed_district(before, self.metric, self._inherited.origin)

        return self._once.get(("snapped", profile_id), snap)

    def times(self, profile_id: str) -> Times:
        """Return the walking times of every building to every category of the standard."""
        snapped = self.snapped(profile_id)
        return self._once.get(("times", profile_id), lambda: nearest_times(snapped))

    def floors(self, profile_id: str) -> Floors:
        """Return the dwellings spread over their floors, for the stairs and lifts of a profile.

        Raises
        ------
        InputError
            If the profile has no rule for stairs.
        """
        buildings, profile = self.layers.buildings, self.profile(profile_id)
        return self._once.get(("floors", profile_id), lambda: floors_of(buildings, profile))

    def floors_asked(self, question: CoverageQuestion) -> Floors | None:
        """Return :meth:`floors` where a question counts dwellings by floor, else None."""
        return self.floors(question.profile) if question.floors else None

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

    def buildings(self, question: CoverageQuestion, *, rows: slice = slice(None)) -> pd.DataFrame:
        """Return one row per building and category, of all buildings or of those in some rows.

        By floor, `covered` are the households in reach, and `status` is that of the top floor.
        """
        times, minutes = self.times(question.profile), self.minutes(question)
        table = building_table(times, self.metric, minutes=minutes, rows=rows)
        floors = self.floors_asked(question)
        if floors is None:
            return table
        limits = limits_s(minutes, len(times.categories))
        covered = floor_households(floors, times.time_s, limits)[rows]
        whole = covered == self.layers.buildings["households"].to_numpy(np.int64)[rows, None]
        short = (table["status"] == "covered") & ~whole.ravel()
        status = table["status"].mask(short, "beyond")
        return table.assign(status=status, covered=covered.ravel())

    def coverage(self, by: str, question: CoverageQuestion, *, pace: float = 1.0) -> pd.DataFrame:
        """Return one row per grid of level `by`, or one for the district, under its own name.

        With a `pace` every threshold is so many times as long.
        """
        times, layers, of, counted = self.times(question.profile), self.metric, self.members, None
        if (floors := self.floors_asked(question)) is not None:
            times, layers, counted = floors.times(times), floors.layers(layers), floors.lowest
            of = of.take(floors.building)
        table = coverage_table(
            times,
            layers,
            minutes=self.minutes(question, pace=pace),
            by=cast("By", by),
            members=of,
            counted=counted,
        )
        if by == "district":
            district = self.district
            table = table.assign(
                code=district.code, name_zh=district.name_zh, name_en=district.name_en
            )
        return table

    def coverage_rows(
        self, by: str, question: CoverageQuestion, *, rows: slice = slice(None)
    ) -> pd.DataFrame:
        """Return coverage by `by`: ``building`` or one of the levels of :meth:`coverage`.

        Parameters
        ----------
        by : str
        question : CoverageQuestion
        rows : slice
            Of the buildings or grids, by key.

        Raises
        ------
        EmptyError
            If the district has no grids of that level.
        """
        if by == "building":
            return self.buildings(question, rows=rows)
        self.require_grids(by)
        return self.coverage(by, question).iloc[rows]

    def require_grids(self, level: str) -> None:
        """Raise `EmptyError` if the district has no grids of `level`."""
        if level != "district" and not (self.layers.grids["level"] == level).any():
            raise EmptyError(_NO_GRIDS[level], district=self.district.code)

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
            minutes=self.minutes(question),
            level=cast("By", level),
            members=self.members,
            category=category,
            floors=self.floors_asked(question),
        )

    def areas(self, question: CoverageQuestion, *, category: str | None) -> gpd.GeoDataFrame:
        """Return the contiguous areas of buildings that are not covered."""
        self._check_gap(category)
        times, floors = self.times(question.profile), self.floors_asked(question)
        minutes, chosen = self.minutes(question), category or ALL
        return gap_areas(times, self.metric, minutes=minutes, category=chosen, floors=floors)

    def _check_gap(self, category: str | None) -> None:
        """Raise `ParameterError` unless `category` is one of the standard, ``all`` or None."""
        if category is not None and category != ALL:
            self.category(category)

    def walk(self, start: tuple[float, float], end: tuple[float, float], *, profile: str) -> Walk:
        """Return the shortest walk between two places given as (lon, lat), degrees."""
        lon, lat = zip(start, end, strict=True)
        places = project_points(lon, lat, self.district.epsg)
        return walk(self.network(profile), places[0], places[1])


def own_entries(district: District) -> dict[str, Any]:
    """Return the walkers that a district has set for itself, as they were given."""
    return parsed_settings(district.settings).get("profiles", {})


def rounded_box(bounds: Sequence[float]) -> list[float]:
    """Return bounds in degrees as answers show them."""
    return [round(x, DEGREE_DECIMALS) for x in bounds]
