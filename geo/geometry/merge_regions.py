"""Merge what is too small into a neighbour, inside its parent, until everything is large enough."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.geometry.polygonize import Faces


@dataclass(frozen=True, slots=True)
class Target:
    """When a grid is large enough.

    Attributes
    ----------
    area_m2 : float
        Grids of a smaller area are merged, where households are not known or not asked for.
    households : int
        Grids with fewer households are merged; 0 to go by area alone.
    households_max : int
        A neighbour with which this is not exceeded is preferred, however short the border.
    empty_area_m2 : float
        A grid as large as this stands even with fewer households: parks, water, fields.
    most : int or None
        A parent holds no more than this many; the smallest are merged until that is so.
    """

    area_m2: float
    households: int = 0
    households_max: int = 0
    empty_area_m2: float = np.inf
    most: int | None = None


def merge(
    groups: IntArray,
    faces: Faces,
    target: Target,
    *,
    within: IntArray,
    area_m2: FloatArray,
    households: IntArray | None = None,
) -> IntArray:
    """Merge groups of faces that are too small.

    The smallest group goes first, into the neighbour with the longest shared border in the same
    parent, and so on; groups without such a neighbour stay as they are. The result is connected
    over borders whenever `groups` are, and the same for the same faces.

    Parameters
    ----------
    groups : ndarray of int64, shape (f,)
        Group of each face.
    faces : Faces
    target : Target
    within : ndarray of int64, shape (f,)
        Parent of each face, the same throughout a group.
    area_m2 : ndarray of float64, shape (f,)
        Area of each face.
    households : ndarray of int64, shape (f,), optional
        Households in each face; None goes by area.

    Returns
    -------
    ndarray of int64, shape (f,)
        Group of each face: the lowest of the groups that were merged. Cost b log b.
    """
    counted = households if households is not None and target.households else None
    state = _MergeState.of(groups, faces, within=within, area_m2=area_m2, households=counted)
    queue = [(state.size(group), group) for group in state.area_m2]
    heapq.heapify(queue)
    while queue:
        size, group = heapq.heappop(queue)
        if group not in state.area_m2 or state.size(group) != size:
            continue  # merged since, or grown
        if not (state.short(group, target) or state.crowded(group, target)):
            continue
        neighbour = state.neighbour(group, target)
        if neighbour is not None:
            kept = state.join(group, neighbour)
            heapq.heappush(queue, (state.size(kept), kept))
    return state.labels(groups)


@dataclass(slots=True)
class _MergeState:
    """Groups while they are merged, by label; a merged group keeps the lower of the two labels."""

    area_m2: dict[int, float]
    households: dict[int, int] | None
    parent: dict[int, int]
    in_parent: dict[int, int]
    border_m: dict[int, dict[int, float]]
    merged: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        groups: IntArray,
        faces: Faces,
        *,
        within: IntArray,
        area_m2: FloatArray,
        households: IntArray | None,
    ) -> "_MergeState":
        labels, first, which = np.unique(groups, return_index=True, return_inverse=True)
        parents = within[first].tolist()
        names = labels.tolist()
        total = np.bincount(which, weights=area_m2, minlength=len(labels)).tolist()
        people = None
        if households is not None:
            summed = np.bincount(which, weights=households, minlength=len(labels))
            people = dict(zip(names, summed.astype(np.int64).tolist(), strict=True))
        border_m: dict[int, dict[int, float]] = {name: {} for name in names}
        for (one, two), length_m in zip(groups[faces.pairs].tolist(), faces.length_m, strict=True):
            border_m[one][two] = border_m[one].get(two, 0.0) + float(length_m)
            border_m[two][one] = border_m[two].get(one, 0.0) + float(length_m)
        parent = dict(zip(names, parents, strict=True))
        for name in names:
            inside = {
                other: m for other, m in border_m[name].items() if parent[other] == parent[name]
            }
            inside.pop(name, None)
            border_m[name] = inside
        values, counts = np.unique(parents, return_counts=True)
        in_parent = dict(zip(values.tolist(), counts.tolist(), strict=True))
        area = dict(zip(names, total, strict=True))
        return cls(area, people, parent, in_parent, border_m)

    def size(self, group: int) -> tuple[int, float]:
        """Return what groups are ordered by: households, then area."""
        return (0 if self.households is None else self.households[group]), self.area_m2[group]

    def short(self, group: int, target: Target) -> bool:
        """Tell whether a group is too small."""
        if self.households is None:
            return self.area_m2[group] < target.area_m2
        few = self.households[group] < target.households
        return few and self.area_m2[group] < target.empty_area_m2

    def crowded(self, group: int, target: Target) -> bool:
        """Tell whether the group's parent holds too many."""
        return target.most is not None and self.in_parent[self.parent[group]] > target.most

    def neighbour(self, group: int, target: Target) -> int | None:
        """Return the neighbour to merge with; None if there is none in the same parent."""

        def worth(other: int) -> tuple[bool, float, int]:
            # Nobody in the group: nobody is added to the neighbour, so that any fits.
            fits = (
                self.households is None
                or not self.households[group]
                or (self.households[group] + self.households[other] <= target.households_max)
            )
            # Millimetres, so that sums in another order give the same choice.
            return fits, round(self.border_m[group][other], 3), -other

        return max(self.border_m[group], key=worth, default=None)

    def join(self, one: int, two: int) -> int:
        """Merge two groups; return the label of both."""
        kept, gone = min(one, two), max(one, two)
        self.area_m2[kept] += self.area_m2.pop(gone)
        if self.households is not None:
            self.households[kept] += self.households.pop(gone)
        self.in_parent[self.parent[gone]] -= 1
        for other, length_m in self.border_m.pop(gone).items():
            del self.border_m[other][gone]
            if other != kept:
                total_m = self.border_m[kept].get(other, 0.0) + length_m
                self.border_m[kept][other] = self.border_m[other][kept] = total_m
        self.merged[gone] = kept
        return kept

    def labels(self, groups: IntArray) -> IntArray:
        """Return the group of each face after all merging."""
        names = np.unique(groups)
        last = []
        for name in names.tolist():
            kept = name
            while kept in self.merged:
                kept = self.merged[kept]
            last.append(kept)
        return np.asarray(last, dtype=np.int64)[np.searchsorted(names, groups)]
