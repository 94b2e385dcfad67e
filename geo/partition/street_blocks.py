"""Draw governance grids from street blocks: three strictly nested levels, seamless, numbered.

Streets cut the district into blocks. Main streets bound large grids, lesser ones medium grids, and
all of them small grids; a block too small for its level is merged with the neighbour it shares the
longest border with, inside the same parent. Blocks are never cut, so where streets are sparse grids
stay large. A first drawing for places without grids of their own, marked `drawn`.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import IntArray
from geo.crs import require_metric
from geo.errors import InputError
from geo.geometry.invalid_reason import invalid_reason
from geo.geometry.merge_regions import Target, merge
from geo.geometry.point_in_polygon import PointLocator
from geo.geometry.polygonize import Faces, cut
from geo.grids.assign import demand_xy
from geo.grids.codes import LEVELS, CodeScheme, scheme_of
from geo.model.vocabulary import Level
from geo.partition.outputs.grid_frame import grid_frame

BLOCK_STREET_KINDS: Final[Mapping[Level, frozenset[str]]] = MappingProxyType(
    {
        Level.LARGE: frozenset(
            f"{kind}{link}"
            for kind in ("motorway", "trunk", "primary", "secondary")
            for link in ("", "_link")
        ),
        Level.MEDIUM: frozenset({"tertiary", "tertiary_link", "unclassified", "road"}),
        Level.SMALL: frozenset({"residential", "living_street", "pedestrian", "service"}),
    }
)
"""Kinds of street that bound grids of a level, and of all finer levels."""

BLOCK_TARGETS: Final[Mapping[Level, Target]] = MappingProxyType(
    {
        Level.LARGE: Target(area_m2=300_000.0),
        Level.MEDIUM: Target(area_m2=40_000.0),
        Level.SMALL: Target(
            area_m2=8_000.0, households=30, households_max=50, empty_area_m2=60_000.0
        ),
    }
)
"""Sizes to aim at. 30-50 households are a residents' group in the district's document; the areas
are those of a residential community, a compound and a building court, by order of magnitude."""

BOUNDARY_REACH_M: Final = 100.0
"""How far a street may end short of the boundary and still reach it, metres."""


def draw_grids(
    boundary: BaseGeometry,
    edges: gpd.GeoDataFrame,
    *,
    code: str,
    buildings: gpd.GeoDataFrame | None = None,
    targets: Mapping[Level, Target] = BLOCK_TARGETS,
    kinds: Mapping[Level, frozenset[str]] = BLOCK_STREET_KINDS,
    reach_m: float = BOUNDARY_REACH_M,
) -> gpd.GeoDataFrame:
    """Draw grids of three levels from street blocks.

    Parameters
    ----------
    boundary : Polygon or MultiPolygon
        Of the district, in the CRS of `edges`.
    edges : GeoDataFrame
        Layer ``walk_edges`` in the metric CRS; `kind` and `tunnel` are read. Streets in tunnels
        bound nothing.
    code : str
        Code of the district; it decides the scheme of the codes
        (:func:`geo.grids.codes.scheme_of`).
    buildings : GeoDataFrame, optional
        Layer ``buildings`` in the metric CRS; with any households in it, small grids aim at
        households instead of area.
    targets, kinds : mapping by Level
        Sizes to aim at, streets that bound a level.
    reach_m : float
        Streets that end dead this close to the boundary are drawn on to it, metres.

    Returns
    -------
    GeoDataFrame
        Layer ``grids`` in the metric CRS, large, medium and small, each by code: every grid one
        Polygon, every level the same area as `boundary` (snapped to 0.1 mm), every parent
        exactly the union of its children. Where no street cuts the district there is one grid per
        level and part of the boundary. The same whatever the order of `edges`.

    Raises
    ------
    CrsError
        If `edges` are not in a metric CRS.
    InputError
        If the boundary is not a valid polygon.

    Notes
    -----
    Cost n log n: 3 s for the 40,000 streets of Malta.
    """
    crs = require_metric(edges.crs, what="crs.walk_network")
    check_boundary(boundary)
    scheme = scheme_of(code)
    faces = cut(boundary, _streets(edges, kinds), reach_m=reach_m)
    groups = _groups(faces, scheme, targets=targets, households=_households(faces, buildings))
    faces_of = np.arange(len(faces.shapes))
    return grid_frame(faces.shapes, faces_of, groups, scheme)[0].set_crs(crs)


def check_boundary(boundary: BaseGeometry) -> None:
    """Raise unless a boundary can be cut."""
    if boundary.geom_type not in {"Polygon", "MultiPolygon"} or boundary.is_empty:
        if boundary.is_empty:
            raise InputError("partition.boundary_empty")
        raise InputError("partition.boundary_not_area", shape=boundary.geom_type)
    if not boundary.is_valid:
        raise InputError("partition.boundary_invalid", reason=invalid_reason(boundary))


def _streets(
    edges: gpd.GeoDataFrame, kinds: Mapping[Level, frozenset[str]]
) -> list[npt.NDArray[np.object_]]:
    """Return the lines that bound large, medium and small grids."""
    shapes = np.asarray(edges.geometry, dtype=object)
    open_air = ~edges["tunnel"].to_numpy(dtype=bool)
    return [shapes[open_air & edges["kind"].isin(kinds[level]).to_numpy()] for level in LEVELS]


def _households(faces: Faces, buildings: gpd.GeoDataFrame | None) -> IntArray | None:
    """Return the households of each face; None where none are known."""
    if buildings is None or int(buildings["households"].sum()) == 0:
        return None
    x, y = demand_xy(buildings).T
    face, _ = PointLocator.build(faces.shapes, points=len(x)).locate(x, y)
    inside = face >= 0
    counts = buildings["households"].to_numpy(dtype=np.float64)[inside]
    return np.bincount(face[inside], weights=counts, minlength=len(faces.shapes)).astype(np.int64)


def _groups(
    faces: Faces,
    scheme: CodeScheme,
    *,
    targets: Mapping[Level, Target],
    households: IntArray | None,
) -> dict[Level, IntArray]:
    """Return the large, medium and small group of each face, each inside the one before."""
    area_m2 = shapely.area(faces.shapes)
    within = np.zeros(len(faces.shapes), dtype=np.int64)
    groups = {}
    for place, level in enumerate(LEVELS):
        blocks = faces.connected(below=len(LEVELS) - 1 - place, within=within)
        if level is Level.SMALL:
            blocks = np.arange(len(faces.shapes))
        target = replace(targets[level], most=scheme.capacity(level))
        within = merge(blocks, faces, target, within=within, area_m2=area_m2, households=households)
        groups[level] = within
    return groups
