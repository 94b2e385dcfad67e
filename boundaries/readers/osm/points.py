"""Service points: nodes, ways and areas whose tags lead to a category."""

from collections.abc import Iterator, Mapping
from typing import Final

import geopandas as gpd

from boundaries.readers.osm.extract import Extract, name_of
from boundaries.readers.osm.shapes import area_polygon, inner_point, way_place
from boundaries.report import LayerReport
from boundaries.tag_rules import TagRules, category_of
from geo.crs import STORED_EPSG
from geo.district import Origin

_GONE: Final = ("disused", "abandoned", "demolished")

Place = tuple[float, float]


def find_service_points(extract: Extract, rules: TagRules, report: LayerReport) -> gpd.GeoDataFrame:
    """Return the layer `service_points`, EPSG:4326, nodes before ways before relations, by id.

    A way or an area gives one point inside it. What is marked as disused, or lacks its nodes, is
    rejected by name.
    """
    rows = []
    for row, tags, place in _candidates(extract, rules):
        found = category_of(tags, rules)
        if found is None:
            continue
        report.read += 1
        if any(tags.get(key) == "yes" for key in _GONE):
            report.reject(row, "marked as disused")
        elif place is None:
            report.reject(row, "its nodes or members are not all in the extract")
        else:
            category, sub = found
            rows.append((row, category, name_of(tags), sub, *place))
            report.note(category)
    report.accepted = len(rows)
    columns = ["point_id", "category", "name", "sub", "lon", "lat"]
    frame = gpd.GeoDataFrame(rows, columns=columns).assign(origin=Origin.OSM.value)
    return frame.set_geometry(
        gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float)),
        crs=STORED_EPSG,
    )


def _candidates(
    extract: Extract, rules: TagRules
) -> Iterator[tuple[str, Mapping[str, str], Place | None]]:
    """Yield id, tags and place of everything with a key of the rules, places made on the way."""
    keys = rules.keys
    for node in extract.nodes:
        if not keys.isdisjoint(node.tags):
            yield f"node/{node.id}", node.tags, (node.lon, node.lat)
    for way in extract.ways:
        if not keys.isdisjoint(way.tags):
            yield f"way/{way.id}", way.tags, way_place(way, extract.coordinates)
    relations: list[tuple[int, Mapping[str, str], Place | None]] = [
        (area.id, area.tags, inner_point(area_polygon(area, extract.coordinates)))
        for area in extract.areas
        if not keys.isdisjoint(area.tags)
    ]
    relations += [(broken.id, broken.tags, None) for broken in extract.broken]
    relations += [(number, tags, None) for number, tags in extract.unread]
    for number, tags, place in sorted(relations, key=lambda item: item[0]):
        yield f"relation/{number}", tags, place
