"""Squares: pedestrian areas that one walks across, and what stands on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.readers.osm.layers.buildings import is_building
from boundaries.readers.osm.layers.hours import hours_of
from boundaries.readers.osm.layers.levels import barrier_level, way_level
from boundaries.readers.osm.layers.walk_rules import (
    WalkRule,
    is_candidate,
    is_set,
    may_walk,
    walk_rule,
)
from boundaries.readers.osm.scan.extract import Extract, name_of
from boundaries.readers.osm.scan.shapes import area_polygon, polygonal, way_polygon
from geo.crs import STORED_EPSG, to_metric
from geo.network.prepare.squares import SQUARE_COLUMNS

CROSSED: Final = frozenset(
    {"corridor", "footway", "living_street", "path", "pedestrian", "platform"}
)
"""Kinds of way that are an area of the same use where they are tagged as one."""

_ROOFS: Final = frozenset({"carport", "roof"})


@dataclass(frozen=True, slots=True)
class SquareGround:
    """The pedestrian areas of an extract, and what stands on any of them.

    Attributes
    ----------
    squares, obstacles : GeoDataFrame
        As :func:`geo.network.prepare.squares.cross_squares` takes them, metric; squares have a
        ``source`` besides, the object that each is.
    """

    squares: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame

    def on_the_ground(self) -> "SquareGround":
        """Return the same with everything on the ground."""
        return SquareGround(self.squares.assign(level=0), self.obstacles.assign(level=0))


def find_squares(
    extract: Extract, buildings: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, *, epsg: int
) -> SquareGround:
    """Return pedestrian areas, and buildings and barriers, metric; roofs stand on nothing.

    Parameters
    ----------
    extract : Extract
    buildings, barriers : GeoDataFrame
        Layers.
    epsg : int
        Metric CRS.
    """
    squares = [_square(*area) for area in _areas(extract)]
    tags = {f"way/{way.id}": way.tags for way in extract.ways if is_building(way.tags)}
    tags |= {f"relation/{area.id}": area.tags for area in extract.areas}
    of_building = [tags[row] for row in buildings["building_id"].tolist()]
    standing = [
        tag["building"] not in _ROOFS and not is_set(tag, "min_level") for tag in of_building
    ]
    level = np.array([barrier_level(tag) for tag in of_building], np.int64)
    stands = np.array(standing, np.bool_)
    walls = np.asarray(barriers.get("level", np.zeros(len(barriers))), np.int64)
    obstacles = gpd.GeoDataFrame(
        {"level": np.concatenate([level[stands], walls])},
        geometry=np.concatenate(
            [np.asarray(buildings.geometry, object)[stands], np.asarray(barriers.geometry, object)]
        ),
        crs=STORED_EPSG,
    )
    return SquareGround(_frame(squares, epsg), to_metric(obstacles, epsg))


def is_square(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way or a relation is an area that walkers cross.

    Examples
    --------
    >>> is_square({"highway": "pedestrian", "area": "yes"}), is_square({"highway": "pedestrian"})
    (True, False)
    """
    if is_candidate(tags):
        rule = walk_rule(tags)
        if not isinstance(rule, WalkRule) or not (rule.forward and rule.backward):
            return False
        is_area = (
            tags.get("area") == "yes" or rule.kind == "platform" or tags.get("type") is not None
        )
        return rule.kind in CROSSED and is_area and tags.get("area") != "no"
    return tags.get("place") == "square" and may_walk(tags)


def _areas(extract: Extract) -> Iterator[tuple[str, int, Mapping[str, str], BaseGeometry]]:
    """Yield object, osm_id (0 of a relation), tags and outline of every square, ways first."""
    for way in extract.ways:
        if way.closed and is_square(way.tags):
            shape = way_polygon(way, extract.coordinates)
            if shape is not None:
                yield f"way/{way.id}", way.id, way.tags, shape
    for area in extract.areas:
        if is_square(area.tags):
            yield f"relation/{area.id}", 0, area.tags, area_polygon(area, extract.coordinates)


def _square(
    source: str, osm_id: int, tags: Mapping[str, str], shape: BaseGeometry
) -> dict[str, object]:
    rule = walk_rule(tags)
    return {
        "source": source,
        "osm_id": osm_id,
        "name": name_of(tags),
        "level": way_level(tags),
        "bridge": is_set(tags, "bridge"),
        "tunnel": is_set(tags, "tunnel"),
        "private": isinstance(rule, WalkRule) and rule.private,
        "opening_hours": hours_of(tags),
        "geometry": shape,
    }


def _frame(squares: list[dict[str, object]], epsg: int) -> gpd.GeoDataFrame:
    """Return squares with valid shapes in the metric CRS."""
    columns = ["source", *SQUARE_COLUMNS, "geometry"]
    table = pd.DataFrame(squares, columns=columns)
    shapes, _ = polygonal(table["geometry"].tolist())
    frame = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=STORED_EPSG)
    return to_metric(frame[~frame.geometry.is_empty], epsg)
