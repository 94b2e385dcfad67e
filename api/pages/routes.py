"""Pages: the map, and the API's own page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.http.openapi import responses
from api.http.query_parameters import LanguageName
from maps.glossary import glossary_html
from maps.page import page_html

router = APIRouter(tags=["pages"])
STATIC: Final = Path(__file__).parent / "static"
"""Folder of the API page's own files, served as ``/api-static``."""

_NO_CACHE: Final = {"Cache-Control": "no-cache"}
_HTML: Final[Mapping[str, Any]] = {
    "response_class": HTMLResponse,
    "responses": responses("<!doctype html>...", 400, media_type="text/html"),
}
"""How a page answers."""


@router.get("/", summary="Open the map", **_HTML)
def get_page(lang: LanguageName) -> Response:
    """Open the planner's page; it loads nothing from any other host."""
    return HTMLResponse(page_html(str(lang)), headers=_NO_CACHE)


@router.get("/glossary", summary="Open the glossary", **_HTML)
def get_glossary(lang: LanguageName) -> Response:
    """Open the terms of the page with their meanings and sources, to read or to print."""
    return HTMLResponse(glossary_html(str(lang)), headers=_NO_CACHE)


@router.get("/docs", include_in_schema=False)
def get_docs() -> Response:
    """Show the API document, drawn by vendored files."""
    return HTMLResponse(_docs_html(), headers=_NO_CACHE)


@cache
def _docs_html() -> str:
    return (STATIC / "docs.html").read_text("utf-8")
