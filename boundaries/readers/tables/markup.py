"""Tables that are markup, often under the name ``.xls``: pages of HTML and SpreadsheetML 2003."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import declared_in_markup, decode_file
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.limits import MAX_COLUMNS, check_table_size, parse_xml
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.tables.sheets import Merged, WorkbookSheet, read_sheets
from geo.messages import Message

_HEAD_CHARS: Final = 4096
_DIGITS: Final = re.compile(r"[0-9]{1,7}")
_SPREADSHEETML: Final = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL: Final = "urn:schemas-microsoft-com:office:excel"


def read_markup(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the tables of a page, or the sheets of SpreadsheetML, as a workbook is read.

    Nothing is fetched, and no script or style is looked at.

    Raises
    ------
    FileFormatError
        If it is damaged, has a DOCTYPE that is not that of HTML, or no table; and as
        :func:`boundaries.readers.tables.sheets.read_sheets`.
    """
    data = path.read_bytes()
    declared = hints.encoding or declared_in_markup(data)
    text, encoding = decode_file(data, what=path.name, declared=declared)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    if _SPREADSHEETML in text[:_HEAD_CHARS]:
        sheets = _SpreadsheetML(path.name).sheets_of(text)
    else:
        page = _MarkupPage(path.name)
        page.feed(text)
        page.close()
        sheets = page.sheets
    if not any(sheet.rows for sheet in sheets):
        raise unreadable(path.name, Message("files.no_table"))
    return read_sheets(sheets, layer, report, hints, what=path.name)


class _Cells:
    """A table in the making: cells by place, with those that reach over several."""

    def __init__(self, name: str, what: str) -> None:
        self.name, self.hidden = name, False
        self.rows: list[list[Any]] = []
        self.merged: list[Merged] = []
        self._what = what
        self._cells = 0
        self._held: dict[int, int] = {}  # columns that a cell above reaches into: for how many rows

    def start_row(self, number: int | None = None) -> None:
        """Begin the next row, or the one of a number from 1 on."""
        while number is not None and len(self.rows) < number - 1:
            self._check(1)
            self.rows.append([])
        self._held = {at: rows - 1 for at, rows in self._held.items() if rows > 1}
        self.rows.append([])

    def add(self, value: str, *, across: int, down: int, number: int | None = None) -> None:
        """Add a cell that reaches over columns and rows, each 1 or more."""
        if not self.rows:
            self.start_row()
        row = self.rows[-1]
        while number is None and self._held.get(len(row)):
            row.append("")
        across = min(across, MAX_COLUMNS + 1)
        self._check(max((number or 0) - 1 - len(row), 0) + across)
        row.extend([""] * ((number or 0) - 1 - len(row)))
        here = len(row)
        row.extend([value, *[""] * (across - 1)])
        if across > 1 or down > 1:
            top = len(self.rows) - 1
            self.merged.append((top, here, top + down - 1, here + across - 1))
            self._held |= dict.fromkeys(range(here, here + across), down)

    def _check(self, more: int) -> None:
        self._cells += more
        width = len(self.rows[-1]) + more if self.rows else more
        check_table_size(1, width, what=self._what)
        check_table_size(self._cells, 1, what=self._what)

    def sheet(self) -> WorkbookSheet:
        """Return the sheet."""
        width = max(map(len, self.rows), default=0)
        check_table_size(len(self.rows), width, what=self._what)
        rows = [[*row, *[""] * (width - len(row))] for row in self.rows]
        return WorkbookSheet(self.name, rows, self.merged, self.hidden)


def _number(text: str | None, least: int) -> int:
    """Return a whole number of at most seven digits from `least` on; `least` for anything else."""
    return max(int(text), least) if text and _DIGITS.fullmatch(text) else least


class _MarkupPage(HTMLParser):
    """The tables of a page; one inside another is a table of its own."""

    def __init__(self, what: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[WorkbookSheet] = []
        self._what = what
        self._open: list[_Cells] = []
        self._cell: list[tuple[dict[str, str | None], list[str]] | None] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            number = len(self.sheets) + len(self._open) + 1
            self._open.append(_Cells(str(number), self._what))
            self._cell.append(None)
        elif tag in {"script", "style"}:
            self._silent += 1
        elif self._open and tag == "tr":
            self._end_cell()
            self._open[-1].start_row()
        elif self._open and tag in {"td", "th"}:
            self._end_cell()
            self._cell[-1] = (dict(attrs), [])
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent = max(self._silent - 1, 0)
        elif self._open and tag in {"td", "th", "tr"}:
            self._end_cell()
        elif self._open and tag == "table":
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self._open and self._cell[-1] and not self._silent:
            self._cell[-1][1].append(data)

    def close(self) -> None:
        super().close()
        while self._open:
            self._end_table()

    def _end_table(self) -> None:
        self._end_cell()
        self._cell.pop()
        self.sheets.append(self._open.pop().sheet())

    def _end_cell(self) -> None:
        if self._cell[-1]:
            attributes, texts = self._cell[-1]
            exact = attributes.get("x:num") or attributes.get("x:str")  # as Excel writes them
            value = exact or " ".join("".join(texts).split())
            self._open[-1].add(
                value,
                across=_number(attributes.get("colspan"), 1),
                down=_number(attributes.get("rowspan"), 1),
            )
            self._cell[-1] = None


class _SpreadsheetML:
    """The sheets of a document of Excel 2003."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._made: list[_Cells] = []
        self._cell: dict[str, str] | None = None
        self._texts: list[str] = []
        self._inside = ""

    def sheets_of(self, text: str) -> list[WorkbookSheet]:
        """Return the sheets of a document."""
        parse_xml(text, (self._start, self._end, self._data), what=self._what, separator=" ")
        return [cells.sheet() for cells in self._made]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        said = {key.removeprefix(f"{_SPREADSHEETML} "): value for key, value in attributes.items()}
        number = _number(said["Index"], 1) if "Index" in said else None
        match name.split(" "):
            case [space, "Worksheet"] if space == _SPREADSHEETML:
                self._made.append(_Cells(said.get("Name", ""), self._what))
            case [space, "Row"] if space == _SPREADSHEETML and self._made:
                self._made[-1].start_row(number)
            case [space, "Cell"] if space == _SPREADSHEETML and self._made:
                self._cell, self._texts = said, []
            case [space, "Data" | "Visible" as inside] if space in {_SPREADSHEETML, _EXCEL}:
                self._inside = inside

    def _data(self, text: str) -> None:
        if self._inside == "Data" and self._cell is not None:
            self._texts.append(text)
        elif self._inside == "Visible" and self._made:
            self._made[-1].hidden |= text.strip() in {"SheetHidden", "SheetVeryHidden"}

    def _end(self, name: str) -> None:
        local = name.rsplit(" ", 1)[-1]
        if local in {"Data", "Visible"}:
            self._inside = ""
        elif local == "Cell" and self._cell is not None:
            said = self._cell
            self._made[-1].add(
                "".join(self._texts).strip(),
                across=1 + _number(said.get("MergeAcross"), 0),
                down=1 + _number(said.get("MergeDown"), 0),
                number=_number(said["Index"], 1) if "Index" in said else None,
            )
            self._cell = None
