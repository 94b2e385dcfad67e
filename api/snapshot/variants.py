"""Variants of a district: closed at an hour, another walker, own service points, protected counts.

Each shares with the district what does not depend on what differs.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from api.errors import ParameterError
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.small_counts import protected_counts, with_counts
from geo.accessibility.coverage import Times
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.network.closures import Closures, with_closures
from geo.network.compile import WalkNetwork
from geo.routing.snapped_district import SnappedDistrict

T = TypeVar("T")


def with_closed(snapshot: Snapshot, closures: Closures) -> Snapshot:
    """Return the district with gates, ways and service points closed, itself where there are none.

    The most recently used of these variants are kept (:data:`api.snapshot.district.VARIANTS`).
    """
    ways = replace(closures, points=frozenset())
    if ways != Closures():
        base = snapshot
        snapshot = base.recent_variant(ways, lambda: _WithWaysClosed(base, ways))
    if not closures.points:
        return snapshot
    open_points = ~snapshot.layers.service_points["point_id"].isin(list(closures.points))
    kept = open_points.to_numpy(np.bool_)
    return snapshot.recent_variant(closures.points, lambda: _WithPoints(snapshot, kept))


def with_walker(snapshot: Snapshot, question: CoverageQuestion) -> Snapshot:
    """Return the district for the walker of a question, itself where that is one of the standard.

    Kept as :func:`with_closed` has it.

    Raises
    ------
    ParameterError
        If the walker has no rule for wide roads and is to keep to crossings.
    """
    walker = snapshot.profile(question.profile)
    asked = replace(walker, at_crossings=question.crossings)
    if question.speed is not None:
        asked = replace(asked, speed_m_s=question.speed, own_speed=True)
    if asked == walker:
        return snapshot
    if question.crossings and not walker.wide_lanes:
        raise ParameterError("crossings", "parameters.no_crossings", profile=walker.id)
    return snapshot.recent_variant(asked, lambda: _WithWalker(snapshot, asked))


def with_own_points(snapshot: Snapshot) -> Snapshot:
    """Return the district with the service points inside its boundary alone.

    Those of neighbours count by default, since people walk across boundaries.
    """
    return snapshot.variant("own", lambda: _WithPoints(snapshot, snapshot.in_district))


def with_protected_counts(snapshot: Snapshot, key: bytes) -> Snapshot:
    """Return the district as viewers get it (:mod:`api.snapshot.small_counts`)."""
    return snapshot.variant("protected", lambda: _WithProtectedCounts(snapshot, key))


class _Variant(Snapshot):
    """A variant of a district; its buildings are in the same grids, and it has the same walkers."""

    def __init__(self, base: Snapshot, layers: Layers) -> None:
        super().__init__(base.district, layers, base.standard)
        self._base = base

    @property
    def members(self) -> pd.DataFrame:
        return self._base.members

    def profile(self, profile_id: str) -> Profile:
        return self._base.profile(profile_id)


class _WithWalker(_Variant):
    """A variant in which a profile is another walker; shares what does not depend on that."""

    def __init__(self, base: Snapshot, walker: Profile) -> None:
        super().__init__(base, base.layers)
        self._walker = walker

    @property
    def metric(self) -> Layers:
        return self._base.metric

    @property
    def judged(self) -> dict[str, bool]:
        return self._base.judged

    def profile(self, profile_id: str) -> Profile:
        return self._walker if profile_id == self._walker.id else self._base.profile(profile_id)


class _WithWaysClosed(_Variant):
    """A variant with gates and ways closed; shares what does not depend on them."""

    def __init__(self, base: Snapshot, closures: Closures) -> None:
        super().__init__(base, with_closures(base.layers, closures))
        self._closures = closures

    @property
    def metric(self) -> Layers:
        return self._once.get("metric", lambda: with_closures(self._base.metric, self._closures))


class _WithPoints(_Variant):
    """A variant with some of its service points only; shares what does not depend on points."""

    def __init__(self, base: Snapshot, kept: npt.NDArray[np.bool_]) -> None:
        super().__init__(base, _with_points(base.layers, kept))
        self._kept = kept

    @property
    def metric(self) -> Layers:
        return self._once.get("metric", lambda: _with_points(self._base.metric, self._kept))

    @property
    def judged(self) -> dict[str, bool]:
        return self._base.judged

    def network(self, profile_id: str) -> WalkNetwork:
        return self._base.network(profile_id)

    def network_hash(self, profile_id: str) -> str:
        return self._base.network_hash(profile_id)

    def snapped(self, profile_id: str) -> SnappedDistrict:
        of_base = self._base.snapped(profile_id)
        return self._once.get(
            ("snapped", profile_id), lambda: of_base.with_points(np.flatnonzero(self._kept))
        )


class _WithProtectedCounts(_Variant):
    """A variant with protected counts of its buildings; shares what depends on places alone."""

    def __init__(self, base: Snapshot, key: bytes) -> None:
        buildings = base.layers.buildings
        self._counts = protected_counts(buildings, district=base.district.code, key=key)
        super().__init__(base, _with_counts(base.layers, self._counts))

    def of_places(self, key: Hashable, make: Callable[[Snapshot], T]) -> T:
        return self._base.of_places(key, make)

    @property
    def metric(self) -> Layers:
        return self._once.get("metric", lambda: _with_counts(self._base.metric, self._counts))

    def network(self, profile_id: str) -> WalkNetwork:
        return self._base.network(profile_id)

    def network_hash(self, profile_id: str) -> str:
        return self._base.network_hash(profile_id)

    def snapped(self, profile_id: str) -> SnappedDistrict:
        return self._base.snapped(profile_id)

    def times(self, profile_id: str) -> Times:
        return self._base.times(profile_id)


def _with_counts(layers: Layers, counts: dict[str, npt.NDArray[np.int64]]) -> Layers:
    return replace(layers, buildings=with_counts(layers.buildings, counts))


def _with_points(layers: Layers, kept: npt.NDArray[np.bool_]) -> Layers:
    points = layers.service_points[kept].reset_index(drop=True)
    return replace(layers, service_points=points)
