"""Service points: nodes, ways and areas whose tags are those of a kind of the standard."""

from collections.abc import Iterator, Sequence
from typing import Final

import geopandas as gpd

from boundaries.import_report import LayerReport
from boundaries.readers.osm.scan.extract import (
    Area,
    BrokenArea,
    Coordinates,
    Extract,
    Node,
    Other,
    Way,
    name_of,
)
from boundaries.readers.osm.scan.shapes import area_polygon, inner_point, way_place
from boundaries.readers.service_kinds import ServiceKinds
from boundaries.standards.tag_rules import kind_of
from geo.crs import STORED_EPSG
from geo.messages import Message
from geo.model.layer_columns import COLUMNS
from geo.model.vocabulary import Origin

_TAGGED: Final = [column for column in COLUMNS["service_points"].values() if column.osm_tag]
_GONE: Final = ("disused", "abandoned", "demolished")
Item = Node | Way | Area | BrokenArea | Other


def find_service_points(
    extract: Extract, kinds: ServiceKinds, report: LayerReport
) -> gpd.GeoDataFrame:
    """Return the layer `service_points`, EPSG:4326, nodes before ways before relations, by id.

    A way or an area gives one point inside it. What is marked as disused, or lacks its nodes, is
    rejected by name. What counts in no category is kept, and told by kind.
    """
    rows = []
    for row, item in _candidates(extract, kinds.rules.keys):
        match = kind_of(item.tags, kinds.rules)
        if match is None:
            continue
        report.read += 1
        place = _place(item, extract.coordinates)
        if any(item.tags.get(key) == "yes" for key in _GONE):
            report.reject(row, Message("osm.disused"))
        elif isinstance(place, Message):
            report.reject(row, place)
        else:
            category, sub = match
            tagged = [item.tags.get(column.osm_tag) for column in _TAGGED]
            rows.append((row, category, name_of(item.tags), sub, *place, *tagged))
            report.note(kinds.counted_as(category, sub))
    report.accepted = len(rows)
    columns = ["point_id", "category", "name", "sub", "lon", "lat"]
    columns += [column.name for column in _TAGGED]
    frame = gpd.GeoDataFrame(rows, columns=columns).assign(origin=Origin.OSM.value)
    return frame.set_geometry(
        gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float)),
        crs=STORED_EPSG,
    )


def _candidates(extract: Extract, keys: frozenset[str]) -> Iterator[tuple[str, Item]]:
    """Yield id and object of everything with one of `keys`."""
    relations: list[Area | BrokenArea | Other] = [*extract.areas, *extract.broken, *extract.others]
    groups: tuple[tuple[str, Sequence[Item]], ...] = (
        ("node", extract.nodes),
        ("way", extract.ways),
        ("relation", sorted(relations, key=lambda relation: relation.id)),
    )
    for kind, items in groups:
        for item in items:
            if not keys.isdisjoint(item.tags):
                yield f"{kind}/{item.id}", item


def _place(item: Item, coordinates: Coordinates) -> tuple[float, float] | Message:
    """Return the point of an object, degrees, or why it has none."""
    if isinstance(item, Node):
        return item.lon, item.lat
    if isinstance(item, Way):
        return way_place(item, coordinates) or Message("osm.no_node")
    if isinstance(item, Area):
        return inner_point(area_polygon(item, coordinates))
    if isinstance(item, BrokenArea):
        return Message("osm.members_lacking")
    return Message("osm.no_area_relation")
