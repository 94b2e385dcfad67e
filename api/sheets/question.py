"""Which sheets are asked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.parameters import CoverageQuestion

MOST_SHEETS: Final = 400
"""Sheets of one file; a street has some hundred small grids."""

MOST_PDF_SHEETS: Final = 60
"""Sheets of one PDF over HTTP, where somebody waits; a page takes about half a second."""


class SheetKind(StrEnum):
    """What is printed."""

    CARD = "card"
    NOTICE = "notice"


class SheetLevel(StrEnum):
    """What each sheet is for."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    BEAT = "beat"


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """Which sheets, and in which language.

    Attributes
    ----------
    kind : SheetKind
    level : SheetLevel
    within : str
        Beginning of the codes of the grids, or of the posts: a street, a grid; all if empty.
    asked : CoverageQuestion
        Threshold and walker.
    lang : {'zh', 'en'}
    """

    kind: SheetKind
    level: SheetLevel
    within: str
    asked: CoverageQuestion
    lang: str
