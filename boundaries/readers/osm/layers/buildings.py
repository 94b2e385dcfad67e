"""Buildings with their footprint, use and households."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.import_report import LayerReport
from boundaries.readers.osm.scan.extract import Extract, name_of
from boundaries.readers.osm.scan.shapes import area_polygon, polygonal, way_polygon
from boundaries.standards.household_estimate import (
    MIXED,
    OTHER,
    HouseholdModel,
    building_kind,
    flats_of,
    levels_of,
)
from geo.crs import STORED_EPSG, to_metric
from geo.messages import Message
from geo.model.layers import with_demand_point

_NO_BUILDING: Final = frozenset({"no", "entrance"})
_STOREYS: Final = {
    "tag": Message("osm.households_by_tag"),
    "height": Message("osm.households_by_height"),
    "assumed": Message("osm.households_assumed"),
}


@dataclass(frozen=True, slots=True)
class _RawBuilding:
    """A building before it is measured."""

    row: str
    tags: Mapping[str, str]
    shape: BaseGeometry


def is_building(tags: Mapping[str, str]) -> bool:
    """Return whether an object is a building."""
    return "building" in tags and building_kind(tags) not in _NO_BUILDING


def find_buildings(
    extract: Extract, model: HouseholdModel, *, epsg: int, report: LayerReport
) -> gpd.GeoDataFrame:
    """Return the layer `buildings`, EPSG:4326, ways before relations, by id.

    Parameters
    ----------
    extract : Extract
    model : HouseholdModel
        Assumptions of the estimate.
    epsg : int
        Metric CRS in which footprints are measured.
    report : LayerReport
        Gets what was rejected and how households were found.
    """
    frame = _outlines(extract, report)
    area_m2 = to_metric(frame, epsg).geometry.area.to_numpy()
    for row in frame.loc[area_m2 <= 0, "building_id"]:
        report.reject(row, Message("osm.outline_without_area"))
    frame, area_m2 = frame[area_m2 > 0].reset_index(drop=True), area_m2[area_m2 > 0]
    report.accepted = len(frame)
    tags: list[Mapping[str, str]] = frame["tags"].tolist()
    people = _people(tags, area_m2, model, report)
    named = frame.assign(
        name=[name_of(tag) for tag in tags],
        levels=[levels_of(tag) for tag in tags],
        lift=pd.Series([_lift_of(tag) for tag in tags], frame.index, dtype=object),
    )
    return with_demand_point(named.drop(columns="tags").join(people))


def _lift_of(tags: Mapping[str, str]) -> bool | None:
    """Return whether a building has a lift; None where nothing says so."""
    words = {tags.get(key) for key in ("elevator", "building:elevator", "lift")} - {None}
    return None if not words else words != {"no"}


def _outlines(extract: Extract, report: LayerReport) -> gpd.GeoDataFrame:
    """Return id, tags and footprint of every building, made valid."""
    outlines = _way_outlines(extract, report)
    for area in extract.areas:
        if is_building(area.tags):
            report.read += 1
            shape = area_polygon(area, extract.coordinates)
            outlines.append(_RawBuilding(f"relation/{area.id}", area.tags, shape))
    for broken in extract.broken:
        if is_building(broken.tags):
            report.read += 1
            report.reject(f"relation/{broken.id}", Message("osm.members_lacking"))
    _count_others(extract, report)
    shapes, repaired = polygonal([outline.shape for outline in outlines])
    report.repair(Message("osm.outlines_made_valid"), repaired)
    return gpd.GeoDataFrame(
        {
            "building_id": [outline.row for outline in outlines],
            "tags": [outline.tags for outline in outlines],
        },
        geometry=shapes,
        crs=STORED_EPSG,
    )


def _way_outlines(extract: Extract, report: LayerReport) -> list[_RawBuilding]:
    """Return the buildings that are ways, but not the outer rings of those that are relations."""
    rings = {
        ref: area.id for area in extract.areas if is_building(area.tags) for ref in area.outer_ways
    }
    outlines = []
    for way in extract.ways:
        if not is_building(way.tags):
            continue
        report.read += 1
        shape = way_polygon(way, extract.coordinates)
        if way.id in rings:
            relation = f"relation/{rings[way.id]}"
            report.reject(f"way/{way.id}", Message("osm.ring_of", {"relation": relation}))
        elif shape is None:
            report.reject(f"way/{way.id}", Message("osm.outline_open"))
        else:
            outlines.append(_RawBuilding(f"way/{way.id}", way.tags, shape))
    return outlines


def _count_others(extract: Extract, report: LayerReport) -> None:
    """Reject buildings that have no outline: nodes, and relations of other types."""
    others = [(f"node/{node.id}", node.tags) for node in extract.nodes]
    others += [(f"relation/{other.id}", other.tags) for other in extract.others]
    for row, tags in others:
        if is_building(tags):
            report.read += 1
            report.reject(row, Message("osm.no_outline"))


def _people(
    tags: list[Mapping[str, str]],
    area_m2: npt.NDArray[np.float64],
    model: HouseholdModel,
    report: LayerReport,
) -> pd.DataFrame:
    """Return use, households, residents and where the households come from."""
    use = [model.use_of(tag, area) for tag, area in zip(tags, area_m2.tolist(), strict=True)]
    storeys = [model.storeys(tag) for tag in tags]
    flats = [flats_of(tag) for tag in tags]
    counted = np.array([number is not None for number in flats], bool)
    use = [MIXED if n and u == OTHER else u for n, u in zip(flats, use, strict=True)]
    lived_in = np.array([value != OTHER for value in use], bool)
    estimate = model.households(area_m2, np.array([levels for levels, _ in storeys], float))
    tagged = np.array([number or 0 for number in flats], np.int64)
    households = np.where(counted, tagged, np.where(lived_in, estimate, 0))
    for (_, how), estimated in zip(storeys, (lived_in & ~counted).tolist(), strict=True):
        if estimated:
            report.note(_STOREYS[how])
    report.note(Message("osm.households_counted"), int(counted.sum()))
    residents = model.residents(households)
    return pd.DataFrame(
        {
            "use": use,
            "households": households,
            "residents": residents,
            "residents_60plus": model.residents_60plus(residents),
            "households_source": np.where(counted, "counted", "estimated"),
        }
    )
