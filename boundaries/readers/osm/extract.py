"""One OpenStreetMap file as plain values: tagged nodes, ways, areas and every coordinate needed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import osmium
import shapely

from boundaries.readers.osm.sniff import sniff_format
from geo.errors import FileFormatError

_DEGREES_PER_UNIT: Final = 1e-7  # OpenStreetMap stores coordinates as integers of this step
_AREA_RELATIONS: Final = frozenset({"multipolygon", "boundary"})

Refs = tuple[int, ...]


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
    parts: tuple[tuple[Refs, tuple[Refs, ...]], ...]
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
        found = self.ids[position] == wanted
        return np.where(found[:, None], self.lonlat[position], np.nan)


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file holds of the keys asked for, sorted by id.

    `box` is the rectangle (west, south, east, north) that the file declares, None if it does not;
    `unread` names the relations that are no areas.
    """

    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]
    areas: tuple[Area, ...]
    broken: tuple[BrokenArea, ...]
    unread: tuple[tuple[int, Mapping[str, str]], ...]
    coordinates: Coordinates
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class _Relation:
    """A tagged relation and its member ways with their roles."""

    id: int
    tags: Mapping[str, str]
    members: tuple[tuple[int, str], ...]


def name_of(tags: Mapping[str, str]) -> str:
    """Return the name to show, an empty string where there is none."""
    found = (tags[key] for key in ("name", "name:zh", "brand", "operator") if tags.get(key))
    return next(found, "")


def read_extract(path: Path, keys: Collection[str]) -> Extract:
    """Read every object of `path` that has one of `keys`, in one pass over the file.

    A second, short pass fetches the members of relations that the extract cuts through.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``, told by content.
    keys : collection of str
        Tag keys.

    Returns
    -------
    Extract

    Raises
    ------
    NotFoundError, EmptyError, FileFormatError
        If the file is absent, empty, damaged, or no OpenStreetMap extract.

    Notes
    -----
    Coordinates are looked up after the pass, so ways may stand before their nodes in the file.
    """
    file = osmium.io.File(str(path), sniff_format(path))
    try:
        return _scan(file, sorted(keys), path.name)
    except (RuntimeError, ValueError, OverflowError) as error:  # whatever the decoder stumbles over
        raise FileFormatError(
            f"{path.name} is damaged or cut short ({_one_line(error)}); fetch it again."
        ) from error


def _scan(file: Any, keys: Sequence[str], name: str) -> Extract:
    """Run the passes; decoder errors come out raw."""
    processor = osmium.FileProcessor(file)
    header = processor.header
    if header.has_multiple_object_versions:
        raise FileFormatError(f"{name} is a history file; wanted an extract of one moment.")
    key_filter = osmium.filter.KeyFilter(*keys)
    processor = processor.with_locations().with_areas(key_filter).with_filter(key_filter)
    nodes: dict[int, Node] = {}
    ways: dict[int, Way] = {}
    rings: dict[int, tuple[tuple[Refs, tuple[Refs, ...]], ...]] = {}
    relations: dict[int, _Relation] = {}
    for item in processor:
        if item.is_way():
            ways[item.id] = _way(item)
        elif item.is_node():
            if item.location.valid():
                nodes[item.id] = Node(item.id, dict(item.tags), item.lon, item.lat)
        elif item.is_relation():
            members = tuple((m.ref, m.role) for m in item.members if m.type == "w")
            relations[item.id] = _Relation(item.id, dict(item.tags), members)
        elif not item.from_way():
            rings[item.orig_id()] = _parts(item)
    area_like = [relations[i] for i in sorted(relations) if _is_area(relations[i])]
    areas = tuple(
        _area(relation, rings[relation.id]) for relation in area_like if relation.id in rings
    )
    broken = _broken([relation for relation in area_like if relation.id not in rings], ways, file)
    refs = [way.refs for way in ways.values()]
    refs += [way.refs for area in broken for way in area.ways]
    refs += [ring for area in areas for outer, inners in area.parts for ring in (outer, *inners)]
    return Extract(
        nodes=tuple(nodes[i] for i in sorted(nodes)),
        ways=tuple(ways[i] for i in sorted(ways)),
        areas=areas,
        broken=broken,
        unread=tuple(
            (i, relations[i].tags) for i in sorted(relations) if not _is_area(relations[i])
        ),
        coordinates=_look_up(refs, processor.node_location_storage),
        box=_box(header),
    )


def _way(item: Any) -> Way:
    return Way(item.id, dict(item.tags), tuple(node.ref for node in item.nodes))


def _parts(item: Any) -> tuple[tuple[Refs, tuple[Refs, ...]], ...]:
    """Return the rings of an assembled area, smallest first node first for a fixed order."""
    parts = []
    for outer in item.outer_rings():
        inners = [tuple(node.ref for node in ring) for ring in item.inner_rings(outer)]
        parts.append((tuple(node.ref for node in outer), tuple(sorted(inners))))
    return tuple(sorted(parts))


def _is_area(relation: _Relation) -> bool:
    return relation.tags.get("type") in _AREA_RELATIONS


def _area(relation: _Relation, parts: tuple[tuple[Refs, tuple[Refs, ...]], ...]) -> Area:
    outer = tuple(ref for ref, role in relation.members if role in {"outer", ""})
    return Area(relation.id, relation.tags, parts, outer)


def _broken(
    relations: Sequence[_Relation], ways: Mapping[int, Way], file: Any
) -> tuple[BrokenArea, ...]:
    """Give each relation that could not be assembled the member ways that the file holds."""
    wanted = {ref for relation in relations for ref, _ in relation.members}
    there = {ref: ways[ref] for ref in wanted if ref in ways}
    if wanted - there.keys():
        only = osmium.filter.IdFilter(sorted(wanted - there.keys()))
        for item in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(only):
            there[item.id] = _way(item)
    return tuple(
        BrokenArea(r.id, r.tags, tuple(there[ref] for ref, _ in r.members if ref in there))
        for r in relations
    )


def _look_up(refs: Iterable[Refs], storage: Any) -> Coordinates:
    """Fetch each node's place once."""
    ids = np.unique(np.fromiter((ref for ring in refs for ref in ring), np.int64))
    units = np.full((len(ids), 2), np.nan)
    for row, ref in enumerate(ids.tolist()):
        try:
            place = storage.get(ref)
        except KeyError:
            continue
        if place.valid():
            units[row] = place.x, place.y
    return Coordinates(ids, units * _DEGREES_PER_UNIT)


def _box(header: Any) -> tuple[float, float, float, float] | None:
    """Return the declared rectangle if it is one."""
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    corners = (low.lon, low.lat, high.lon, high.lat)
    return corners if shapely.box(*corners).area > 0 else None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
