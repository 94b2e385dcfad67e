"""Excel workbooks, ``.xlsx``, ``.xlsm`` and ``.xls``: their sheets as rows of values."""

import io
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from boundaries.import_report import LayerReport
from boundaries.readers.files.formats import WORKBOOK, unreadable
from boundaries.readers.files.limits import check_table_size
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.files.zip_archive import check_workbook
from boundaries.readers.tables.sheets import WorkbookSheet, read_sheets
from geo.messages import Message


def read_workbook(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a sheet of a workbook, or several of one kind, as text columns with places.

    Formulas count as the value that was stored with them; macros and links are not read, and hidden
    sheets only if they are named.

    Raises
    ------
    FileFormatError
        If the workbook is damaged, locked or beyond the limits; and as
        :func:`boundaries.readers.tables.sheets.read_sheets`.
    SchemaError
        If there are no columns with a place, and the layer has one.
    """
    with path.open("rb") as file:
        is_packed = file.read(4) in WORKBOOK.begins
    if is_packed:
        check_workbook(path)
    try:  # by its content: calamine would take a name's word for it
        with CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())) as workbook:
            sheets = [
                _sheet(workbook.get_sheet_by_name(about.name), path.name, is_hidden=is_hidden)
                for about in workbook.sheets_metadata
                if about.typ == SheetTypeEnum.WorkSheet
                for is_hidden in [about.visible != SheetVisibleEnum.Visible]
            ]
    except PasswordError as error:
        raise unreadable(path.name, Message("files.workbook_locked")) from error
    except (CalamineError, ValueError, OverflowError) as error:
        raise unreadable(path.name, " ".join(str(error).split())) from error
    return read_sheets(sheets, layer, report, hints, what=path.name)


def _sheet(sheet: CalamineSheet, what: str, *, is_hidden: bool) -> WorkbookSheet:
    check_table_size(sheet.height, sheet.width, what=what)
    start = sheet.start or (0, 0)
    merged = [
        (top - start[0], left - start[1], bottom - start[0], right - start[1])
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top >= start[0] and left >= start[1]
    ]
    return WorkbookSheet(sheet.name, sheet.to_python(), merged, is_hidden)
