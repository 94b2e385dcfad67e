"""Scan an OpenStreetMap file: one pass for the tagged objects, one for what the extract cuts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import shapely

from boundaries.readers.osm.extract import (
    Area,
    BrokenArea,
    Coordinates,
    Extract,
    Node,
    Other,
    Parts,
    Refs,
    Way,
)
from boundaries.readers.osm.sniff import sniff_format
from geo.errors import FileFormatError

_DEGREES_PER_UNIT: Final = 1e-7  # OpenStreetMap stores coordinates as integers of this step
_AREA_RELATIONS: Final = frozenset({"multipolygon", "boundary"})


@dataclass(frozen=True, slots=True)
class _Relation:
    """A tagged relation and its member ways with their roles."""

    id: int
    tags: Mapping[str, str]
    members: tuple[tuple[int, str], ...]


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


def _scan(file: osmium.io.File, keys: Sequence[str], name: str) -> Extract:
    """Run the passes; decoder errors come out raw."""
    processor = osmium.FileProcessor(file)
    header = processor.header
    if header.has_multiple_object_versions:
        raise FileFormatError(f"{name} is a history file; wanted an extract of one moment.")
    objects, storage = _collect(processor, keys)
    relations = [objects.relations[number] for number in sorted(objects.relations)]
    whole = [r for r in relations if _is_area(r) and r.id in objects.rings]
    cut = [r for r in relations if _is_area(r) and r.id not in objects.rings]
    areas = tuple(_area(relation, objects.rings[relation.id]) for relation in whole)
    broken = _broken(cut, objects.ways, file)
    refs = [way.refs for way in objects.ways.values()]
    refs += [way.refs for area in broken for way in area.ways]
    refs += [ring for area in areas for outer, inners in area.parts for ring in (outer, *inners)]
    return Extract(
        nodes=tuple(objects.nodes[number] for number in sorted(objects.nodes)),
        ways=tuple(objects.ways[number] for number in sorted(objects.ways)),
        areas=areas,
        broken=broken,
        others=tuple(Other(r.id, r.tags) for r in relations if not _is_area(r)),
        coordinates=_look_up(refs, storage, file),
        box=_box(header),
    )


@dataclass(frozen=True, slots=True)
class _Objects:
    """What one pass finds, by id; an object that occurs twice keeps its last version."""

    nodes: dict[int, Node] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: dict[int, _Relation] = field(default_factory=dict)
    rings: dict[int, Parts] = field(default_factory=dict)


def _collect(
    processor: osmium.FileProcessor, keys: Sequence[str]
) -> tuple[_Objects, osmium.index.LocationTable]:
    """Read every object with one of `keys`, and where every node lies."""
    storage = osmium.index.create_map("flex_mem")
    key_filter = osmium.filter.KeyFilter(*keys)
    processor = processor.with_locations(storage)  # type: ignore[arg-type]  # the stub says str
    processor = processor.with_areas(key_filter).with_filter(key_filter)
    found = _Objects()
    for item in processor:
        if isinstance(item, osmium.osm.Way):
            found.ways[item.id] = _way(item)
        elif isinstance(item, osmium.osm.Node):
            if item.location.valid():
                found.nodes[item.id] = Node(item.id, dict(item.tags), item.lon, item.lat)
        elif isinstance(item, osmium.osm.Relation):
            members = tuple((m.ref, m.role) for m in item.members if m.type == "w")
            found.relations[item.id] = _Relation(item.id, dict(item.tags), members)
        elif isinstance(item, osmium.osm.Area) and not item.from_way():
            found.rings[item.orig_id()] = _parts(item)
    return found, storage


def _way(item: osmium.osm.Way) -> Way:
    return Way(item.id, dict(item.tags), tuple(node.ref for node in item.nodes))


def _parts(item: osmium.osm.Area) -> Parts:
    """Return the rings of an assembled area in a fixed order."""
    parts = []
    for outer in item.outer_rings():
        inners = [tuple(node.ref for node in ring) for ring in item.inner_rings(outer)]
        parts.append((tuple(node.ref for node in outer), tuple(sorted(inners))))
    return tuple(sorted(parts))


def _is_area(relation: _Relation) -> bool:
    return relation.tags.get("type") in _AREA_RELATIONS


def _area(relation: _Relation, parts: Parts) -> Area:
    outer = tuple(ref for ref, role in relation.members if role in {"outer", ""})
    return Area(relation.id, relation.tags, parts, outer)


def _broken(
    relations: Sequence[_Relation], ways: Mapping[int, Way], file: osmium.io.File
) -> tuple[BrokenArea, ...]:
    """Give each relation that could not be assembled the member ways that the file holds."""
    wanted = {ref for relation in relations for ref, _ in relation.members}
    there = {ref: ways[ref] for ref in wanted if ref in ways}
    if wanted - there.keys():
        only = osmium.filter.IdFilter(sorted(wanted - there.keys()))
        for item in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(only):
            if isinstance(item, osmium.osm.Way):
                there[item.id] = _way(item)
    return tuple(
        BrokenArea(r.id, r.tags, tuple(there[ref] for ref, _ in r.members if ref in there))
        for r in relations
    )


def _look_up(
    refs: Iterable[Refs], storage: osmium.index.LocationTable, file: osmium.io.File
) -> Coordinates:
    """Fetch each node's place once."""
    ids = np.unique(np.fromiter((ref for ring in refs for ref in ring), np.int64))
    units = np.full((len(ids), 2), np.nan)
    new = _unuploaded(file) if len(ids) and ids[0] < 0 else {}
    for row, ref in enumerate(ids.tolist()):
        if ref < 0:
            units[row] = new.get(ref, (np.nan, np.nan))
            continue
        try:
            place = storage.get(ref)
        except KeyError:
            continue
        if place.valid():
            units[row] = place.x, place.y
    return Coordinates(ids, units * _DEGREES_PER_UNIT)


def _unuploaded(file: osmium.io.File) -> dict[int, tuple[int, int]]:
    """Return places of nodes that an editor numbered below zero; pyosmium's table refuses them."""
    return {
        item.id: (item.location.x, item.location.y)
        for item in osmium.FileProcessor(file, osmium.osm.NODE)
        if isinstance(item, osmium.osm.Node) and item.id < 0
    }


def _box(header: osmium.io.Header) -> tuple[float, float, float, float] | None:
    """Return the declared rectangle if it is one."""
    box = header.box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    corners = (low.lon, low.lat, high.lon, high.lat)
    return corners if shapely.box(*corners).area > 0 else None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
