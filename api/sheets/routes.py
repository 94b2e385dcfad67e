"""Contact cards and public notices of grids, as HTML and PDF."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi.responses import HTMLResponse

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequest, DistrictRequestDep, is_protected
from api.http.middleware import INLINE_CSP
from api.http.openapi import responses
from api.http.query_parameters import LanguageName, Minutes, ProfileId, Speed
from api.parameters import DAY_PATTERN, DEFAULT_MINUTES, DEFAULT_PROFILE, CoverageQuestion
from api.sheets.answers import gathered, sheets_page
from api.sheets.question import (
    MOST_PDF_SHEETS,
    MOST_SHEETS,
    SheetKind,
    SheetLevel,
    SheetQuestion,
    notice_term,
)
from api.snapshot.variants import with_walker
from maps.sheets.pdf import pdf_of

router = capability_router("pages")

Kind = Annotated[
    SheetKind, Query(description="Contact cards or public notices.", examples=["card"])
]
Of = Annotated[SheetLevel, Query(description="What each sheet is for.", examples=["small"])]
Within = Annotated[
    str,
    Query(
        description="Beginning of the codes of the grids or posts: a street, a grid.",
        examples=["371602001"],
        max_length=64,
    ),
]


Phone = Annotated[
    str | None,
    Query(
        description="Of a notice: where objections are heard; else as the district's rules say.",
        examples=["0543-3123456"],
        max_length=40,
    ),
]


def _day(which: str, example: str) -> Any:  # noqa: ANN401 - a parameter of FastAPI
    return Query(
        description=f"Of a notice: the {which} day on which it hangs.",
        examples=[example],
        json_schema_extra={"pattern": DAY_PATTERN},
    )


Posted = Annotated[str | None, _day("first", "2026-12-01")]
Until = Annotated[str | None, _day("last", "2026-12-07")]


def _question(
    lang: LanguageName,
    speed: Speed,
    *,
    kind: Kind = SheetKind.CARD,
    level: Of = SheetLevel.SMALL,
    within: Within = "",
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    phone: Phone = None,
    posted: Posted = None,
    until: Until = None,
) -> SheetQuestion:
    asked = CoverageQuestion(minutes, profile, speed=speed)
    term = notice_term(kind, phone=phone, posted=posted, until=until)
    return SheetQuestion(kind, level, within, asked, str(lang), term)


Question = Annotated[SheetQuestion, Depends(_question)]


@router.get(
    "/districts/{code}/sheets.html",
    summary="Get sheets to print as HTML",
    response_class=HTMLResponse,
    responses=responses("<!doctype html>...", 304, 400, 404, 422, media_type="text/html"),
)
def get_sheets(request: DistrictRequestDep, question: Question) -> Response:
    """Return a page of A4 for each grid or beat: its map, what is in reach, its post and offices.

    At most 400 in one file. No person is named; a post has a name and the number of its office.
    """
    return request.answer_bytes(
        _page(request, question, MOST_SHEETS).encode(),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": INLINE_CSP},
    )


@router.get(
    "/districts/{code}/sheets.pdf",
    summary="Get sheets to print as PDF",
    response_class=Response,
    responses=responses("%PDF-1.7 ...", 304, 400, 404, 422, media_type="application/pdf"),
)
def get_sheets_as_pdf(request: DistrictRequestDep, question: Question) -> Response:
    """Return the same sheets as PDF, at most 60 of them; the command line writes more."""
    # Codes of posts may hold anything, headers only Latin letters.
    name = f"{question.kind}s-{request.code}.pdf"
    return request.answer_bytes(
        pdf_of(_page(request, question, MOST_PDF_SHEETS)),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _page(request: DistrictRequest, question: SheetQuestion, most: int) -> str:
    snapshot = with_walker(request.snapshot(), question.asked)
    sheets = gathered(snapshot, question, most=most)
    protected = is_protected(request.request, request.code)
    return sheets_page(snapshot, question, sheets, protected=protected)
