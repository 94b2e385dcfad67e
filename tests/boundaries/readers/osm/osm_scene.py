"""Tiny OpenStreetMap files drawn in metres around 117 E, 37.38 N (EPSG:4548)."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

from pyproj import Transformer

EPSG = 4548
ORIGIN = (500_000.0, 4_138_600.0)
_TO_DEGREES = Transformer.from_crs(EPSG, 4326, always_xy=True)


def lonlat(x, y):
    """Degrees of a point x metres east and y metres north of the origin."""
    return _TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)


def _tags(tags):
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def osm_xml(nodes, ways=(), relations=(), *, bounds=None):
    """Return OSM XML.

    nodes: {id: (x, y) or (x, y, tags)}; ways: [(id, refs, tags)];
    relations: [(id, [(way, role)], tags)]; bounds: (x0, y0, x1, y1) in metres.
    """
    parts = ["<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>"]
    if bounds:
        (west, south), (east, north) = lonlat(*bounds[:2]), lonlat(*bounds[2:])
        parts.append(
            f"<bounds minlon='{west:.7f}' minlat='{south:.7f}' maxlon='{east:.7f}' "
            f"maxlat='{north:.7f}'/>"
        )
    for number, (x, y, *tags) in nodes.items():
        lon, lat = lonlat(x, y)
        inner = _tags(tags[0] if tags else {})
        parts.append(
            f"<node id='{number}' version='1' lon='{lon:.7f}' lat='{lat:.7f}'>{inner}</node>"
        )
    for number, refs, tags in ways:
        inner = "".join(f"<nd ref='{ref}'/>" for ref in refs)
        parts.append(f"<way id='{number}' version='1'>{inner}{_tags(tags)}</way>")
    for number, members, tags in relations:
        inner = "".join(
            f"<member type='way' ref='{ref}' role={quoteattr(role)}/>" for ref, role in members
        )
        parts.append(f"<relation id='{number}' version='1'>{inner}{_tags(tags)}</relation>")
    return "\n".join([*parts, "</osm>"])


def write_scene(path: Path, *args, **kwargs) -> Path:
    """Write a scene as .osm and return its path."""
    path.write_text(osm_xml(*args, **kwargs), "utf-8")
    return path
