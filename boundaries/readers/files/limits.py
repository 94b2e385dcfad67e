"""Limits of a file from outside: what it may cost, whoever made it."""

from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from geo.errors import FileFormatError
from geo.messages import Message

MAX_UNPACKED_BYTES: Final = 2 << 30
"""Most bytes that one file may unpack to: an OpenStreetMap extract of a whole province."""

MAX_RATIO: Final = 100
"""Most bytes unpacked per byte packed: tables and extracts pack 5 to 60 times, zeros 1,000."""

RATIO_FREE_BYTES: Final = 64 << 20
"""Bytes that a file may unpack to whatever the ratio: the blanks of a small table pack by any."""

MAX_LISTING_BYTES: Final = 1 << 20
"""Most bytes of the list of members of an archive: about 10,000 names, where a shapefile has 8."""

MAX_HEADER_CHARS: Final = 100_000
"""Most characters of the header row of a table: 1,000 names of 100."""

MAX_COLUMNS: Final = 1_000
"""Most columns of a table: a shapefile can have 255, and no layer uses more than 20."""

MAX_CELLS: Final = 50_000_000
"""Most rows times columns of a table, also where most cells are empty: 400 MB of pointers; the
largest known district has 300,000 buildings."""

MAX_PRJ_BYTES: Final = 64 << 10
"""Most bytes of a ``.prj`` file: the longest definition of PROJ's database has 10,000."""

MAX_DEFAULT_CHARS: Final = 255
"""Most characters of the default of a column: it stands in every row and takes no place there."""

MAX_TABLES: Final = 10_000
"""Most tables, views, indices and triggers of a GeoPackage."""

DEEPEST: Final = 64
"""Levels of arrays and objects in what is sent; a GeoJSON feature has eight. What is
echoed must be written again, and recursion has an end."""


def check_table_size(rows: int, columns: int, *, what: str) -> None:
    """Raise `FileFormatError` if a table has too many columns, or too many cells."""
    if columns > MAX_COLUMNS:
        raise FileFormatError(
            "files.too_many_columns", what=what, columns=columns, most=MAX_COLUMNS
        )
    if rows * columns > MAX_CELLS:
        raise FileFormatError(
            "files.too_many_cells", what=what, rows=rows, columns=columns, most=MAX_CELLS
        )


def is_too_deep(value: object, *, levels: int = DEEPEST) -> bool:
    """Return whether a JSON value is nested in more than so many levels of arrays and objects.

    Examples
    --------
    >>> is_too_deep([[1]], levels=2), is_too_deep({"a": [[]]}, levels=2)
    (False, True)
    """
    level = [value]
    for _ in range(levels + 1):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return False
        level = [
            member
            for each in containers
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return True


def parse_xml(
    text: str,
    handlers: tuple[Callable[..., object], ...],
    *,
    what: str,
    separator: str | None = None,
) -> None:
    """Parse XML that may not have a DOCTYPE, and so has no entities of its own.

    Parameters
    ----------
    text : str
    handlers : tuple of callable
        For the start of an element, its end, and text, as Python's expat calls them.
    what : str
        Name of the file, for messages.
    separator : str, optional
        Between the namespace and the name of an element; without it names stand as written.

    Raises
    ------
    FileFormatError
        If it is damaged, or has a DOCTYPE.
    """

    def refuse(*_: object) -> None:
        raise FileFormatError("files.unreadable", what=what, reason=Message("files.has_doctype"))

    parser = expat.ParserCreate("utf-8", separator)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003 - its own signature
    except expat.ExpatError as error:
        raise FileFormatError("files.unreadable", what=what, reason=str(error)) from error
