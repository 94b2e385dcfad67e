"""Which sheets are asked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.errors import ParameterError, shown
from api.parameters import CoverageQuestion, parse_day
from boundaries.standards.grid_rules import is_office_number
from maps.sheets.content import NoticeTerm

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
    term : NoticeTerm
        Of notices; a phone that is not given is that of the district's rules.
    """

    kind: SheetKind
    level: SheetLevel
    within: str
    asked: CoverageQuestion
    lang: str
    term: NoticeTerm


def notice_term(
    kind: SheetKind, *, phone: str | None, posted: str | None, until: str | None
) -> NoticeTerm:
    """Return when a notice hangs and where objections are heard.

    Raises
    ------
    ParameterError
        If a card is asked for; if the phone may be a person's, a day is none, or the last day
        comes before the first.

    Examples
    --------
    >>> notice_term(SheetKind.NOTICE, phone="0543-3123456", posted="2026-12-01", until=None)
    NoticeTerm(phone='0543-3123456', first=datetime.date(2026, 12, 1), last=None)
    """
    given = {"phone": phone, "posted": posted, "until": until}
    for name in (name for name, value in given.items() if value and kind != SheetKind.NOTICE):
        raise ParameterError(name, "sheets.of_notices", name=name)
    if phone and not is_office_number(phone):
        raise ParameterError("phone", "sheets.phone", got=shown(phone))
    first, last = (
        parse_day(day, name=name) if day else None
        for name, day in (("posted", posted), ("until", until))
    )
    if first and last and last < first:
        raise ParameterError("until", "sheets.ends_before", posted=str(first), until=str(last))
    return NoticeTerm(phone or "", first, last)
