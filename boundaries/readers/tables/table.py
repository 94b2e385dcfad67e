"""CSV tables: encoding, separator, header row."""

import csv
import io
from pathlib import Path
from typing import Any, Final

import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import decode_file
from boundaries.readers.files.limits import MAX_HEADER_CHARS
from boundaries.readers.files.source import Source
from boundaries.readers.files.table_size import check_table_size
from boundaries.readers.tables.places import HEAD_ROWS, head_row, known_names, placed
from geo.errors import FileFormatError
from geo.messages import Message

_SEPARATORS: Final = ",;\t|"


def read_csv(path: Path, layer: str, report: LayerReport, encoding: str | None) -> Source:
    """Read a CSV file as text columns with a geometry column.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, UTF-16, or GB18030; comma, semicolon, tab or bar.
    layer : str
        For the names of columns, by which the header row is found.
    report : LayerReport
        Gets a note of the encoding if it is not UTF-8, and of the header row if it is not the
        first.
    encoding : str or None
        That the user names.

    Returns
    -------
    Source
        As :func:`boundaries.readers.tables.places.placed`.

    Raises
    ------
    FileFormatError
        If the text or the table cannot be read.
    SchemaError
        If there are no columns with a place.
    """
    text, encoding = decode_file(path.read_bytes(), what=path.name, declared=encoding)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    table = parse_csv(text, what=path.name, layer=layer, report=report)
    return placed(table, layer, report, what=path.name)


def parse_csv(
    text: str, *, what: str, layer: str = "", report: LayerReport | None = None
) -> pd.DataFrame:
    """Return a table of text.

    Parameters
    ----------
    text : str
        With a header row; the separator is the one that is most frequent in one of the first lines.
    what : str
        Name of the file, for messages.
    layer : str, optional
        By whose names of columns the header row is found; else it is the first row.
    report : LayerReport, optional
        Gets a note where the header row is not the first.

    Raises
    ------
    FileFormatError
        If it is no table, or one beyond the limits.
    """
    first = text[:MAX_HEADER_CHARS].splitlines()[: HEAD_ROWS if layer else 1] or [""]
    separator = _separator(first, layer)
    lines = max(text.count("\n"), text.count("\r"))
    try:
        reader = csv.reader(io.StringIO(text[:MAX_HEADER_CHARS]), delimiter=separator)
        heads, starts = _first_rows(reader, HEAD_ROWS if layer else 1)
        check_table_size(lines, max(map(len, heads), default=0), what=what)
        head = head_row(heads, layer) if layer else 0
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=True,
            skiprows=starts[head] if head else 0,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        reason = str(error).strip()
        raise FileFormatError("reading.no_csv", name=what, reason=reason) from error
    if head and report is not None:
        report.understand("head", Message("reading.head_found", {"n": head + 1}))
    if not isinstance(table.index, pd.RangeIndex):  # then all columns are one place further on
        raise FileFormatError("reading.more_fields", name=what)
    return table


def _separator(lines: list[str], layer: str) -> str:
    """Return the separator by which most names of columns are known, then the most frequent one."""

    def known(mark: str) -> tuple[int, int]:
        rows = list(csv.reader(lines, delimiter=mark))
        most = known_names(rows[head_row(rows, layer)], layer) if layer and rows else 0
        return most, max(lines[0].count(mark), 0)

    return max(_SEPARATORS, key=known)


def _first_rows(reader: Any, most: int) -> tuple[list[list[str]], list[int]]:  # noqa: ANN401 - csv has no name for it
    """Return the first rows with anything in them, and how many lines stand before each."""
    rows, starts, line = [], [], 0
    for row in reader:
        if row:
            rows.append(row)
            starts.append(line)
        line = reader.line_num
        if len(rows) == most:
            break
    return rows, starts
