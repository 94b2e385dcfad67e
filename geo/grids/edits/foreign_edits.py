"""Edits that another program wrote row by row, put together again.

A program that splits a grid writes two rows or three, and a store that knows rows alone makes a
revision of each. What was one edit is told by the ground: it begins where a grid leaves ground or
takes what another still has, and it is finished when that ground is one grid's again. What a
whole transaction wrote at once is finished at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.grids.checks.plan_check import polygons_of
from geo.grids.codes import LEVELS
from geo.grids.succession import LEAST_SHARE, Heir, heirs
from geo.model.layers import Level

STILL: Final = 2**62
"""`until` of a state that still holds."""

_NONE: Final = shapely.Polygon()


@dataclass(frozen=True, slots=True)
class RowEdit:
    """One edit of grids of one level.

    Attributes
    ----------
    level : Level
    revisions : tuple of int
        That it made, ascending; it came to be in the last.
    heirs : list of Heir
        As :func:`geo.grids.succession.heirs` tells them of the whole edit.
    """

    level: Level
    revisions: tuple[int, ...]
    heirs: list[Heir]


def row_edits(states: gpd.GeoDataFrame, foreign: Collection[int]) -> list[RowEdit]:
    """Return the edits that some revisions are made of.

    Ground that they leave open and that another revision settles makes that one part of the edit.

    Parameters
    ----------
    states : GeoDataFrame
        `code`, `level`, `since`, `until` (first revision without it, or :data:`STILL`), polygons in
        the metric CRS: every state that a grid had from the first of `foreign` on.
    foreign : collection of int
        The revisions that another program made.

    Returns
    -------
    list of RowEdit
        By their last revision; those that made a grid of another alone.

    Notes
    -----
    A millisecond or two for each row that is involved; all others are told apart at once.
    """
    found = []
    for level in LEVELS:
        some = _involved(states[states["level"] == level], foreign)
        for edit, before, after in _Sweep(some, foreign).edits():
            told = heirs(before, after)
            if told:
                found.append(RowEdit(level, tuple(edit.revisions), told))
    return sorted(found, key=lambda edit: edit.revisions[-1])


def _involved(states: gpd.GeoDataFrame, foreign: Collection[int]) -> gpd.GeoDataFrame:
    """Return the states of grids that hold ground at some time which a foreign edit is about."""
    valid = states.set_geometry(polygons_of(np.asarray(states.geometry, object)), crs=states.crs)
    shapes, codes = np.asarray(valid.geometry, object), valid["code"].to_numpy(object)
    theirs = valid["since"].isin(foreign) | valid["until"].isin(foreign)
    of = np.flatnonzero(theirs.to_numpy())
    one, two = shapely.STRtree(shapes).query(shapes[of], predicate="intersects")
    one = of[one]
    other = codes[one] != codes[two]
    one, two = one[other], two[other]
    common = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    least = LEAST_SHARE * np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    held = common >= np.maximum(least, np.finfo(float).tiny)
    named = {*codes[one[held]], *codes[two[held]]}
    return valid[valid["code"].isin(named)].reset_index(drop=True)


@dataclass(slots=True, eq=False)
class _Open:
    """An edit that is not finished: what its grids were, and the ground that is not settled."""

    revisions: list[int]
    first: dict[str, tuple[int, int]] = field(default_factory=dict)  # code: revision, state or -1
    ground: BaseGeometry = _NONE

    def take(self, other: "_Open") -> None:
        """Make another edit a part of this one."""
        self.revisions = sorted({*self.revisions, *other.revisions})
        for code, was in other.first.items():
            self.first[code] = min(was, self.first.get(code, was))


_Told = tuple[_Open, dict[str, BaseGeometry], dict[str, BaseGeometry]]


class _Sweep:
    """The states of one level, revision by revision."""

    def __init__(self, states: gpd.GeoDataFrame, foreign: Collection[int]) -> None:
        self.foreign = foreign
        self.shapes: GeometryArray = np.asarray(states.geometry, dtype=object)
        self.codes = states["code"].to_numpy(object)
        self.since, self.until = states["since"].to_numpy(), states["until"].to_numpy()
        self.tree = shapely.STRtree(self.shapes)
        self.alive = np.zeros(len(states), dtype=np.bool_)
        self.now: dict[str, int] = {}
        self.open: dict[_Open, None] = {}
        self.near: dict[int, list[_Open]] = defaultdict(list)

    def edits(self) -> Iterator[_Told]:
        """Yield the edits that are finished, then those that never were."""
        if not len(self.shapes):
            return
        start = min(self.foreign)
        self._turn(np.array([], dtype=np.int64), np.flatnonzero(self.since < start))
        times = np.unique([self.since, self.until])
        for revision in times[(times >= start) & (times < STILL)].tolist():
            begun, ended = (np.flatnonzero(at == revision) for at in (self.since, self.until))
            names = np.unique(self.codes[[*begun, *ended]])
            old = {str(code): self.now.get(code, -1) for code in names}
            self._turn(ended, begun)
            yield from self._after(revision, old)
        for left in self.open:
            yield self._told(left)

    def _turn(self, ended: IntArray, begun: IntArray) -> None:
        """Let states end and begin."""
        self.alive[ended], self.alive[begun] = False, True
        for row in ended:
            self.now.pop(self.codes[row], None)
        self.now |= {self.codes[row]: int(row) for row in begun}

    def _after(self, revision: int, old: dict[str, int]) -> Iterator[_Told]:
        """Yield the edit that a revision finishes, if it does."""
        changed = {code: was for code, was in old.items() if not self._same(was, code)}
        if not changed:
            return
        ground = shapely.union_all(
            [shapely.symmetric_difference(self._shape(was), self._shape(self.now.get(code, -1)))
             for code, was in changed.items()]
        )  # fmt: skip
        there = self._open_on(ground)
        if not there and revision not in self.foreign:
            return
        edit = _Open([revision], {code: (revision, was) for code, was in changed.items()})
        for other in there:
            edit.take(other)
            del self.open[other]
        edit.ground = self._unsettled(edit)
        if edit.ground.is_empty:
            yield self._told(edit)
        else:
            self.open[edit] = None
            for row in self.tree.query(edit.ground, predicate="intersects").tolist():
                self.near[row].append(edit)

    def _open_on(self, ground: BaseGeometry) -> list[_Open]:
        """Return the edits that are not finished on some ground."""
        rows = self.tree.query(ground, predicate="intersects").tolist()
        near = dict.fromkeys(edit for row in rows for edit in self.near[row])
        return [edit for edit in near if edit in self.open and _meet(edit.ground, ground)]

    def _unsettled(self, edit: _Open) -> BaseGeometry:
        """Return the ground that an edit left to nobody, or that two grids claim by it."""
        found = []
        for code, (_, was) in edit.first.items():
            old, new = self._shape(was), self._shape(self.now.get(code, -1))
            others = self._others(code, old)
            lost = shapely.difference(old, shapely.union_all([new, *self.shapes[others]]))
            if lost.area > LEAST_SHARE * old.area:
                found.append(lost)
            gained = shapely.difference(new, old)
            rivals = self._others(code, gained)
            both = shapely.intersection(gained, self.shapes[rivals])
            grave = shapely.area(both) > LEAST_SHARE * shapely.area(self.shapes[rivals])
            found += list(both[grave])
        return shapely.union_all(found)

    def _others(self, code: str, ground: BaseGeometry) -> IntArray:
        """Return the states on some ground that hold now, but for one grid's."""
        rows = self.tree.query(ground, predicate="intersects")
        held: IntArray = rows[self.alive[rows] & (self.codes[rows] != code)]
        return held

    def _told(self, edit: _Open) -> _Told:
        """Return an edit with its grids as they were and as they became."""
        was = {code: row for code, (_, row) in edit.first.items() if row >= 0}
        now = {code: self.now[code] for code in edit.first if code in self.now}
        before, after = ({c: self.shapes[row] for c, row in rows.items()} for rows in (was, now))
        return edit, before, after

    def _shape(self, row: int) -> BaseGeometry:
        return self.shapes[row] if row >= 0 else _NONE

    def _same(self, was: int, code: str) -> bool:
        return bool(shapely.equals(self._shape(was), self._shape(self.now.get(code, -1))))


def _meet(one: BaseGeometry, two: BaseGeometry) -> bool:
    """Return whether two pieces of ground have more in common than rounding."""
    common = shapely.intersection(one, two).area
    return bool(common > LEAST_SHARE * min(one.area, two.area))
