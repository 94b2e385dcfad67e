"""Extract of one OpenStreetMap file: tagged nodes, ways, areas and their coordinates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Refs = tuple[int, ...]
Parts = tuple[tuple[Refs, tuple[Refs, ...]], ...]
"""Outer ring and inner rings of each part of an area."""


@dataclass(frozen=True, slots=True)
class Node:
    """A tagged node; `lon`, `lat` in degrees, EPSG:4326."""

    id: int
    tags: Mapping[str, str]
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Way:
    """A tagged way; `refs` are its node ids in order."""

    id: int
    tags: Mapping[str, str]
    refs: Refs

    @property
    def closed(self) -> bool:
        """Whether the way is a ring."""
        return len(self.refs) > 3 and self.refs[0] == self.refs[-1]  # noqa: PLR2004 - a triangle


@dataclass(frozen=True, slots=True)
class Area:
    """A complete multipolygon relation: per part the outer ring and its inner rings."""

    id: int
    tags: Mapping[str, str]
    parts: Parts
    outer_ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BrokenArea:
    """A multipolygon relation whose rings do not close within the extract.

    `ways` are the member ways that are there.
    """

    id: int
    tags: Mapping[str, str]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A tagged relation that is no area, for instance a site or a stop area."""

    id: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Places of nodes.

    Attributes
    ----------
    ids : ndarray of int64, shape (n,)
        Ascending.
    lonlat : ndarray of float64, shape (n, 2)
        Degrees, EPSG:4326; NaN for a node that the extract lacks.
    """

    ids: npt.NDArray[np.int64]
    lonlat: npt.NDArray[np.float64]

    def at(self, refs: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return degrees of the nodes `refs`, shape (m, 2); NaN where the extract lacks one."""
        wanted = np.asarray(refs, np.int64)
        if not len(self.ids):
            return np.full((len(wanted), 2), np.nan)
        position = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        is_known = self.ids[position] == wanted
        return np.where(is_known[:, None], self.lonlat[position], np.nan)


@dataclass(frozen=True, slots=True)
class Extract:
    """Objects of a file with one of the requested keys, sorted by id.

    `box` is the rectangle (west, south, east, north) that the file declares, None if it does not;
    `deleted` is the number of objects that were left out as deleted in an editor.
    """

    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]
    areas: tuple[Area, ...]
    broken: tuple[BrokenArea, ...]
    others: tuple[Other, ...]
    coordinates: Coordinates
    box: tuple[float, float, float, float] | None
    deleted: int = 0


def name_of(tags: Mapping[str, str]) -> str:
    """Return the display name; empty if there is none."""
    names = (tags[key] for key in ("name", "name:zh", "brand", "operator") if tags.get(key))
    return next(names, "")
