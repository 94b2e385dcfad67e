"""The size of a table, checked before it is made."""

from boundaries.readers.files.limits import MAX_CELLS, MAX_COLUMNS
from geo.errors import FileFormatError


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
