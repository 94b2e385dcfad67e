"""Open grounds: parks, schools, works, fields large enough for a grid of their own; compounds."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.osm.scan.extract import Extract, name_of
from boundaries.readers.osm.scan.shapes import area_polygon, polygonal, way_polygon
from geo.crs import STORED_EPSG
from geo.messages import Message
from geo.model.vocabulary import GroundKind
from geo.partition.atoms.territories import OWN_GROUND_M2

GROUND_KEYS: Final = frozenset({"amenity", "landuse", "leisure", "natural"})
"""Keys of the tags that say it."""

COMPOUND_LEAST_M2: Final = 2_000.0
"""A smaller outline around homes is a plot, no compound."""

_TAGS: Final = {
    "leisure": dict.fromkeys(("park", "nature_reserve", "golf_course"), GroundKind.PARK),
    "amenity": dict.fromkeys(("school", "university", "college", "hospital"),
                             GroundKind.INSTITUTION),
    "landuse": {
        **dict.fromkeys(("recreation_ground", "cemetery", "forest"), GroundKind.PARK),
        "education": GroundKind.INSTITUTION,
        **dict.fromkeys(("industrial", "quarry", "port", "military", "landfill"),
                        GroundKind.WORKS),
        **dict.fromkeys(("farmland", "orchard", "vineyard", "meadow", "allotments",
                         "greenhouse_horticulture", "plant_nursery"), GroundKind.FIELD),
    },
    "natural": {
        "wood": GroundKind.PARK,
        **dict.fromkeys(("scrub", "heath", "grassland"), GroundKind.FIELD),
    },
}  # fmt: skip


def ground_kind(tags: Mapping[str, str]) -> GroundKind | None:
    """Return what the ground of an object is used for; None if it is none of these.

    A compound is an outline around homes that has a name or a fence: without either it may be any
    built-up ground.

    Examples
    --------
    >>> ground_kind({"leisure": "park"}).value, ground_kind({"landuse": "residential"})
    ('park', None)
    >>> ground_kind({"landuse": "residential", "name": "清华园"}).value
    'compound'
    """
    if tags.get("landuse") == "residential" and (name_of(tags) or "barrier" in tags):
        return GroundKind.COMPOUND
    return next((kinds[tags[key]] for key, kinds in _TAGS.items() if tags.get(key) in kinds), None)


def find_open_grounds(extract: Extract, *, epsg: int, report: LayerReport) -> gpd.GeoDataFrame:
    """Return the layer `open_grounds`, EPSG:4326, ways before relations, by id.

    What is too small for a grid of its own is left out and counted; compounds may be smaller
    (:data:`COMPOUND_LEAST_M2`).
    """
    rows = [
        (f"way/{way.id}", kind, name_of(way.tags), shape)
        for way in extract.ways
        if (kind := ground_kind(way.tags)) is not None
        and (shape := way_polygon(way, extract.coordinates)) is not None
    ]
    rows += [
        (f"relation/{area.id}", kind, name_of(area.tags), area_polygon(area, extract.coordinates))
        for area in extract.areas
        if (kind := ground_kind(area.tags)) is not None
    ]
    shapes, repaired = polygonal([row[-1] for row in rows])
    frame = gpd.GeoDataFrame(
        {name: [row[k] for row in rows] for k, name in enumerate(("ground_id", "kind", "name"))},
        geometry=shapes,
        crs=STORED_EPSG,
    )
    least = np.where(frame["kind"] == GroundKind.COMPOUND, COMPOUND_LEAST_M2, OWN_GROUND_M2)
    large = shapely.area(np.asarray(frame.to_crs(epsg).geometry, dtype=object)) >= least
    report.read, report.accepted = len(frame), int(large.sum())
    report.repair(Message("osm.outlines_made_valid"), repaired)
    report.note(Message("osm.ground_too_small", {"m2": OWN_GROUND_M2}), int((~large).sum()))
    return frame[large].reset_index(drop=True)
