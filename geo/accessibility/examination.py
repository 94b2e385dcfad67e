"""A district examined by requirements of standards: by straight radius and on foot.

A standard draws a circle around a facility and counts who lives inside. Whoever lives there may
still not get to it: the wall, the river or the way round is not on the circle. Both figures stand
side by side here, and every household in the difference has one cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from geo.accessibility.coverage import nearest_times
from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.model.layers import Layers
from geo.model.requirement import Requirement, Whom
from geo.model.vocabulary import BarrierKind
from geo.routing.snapped_district import SnappedDistrict


class RequirementStatus(StrEnum):
    """Whether a requirement could be examined."""

    EXAMINED = "examined"
    NO_POINT = "no_point"
    """The data has no such point: nobody is reached, or nobody told where they are."""
    NO_DISTANCE = "no_distance"
    """The standard gives no distance."""
    NO_DATA = "no_data"
    """The data of a district does not hold such things."""
    NO_FLOOR_AREA = "no_floor_area"
    """No point of these kinds has its floor area."""


class ShortfallCause(StrEnum):
    """Why a household inside the radius does not get there on foot; the first that holds."""

    UNLINKED = "unlinked"
    """Its building meets no way."""
    POINT_UNLINKED = "point_unlinked"
    """No point inside the radius meets a way."""
    RIVER = "river"
    """Water lies between it and the nearest point."""
    RAILWAY = "railway"
    WALL = "wall"
    DETOUR = "detour"
    """Nothing lies between, and the streets lead round."""


_BETWEEN: Final = {
    ShortfallCause.RIVER: BarrierKind.RIVER,
    ShortfallCause.RAILWAY: BarrierKind.RAILWAY,
    ShortfallCause.WALL: BarrierKind.WALL,
}
_PEOPLE: Final = {Whom.ELDERLY: "residents_60plus", Whom.CHILDREN: "residents_under15"}
_COUNTED_BY: Final = 100
"""Households that a floor area is counted by."""


@dataclass(frozen=True, slots=True)
class ReachedFrom:
    """Who is inside the radius of a set of points, and who walks there.

    Attributes
    ----------
    straight_m : ndarray of float64, shape (n,)
        Straight metres from each building to the nearest point.
    time_s : ndarray of float64, shape (n,)
        Seconds on foot to the nearest point; NaN where none is reached within two hours.
    """

    straight_m: FloatArray
    time_s: FloatArray

    def within(self, radius_m: float, limit_s: float) -> tuple[BoolArray, BoolArray]:
        """Return who is inside a radius, and who walks there in time; both inclusive."""
        return self.straight_m <= radius_m, self.time_s <= limit_s


def examine(
    layers: Layers,
    snapped: SnappedDistrict,
    requirements: Sequence[Requirement],
    *,
    speed_m_s: float,
) -> pd.DataFrame:
    """Examine a district by requirements.

    Parameters
    ----------
    layers : Layers
        Metric CRS; `buildings`, `service_points` and `barriers` are read.
    snapped : SnappedDistrict
        Of these layers.
    requirements : sequence of Requirement
    speed_m_s : float
        Of the walker: a radius is walked in the time that its metres take, and minutes are the
        radius that is walked in them.

    Returns
    -------
    DataFrame
        One row per requirement, in order: ``id, status``; ``points``, those that meet it, and
        ``points_unlinked``; ``radius_m`` and ``limit_s`` that were examined; ``straight``,
        households inside the radius; ``walk``, households that walk there in time; ``difference``,
        inside and not in time; ``beyond``, in time and not inside, by an entrance nearer than the
        place of the point; one column per :class:`ShortfallCause`, which sum to ``difference``;
        ``people, people_straight, people_walk`` for whom it is, NaN where it is for all;
        ``per_100``, floor area per 100 households, square metres, and ``points_without`` it.
        What could not be examined is NaN.

    Raises
    ------
    EmptyError
        If there are no buildings.

    Examples
    --------
    >>> from boundaries.standards.catalogue import load_standard
    >>> from boundaries.standards.requirements import requirements_of
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> some = [each for each in requirements_of(load_standard()) if each.id.endswith(":catering")]
    >>> found = examine(layers, snap_layers(layers, network, ()), some, speed_m_s=1000 / 900)
    >>> found[["straight", "walk", "difference", "detour"]].values.tolist()
    [[31.0, 31.0, 0.0, 0.0]]
    """
    snapped.require_buildings()
    meeting = {each.id: _meeting(layers.service_points, each) for each in requirements}
    walked = [each for each in requirements if each.floor_area_m2 is None]
    reached = _reached(snapped, [meeting[each.id] for each in walked])
    rows = []
    for each in requirements:
        points = meeting[each.id]
        row: dict[str, object] = {
            "id": each.id,
            "status": _status(each, points, layers.service_points),
            "points": len(points),
            "points_unlinked": int((snapped.point_reason[points] != "").sum()),
        }
        if each.floor_area_m2 is not None:
            row |= _floor_area(layers, points)
        elif row["status"] == RequirementStatus.EXAMINED:
            limits = _limits(each, speed_m_s)
            row |= _figures(layers, snapped, points, reached[points.tobytes()], limits=limits)
            row |= _people(layers, each.whom, reached[points.tobytes()], limits=limits)
        rows.append(row)
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS: Final = (
    "id", "status", "points", "points_unlinked", "radius_m", "limit_s", "straight", "walk",
    "difference", "beyond", *map(str, ShortfallCause), "people", "people_straight", "people_walk",
    "per_100", "points_without",
)  # fmt: skip


def _meeting(points: pd.DataFrame, requirement: Requirement) -> IntArray:
    """Return the rows of the points that meet a requirement."""
    meets = points["sub"].isin(requirement.kinds)
    if requirement.category:
        meets |= points["category"] == requirement.category  # of a kind that nobody told too
    return np.flatnonzero(meets.to_numpy(dtype=bool)).astype(np.int64)


def _status(requirement: Requirement, points: IntArray, layer: pd.DataFrame) -> RequirementStatus:
    if requirement.lacks:
        return RequirementStatus.NO_DATA
    if requirement.floor_area_m2 is not None:
        known = layer["floor_area_m2"].iloc[points].notna().any()
        return RequirementStatus.EXAMINED if known else RequirementStatus.NO_FLOOR_AREA
    if requirement.radius_m is None and requirement.minutes is None:
        return RequirementStatus.NO_DISTANCE
    return RequirementStatus.EXAMINED if len(points) else RequirementStatus.NO_POINT


def _reached(snapped: SnappedDistrict, sets: Sequence[IntArray]) -> Mapping[bytes, ReachedFrom]:
    """Return who reaches each set of points, by the bytes of its rows; one search for each."""
    distinct = {rows.tobytes(): rows for rows in sets if len(rows)}
    if not distinct:
        return {}
    names = [str(number) for number in range(len(distinct))]
    rows = np.concatenate(list(distinct.values()))
    of = np.repeat(names, [len(each) for each in distinct.values()]).astype(object)
    several = replace(
        snapped.with_points(rows),
        categories=tuple(names),
        point_category=of,
        judged=np.ones(len(names), dtype=np.bool_),
    )
    time_s = nearest_times(several).time_s
    return {
        key: ReachedFrom(
            KDTree(snapped.point_xy[each]).query(snapped.building_xy)[0], time_s[:, number]
        )
        for number, (key, each) in enumerate(distinct.items())
    }


def _figures(
    layers: Layers,
    snapped: SnappedDistrict,
    points: IntArray,
    reached: ReachedFrom,
    *,
    limits: tuple[float, float],
) -> dict[str, float]:
    """Return both figures of a requirement, and the causes of their difference."""
    inside, in_time = reached.within(*limits)
    apart = inside & ~in_time
    households = layers.buildings["households"].to_numpy(np.float64)
    cause = _causes(layers, snapped, np.flatnonzero(apart), points, limits[0])
    row = {
        "radius_m": round(limits[0], 2),
        "limit_s": limits[1],
        "straight": households[inside].sum(),
        "walk": households[in_time].sum(),
        "difference": households[apart].sum(),
        "beyond": households[in_time & ~inside].sum(),
    }
    return row | {str(each): households[apart][cause == each].sum() for each in ShortfallCause}


def _people(
    layers: Layers, whom: Whom, reached: ReachedFrom, *, limits: tuple[float, float]
) -> dict[str, float]:
    """Return the people whom a requirement is for; nothing where the data counts nobody."""
    if whom not in _PEOPLE:
        return {}
    people = layers.buildings[_PEOPLE[whom]].to_numpy(np.float64)
    if not people.any():
        return {}
    inside, in_time = reached.within(*limits)
    return {
        "people": people.sum(),
        "people_straight": people[inside].sum(),
        "people_walk": people[in_time].sum(),
    }


def _limits(requirement: Requirement, speed_m_s: float) -> tuple[float, float]:
    """Return the radius in metres and the time in seconds of a requirement."""
    radius_m, minutes = requirement.radius_m, requirement.minutes
    limit_s = None if minutes is None else minutes * 60
    if radius_m is None:
        radius_m = (limit_s or 0.0) * speed_m_s
    return radius_m, round(radius_m / speed_m_s if limit_s is None else limit_s, 2)


def _causes(
    layers: Layers, snapped: SnappedDistrict, rows: IntArray, points: IntArray, radius_m: float
) -> ObjectArray:
    """Return why each of some buildings does not get to a point inside its radius."""
    cause = np.full(len(rows), str(ShortfallCause.DETOUR), dtype=object)
    linked = points[snapped.point_reason[points] == ""]
    near_m = np.full(len(rows), np.inf)
    nearest = np.zeros(len(rows), dtype=np.int64)
    if len(linked):
        near_m, nearest = KDTree(snapped.point_xy[linked]).query(snapped.building_xy[rows])
    have = np.flatnonzero(near_m <= radius_m)
    if len(have):
        ends = [snapped.building_xy[rows[have]], snapped.point_xy[linked[nearest[have]]]]
        lines = np.asarray(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
        for each, kind in reversed(_BETWEEN.items()):
            cause[have[_crossing(layers, lines, kind)]] = str(each)
    cause[near_m > radius_m] = str(ShortfallCause.POINT_UNLINKED)
    cause[snapped.reason[rows] != ""] = str(ShortfallCause.UNLINKED)
    return cause


def _crossing(layers: Layers, lines: ObjectArray, kind: BarrierKind) -> BoolArray:
    """Return which lines cross a barrier of a kind on the ground."""
    barriers = layers.barriers
    some = barriers[(barriers["kind"] == kind) & (barriers["level"] == 0)]
    crosses = np.zeros(len(lines), dtype=np.bool_)
    tree = shapely.STRtree(some.geometry.to_numpy())
    crosses[tree.query(lines, predicate="intersects")[0]] = True
    return crosses


def _floor_area(layers: Layers, points: IntArray) -> dict[str, float]:
    """Return the floor area of some points per 100 households."""
    area = layers.service_points["floor_area_m2"].iloc[points]
    households = float(layers.buildings["households"].sum())
    known = area.dropna()
    per_100 = known.sum() / households * _COUNTED_BY if len(known) and households else np.nan
    return {"per_100": per_100, "points_without": float(area.isna().sum())}
