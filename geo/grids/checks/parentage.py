"""Which grid each grid belongs under, by its code and by the ground, and parents that are wrong.

A wrong parent is a fault of that one cell, never of the ground: what lies on the ground is decided
by levels and shapes. A grid has the parent that it names if that is one level up and holds it. One
that names none, a grid that is not there, one of another level or one that lies elsewhere is put
under the grid one level up that holds most of its ground.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point

from geo.arrays import GeometryArray, IntArray
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.codes import LEVELS
from geo.grids.hierarchy import LEVEL_WORDS
from geo.messages import Message
from geo.model.vocabulary import Level

HOLDS: Final = 0.5
"""A grid with more than this share of another's ground holds it."""

LEVEL_ABOVE: Final[Mapping[str, Level]] = MappingProxyType(
    {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}
)

Codes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Parentage:
    """The tree of a plan as it is meant.

    Attributes
    ----------
    parent : ndarray of object, shape (n,)
        Code of the parent of each row; None where there is none, or none can be told.
    ground : ndarray of int
        Rows that lie on the ground: the small grids, and others on whose ground none is drawn.
    recoded : dict of str to str
        Codes under which grids are named by those in them, by the code that each bears itself.
    faults : list of GridFault
        Of parents, by row.
    """

    parent: Codes
    ground: IntArray
    recoded: Mapping[str, str]
    faults: list[GridFault]


def find_parentage(plan: gpd.GeoDataFrame) -> Parentage:
    """Return the parent that each grid of a plan should have, and the faults of parents.

    Parameters
    ----------
    plan : GeoDataFrame
        Layer ``grids``, all levels, valid or empty polygons in the metric CRS; index 0..n-1.
    """
    family = _Family(plan)
    parent, recoded, wrong = family.resolve()
    ground, childless = family.ground(parent)
    faults = [family.fault(int(row), parent[row], childless=False) for row in wrong]
    faults += [family.fault(int(row), None, childless=True) for row in childless]
    return Parentage(parent, ground, recoded, faults)


class _Family:
    """Codes, levels and shapes of a plan, and who lies on whose ground."""

    def __init__(self, plan: gpd.GeoDataFrame) -> None:
        self.codes = plan["code"].to_numpy(object)
        self.level = plan["level"].to_numpy(object)
        self.named = np.array(
            [parent if isinstance(parent, str) else None for parent in plan["parent_code"]], object
        )
        self.shapes: GeometryArray = np.asarray(plan.geometry, dtype=object)
        self.rows = {level: np.flatnonzero(self.level == level) for level in LEVELS}
        self.row_of: dict[tuple[str, str], int] = {}
        for row in range(len(plan))[::-1]:  # the first of two counts
            self.row_of[self.level[row], self.codes[row]] = row

    def resolve(self) -> tuple[Codes, dict[str, str], IntArray]:
        """Return the parent of each row, codes that children name otherwise, and wrong rows."""
        parent, suspects = self.named.copy(), []
        for level, above in LEVEL_ABOVE.items():
            rows = self.rows[Level(level)]
            at = np.array([self.row_of.get((above, name), -1) for name in self.named[rows]], int)
            elsewhere = self._is_elsewhere(rows, at)
            suspects += [
                (int(row), bool(away))
                for row, there, away in zip(rows, at >= 0, elsewhere, strict=True)
                if not there or away
            ]
        wrong = [int(row) for row in self.rows[Level.LARGE] if self.named[row] is not None]
        parent[wrong] = None
        for row, away in suspects:
            holder = self._holder(row)
            is_foreign = holder is not None and not self.codes[row].startswith(
                self.named[row] or ""
            )
            if not away or is_foreign:
                parent[row] = holder
                wrong.append(row)
        recoded = self._recoded(parent, wrong)
        named_otherwise = {row for row in wrong if recoded.get(parent[row], "") == self.named[row]}
        return parent, recoded, np.array(sorted({*wrong} - named_otherwise), np.int64)

    def _is_elsewhere(self, rows: IntArray, parents: IntArray) -> npt.NDArray[np.bool_]:
        """Return whether most of a grid lies outside the parent that it names, or may do so."""
        has_parent = parents >= 0
        shapes, above = self.shapes[rows], self.shapes[np.where(has_parent, parents, 0)]
        comparable = has_parent & ~shapely.is_empty(shapes)
        # A place inside tells at once; only where it lies outside shapes are laid over each other.
        inside = shapely.intersects(above, shapely.point_on_surface(shapes))
        doubtful = np.flatnonzero(comparable & ~inside)
        common = shapely.area(shapely.intersection(shapes[doubtful], above[doubtful]))
        away = np.zeros(len(rows), dtype=np.bool_)
        away[doubtful] = common <= HOLDS * shapely.area(shapes[doubtful])
        return away

    def _holder(self, row: int) -> str | None:
        """Return the code of the grid one level up on which most of a grid lies.

        By its code where the ground does not tell.
        """
        above = self.rows[LEVEL_ABOVE[self.level[row]]]
        shape = self.shapes[row]
        if len(above) and shape.area > 0:
            share = shapely.area(shapely.intersection(self.shapes[above], shape)) / shape.area
            best = int(np.argmax(share))
            if share[best] > HOLDS:
                return str(self.codes[above[best]])
        prefixes = [str(c) for c in self.codes[above] if self.codes[row].startswith(c)]
        return max(prefixes, key=len, default=None)

    def _recoded(self, parent: Codes, wrong: list[int]) -> dict[str, str]:
        """Return grids that are in the plan under another code than those in them name.

        One cell is wrong then: the code of the parent, and not that of every child.
        """
        known = {str(code) for code in self.codes}
        named = {name for name in self.named if name is not None}
        names: dict[str, set[str]] = {}
        for row in wrong:
            name, holder = self.named[row], parent[row]
            if name is None or name in known or holder is None or holder in named:
                continue
            # The code of a child begins with the code that its parent is meant to have.
            is_meant = self.codes[row].startswith(name)
            names.setdefault(holder, set()).add(name if is_meant else "")
        meant = {holder: next(iter(each)) for holder, each in names.items() if len(each) == 1}
        return {holder: name for holder, name in meant.items() if name}

    def ground(self, parent: Codes) -> tuple[IntArray, IntArray]:
        """Return the rows on the ground, and parents without children on ground of others."""
        with_children = set(parent[parent != None])  # noqa: E711 - element by element
        ground = self.rows[Level.SMALL].tolist()
        stranded: list[int] = []
        lower = self.rows[Level.SMALL]
        for level in (Level.MEDIUM, Level.LARGE):
            for row in self.rows[level].tolist():
                if self.codes[row] not in with_children:
                    (stranded if self._is_covered(row, lower) else ground).append(row)
            lower = np.concatenate([lower, self.rows[level]])
        return np.array(sorted(ground), np.int64), np.array(sorted(stranded), np.int64)

    def _is_covered(self, row: int, lower: IntArray) -> bool:
        """Return whether grids of lower levels lie on most of a grid's ground."""
        shape = self.shapes[row]
        if not len(lower) or shape.area <= 0:
            return False
        common = shapely.intersection(shapely.union_all(self.shapes[lower]), shape)
        return bool(common.area > HOLDS * shape.area)

    def fault(self, row: int, wanted: str | None, *, childless: bool) -> GridFault:
        """Return the fault of one row."""
        code, named = str(self.codes[row]), self.named[row]
        text = self._text(row, childless=childless)
        if childless:
            repair = Message("grid_repairs.name_children", {"code": code})
        elif self.level[row] == Level.LARGE:
            repair = Message("grid_repairs.no_parent")
        elif wanted is None:
            advice = "grid_repairs.add_parent" if named else "grid_repairs.add_a_parent"
            repair = Message(advice, {"code": code, "parent": named})
        elif code.startswith(wanted):
            repair = Message("grid_repairs.put_under", {"parent": wanted})
        else:
            repair = Message("grid_repairs.put_under_recoded", {"parent": wanted})
        place = shapely.point_on_surface(self.shapes[row]) or Point()
        return GridFault(Rule.PARENT, (code,), place, 1.0, text, repair)

    def _text(self, row: int, *, childless: bool) -> Message:
        code, named, level = str(self.codes[row]), self.named[row], self.level[row]
        family = {"code": code, "parent": named}
        if childless:
            return Message("grid_faults.no_children", {"code": code})
        if level == Level.LARGE:
            return Message("grid_faults.large_with_parent", family)
        if named is None:
            return Message("grid_faults.no_parent", {"code": code})
        above = LEVEL_ABOVE[level]
        if (above, named) in self.row_of:
            return Message("grid_faults.parent_elsewhere", family)
        return Message("grid_faults.parent_not_in_plan", {**family, "level": LEVEL_WORDS[above]})
