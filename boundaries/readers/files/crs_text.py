"""Definitions of a CRS as text: none may name a file, which PROJ would open."""

import re
from typing import Final

from geo.errors import CrsError

_NAMES_A_FILE: Final = re.compile(
    r"""
    grids["']?\s*[=,]\s*["']?(?!@null\b)    # nadgrids=, geoidgrids=, EXTENSION["PROJ4_GRIDS", ...]
    | \binit\s*=\s*(?!epsg:\d)              # +init=FILE:SECTION
    | PARAMETERFILE                         # WKT 2
    | file["']?\s*[=:,\[]                   # tinshift file=, PROJJSON
    | \bmodel\s*=                           # defmodel
    """,
    re.IGNORECASE | re.VERBOSE,
)


def check_names_no_file(text: str, *, what: str) -> None:
    """Raise `CrsError` if the definition of a CRS names a file or an address.

    Examples
    --------
    >>> check_names_no_file("+proj=merc +a=6378137 +nadgrids=@null", what="a.prj")
    >>> check_names_no_file("+proj=longlat +nadgrids=/etc/passwd", what="a.prj")
    Traceback (most recent call last):
    geo.errors.CrsError: The CRS of a.prj names a file of its own (grids=/etc/passwd); wanted one \
that PROJ knows, for instance EPSG:4490. Name it with --crs.
    """
    found = _NAMES_A_FILE.search(text)
    if found:
        part = text[found.start() :][:60]
        raise CrsError("files.crs_names_a_file", what=what, part=part)
