"""Put the households of a table onto the stored buildings: counted ones, and totals spread."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final

import geopandas as gpd
import numpy as np

from boundaries.import_report import ImportReport
from boundaries.imports.kept_columns import note_gains
from boundaries.imports.layer_changes import Load, rows_change, whole
from boundaries.imports.losses import check_losses
from boundaries.imports.optimistic_update import PendingUpdate
from boundaries.readers.aliases import HOUSEHOLDS
from boundaries.readers.files.source import FileHints
from boundaries.readers.households.table import (
    AreaTotal,
    CountedBuilding,
    HouseholdTable,
    read_households,
)
from boundaries.standards.household_estimate import ESTIMATED_NOTE, ESTIMATED_NOTE_ZH
from boundaries.store.rows.validate import checked_layer
from boundaries.store.tables.records import Commit
from geo.arrays import BoolArray, FloatArray
from geo.messages import Message
from geo.model.apportion import apportioned
from geo.model.layer_columns import HOUSEHOLDS_SOURCES
from geo.model.layers import District, Layers

_LIVED_IN: Final = ("residential", "mixed")

_NOW: Final = {
    "counted": "households.now_counted",
    "estimated": "households.now_estimated",
    "synthetic": "households.now_synthetic",
}


def households_change(
    how: Load,
    before: tuple[District, Layers],
    *,
    commit_for: Callable[[ImportReport], Commit],
) -> PendingUpdate:
    """Return the update of the buildings by the households that a table counts."""
    district, layers = before
    told = how.reading
    hints = FileHints(
        told["encoding"], told["part"], told["columns"] or {}, told.get("remembered", False)
    )
    table = read_households(how.path, hints, district=district, known=layers)
    buildings = with_households(layers.buildings, table, epsg=district.epsg)
    table.rows.close()
    account, n = table.rows.report, len(buildings)
    check_losses(account, source=how.path.name, before=n, after=n, accepted=how.accept_losses)
    note_gains("buildings", layers.buildings, buildings, account)
    report = ImportReport(how.path.name, {HOUSEHOLDS: account})
    frame, commit = checked_layer("buildings", buildings), commit_for(report)
    noted = with_estimated_note(district, buildings)
    if noted == district:
        change = rows_change(before, "buildings", frame, report=report, commit=commit)
        return dataclasses.replace(change, layer=HOUSEHOLDS)
    changed = dataclasses.replace(layers, buildings=frame)
    return PendingUpdate(report, whole(noted, changed, before, commit=commit), HOUSEHOLDS)


def with_households(
    buildings: gpd.GeoDataFrame, table: HouseholdTable, *, epsg: int
) -> gpd.GeoDataFrame:
    """Return the layer ``buildings`` with the households of a table.

    Counted ones take the place of what was there. The total of a community, less what is counted in
    it, is spread over its other buildings that are lived in, by floor area: outline times storeys.
    Sums are exact (largest remainder), and what is spread is ``estimated``.

    Parameters
    ----------
    buildings : GeoDataFrame
        As stored, EPSG:4326.
    table : HouseholdTable
        Its report is told what was spread; totals that cannot be are rejected there.
    epsg : int
        Metric CRS that areas are measured in.
    """
    spreading = _Spreading(buildings, table, epsg)
    for row, counted in table.buildings.items():
        spreading.put(row, counted)
    lived_in = buildings["use"].isin(_LIVED_IN).to_numpy(np.bool_)
    refused = {}
    for total in table.totals:
        inside = np.zeros(len(buildings), dtype=np.bool_)
        inside[list(total.area.buildings)] = True
        why = spreading.spread(total, inside & lived_in)
        if why is not None:
            refused[total.row] = why
    _reject(table, refused)
    changed = buildings.assign(**spreading.values)
    known = buildings["households_source"].dtype
    changed["households_source"] = spreading.sources.astype(str)
    _tell_sources(changed, table)
    return changed.astype({"households_source": known})


class _Spreading:
    """The counts of buildings while a table is put onto them.

    Attributes
    ----------
    values : dict of str to ndarray of int64
        Counts by column.
    sources : ndarray of str
    """

    def __init__(self, buildings: gpd.GeoDataFrame, table: HouseholdTable, epsg: int) -> None:
        self.values = {name: buildings[name].to_numpy(np.int64).copy() for name in _columns(table)}
        self.sources = buildings["households_source"].to_numpy(dtype=object).copy()
        self._rows = table.rows
        self._told = np.zeros(len(buildings), dtype=np.bool_)
        self._floors = _floor_m2(buildings, table, epsg) if table.totals else np.array([])

    def put(self, row: int, counted: CountedBuilding) -> None:
        """Give a building what its rows add up to."""
        for name, n in counted.counts.items():
            self.values[name][row] = n
        self.sources[row], self._told[row] = counted.source, True

    def spread(self, total: AreaTotal, inside: BoolArray) -> Message | None:
        """Spread a total over the buildings inside that nobody counted; return why it cannot be."""
        fixed = inside & ((self.sources == "counted") | self._told)
        free = np.flatnonzero(inside & ~fixed)
        rest = {name: n - int(self.values[name][fixed].sum()) for name, n in total.counts.items()}
        told = total.counts["households"]
        said = {"total": told, "counted": int(fixed.sum()),
                "households": told - rest["households"]}  # fmt: skip
        if not len(free) and not any(rest.values()) and fixed.any():
            self._rows.report.note(Message("households.total_agrees"))
            return None
        if not len(free):
            return Message("households.nothing_to_spread_over", said)
        if min(rest.values()) < 0:
            return Message("households.total_below_counted", said)
        weights = self._floors[free]
        for name, n in rest.items():
            self.values[name][free] = apportioned(n, weights)
            if name == "residents" and n:
                weights = self.values[name][free].astype(np.float64)  # no more old ones than people
        self.sources[free] = "estimated"
        spread = {"row": self._rows.label(total.row), "rest": rest["households"]}
        self._rows.report.note(Message("households.spread", spread | said), len(free))
        return None


def _columns(table: HouseholdTable) -> list[str]:
    brought = [each.counts for each in table.buildings.values()]
    brought += [each.counts for each in table.totals]
    return list(dict.fromkeys(name for counts in brought for name in counts))


def _floor_m2(buildings: gpd.GeoDataFrame, table: HouseholdTable, epsg: int) -> FloatArray:
    """Return outline times storeys of each building; what is unknown counts as the median does."""
    rows = sorted({row for total in table.totals for row in total.area.buildings})
    outlines = buildings.geometry.to_crs(epsg).area.to_numpy()
    parts = {
        "households.no_outlines": outlines,
        "households.no_storeys": buildings["levels"].to_numpy(np.float64),
    }
    floors: FloatArray = np.ones(len(buildings))
    for lack, part in parts.items():
        known = np.zeros(len(part), dtype=np.bool_)
        known[rows] = part[rows] > 0
        lacking = len(rows) - int(known.sum())
        table.rows.report.note(Message(lack), lacking)
        floors *= np.where(part > 0, part, np.median(part[known]) if known.any() else 1.0)
    return floors


def _reject(table: HouseholdTable, refused: Mapping[int, Message]) -> None:
    rows = table.rows
    numbers = rows.frame.index.tolist()
    reasons = {at: refused[number] for at, number in enumerate(numbers) if number in refused}
    rows.reject(np.isin(numbers, list(refused)), reasons)


def _tell_sources(buildings: gpd.GeoDataFrame, table: HouseholdTable) -> None:
    """Note buildings and households after the load, apart by how they are known."""
    for source in HOUSEHOLDS_SOURCES:
        of_source = buildings[buildings["households_source"] == source]
        said = {"households": int(of_source["households"].sum())}
        table.rows.report.note(Message(_NOW[source], said), len(of_source))


def with_estimated_note(district: District, buildings: gpd.GeoDataFrame) -> District:
    """Return `district` with the note on estimated households if some are."""
    estimated = (buildings["households_source"] == "estimated").any()
    if not estimated or ESTIMATED_NOTE in district.note:
        return district
    note = " ".join(filter(None, [district.note, ESTIMATED_NOTE]))
    return dataclasses.replace(district, note=note, note_zh=district.note_zh + ESTIMATED_NOTE_ZH)
