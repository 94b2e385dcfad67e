"""Sheets as HTML and PDF, for ``sheets`` and its routes."""

from dataclasses import replace

from api.errors import ParameterError
from api.sheets.gather import Gatherer
from api.sheets.question import MOST_SHEETS, SheetQuestion
from api.snapshot.district import Snapshot
from maps.sheets.content import Sheet
from maps.sheets.pages import sheets_html
from maps.words.walker import walker_title


def gathered(
    snapshot: Snapshot, question: SheetQuestion, *, most: int = MOST_SHEETS
) -> list[Sheet]:
    """Return the sheets that are asked for.

    Raises
    ------
    ParameterError
        If they are more than `most`.
    EmptyError, NotFoundError
        As :meth:`api.sheets.gather.Gatherer.sheets`.
    """
    gatherer = Gatherer(snapshot, question)
    codes = gatherer.codes()
    if len(codes) > most:
        raise ParameterError("within", "sheets.too_many", got=len(codes), most=most)
    return gatherer.sheets(codes)


def sheets_page(
    snapshot: Snapshot, question: SheetQuestion, sheets: list[Sheet], *, protected: bool = False
) -> str:
    """Return sheets as one HTML file."""
    lang, walker = question.lang, snapshot.profile(question.asked.profile)
    phone = question.term.phone or snapshot.grid_rules.notice_phone
    return sheets_html(
        sheets,
        district=snapshot.district,
        question=(walker_title(walker, lang), question.asked.minutes),
        lang=lang,
        protected=protected,
        term=replace(question.term, phone=phone),
    )
