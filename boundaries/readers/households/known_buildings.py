"""The stored buildings by their addresses: own names, and the compounds and communities around."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.readers.households.addresses import (
    Address,
    KnownPlaces,
    parsed_address,
    place_key,
    squeezed,
)
from geo.crs import project_points, to_metric
from geo.grids.assign import assign
from geo.messages import Message
from geo.model.layers import District, Layers
from geo.model.vocabulary import Level

_SHOWN: Final = 4
_PLACES: Final = {Level.LARGE: "community", Level.MEDIUM: "compound"}


class NamedArea(NamedTuple):
    """A community or compound of the district.

    Attributes
    ----------
    code : str
        Of the grid, or the id of the ground.
    kind : str
        ``community`` or ``compound``.
    names : frozenset of str
        As :func:`place_key` writes them.
    buildings : frozenset of int
        Rows of the layer ``buildings``.
    """

    code: str
    kind: str
    names: frozenset[str]
    buildings: frozenset[int]


class KnownBuildings:
    """The buildings of a district, to be found by what rows of tables say of them.

    Parameters
    ----------
    district : District
    layers : Layers
        As stored, EPSG:4326.
    """

    def __init__(self, district: District, layers: Layers) -> None:
        self._ids: list[str] = layers.buildings["building_id"].tolist()
        self._row_of = {each: row for row, each in enumerate(self._ids)}
        self.areas = _areas(district, layers)
        by_kind = {
            kind: {name for area in self.areas if area.kind == kind for name in area.names}
            for kind in ("community", "compound")
        }
        names = layers.buildings["name"].tolist()
        around = KnownPlaces(_names(district), by_kind["community"], by_kind["compound"])
        of_names = {parsed_address(name, around, is_building=True).compound for name in names}
        self.places = around._replace(compounds=by_kind["compound"] | (of_names - {""}))
        self._own = [parsed_address(name, self.places, is_building=True) for name in names]
        self._named = dict(zip(map(squeezed, names), self._own, strict=True))
        self._places = [set(_places_of(own)) for own in self._own]
        for area in self.areas:
            for row in area.buildings:
                self._places[row] |= area.names
        self.areas += self._named_compounds(by_kind["compound"])
        self._around = {name for area in self.areas for name in area.names}
        self._known = set().union(*self._places)
        self._by_number: dict[str, list[int]] = {}
        for row, own in enumerate(self._own):
            self._by_number.setdefault(own.building, []).append(row)

    def _named_compounds(self, known: Collection[str]) -> list[NamedArea]:
        """Return the compounds that only names of numbered buildings tell of."""
        rows = pd.Series([own.compound if own.building else "" for own in self._own])
        groups = rows.groupby(rows).groups.items()
        return [
            NamedArea(str(name), "compound", frozenset({str(name)}), frozenset(found))
            for name, found in groups
            if name and name not in known
        ]

    def __len__(self) -> int:
        return len(self._ids)

    def knows(self, place: str) -> bool:
        """Return whether a stored building stands at a place of this name."""
        return place in self._known

    def row_of(self, building_id: str) -> int | None:
        """Return the row of a building by its id."""
        return self._row_of.get(building_id)

    def parsed(self, text: str) -> Address:
        """Return the parts of an address; what is the name of a building is read as that."""
        name = squeezed(text)
        return self._named[name] if name in self._named else parsed_address(name, self.places)

    def find(self, address: Address) -> int | Message:
        """Return the row of the one building that an address names, or why there is none.

        The number must be the same, and the place: that of the compound, else of the road with its
        house, else the community. What else the address says must not speak against it, nor may
        the building's own name: in the grid of one compound there may be houses of another.
        """
        if not address.building:
            return self._of_name(address)
        same = self._by_number.get(address.building, [])
        told = _places_of(address)
        if not told:
            same = [row for row in same if not _places_of(self._own[row])]
        elif told[0] not in self._known:
            return Message("households.no_such_place", {"place": told[0]})
        wanted = {place for place in told if place in self._known}
        fits = [
            row
            for row in same
            if wanted <= self._places[row]
            and self._own[row].compound in {"", address.compound or self._own[row].compound}
        ]
        return self._one(fits, address)

    def area(self, kind: str, name: str) -> NamedArea | Message:
        """Return the one community or compound of a name, or why there is none."""
        found = [area for area in self.areas if area.kind == kind and place_key(name) in area.names]
        if not found:
            return Message("households.no_such_area", {"name": name})
        if len({area.buildings for area in found}) > 1:
            codes = [area.code for area in found]
            return Message("households.several_areas", {"name": name, "codes": codes})
        return found[0]

    def area_of_code(self, code: str) -> NamedArea | Message:
        """Return the community or compound whose grid has a code."""
        found = next((area for area in self.areas if area.code == code), None)
        return found or Message("households.no_such_area", {"name": code})

    def _of_name(self, address: Address) -> int | Message:
        """Return the building that has no number but the same name: 红楼, 渤海七路568号."""
        wanted = (address.road, address.compound)
        named = [row for row in self._by_number.get("", []) if self._own[row][2:4] == wanted]
        if not any(wanted) or address.compound in self._around or not named:
            return Message("households.no_number")
        return self._one(named, address)

    def _one(self, rows: Sequence[int], address: Address) -> int | Message:
        exact = [row for row in rows if self._own[row].unit == address.unit]
        whole = [row for row in rows if not self._own[row].unit]
        found = exact or whole
        if len(found) == 1:
            return found[0]
        said = {"place": "".join(_places_of(address)[:1]), "number": address.building}
        if found or (rows and not address.unit):
            ids = [self._ids[row] for row in (found or rows)]
            code = "households.several_buildings" if found else "households.stored_by_stairwell"
            return Message(code, said | {"n": len(ids), "ids": ids[:_SHOWN]})
        return Message("households.no_such_building", said)


def _places_of(address: Address) -> list[str]:
    """Return the places that an address names, the closest first."""
    places = (address.compound, address.road, place_key(address.community))
    return [place for place in places if place]


def _names(district: District) -> set[str]:
    return {name for name in (district.name_zh, district.name_en) if name}


def _areas(district: District, layers: Layers) -> list[NamedArea]:
    """Return large and medium grids, and compounds, with the buildings whose points they hold."""
    at = project_points(layers.buildings["lon"], layers.buildings["lat"], district.epsg)
    compounds = to_metric(
        layers.open_grounds[layers.open_grounds["kind"] == "compound"], district.epsg
    )
    grids = to_metric(layers.grids, district.epsg)
    areas = _areas_of_grids(grids, assign(grids, at[:, 0], at[:, 1], nearest=False))
    tree = shapely.STRtree(np.asarray(shapely.points(at), dtype=object))
    for key, name, shape in compounds[["ground_id", "name", "geometry"]].itertuples(index=False):
        inside = frozenset(tree.query(shape, predicate="intersects").tolist())
        areas.append(NamedArea(key, "compound", _keys([name]), inside))
    return areas


def _areas_of_grids(grids: gpd.GeoDataFrame, assigned: pd.DataFrame) -> list[NamedArea]:
    areas = []
    for level, kind in _PLACES.items():
        of_level = assigned[str(level)]
        inside = {code: frozenset(rows) for code, rows in of_level.groupby(of_level).groups.items()}
        own = grids.loc[grids["level"] == level, ["code", "name_zh", "name_en"]]
        for code, *names in own.itertuples(index=False):
            areas.append(NamedArea(code, kind, _keys(names), inside.get(code, frozenset())))
    return areas


def _keys(names: Collection[str]) -> frozenset[str]:
    return frozenset(place_key(name) for name in names if name) - {""}
