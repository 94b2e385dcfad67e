"""The layer ``grids``: three nested levels over the ground of the town, with their codes."""

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.demo.town.governance.communities import GroundCells, Membership, ground_cells
from boundaries.demo.town.governance.offices import StreetOffice
from boundaries.demo.town.governance.polygon_coverage import dissolve, faces
from boundaries.demo.town.parcels.parcels import Parcels, Use
from boundaries.demo.town.parcels.site import Site
from boundaries.demo.town.streets.names import ParcelNames
from geo.arrays import GeometryArray, IntArray, ObjectArray
from geo.geometry.reading_order import reading_order
from geo.grids.codes import number, scheme_of
from geo.model.vocabulary import Level, Origin


def grid_frame(
    site: Site,
    belongs: Membership,
    offices: tuple[StreetOffice, ...],
    names: ParcelNames,
    *,
    crs: str,
) -> tuple[gpd.GeoDataFrame, IntArray]:
    """Return the layer ``grids`` (metric CRS) and the households of each small grid in it.

    The small grids are the dissolved cells; mediums and larges are dissolved from them, so that
    every parent is exactly the union of its children.
    """
    cells, _ = ground_cells(site.parcels, site.courts, site.built)
    face, cell = faces(cells.quad)
    smalls, small_of_face = np.unique(cells.small[cell], return_inverse=True)
    small = dissolve(face, small_of_face)
    parcel = cells.parcel[smalls]
    mediums, medium_of_small = np.unique(belongs.medium[parcel], return_inverse=True)
    medium = dissolve(small, medium_of_small)
    community_of_medium = np.zeros(len(mediums), np.int64)
    community_of_medium[medium_of_small] = belongs.community[parcel]
    large = dissolve(medium, community_of_medium)

    large_code, large_name, large_en = _communities(large, belongs.office, offices)
    scheme = scheme_of(offices[0].code[:6])
    large_of_medium = large_code[community_of_medium]
    medium_code = number(medium, large_of_medium, level=Level.MEDIUM, scheme=scheme)
    medium_of = medium_code[medium_of_small]
    small_code = number(small, medium_of, level=Level.SMALL, scheme=scheme)
    households = _households(site, cells, smalls)
    medium_name = _medium_names(medium_of_small, parcel, households, names)
    small_name = _small_names(site.parcels, parcel, small_code, names)
    top = np.full(len(large), None, dtype=object)
    levels = [
        _level(Level.LARGE, large, code=large_code, parent=top, names=(large_name, large_en)),
        _level(
            Level.MEDIUM,
            medium,
            code=medium_code,
            parent=large_of_medium,
            names=(medium_name, [f"Compound {c[9:12]}-{c[12]}" for c in medium_code]),
        ),
        _level(
            Level.SMALL,
            small,
            code=small_code,
            parent=medium_of,
            names=(small_name, [f"Court {c[9:12]}-{c[12]}-{c[13:]}" for c in small_code]),
        ),
    ]
    frame = gpd.GeoDataFrame(pd.concat(levels, ignore_index=True), geometry="geometry", crs=crs)
    return frame, households[np.argsort(small_code.astype(str))]


def _level(
    level: Level,
    shape: GeometryArray,
    *,
    code: ObjectArray,
    parent: ObjectArray,
    names: tuple[list[str], list[str]],
) -> pd.DataFrame:
    """Return the rows of one level, by code."""
    rows = pd.DataFrame(
        {
            "code": code,
            "level": level.value,
            "parent_code": parent,
            "name_zh": names[0],
            "name_en": names[1],
            "origin": Origin.SYNTHETIC.value,
            "geometry": shape,
        }
    )
    return rows.iloc[np.argsort(code.astype(str))]


def _communities(
    large: GeometryArray, office: IntArray, offices: tuple[StreetOffice, ...]
) -> tuple[ObjectArray, list[str], list[str]]:
    """Give the communities of each street office their codes and names, in reading order."""
    code = np.empty(len(large), dtype=object)
    name, english = [""] * len(large), [""] * len(large)
    for which, one in enumerate(offices):
        some = np.flatnonzero(office == which)
        for community, row in zip(one.communities, some[reading_order(large[some])], strict=False):
            code[row] = community.code
            name[row] = community.name
            english[row] = f"{one.name_en} community {community.code[-3:]}"
    return code, name, english


def _households(site: Site, cells: GroundCells, smalls: IntArray) -> IntArray:
    """Return the households of each small grid: those of the one built court in it."""
    homes = site.parcels.use == Use.RESIDENTIAL
    court = np.flatnonzero(homes[site.courts.parcel])
    lived = np.zeros(len(cells.parcel), np.int64)
    lived[: len(court)] = np.where(site.built, site.courts.households, 0)[court]
    return lived[smalls]


def _medium_names(
    medium: IntArray, parcel: IntArray, households: IntArray, names: ParcelNames
) -> list[str]:
    """Call each medium after the parcel in it where most people live."""
    order = np.lexsort((parcel, -households, medium))
    first = order[np.unique(medium[order], return_index=True)[1]]
    lived = np.bincount(medium, weights=households)
    return [names.zh[int(p)] + ("" if lived[k] else "片区") for k, p in enumerate(parcel[first])]


def _small_names(
    parcels: Parcels, parcel: IntArray, code: ObjectArray, names: ParcelNames
) -> list[str]:
    """Call each court by its number in its parcel, and every other grid after its parcel."""
    found = [""] * len(parcel)
    seen: dict[int, int] = {}
    for row in np.argsort(code.astype(str)):
        which = int(parcel[row])
        found[row] = names.zh[which]
        if parcels.use[which] == Use.RESIDENTIAL:
            seen[which] = seen.get(which, 0) + 1
            found[row] += f"{seen[which]}号院"
    return found
