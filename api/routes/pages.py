"""Pages: the map, the API's own page, the folium file; and whether the service is alive."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api import examples, views
from api.documents import answers
from api.drawing import folium_html
from api.middleware import INLINE_CSP
from api.models import Health
from api.params import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    Language,
    LanguageName,
    Minutes,
    ProfileId,
)
from api.service import Asked
from api.version import code_version
from maps.page import page_html

router = APIRouter(tags=["pages"])

STATIC: Final = Path(__file__).parent.parent / "static"
"""Folder of the API page's own files, served as ``/api-static``."""

_NO_CACHE: Final = {"Cache-Control": "no-cache"}


@router.get(
    "/",
    summary="Open the map",
    response_class=HTMLResponse,
    responses=answers("<!doctype html>...", 400, media_type="text/html"),
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
    responses=answers(examples.HEALTH, 400),
)
def get_health() -> Response:
    """Answer without touching the database."""
    body = views.dumps({"status": "ok", "version": code_version()})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get(
    "/districts/{code}/map.html",
    summary="Get the district as one HTML file",
    response_class=HTMLResponse,
    responses=answers("<!doctype html>...", 304, 400, 404, 422, media_type="text/html"),
)
def get_map(
    asked: Asked,
    lang: LanguageName = Language.ZH,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
) -> Response:
    """Return a folium map with everything inlined: it opens with the network unplugged."""
    text = folium_html(asked.snapshot(), lang=str(lang), minutes=minutes, profile=profile)
    told = {"Content-Security-Policy": INLINE_CSP}
    return asked.answer_bytes(text.encode(), media_type="text/html; charset=utf-8", headers=told)
