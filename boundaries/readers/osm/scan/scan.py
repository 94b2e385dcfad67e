"""Scan an OpenStreetMap file: one pass for tagged objects, one for areas cut by the extract."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import osmium
import shapely

from boundaries.readers.osm.scan.extract import (
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
from boundaries.readers.osm.scan.file_format import PlainFile, deleted_objects, plain_file
from geo.errors import FileFormatError

Deleted = frozenset[tuple[str, int]]

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
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``; content and ending agree.
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
    Areas need a file sorted by type and id, as almost all are; another one is sorted into a
    temporary copy first.
    """
    with plain_file(path) as plain:
        gone = deleted_objects(plain)
        try:
            try:
                return _scan(plain.opened(), sorted(keys), path.name, gone)
            except _UnsortedError:
                return _scan_sorted(plain, sorted(keys), path.name, gone)
        except (RuntimeError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
            reason = " ".join(str(error).split())[:120]
            raise FileFormatError("osm.damaged", name=path.name, reason=reason) from error


class _UnsortedError(Exception):
    """The file is not sorted by type and id."""


def _scan_sorted(plain: PlainFile, keys: Sequence[str], name: str, gone: Deleted) -> Extract:
    """Scan a copy of a file sorted by type and id."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        merger = osmium.MergeInputReader()
        merger.add_buffer(plain.path.read_bytes(), plain.kind)
        with osmium.SimpleWriter(str(copy)) as writer:
            merger.apply(writer, simplify=True)
        extract = _scan(osmium.io.File(str(copy), "pbf"), keys, name, gone)
    return replace(extract, box=_box(osmium.FileProcessor(plain.opened()).header))


def _scan(file: osmium.io.File, keys: Sequence[str], name: str, gone: Deleted) -> Extract:
    """Run the passes; decoder errors come out raw."""
    processor = osmium.FileProcessor(file)
    header = processor.header
    if header.has_multiple_object_versions:
        raise FileFormatError("osm.history_file", name=name)
    try:
        objects, storage = _collect(processor, keys, name)
    except RuntimeError as error:
        if "out of order" in str(error):
            raise _UnsortedError from error
        raise
    objects.remove(gone)
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
        deleted=len(gone),
    )


@dataclass(frozen=True, slots=True)
class _Objects:
    """Objects of one pass by id; of a repeated object the last version."""

    nodes: dict[int, Node] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: dict[int, _Relation] = field(default_factory=dict)
    rings: dict[int, Parts] = field(default_factory=dict)

    def remove(self, gone: Deleted) -> None:
        """Leave out what was deleted."""
        of_kind: dict[str, dict[int, Any]] = {
            "node": self.nodes,
            "way": self.ways,
            "relation": self.relations,
        }
        for kind, ref in gone:
            of_kind[kind].pop(ref, None)


def _collect(
    processor: osmium.FileProcessor, keys: Sequence[str], name: str
) -> tuple[_Objects, osmium.index.LocationTable]:
    """Read every object with one of `keys`, and where every node lies."""
    storage = osmium.index.create_map("flex_mem")
    key_filter = osmium.filter.KeyFilter(*keys)
    processor = processor.with_locations(storage)  # type: ignore[arg-type]  # the stub says str
    processor = processor.with_areas(key_filter).with_filter(key_filter)
    objects = _Objects()
    late: list[int] = []
    for item in processor:
        # Only a history has objects that are no more.
        if not isinstance(item, osmium.osm.Changeset) and item.deleted:
            raise FileFormatError("osm.history_file", name=name)
        if isinstance(item, osmium.osm.Way):
            objects.ways[item.id] = way = _way(item)
            if way.refs and way.refs[0] > 0 and not item.nodes[0].location.valid():
                late.append(way.refs[0])
        elif isinstance(item, osmium.osm.Node):
            if item.location.valid():
                objects.nodes[item.id] = Node(item.id, dict(item.tags), item.lon, item.lat)
        elif isinstance(item, osmium.osm.Relation):
            members = tuple((m.ref, m.role) for m in item.members if m.type == "w")
            objects.relations[item.id] = _Relation(item.id, dict(item.tags), members)
        elif isinstance(item, osmium.osm.Area) and not item.from_way():
            objects.rings[item.orig_id()] = _parts(item)
    if any(_place(storage, ref) is not None for ref in late):
        raise _UnsortedError  # a node stands behind its way
    return objects, storage


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
    members = {ref: ways[ref] for ref in wanted if ref in ways}
    if wanted - members.keys():
        only = osmium.filter.IdFilter(sorted(wanted - members.keys()))
        for item in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(only):
            if isinstance(item, osmium.osm.Way):
                members[item.id] = _way(item)
    return tuple(
        BrokenArea(r.id, r.tags, tuple(members[ref] for ref, _ in r.members if ref in members))
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
        place = _place(storage, ref)
        if place is not None:
            units[row] = place
    return Coordinates(ids, units * _DEGREES_PER_UNIT)


def _place(storage: osmium.index.LocationTable, ref: int) -> tuple[int, int] | None:
    """Return the location of a node in units of 1e-7 degrees; None if the file lacks it."""
    try:
        place = storage.get(ref)
    except KeyError:
        return None
    return (place.x, place.y) if place.valid() else None


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
