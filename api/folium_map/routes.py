"""The district as one HTML file."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.folium_map.answers import folium_html
from api.http.dependencies import Asked
from api.http.middleware import INLINE_CSP
from api.http.openapi import responses
from api.http.query_parameters import LanguageName, Minutes, ProfileId
from api.parameters import DEFAULT_MINUTES, DEFAULT_PROFILE, CoverageQuestion, Language

router = APIRouter(tags=["pages"])


@router.get(
    "/districts/{code}/map.html",
    summary="Get the district as one HTML file",
    response_class=HTMLResponse,
    responses=responses("<!doctype html>...", 304, 400, 404, 422, media_type="text/html"),
)
def get_map(
    asked: Asked,
    lang: LanguageName = Language.ZH,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
) -> Response:
    """Return a folium map with everything inlined: it opens with the network unplugged."""
    text = folium_html(asked.snapshot(), CoverageQuestion(minutes, profile), lang=str(lang))
    headers = {"Content-Security-Policy": INLINE_CSP}
    return asked.answer_bytes(text.encode(), media_type="text/html; charset=utf-8", headers=headers)
