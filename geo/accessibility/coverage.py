"""Coverage: the exact walking time of every building to its nearest service point, and sums of it.

Walking time = access leg of the building + network + access leg of the point, at the profile's
speed. Two places linked to one edge may also walk straight along it. Times are published in
hundredths of a second, and every status is derived from the published time, inclusively: 900.00 s
is within 15 minutes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.errors import InputError
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.routing.snapped_district import SnappedDistrict
from geo.routing.walking_time import Minutes, limits_s, published

By = Literal["small", "medium", "large", "district"]


@dataclass(frozen=True, slots=True)
class Times:
    """Walking time of each of n buildings to the nearest service point of each of k categories.

    Buildings are in the order in which they were snapped, that of ``layers.buildings``.

    Attributes
    ----------
    categories : tuple of str, length k
    time_s : ndarray of float64, shape (n, k)
        Seconds, rounded to 0.01; NaN where nothing is reached within
        :data:`geo.routing.walking_time.HORIZON_S`.
    point : ndarray of int64, shape (n, k)
        Row of that point in ``layers.service_points``, -1 for none; the lowest ``point_id`` wins a
        tie.
    reason : ndarray of str, shape (n,)
        Empty where the building is linked, else one of :data:`geo.network.snap.REASONS`.
    point_reason : ndarray of str
        The same for each row of ``layers.service_points``.
    judged : ndarray of bool, shape (k,)
        Whether each category counts in "all"
        (:func:`geo.routing.snapped_district.judged_categories`).
    """

    categories: tuple[str, ...]
    time_s: FloatArray
    point: IntArray
    reason: npt.NDArray[np.object_]
    point_reason: npt.NDArray[np.object_]
    judged: BoolArray

    def covered(self, minutes: Minutes) -> BoolArray:
        """Return whether each building reaches each category within `minutes`, shape (n, k)."""
        return np.asarray(self.time_s <= limits_s(minutes, len(self.categories)), np.bool_)

    def covered_all(self, minutes: Minutes) -> BoolArray:
        """Return whether each building reaches every judged category within `minutes`, shape (n,).

        False where no category is judged: of nobody it is known.
        """
        everything = self.covered(minutes)[:, self.judged].all(axis=1)
        return np.asarray(everything & self.judged.any(), np.bool_)

    def without_points(self) -> tuple[str, ...]:
        """Return the categories that are not judged."""
        judged = zip(self.categories, self.judged.tolist(), strict=True)
        return tuple(category for category, known in judged if not known)

    def column(self, category: str) -> int:
        """Return the column of `category`.

        Raises
        ------
        InputError
            If it is not one of `categories`; the message names them.
        """
        if category not in self.categories:
            raise InputError("accessibility.category", category=category, known=self.categories)
        return self.categories.index(category)


def nearest_times(snapped: SnappedDistrict, *, threads: int = 1) -> Times:
    """Compute the walking time of every building to the nearest point of every category.

    Parameters
    ----------
    snapped : SnappedDistrict
        Searched only if nobody has asked for its nearest points before.
    threads : int
        Categories searched at a time; the answer does not depend on it.

    Returns
    -------
    Times

    Raises
    ------
    EmptyError
        If there are no buildings.

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering", "medical")))
    >>> times.time_s[:3].tolist()
    [[212.0, 252.0], [236.0, 276.0], [132.0, 172.0]]
    """
    snapped.require_buildings()
    time_s, rank = published(snapped.nearest(threads=threads).building.T)
    return Times(
        categories=snapped.categories,
        time_s=time_s,
        point=snapped.point_of_rank(rank),
        reason=snapped.reason,
        point_reason=snapped.point_reason,
        judged=snapped.judged,
    )


def building_table(
    times: Times, layers: Layers, *, minutes: Minutes, rows: slice = slice(None)
) -> pd.DataFrame:
    """Return one row per building and category, of all buildings or of those in some rows.

    Returns
    -------
    DataFrame
        Columns ``building_id, lon, lat, households, category, time_s, point_id, status``; `time_s`
        in seconds, NaN when unreached within two hours; `point_id` None then; status ``covered``,
        ``beyond`` or ``unlinked``. Ordered as ``layers.buildings``, categories within.

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> table = building_table(times, layers, minutes=3)
    >>> table[["building_id", "time_s", "point_id", "status"]].head(3)
      building_id  time_s point_id   status
    0          b1   212.0       p4   beyond
    1          b2   236.0       p4   beyond
    2          b3   132.0       p4  covered
    """
    buildings = layers.buildings[["building_id", "lon", "lat", "households"]].iloc[rows]
    n, k = len(buildings), len(times.categories)
    table = buildings.loc[buildings.index.repeat(k)].reset_index(drop=True)
    point_id = np.array([*layers.service_points["point_id"], None], dtype=object)
    table["category"] = np.tile(np.array(times.categories, dtype=object), n)
    table["time_s"] = times.time_s[rows].ravel()
    table["point_id"] = pd.Series(point_id[times.point[rows].ravel()], dtype=object)
    table["status"] = status(times, minutes)[rows].ravel()
    return pd.DataFrame(table)


def status(times: Times, minutes: Minutes) -> npt.NDArray[np.object_]:
    """Return ``covered``, ``beyond`` or ``unlinked`` per building and category, shape (n, k)."""
    linked = (times.reason == "")[:, None]
    within = np.where(times.covered(minutes), "covered", "beyond")
    return np.where(linked, within, "unlinked").astype(object)


def coverage_table(
    times: Times,
    layers: Layers,
    *,
    minutes: Minutes,
    by: By,
    members: pd.DataFrame,
    counted: BoolArray | None = None,
) -> pd.DataFrame:
    """Sum coverage over the buildings of each grid, or of the whole district.

    Parameters
    ----------
    times : Times
    layers : Layers
    minutes : float or tuple of float
        Threshold, inclusive, or that of each category.
    by : {'small', 'medium', 'large', 'district'}
    members : DataFrame
        Grid codes of each building, columns ``large, medium, small``
        (:func:`geo.grids.assign.members`); a building without a code is in no grid of that level,
        and its households are the difference between the district's row and the sum of the grids'.
    counted : ndarray of bool, optional
        Which rows count as a building; by default all do. Of the floors of one, one does.

    Returns
    -------
    DataFrame
        One row per grid in order of code (one row for the district): ``code, level, parent_code,
        name_zh, name_en, buildings, households, households_estimated, unlinked, covered_all,
        coverage_all, count_mean,
        count_0 .. count_k``, per category c ``covered_c, coverage_c``, and ``judged,
        without_points``. `unlinked` and the `covered` and `count` columns are households;
        `coverage` is a share 0..1, NaN where there are no households. ``all`` stands for the
        `judged` categories (a number); `without_points` names the others, separated by spaces.
        `coverage_all` is NaN where none is judged.

    Examples
    --------
    >>> from geo.grids.assign import members
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> table = coverage_table(times, layers, minutes=3, by="medium", members=members(layers))
    >>> table[["code", "households", "covered_catering"]].to_numpy().tolist()
    [['3716020010011', 7.0, 4.0], ['3716020010012', 24.0, 0.0]]
    """
    households = layers.buildings["households"].to_numpy(np.float64)
    is_estimated = (layers.buildings["households_source"] == "estimated").to_numpy(np.bool_)
    covered = times.covered(minutes)
    count_of = covered.sum(axis=1)
    sums: dict[str, FloatArray] = {
        "buildings": np.ones(len(households)) if counted is None else counted.astype(np.float64),
        "households": households,
        "households_estimated": households * is_estimated,
        "unlinked": households * (times.reason != ""),
        "covered_all": households * times.covered_all(minutes),
        "reached": households * count_of,
    }
    for count in range(len(times.categories) + 1):
        sums[f"count_{count}"] = households * (count_of == count)
    for column, category in enumerate(times.categories):
        sums[f"covered_{category}"] = households * covered[:, column]
    head, row = rows_by(layers, by, members=members)
    inside = row >= 0
    table = head.copy()
    for name, values in sums.items():
        table[name] = np.bincount(row[inside], weights=values[inside], minlength=len(head))
    table["buildings"] = table["buildings"].astype(np.int64)
    total = table["households"].where(table["households"] > 0)
    table["count_mean"] = table.pop("reached") / total
    for name in ("all", *times.categories):
        table[f"coverage_{name}"] = table[f"covered_{name}"] / total
    if not times.judged.any():
        table["coverage_all"] = np.nan  # of nobody it is known
    table["judged"] = int(times.judged.sum())
    table["without_points"] = " ".join(times.without_points())
    counts = [f"count_{count}" for count in range(len(times.categories) + 1)]
    each = [f"{what}_{name}" for name in times.categories for what in ("covered", "coverage")]
    who = ["buildings", "households", "households_estimated", "unlinked"]
    first = [*who, "covered_all", "coverage_all", "count_mean"]
    return table[[*head.columns, *first, *counts, *each, "judged", "without_points"]]


def rows_by(layers: Layers, by: By, *, members: pd.DataFrame) -> tuple[pd.DataFrame, IntArray]:
    """Return the head of a table by grid, or of the one row of the district, and who is where.

    Parameters
    ----------
    layers : Layers
    by : {'small', 'medium', 'large', 'district'}
    members : DataFrame
        Grid codes of each building (:func:`geo.grids.assign.members`).

    Returns
    -------
    head : DataFrame
        Columns as of :func:`grid_rows`.
    row : ndarray of int64, shape (n,)
        Row of each building, -1 where it is in no grid of that level.
    """
    if by == "district":
        whole = {"code": "", "level": "district", "parent_code": None, "name_zh": "", "name_en": ""}
        return pd.DataFrame([whole]), np.zeros(len(members), np.int64)
    head = grid_rows(layers, Level(by))
    return head, pd.Index(head["code"]).get_indexer(pd.Index(members[by])).astype(np.int64)


def grid_rows(layers: Layers, level: Level) -> pd.DataFrame:
    """Return ``code, level, parent_code, name_zh, name_en`` of the grids of `level`, by code."""
    grids = layers.grids[layers.grids["level"] == level]
    columns = ["code", "level", "parent_code", "name_zh", "name_en"]
    return pd.DataFrame(grids[columns]).sort_values("code").reset_index(drop=True)
