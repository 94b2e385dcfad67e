"""CSV tables: encoding, separator, head."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import decode_file
from boundaries.readers.files.limits import MAX_HEADER_CHARS, check_table_size
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.tables.heads import HEAD_ROWS, Head, found_head, known_names
from boundaries.readers.tables.places import placed, with_told_places
from geo.errors import FileFormatError
from geo.messages import Message

_SEPARATORS: Final[str] = ",;\t|，；、^~#"
_BLANKS: Final = re.compile(r"[ \t\u3000]+")
_UNIT: Final = "\x1f"
"""What stands for a separator that pandas does not take: of several bytes, or a run of blanks."""


def read_csv(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a CSV file as text columns with a geometry column.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, UTF-16, or GB18030; comma, semicolon, tab, bar,
        their full-width forms, or blanks.
    layer : str
        For the names of columns, by which the header row is found.
    report : LayerReport
        Gets a note of the encoding if it is not UTF-8, and of the header row if it is not the
        first.
    hints : FileHints

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
    text, encoding = decode_file(path.read_bytes(), what=path.name, declared=hints.encoding)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    table = parse_csv(text, what=path.name, layer=layer, report=report, told=hints.columns)
    return placed(with_told_places(table, hints.columns), layer, report, what=path.name)


def parse_csv(
    text: str,
    *,
    what: str,
    layer: str = "",
    report: LayerReport | None = None,
    told: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return a table of text.

    Parameters
    ----------
    text : str
        With a head; the separator is the one by which most names of columns are known, else the
        most frequent one of the first line.
    what : str
        Name of the file, for messages.
    layer : str, optional
        By whose names of columns the head is found; else it is the first row.
    report : LayerReport, optional
        Gets a note where the head is not the first row, and where the separator is unusual.
    told : mapping of str to str, optional
        Columns of ours, and what the user says that the file calls them.

    Raises
    ------
    FileFormatError
        If it is no table, or one beyond the limits.
    """
    first = text[:MAX_HEADER_CHARS].splitlines()[: HEAD_ROWS if layer else 1] or [""]
    separator = _separator(first, layer, told)
    if report is not None and separator not in ",;\t|":
        named = Message("reading.blanks") if separator == " " else separator
        report.understand("head", Message("reading.separator", {"separator": named}))
    text, separator = _with_plain_separator(text, separator, what)
    lines = max(text.count("\n"), text.count("\r"))
    try:
        reader = csv.reader(io.StringIO(text[:MAX_HEADER_CHARS]), delimiter=separator)
        rows, starts = _first_rows(reader, HEAD_ROWS if layer else 1)
        check_table_size(lines, max(map(len, rows), default=0), what=what)
        head = found_head(rows, layer, told) if layer else Head(0, 0, [])
        is_double = head.last > head.first
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=True,
            skiprows=starts[head.last + is_double] if head.last else 0,
            header=None if is_double else 0,
            names=[name or f"Unnamed: {at}" for at, name in enumerate(head.names)]
            if is_double
            else None,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        reason = str(error).strip()
        raise FileFormatError("reading.no_csv", name=what, reason=reason) from error
    if report is not None and is_double:
        said = {"first": head.first + 1, "last": head.last + 1}
        report.understand("head", Message("reading.head_of_two", said))
    elif report is not None and head.first:
        report.understand("head", Message("reading.head_found", {"n": head.first + 1}))
    if not isinstance(table.index, pd.RangeIndex):  # then all columns are one place further on
        raise FileFormatError("reading.more_fields", name=what)
    return table


def _separator(lines: list[str], layer: str, told: Mapping[str, str] | None) -> str:
    """Return the separator by which most names of columns are known, then the most frequent one.

    Blanks separate only where nothing else does.
    """

    def known(mark: str) -> tuple[int, int]:
        rows = list(csv.reader(lines, delimiter=mark)) if mark != " " else _blank_rows(lines)
        names = found_head(rows, layer, told).names if layer and rows else []
        most = known_names(names, layer, told) if names else 0
        return most, lines[0].count(mark) if mark != " " else 0

    marks: list[str] = [*_SEPARATORS, " "]
    return max(marks, key=known)


def _blank_rows(lines: list[str]) -> list[list[str]]:
    return [_BLANKS.split(line.strip()) for line in lines]


def _with_plain_separator(text: str, separator: str, what: str) -> tuple[str, str]:
    """Return a table whose separator is one that pandas takes, and that.

    Raises
    ------
    FileFormatError
        If blanks separate and rows have different numbers of fields: one that is empty shows not.
    """
    if separator == " ":
        rows = [row for row in _blank_rows(text.splitlines()) if row != [""]]
        counts = Counter(map(len, rows))
        if len(counts) > 1:
            n = len(rows) - counts.most_common(1)[0][1]
            raise FileFormatError("reading.blanks_differ", name=what, n=n)
        return "\n".join(_UNIT.join(row) for row in rows) + "\n", _UNIT
    if separator.isascii():
        return text, separator
    return text.replace(separator, _UNIT), _UNIT


def _first_rows(reader: Any, most: int) -> tuple[list[list[str]], list[int]]:  # noqa: ANN401 - csv has no name for it
    """Return the first rows with anything in them, and the lines before each and after all."""
    rows, starts, line = [], [], 0
    for row in reader:
        if row:
            rows.append(row)
            starts.append(line)
        line = reader.line_num
        if len(rows) == most:
            break
    return rows, [*starts, line]
