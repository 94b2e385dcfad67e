"""Edits that another program wrote row by row, put together again.

A program that splits a grid writes two rows or three, and a store that knows rows alone makes a
revision of each. What was one edit shows in the ground: it begins where a grid leaves ground or
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
from geo.grids.checks.shape_check import polygonal_parts
from geo.grids.codes import LEVELS
from geo.grids.succession import LEAST_SHARE, Succession, successions
from geo.model.vocabulary import Level

OPEN_ENDED: Final = 2**62
"""`until` of a state that still holds."""

_NO_GROUND: Final = shapely.Polygon()


@dataclass(frozen=True, slots=True)
class RowEdit:
    """One edit of grids of one level.

    Attributes
    ----------
    level : Level
    revisions : tuple of int
        That it made, ascending; it came to be in the last.
    successions : list of Succession
        As :func:`geo.grids.succession.successions` returns of the whole edit.
    """

    level: Level
    revisions: tuple[int, ...]
    successions: list[Succession]


def row_edits(states: gpd.GeoDataFrame, foreign: Collection[int]) -> list[RowEdit]:
    """Return the edits that some revisions are made of.

    Ground that they leave open and that another revision settles makes that one part of the edit.

    Parameters
    ----------
    states : GeoDataFrame
        `code`, `level`, `since`, `until` (first revision without it, or :data:`OPEN_ENDED`),
        polygons in the metric CRS: every state that a grid had from the first of `foreign` on.
    foreign : collection of int
        The revisions that another program made.

    Returns
    -------
    list of RowEdit
        By their last revision; those that made a grid of another alone.

    Notes
    -----
    A millisecond or two for each row that is involved; the others are left out at once.
    """
    edits = []
    for level in LEVELS:
        involved = _involved(states[states["level"] == level], foreign)
        for edit, before, after in _Sweep(involved, foreign).edits():
            whole = successions(before, after)
            if whole:
                edits.append(RowEdit(level, tuple(edit.revisions), whole))
    return sorted(edits, key=lambda edit: edit.revisions[-1])


def _involved(states: gpd.GeoDataFrame, foreign: Collection[int]) -> gpd.GeoDataFrame:
    """Return the states of grids that hold ground at some time which a foreign edit is about."""
    valid = states.set_geometry(
        polygonal_parts(np.asarray(states.geometry, object)), crs=states.crs
    )
    shapes, codes = np.asarray(valid.geometry, object), valid["code"].to_numpy(object)
    is_foreign = valid["since"].isin(foreign) | valid["until"].isin(foreign)
    foreign_rows = np.flatnonzero(is_foreign.to_numpy())
    one, two = shapely.STRtree(shapes).query(shapes[foreign_rows], predicate="intersects")
    one = foreign_rows[one]
    differs = codes[one] != codes[two]
    one, two = one[differs], two[differs]
    common_m2 = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    least_m2 = LEAST_SHARE * np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    is_shared = common_m2 >= np.maximum(least_m2, np.finfo(float).tiny)
    codes_involved = {*codes[one[is_shared]], *codes[two[is_shared]]}
    return valid[valid["code"].isin(codes_involved)].reset_index(drop=True)


@dataclass(slots=True, eq=False)
class _UnfinishedEdit:
    """An edit that is not finished: what its grids were, and the ground that is not settled."""

    revisions: list[int]
    first: dict[str, tuple[int, int]] = field(default_factory=dict)  # code: revision, state or -1
    ground: BaseGeometry = _NO_GROUND

    def take(self, other: "_UnfinishedEdit") -> None:
        """Merge another edit into this one."""
        self.revisions = sorted({*self.revisions, *other.revisions})
        for code, was in other.first.items():
            self.first[code] = min(was, self.first.get(code, was))


_FinishedEdit = tuple[_UnfinishedEdit, dict[str, BaseGeometry], dict[str, BaseGeometry]]


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
        self.open: dict[_UnfinishedEdit, None] = {}
        self.near: dict[int, list[_UnfinishedEdit]] = defaultdict(list)

    def edits(self) -> Iterator[_FinishedEdit]:
        """Yield the edits that are finished, then those that never were."""
        if not len(self.shapes):
            return
        start = min(self.foreign)
        self._advance(np.array([], dtype=np.int64), np.flatnonzero(self.since < start))
        times = np.unique([self.since, self.until])
        for revision in times[(times >= start) & (times < OPEN_ENDED)].tolist():
            begun, ended = (np.flatnonzero(at == revision) for at in (self.since, self.until))
            names = np.unique(self.codes[[*begun, *ended]])
            old = {str(code): self.now.get(code, -1) for code in names}
            self._advance(ended, begun)
            yield from self._edits_of(revision, old)
        for left in self.open:
            yield self._finished(left)

    def _advance(self, ended: IntArray, begun: IntArray) -> None:
        """Let states end and begin."""
        self.alive[ended], self.alive[begun] = False, True
        for row in ended:
            self.now.pop(self.codes[row], None)
        self.now |= {self.codes[row]: int(row) for row in begun}

    def _edits_of(self, revision: int, old: dict[str, int]) -> Iterator[_FinishedEdit]:
        """Yield the edit that a revision finishes, if it does."""
        changed = {code: was for code, was in old.items() if not self._same(was, code)}
        if not changed:
            return
        ground = shapely.union_all(
            [shapely.symmetric_difference(self._shape(was), self._shape(self.now.get(code, -1)))
             for code, was in changed.items()]
        )  # fmt: skip
        unfinished = self._unfinished_on(ground)
        if not unfinished and revision not in self.foreign:
            return
        edit = _UnfinishedEdit([revision], {code: (revision, was) for code, was in changed.items()})
        for other in unfinished:
            edit.take(other)
            del self.open[other]
        edit.ground = self._unsettled(edit)
        if edit.ground.is_empty:
            yield self._finished(edit)
        else:
            self.open[edit] = None
            for row in self.tree.query(edit.ground, predicate="intersects").tolist():
                self.near[row].append(edit)

    def _unfinished_on(self, ground: BaseGeometry) -> list[_UnfinishedEdit]:
        """Return the edits that are not finished on some ground."""
        rows = self.tree.query(ground, predicate="intersects").tolist()
        near = dict.fromkeys(edit for row in rows for edit in self.near[row])
        return [edit for edit in near if edit in self.open and _overlap(edit.ground, ground)]

    def _unsettled(self, edit: _UnfinishedEdit) -> BaseGeometry:
        """Return the ground that an edit left in no grid, or in two."""
        unsettled = []
        for code, (_, was) in edit.first.items():
            old, new = self._shape(was), self._shape(self.now.get(code, -1))
            others = self._others(code, old)
            lost = shapely.difference(old, shapely.union_all([new, *self.shapes[others]]))
            if lost.area > LEAST_SHARE * old.area:
                unsettled.append(lost)
            gained = shapely.difference(new, old)
            rival_rows = self._others(code, gained)
            claimed = shapely.intersection(gained, self.shapes[rival_rows])
            grave = shapely.area(claimed) > LEAST_SHARE * shapely.area(self.shapes[rival_rows])
            unsettled += list(claimed[grave])
        return shapely.union_all(unsettled)

    def _others(self, code: str, ground: BaseGeometry) -> IntArray:
        """Return the states on some ground that hold now, but for one grid's."""
        rows = self.tree.query(ground, predicate="intersects")
        others: IntArray = rows[self.alive[rows] & (self.codes[rows] != code)]
        return others

    def _finished(self, edit: _UnfinishedEdit) -> _FinishedEdit:
        """Return an edit with its grids as they were and as they became."""
        was = {code: row for code, (_, row) in edit.first.items() if row >= 0}
        now = {code: self.now[code] for code in edit.first if code in self.now}
        before, after = ({c: self.shapes[row] for c, row in rows.items()} for rows in (was, now))
        return edit, before, after

    def _shape(self, row: int) -> BaseGeometry:
        return self.shapes[row] if row >= 0 else _NO_GROUND

    def _same(self, was: int, code: str) -> bool:
        return bool(shapely.equals(self._shape(was), self._shape(self.now.get(code, -1))))


def _overlap(one: BaseGeometry, two: BaseGeometry) -> bool:
    """Return whether two pieces of ground have more in common than rounding."""
    common = shapely.intersection(one, two).area
    return bool(common > LEAST_SHARE * min(one.area, two.area))
