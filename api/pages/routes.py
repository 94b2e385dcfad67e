"""Pages: the map, the API's own page, the folium file; and whether the service is alive."""

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.http.dependencies import answer_uncached
from api.http.openapi import responses
from api.http.query_parameters import LanguageName
from api.pages.schemas import Health
from api.parameters import Language
from api.version import code_version
from maps.page import page_html

router = APIRouter(tags=["pages"])
STATIC: Final = Path(__file__).parent / "static"
"""Folder of the API page's own files, served as ``/api-static``."""

_NO_CACHE: Final = {"Cache-Control": "no-cache"}


@router.get(
    "/",
    summary="Open the map",
    response_class=HTMLResponse,
    responses=responses("<!doctype html>...", 400, media_type="text/html"),
)
def get_page(lang: LanguageName = Language.ZH) -> Response:
    """Open the planner's page; it loads nothing from any other host."""
    return HTMLResponse(page_html(str(lang)), headers=_NO_CACHE)


@router.get("/docs", include_in_schema=False)
def get_docs() -> Response:
    """Show the API document, drawn by vendored files."""
    return HTMLResponse(_docs_html(), headers=_NO_CACHE)


@cache
def _docs_html() -> str:
    return (STATIC / "docs.html").read_text("utf-8")


@router.get(
    "/healthz",
    summary="Ask whether the service is alive",
    response_model=Health,
    responses=responses(Health, 400),
)
def get_health() -> Response:
    """Answer without touching the database."""
    return answer_uncached({"status": "ok", "version": code_version()})
