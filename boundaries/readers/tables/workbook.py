"""Excel workbooks: the one sheet that has rows, or the one called like the layer, as text."""

from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from boundaries.import_report import LayerReport
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.source import Source
from boundaries.readers.files.table_size import check_table_size
from boundaries.readers.files.zip_archive import check_workbook
from boundaries.readers.rows import as_text
from boundaries.readers.tables.places import head_row, placed
from geo.errors import FileFormatError
from geo.messages import Message


def read_workbook(path: Path, layer: str, report: LayerReport, encoding: str | None) -> Source:
    """Read a sheet of an ``.xlsx`` workbook as text columns with a geometry column.

    The head is the row with most known names of columns, of the first with anything in them.
    Formulas count as the value that was stored with them; macros, links and hidden sheets are not
    read.

    Raises
    ------
    FileFormatError
        If the workbook is damaged, beyond the limits, has no rows, or has rows in several sheets.
    SchemaError
        If there are no columns with a place, and the layer has one.
    """
    del encoding
    check_workbook(path)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            cells = _cells(workbook, layer, path.name)
    except (CalamineError, ValueError) as error:
        raise unreadable(path.name, str(error)) from error
    start = head_row(cells, layer)
    head, *rows = cells[start:]
    if start:
        report.understand("head", Message("reading.head_found", {"n": start + 1}))
    named = [place for place, name in enumerate(head) if str(name).strip()]
    columns = {str(head[place]).strip(): [row[place] for row in rows] for place in named}
    table = pd.DataFrame({name: as_text(pd.Series(column, dtype=object))
                          for name, column in columns.items()})  # fmt: skip
    return placed(table, layer, report, what=path.name)


def _cells(workbook: CalamineWorkbook, layer: str, what: str) -> list[list[Any]]:
    """Return the rows of the sheet that is meant, those without anything left out."""
    sheets: dict[str, list[list[Any]]] = {}
    for about in workbook.sheets_metadata:
        if (about.visible, about.typ) != (SheetVisibleEnum.Visible, SheetTypeEnum.WorkSheet):
            continue
        sheet = workbook.get_sheet_by_name(about.name)
        check_table_size(sheet.height, sheet.width, what=what)
        rows = [list(row) for row in sheet.to_python() if any(str(cell).strip() for cell in row)]
        if len(rows) > 1:
            sheets[about.name] = rows
    if layer in sheets:
        return sheets[layer]
    if len(sheets) != 1:
        said = {"sheets": len(sheets), "names": list(sheets), "layer": layer}
        raise FileFormatError("files.several_sheets", what=what, **said)
    return next(iter(sheets.values()))
