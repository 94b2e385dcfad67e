"""How far a sheet of a workbook reaches, told before anybody makes room for all of its cells."""

import re
from functools import cache
from typing import Final

from boundaries.readers.files.limits import check_table_size

_TAG: Final = re.compile(rb"<(?:\w+:)?(c|row)\b([^<>]*)>")
_PLACE: Final = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]*)(\d+)")
_LONGEST_TAG_BYTES: Final = 4096


class SheetExtent:
    """Rows and columns up to the last cell with anything in it, by what cells and rows say.

    A workbook of 1,000 bytes may have a cell in row 1,048,576 and column 16,384.

    Parameters
    ----------
    what : str
        Name of the file, for messages.

    Examples
    --------
    >>> extent = SheetExtent("a.xlsx")
    >>> extent.see(b'<row r="2"><c r="B2"><v>1</v></c><c r="XFD2"/></row>')
    >>> extent.rows, extent.columns
    (2, 2)
    """

    def __init__(self, what: str) -> None:
        self.rows = self.columns = 0
        self._what = what
        self._row = self._column = 0
        self._tail = b""

    def see(self, piece: bytes) -> None:
        """Look at the next piece of a document.

        Raises
        ------
        FileFormatError
            If the sheet has too many columns or cells.
        """
        text = self._tail + piece
        end = text.rfind(b"<")
        is_whole = end < 0 or b">" in text[end:] or len(text) - end > _LONGEST_TAG_BYTES
        self._tail, text = (b"", text) if is_whole else (text[end:], text[:end])
        for kind, attributes in _TAG.findall(text):
            place = _PLACE.search(attributes)
            if kind == b"row":
                self._row, self._column = (int(place[2]) if place else self._row + 1), 0
                continue
            self._column = _number(place[1].upper()) if place else self._column + 1
            if not attributes.endswith(b"/"):
                self.rows = max(self.rows, int(place[2]) if place else self._row)
                self.columns = max(self.columns, self._column)
        check_table_size(self.rows, self.columns, what=self._what)


@cache
def _number(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 28 for AB."""
    number = 0
    for letter in letters[:4]:
        number = 26 * number + letter - 64
    return number
