"""Read a table that counts households: of which building each row is, and what it adds up to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import COUNTS, HOUSEHOLDS, word_of
from boundaries.readers.attributes import whole_numbers
from boundaries.readers.files.source import FileHints
from boundaries.readers.households.known_buildings import KnownBuildings, NamedArea
from boundaries.readers.households.row_address import RowAddresses
from boundaries.readers.rows import Rows
from boundaries.readers.vector import open_rows
from geo.errors import EmptyError, SchemaError
from geo.messages import Message
from geo.model.layers import District, Layers

_SOURCES: Final = {
    "counted": ("实有", "登记", "实数", "清点"),
    "estimated": ("估算", "估计", "推算", "测算"),
}


class CountedBuilding(NamedTuple):
    """What the rows of one building add up to.

    Attributes
    ----------
    counts : mapping of str to int
        Those of :data:`boundaries.readers.aliases.COUNTS` that the file brings.
    source : str
        ``counted`` or ``estimated``.
    """

    counts: Mapping[str, int]
    source: str


class AreaTotal(NamedTuple):
    """The total of a community or compound.

    Attributes
    ----------
    row : int
        Of the file, from 1.
    area : NamedArea
    counts : mapping of str to int
    """

    row: int
    area: NamedArea
    counts: Mapping[str, int]


class HouseholdTable(NamedTuple):
    """What a table of households brings.

    Attributes
    ----------
    buildings : dict of int to CountedBuilding
        By row of the layer ``buildings``.
    totals : list of AreaTotal
        No two of them are of the same building.
    rows : Rows
        Open still: totals may have to be rejected when they are spread.
    """

    buildings: dict[int, CountedBuilding]
    totals: list[AreaTotal]
    rows: Rows


class _JoinedRow(NamedTuple):
    """A row that is joined: to a building, or to an area whose total it is."""

    number: int
    at: int | NamedArea
    key: tuple[str, ...]
    counts: dict[str, int]
    source: str


def read_households(
    path: Path, hints: FileHints, *, district: District, known: Layers
) -> HouseholdTable:
    """Read the households of buildings that are stored, from a table of any format.

    A row is one building or one stairwell with a count (户数), one household (a room or 户号, no
    count), or the total of a community or compound. It is joined by the building's id, else by its
    address. Columns that tell of persons are dropped before anything is read.

    Parameters
    ----------
    path : Path
    hints : FileHints
    district : District
    known : Layers
        As stored; every row is of one of its buildings.

    Returns
    -------
    HouseholdTable

    Raises
    ------
    EmptyError
        If no building is stored, or no row can be joined.
    SchemaError
        If the table has neither counts nor households one by one.
    """
    report = LayerReport()
    buildings = KnownBuildings(district, known)
    if not len(buildings):
        raise EmptyError("households.no_buildings", district=district.code)
    rows = open_rows(path, HOUSEHOLDS, report, hints, joinable=False)
    addresses = RowAddresses(rows, buildings)
    counting = "households" in rows.frame.columns
    if not counting and not addresses.tell_households:
        wanted = [rows.column(name) for name in ("households", "room", "household")]
        columns = list(rows.theirs.values()) or Message("reading.none")
        raise SchemaError("households.no_counts", name=path.name, columns=columns, wanted=wanted)
    report.understand("rows", _kind(counting=counting), "certain")
    table = _JoinedTable(rows, buildings, addresses, counting=counting)
    found = HouseholdTable(table.buildings(), table.totals(), rows)
    table.reject()
    if not len(rows.frame):
        row, reason = report.rejected[0]
        said = {"n": report.read, "name": path.name, "row": row, "reason": reason}
        raise EmptyError("reading.all_rejected", **said)
    return found


def _kind(*, counting: bool) -> Message:
    return Message("households.rows_of_counts" if counting else "households.rows_of_households")


class _JoinedTable:
    """The rows of a table on their way to buildings and areas; why each that fails does."""

    def __init__(
        self, rows: Rows, known: KnownBuildings, addresses: RowAddresses, *, counting: bool
    ) -> None:
        self._rows, self._known, self._counting = rows, known, counting
        self._reasons: dict[int, Message] = {}
        self._repeated: list[int] = []
        self._places = dict(zip(rows.frame.index.tolist(), self._joined(addresses), strict=True))
        self._by_place: dict[int | NamedArea, list[_JoinedRow]] = defaultdict(list)
        faulty = self._faults()
        for row in self._read(addresses):
            self._by_place[row.at].append(row)
        self._refuse_incomplete(faulty)

    def _joined(self, addresses: RowAddresses) -> list[int | NamedArea | None]:
        found: list[int | NamedArea | None] = []
        for number, place in zip(
            self._rows.frame.index.tolist(), addresses.places(self._counting), strict=True
        ):
            if isinstance(place, Message):
                self._reasons[number] = place
            found.append(None if isinstance(place, Message) else place)
        return found

    def _faults(self) -> dict[int, Message]:
        """Return which joined rows have no usable count, and why."""
        rows, faulty = self._rows, {}
        for name in COUNTS:
            if name not in rows.frame.columns:
                continue
            texts, column = rows.text(name), rows.column(name)
            _, missing, bad = whole_numbers(texts)
            if name == "households":
                bad = bad | missing
            else:
                said = {"column": column}
                rows.report.note(Message("reading.zero_assumed", said), int(missing.sum()))
            for number, text in zip(texts[bad].index.tolist(), texts[bad], strict=True):
                said = {"column": column, "text": text}
                faulty[number] = (
                    Message("reading.no_whole_number", said)
                    if text
                    else Message("reading.no_households")
                )
        return faulty | self._unknown_sources()

    def _unknown_sources(self) -> dict[int, Message]:
        texts = self._rows.text("households_source")
        said = {"column": self._rows.column("households_source"), "words": list(_SOURCES)}
        return {
            number: Message("reading.unknown_word", said | {"text": text})
            for number, text in zip(texts.index.tolist(), texts, strict=True)
            if text and word_of(text, _SOURCES) is None
        }

    def _read(self, addresses: RowAddresses) -> list[_JoinedRow]:
        rows = self._rows
        numbers = rows.frame.index.tolist()
        counts = {}
        for name in COUNTS:
            if name in rows.frame.columns:
                values, missing, bad = whole_numbers(rows.text(name))
                counts[name] = np.where(missing | bad, 0, values).astype(np.int64).tolist()
        sources = [word_of(text, _SOURCES) or "counted" if text else "counted"
                   for text in rows.text("households_source")]  # fmt: skip
        return [
            _JoinedRow(number, place, key, {name: counts[name][at] for name in counts}, sources[at])
            for at, (number, key) in enumerate(zip(numbers, addresses.keys(), strict=True))
            if (place := self._places[number]) is not None
        ]

    def _refuse_incomplete(self, faulty: Mapping[int, Message]) -> None:
        """Refuse rows without a count, and with them all of their building: its sum is unknown."""
        for place in list(self._by_place):
            here = self._by_place[place]
            bad = next((row.number for row in here if row.number in faulty), None)
            if not self._counting and isinstance(place, int) and bad is None:
                bad = next((row.number for row in here if not any(row.key)), None)
                faulty = {**faulty, bad: Message("households.no_room")} if bad else faulty
            if bad is not None:
                said = Message("households.sum_incomplete", {"row": bad})
                self._refuse(place, {row.number: faulty.get(row.number, said) for row in here})

    def _refuse(self, place: int | NamedArea, reasons: Mapping[int, Message]) -> None:
        self._reasons |= reasons
        del self._by_place[place]

    def buildings(self) -> dict[int, CountedBuilding]:
        """Return the sums of the buildings; contradictory rows are refused."""
        found = {}
        for place in [each for each in self._by_place if isinstance(each, int)]:
            each = self._different(place)
            whole = [row for row in each if not any(row.key)]
            parts = [row for row in each if any(row.key)]
            if whole and parts:
                if not self._agree(place, whole[0], parts):
                    continue
                self._repeated.append(whole[0].number)
                each = parts
            if each:
                found[place] = self._sum(each)
        return found

    def _different(self, place: int | NamedArea) -> list[_JoinedRow]:
        """Return one row per stairwell or household; none if two of them contradict each other."""
        first: dict[tuple[str, ...], _JoinedRow] = {}
        repeated = []
        for row in self._by_place[place]:
            same = first.setdefault(row.key, row)
            if same is row:
                continue
            if same.counts != row.counts or same.source != row.source:
                said = {"rows": [same.number, row.number]}
                why = Message("households.rows_contradict", said)
                self._refuse(place, {each.number: why for each in self._by_place[place]})
                return []
            repeated.append(row.number)
        self._repeated += repeated
        return list(first.values())

    def _agree(self, place: int, whole: _JoinedRow, parts: Sequence[_JoinedRow]) -> bool:
        """Return whether the row of a building says what its stairwells add up to."""
        told, added = whole.counts, self._sum(parts).counts
        if all(told[name] == added[name] for name in told):
            return True
        said = {"row": whole.number, "whole": told.get("households", 0)}
        why = Message("households.parts_contradict", said | {"parts": added["households"]})
        self._refuse(place, {each.number: why for each in self._by_place[place]})
        return False

    def _sum(self, rows: Sequence[_JoinedRow]) -> CountedBuilding:
        names = rows[0].counts
        counts = {name: sum(row.counts[name] for row in rows) for name in names}
        if not self._counting:
            counts["households"] = len(rows)
        source = "estimated" if any(row.source == "estimated" for row in rows) else "counted"
        return CountedBuilding(counts, source)

    def totals(self) -> list[AreaTotal]:
        """Return the totals of communities and compounds; those that overlap are refused."""
        found: list[AreaTotal] = []
        for place in [each for each in self._by_place if isinstance(each, NamedArea)]:
            rows = self._different(place)
            found += [AreaTotal(row.number, place, row.counts) for row in rows]
        free = []
        for total in found:
            other = next((each for each in found if each is not total
                          and each.area.buildings & total.area.buildings), None)  # fmt: skip
            if other is None:
                free.append(total)
            else:
                n = len(other.area.buildings & total.area.buildings)
                said = {"row": other.row, "n": n}
                self._reasons[total.row] = Message("households.totals_overlap", said)
        return free

    def reject(self) -> None:
        """Name the rows that are not joined, and leave out those that repeat others."""
        rows, numbers = self._rows, self._rows.frame.index.tolist()
        repeated = np.isin(numbers, self._repeated) & ~np.isin(numbers, list(self._reasons))
        if self._counting:
            rows.leave_out(repeated, Message("households.repeated"))
        else:
            rows.report.note(Message("households.of_one_household"), int(repeated.sum()))
        reasons = {
            at: self._reasons[number]
            for at, number in enumerate(rows.frame.index.tolist())
            if number in self._reasons
        }
        mask = np.array([at in reasons for at in range(len(rows.frame))], dtype=bool)
        rows.reject(mask, reasons)
