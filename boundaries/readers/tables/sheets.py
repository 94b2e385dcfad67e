"""Sheets of workbooks and tables of pages: which are meant, their heads, and their merged cells."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.plain_names import plain
from boundaries.readers.aliases import HOUSEHOLDS, REQUIRED, our_columns
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.rows import as_text
from boundaries.readers.tables.heads import HEAD_ROWS, Head, found_head
from boundaries.readers.tables.places import placed, with_told_places
from geo.errors import FileFormatError
from geo.messages import Message
from geo.model.layer_columns import COLUMNS, KEYS

ALL: Final = "*"
"""In place of a sheet: all that have the same columns."""

_OF_TIMES: Final = re.compile(r"(19|20)\d\d|旧|新|原|备份|副本|copy|old|new|\bv\d", re.IGNORECASE)
"""Names of sheets that are states of one thing, and not parts of it."""

_MOST_SHARED: Final = 0.05
"""Of the ids or names of two sheets; with more they are the same rows twice."""

Merged = tuple[int, int, int, int]


class WorkbookSheet(NamedTuple):
    """A sheet as it stands in a file.

    Attributes
    ----------
    name : str
    rows : list of list
        All rows, also empty ones; cells of any type.
    merged : sequence of tuple
        First row, first column, last row, last column of merged cells, counted from 0; the value
        stands in the first one.
    hidden : bool
    """

    name: str
    rows: list[list[Any]]
    merged: Sequence[Merged] = ()
    hidden: bool = False


class _Table(NamedTuple):
    """A sheet whose head was found; of `frame` all columns are text."""

    name: str
    frame: pd.DataFrame
    head: Head
    ours: dict[str, str]
    spread: int


def read_sheets(
    sheets: Sequence[WorkbookSheet], layer: str, report: LayerReport, hints: FileHints, *, what: str
) -> Source:
    """Return the sheet that is meant, or the sheets of one kind, as one table with places.

    Parameters
    ----------
    sheets : sequence of WorkbookSheet
    layer : str
        By whose names of columns sheets and heads are known.
    report : LayerReport
        Is told which sheets were taken, where the head is, and of merged cells.
    hints : FileHints
    what : str
        Name of the file, for messages.

    Raises
    ------
    FileFormatError
        If there are no rows, several sheets may be meant, or none is called as the user says.
    SchemaError
        If there are no columns with a place, and the layer has one.
    """
    named = hints.part not in {None, ALL}
    hidden = [sheet.name for sheet in sheets if sheet.hidden and _has_rows(sheet)]
    seen = [sheet for sheet in sheets if _has_rows(sheet) and (named or not sheet.hidden)]
    tables = [_table(sheet, layer, hints, what) for sheet in _called(seen, hints, what)]
    chosen = tables if named else _chosen(tables, layer, hints, what)
    for table in chosen:
        _tell(table, report)
    rest = [each.name for each in seen if each.name not in {table.name for table in chosen}]
    if len(chosen) > 1 or rest or named:
        said = {"taken": [table.name for table in chosen], "rest": rest}
        how = Message("files.sheets_taken" if rest else "files.sheets_read", said)
        report.understand("sheet", how, "declared" if hints.part else "likely")
    if hidden and not named:
        report.understand("sheet", Message("files.hidden_sheets", {"names": hidden}))
    frame = pd.concat([table.frame for table in chosen], ignore_index=True).fillna("")
    parts = tuple((table.name, len(table.frame)) for table in chosen) if len(chosen) > 1 else ()
    frame = with_told_places(frame, hints.columns)
    return placed(frame, layer, report, what=what)._replace(parts=parts)


def _has_rows(sheet: WorkbookSheet) -> bool:
    return sum(any(str(cell).strip() for cell in row) for row in sheet.rows[:HEAD_ROWS]) > 1


def _called(sheets: list[WorkbookSheet], hints: FileHints, what: str) -> list[WorkbookSheet]:
    """Return the sheets that the user may mean."""
    if hints.part in {None, ALL}:
        return sheets
    found = [sheet for sheet in sheets if plain(sheet.name) == plain(str(hints.part))]
    if not found:
        names = [sheet.name for sheet in sheets] or Message("reading.none")
        raise FileFormatError("files.no_such_part", what=what, part=hints.part, names=names)
    return found[:1]


def _chosen(tables: list[_Table], layer: str, hints: FileHints, what: str) -> list[_Table]:
    """Return the tables that are the layer: the one of its name, the only one, or parts alike."""
    of_name = [table for table in tables if table.name == layer]
    if of_name or len(tables) == 1:
        return of_name[:1] or tables
    fits = [table for table in tables if set(REQUIRED[layer]) <= set(table.ours.values())]
    alike = [table for table in fits if set(table.ours.values()) == set(fits[0].ours.values())]
    if len(fits) == 1 or (fits and len(alike) == len(fits) and
                          (hints.part == ALL or _are_parts(fits, layer))):  # fmt: skip
        return fits
    names = [table.name for table in fits or tables]
    raise FileFormatError(
        "files.several_sheets", what=what, sheets=len(names), names=names, layer=layer
    )


def _are_parts(tables: list[_Table], layer: str) -> bool:
    """Return whether sheets are parts of one whole, one a street: no states, nothing twice."""
    if any(_OF_TIMES.search(table.name) for table in tables):
        return False
    keys: list[str] = []
    for table in tables:
        theirs = {ours: name for name, ours in table.ours.items()}
        column = theirs.get(KEYS.get(layer, "")) or theirs.get("name")
        if column is None:
            return False
        keys += [key for key in dict.fromkeys(table.frame[column]) if key]
    return len(keys) - len(set(keys)) <= _MOST_SHARED * len(keys)


def _table(sheet: WorkbookSheet, layer: str, hints: FileHints, what: str) -> _Table:
    rows, spread = _spread(sheet, what)
    full = [row for row in rows if any(str(cell).strip() for cell in row)]
    head = found_head(full, layer, hints.columns)
    ours = our_columns(layer, [name for name in head.names if name], hints.columns)
    for at, name in enumerate(head.names):
        if name in ours and ours[name] in _counts(layer):
            spread -= _gather(sheet, rows, at)
    data = full[head.last + 1 :]
    columns = {
        name: as_text(pd.Series([row[at] if at < len(row) else "" for row in data], dtype=object))
        for at, name in enumerate(head.names)
        if name
    }
    return _Table(sheet.name, pd.DataFrame(columns), head, ours, max(spread, 0))


def _counts(layer: str) -> set[str]:
    """Return the columns of a layer that are sums: of several rows they are not that of each."""
    layer = "buildings" if layer == HOUSEHOLDS else layer
    if layer not in COLUMNS:
        return set()
    numbers = {name for name, each in COLUMNS[layer].items() if each.kind in {"int", "float"}}
    return numbers - {"lon", "lat", "levels"}


def _spread(sheet: WorkbookSheet, what: str) -> tuple[list[list[Any]], int]:
    """Return rows with the value of merged cells in each of them, and how many were filled."""
    rows = [list(row) for row in sheet.rows] if sheet.merged else sheet.rows
    room = sum(map(len, rows))
    filled = 0
    for top, left, bottom, right in sheet.merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            cells = range(left, min(right + 1, len(row)))
            room -= len(cells)
            if room < 0:
                raise unreadable(what, Message("files.merged_over", {"sheet": sheet.name}))
            for at in cells:
                row[at] = value
        filled += min(bottom, len(rows) - 1) - top
    return rows, filled


def _gather(sheet: WorkbookSheet, rows: list[list[Any]], column: int) -> int:
    """Leave a count that stands for several rows in the first of them; return how many."""
    taken = 0
    for top, left, bottom, right in sheet.merged:
        if left <= column <= right:
            for row in rows[top + 1 : bottom + 1]:
                if column < len(row):
                    row[column] = ""
                    taken += 1
    return taken


def _tell(table: _Table, report: LayerReport) -> None:
    first, last = table.head.first + 1, table.head.last + 1
    if last > first:
        report.understand("head", Message("reading.head_of_two", {"first": first, "last": last}))
    elif first > 1:
        report.understand("head", Message("reading.head_found", {"n": first}))
    if table.spread:
        report.note(Message("files.merged_cells"), table.spread)
