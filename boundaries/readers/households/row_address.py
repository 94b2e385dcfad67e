"""What the rows of a table of households say of where they are."""

from collections.abc import Sequence
from typing import Final

from boundaries.readers.households.addresses import (
    Address,
    as_number,
    parsed_address,
    place_key,
    squeezed,
)
from boundaries.readers.households.known_buildings import KnownBuildings, NamedArea
from boundaries.readers.rows import Rows
from geo.messages import Message

_COLUMNS: Final = ("street", "community", "compound", "building", "unit", "room", "address")
_COUNTERS: Final = {"unit": "单元", "room": "室"}


class RowAddresses:
    """The addresses of the rows of a table, put together from its columns.

    Parameters
    ----------
    rows : Rows
    known : KnownBuildings

    Attributes
    ----------
    tell_households : bool
        Whether rows name a room or the number of a household.
    """

    def __init__(self, rows: Rows, known: KnownBuildings) -> None:
        self._known = known
        self._texts = {name: rows.text(name).tolist() for name in _COLUMNS}
        self._ids = rows.text("building_id").tolist()
        self._codes = rows.text("grid_code").tolist()
        self._households = rows.text("household").tolist()
        told = zip(*self._texts.values(), strict=True)
        self._addresses = [
            self._put_together(dict(zip(_COLUMNS, each, strict=True))) for each in told
        ]
        rooms = (each.room for each in self._addresses if isinstance(each, Address))
        self.tell_households = any(self._households) or any(rooms)

    def places(self, counting: bool) -> list[int | NamedArea | Message]:  # noqa: FBT001
        """Return the building of each row, the area whose total it is, or why there is none.

        Parameters
        ----------
        counting : bool
            Whether rows have counts, so that one may be the total of an area.
        """
        told = zip(self._ids, self._codes, self._addresses, strict=True)
        return [
            self._hidden(self._place(*each, counting=counting), shown=counting) for each in told
        ]

    def keys(self) -> Sequence[tuple[str, ...]]:
        """Return what tells the rows of one building apart: household, else unit and room."""
        return [
            (number,) if number else (each.unit, each.room) if isinstance(each, Address) else ()
            for number, each in zip(self._households, self._addresses, strict=True)
        ]

    def _put_together(self, texts: dict[str, str]) -> Address | Message:
        """Return the address of a row, or that its columns contradict each other."""
        places = self._known.places
        whole = self._known.parsed(texts["address"])
        if not any(texts[name] for name in _COLUMNS if name != "address"):
            return whole._replace(street="")
        building = as_number(texts["building"], "号楼")
        own = parsed_address(building, places, is_building=True)
        numbers = {
            name: as_number(texts[name], counter).removesuffix(counter)
            for name, counter in _COUNTERS.items()
        }
        columns = Address(
            squeezed(texts["street"]), place_key(texts["community"]), "",
            place_key(texts["compound"]), "", numbers["unit"], numbers["room"],
        )  # fmt: skip
        if own.compound and columns.compound and own.compound != columns.compound:
            both = place_key(f"{texts['compound']}{own.compound}")
            if self._known.knows(both):
                own, columns = own._replace(compound=both), columns._replace(compound=both)
        merged = []
        for parts in zip(columns[1:], own[1:], whole[1:], strict=True):
            values = list(dict.fromkeys(part for part in parts if part))
            if len(values) > 1:
                return Message("households.columns_contradict", {"values": values})
            merged += values or [""]
        return Address("", *merged)

    def _place(
        self, key: str, code: str, address: Address | Message, *, counting: bool
    ) -> int | NamedArea | Message:
        by_id = self._known.row_of(key) if key else None
        if isinstance(address, Message):
            return address
        told = any(address)
        found = self._known.find(address) if told else Message("households.no_address")
        if by_id is not None:
            if isinstance(found, int) and found != by_id:
                return Message("households.id_contradicts", {"id": key})
            return by_id
        if isinstance(found, int):
            return found
        if counting and not address.building and not address.unit and not address.room and not key:
            return self._area(code, address) or found
        return Message("households.no_such_id", {"id": key}) if key and not told else found

    def _area(self, code: str, address: Address) -> NamedArea | Message | None:
        """Return the area whose total a row is."""
        if code:
            return self._known.area_of_code(code)
        if address.compound:
            return self._known.area("compound", address.compound)
        return self._known.area("community", address.community) if address.community else None

    def _hidden(
        self, place: int | NamedArea | Message, *, shown: bool
    ) -> int | NamedArea | Message:
        """Return a reason that repeats nothing of a household's own address.

        What is no place of the district may be the name of a person.
        """
        if shown or not isinstance(place, Message):
            return place
        named = place.parameters.get("place", "")
        if place.code == "households.columns_contradict":
            return Message("households.columns_contradict_hidden")
        if named and not self._known.knows(str(named)):
            return Message("households.no_such_place_hidden")
        return place
