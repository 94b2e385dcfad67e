"""Coverage over the hours of a week, exact: each distinct state of a district is searched once.

Hours differ only in which ways and which service points are open. Hours with the same ways share
one network; there, a category is searched once for each distinct set of its open points.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.accessibility.floors import Floors
from geo.arrays import BoolArray, FloatArray, IntArray
from geo.routing.connectors import TripEnd, direct
from geo.routing.shortest_paths import Workspace, evaluate
from geo.routing.snapped_district import SnappedDistrict, best_of
from geo.routing.walking_time import Minutes, limits_s, published

HOURS: Final = 168
"""Hours of a week."""

_BEYOND_S: Final = 1.0
"""A search goes on for so long beyond the threshold: published times are rounded."""


@dataclass(frozen=True, slots=True)
class Strips:
    """Whether each of n buildings, or floors, is covered at each of m hours, by distinct states.

    Attributes
    ----------
    covered : ndarray of bool, shape (s, n)
        In each state.
    state : ndarray of int64, shape (m,)
        The state of each hour.
    """

    covered: BoolArray
    state: IntArray

    def sums(self, weight: FloatArray, row: IntArray, n_rows: int) -> FloatArray:
        """Return the weight that is covered in each row at each hour, shape (n_rows, m).

        `row` is that of each building or floor, -1 where it is in none.
        """
        inside = row >= 0
        by_state = [
            np.bincount(row[inside], weights=(weight * covered)[inside], minlength=n_rows)
            for covered in self.covered
        ]
        return np.array(by_state, np.float64).reshape(-1, n_rows)[self.state].T

    def of_buildings(self) -> BoolArray:
        """Return whether each building or floor is covered at each hour, shape (n, m)."""
        return self.covered[self.state].T


@dataclass(frozen=True, slots=True)
class HourlyCoverage:
    """Coverage of every category at m hours, and of all that are judged.

    Attributes
    ----------
    strips : dict of str to Strips
        By category.
    everything : Strips
        Of all judged categories at once; nobody is covered where none is judged.
    searches : int
        Searches that it took: distinct pairs of a network and a set of open points.
    """

    strips: dict[str, Strips]
    everything: Strips
    searches: int


def hourly_coverage(
    networks: Sequence[Callable[[], SnappedDistrict]],
    network: IntArray,
    is_open: BoolArray,
    *,
    minutes: Minutes,
    floors: Floors | None = None,
) -> HourlyCoverage:
    """Return who is covered at each of m hours.

    Parameters
    ----------
    networks : sequence of callable
        Each returns the district snapped to one state of the network; they differ in nothing else.
        Called once, in order, so that one of them is held at a time.
    network : ndarray of int64, shape (m,)
        State of the network at each hour, all of them used.
    is_open : ndarray of bool, shape (points, m)
        Whether each service point is open at each hour.
    minutes : float or tuple of float
        Threshold, inclusive, or that of each category.
    floors : Floors, optional
        Whose rows then stand in the place of buildings.

    Raises
    ------
    EmptyError
        If there are no buildings.

    Notes
    -----
    One search of the threshold for each distinct pair of a network and a set of open points of a
    category.

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, walks = tiny_scene()
    >>> snapped = snap_layers(layers, walks, ("catering",))
    >>> is_open = np.ones((len(snapped.point_id), 2), np.bool_)
    >>> is_open[:, 1] = False
    >>> found = hourly_coverage([lambda: snapped], np.zeros(2, np.int64), is_open, minutes=15)
    >>> found.strips["catering"].of_buildings()[0].tolist(), found.searches
    ([True, False], 2)
    """
    covered: dict[str, list[BoolArray]] = {}
    states: dict[str, IntArray] = {}
    for number, snap in enumerate(networks):
        snapped = snap()
        snapped.require_buildings()
        here = np.flatnonzero(network == number)
        limits = limits_s(minutes, len(snapped.categories))
        judged = dict(zip(snapped.categories, snapped.judged.tolist(), strict=True))
        for column, category in enumerate(snapped.categories):
            rows = np.flatnonzero(snapped.column == column)
            sets, which = np.unique(is_open[np.ix_(rows, here)], axis=1, return_inverse=True)
            known = covered.setdefault(category, [])
            state = states.setdefault(category, np.zeros(len(network), np.int64))
            state[here] = len(known) + which.ravel()
            doors = _searched(snapped, rows, sets.T, limit_s=float(limits[column]))
            known += [_within(times, float(limits[column]), floors) for times in doors]
    strips = {name: Strips(np.array(each), states[name]) for name, each in covered.items()}
    everything = _everything([strips[name] for name, known in judged.items() if known], strips)
    return HourlyCoverage(strips, everything, sum(len(each) for each in covered.values()))


def _searched(
    snapped: SnappedDistrict, rows: IntArray, sets: BoolArray, *, limit_s: float
) -> Iterator[FloatArray]:
    """Yield the times of all buildings from each set of open points among `rows`, one category."""
    starts, n = snapped.building_connectors(TripEnd.ORIGIN), len(snapped.building_xy)
    into, entrances = snapped.point_entrances, snapped.entrances
    on_edge = np.flatnonzero(np.isin(snapped.buildings.edge, snapped.points.edge[into.of(rows)]))
    beside, workspace = snapped.buildings.take(on_edge), Workspace(snapped.network.graph)
    for chosen in sets:
        points = rows[chosen]
        workspace.search(snapped.seeds(points), limit_s=limit_s + _BEYOND_S)
        along, at = np.full(len(entrances.xy), np.iinfo(np.int64).max), into.of(points)
        ends, column = snapped.points.take(at), np.zeros(len(at), np.int64)
        rank = snapped.rank[into.place[at]]
        along[on_edge] = direct(snapped.network, beside, ends, rank=rank, column=column, n=1)[0]
        label = np.empty(n, np.int64)
        direct_label = best_of(along[None], entrances)[0]
        evaluate(
            workspace.label, starts.state, starts.add, direct_label, entrances.first,
            np.arange(n), label,
        )  # fmt: skip
        yield published(label)[0]


def _within(time_s: FloatArray, limit_s: float, floors: Floors | None) -> BoolArray:
    """Return which buildings, or floors, are within a threshold, by the times of their doors."""
    if floors is not None:
        time_s = np.round(time_s[floors.building] + floors.time_s, 2)
    return np.asarray(time_s <= limit_s, np.bool_)


def _everything(judged: Sequence[Strips], strips: dict[str, Strips]) -> Strips:
    """Return who is covered by all judged categories, by distinct joint states."""
    one = next(iter(strips.values()))
    if not judged:
        return Strips(np.zeros((1, one.covered.shape[1]), np.bool_), np.zeros_like(one.state))
    joint = np.stack([each.state for each in judged], axis=1)
    combinations, state = np.unique(joint, axis=0, return_inverse=True)
    covered = [
        np.logical_and.reduce(
            [each.covered[at] for each, at in zip(judged, combination, strict=True)]
        )
        for combination in combinations
    ]
    return Strips(np.array(covered), state.ravel().astype(np.int64))
