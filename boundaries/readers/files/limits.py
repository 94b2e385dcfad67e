"""Limits of a file from outside: what it may cost, whoever made it."""

from typing import Final

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
