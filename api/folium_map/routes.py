"""The district as one HTML file."""

from fastapi import Response
from fastapi.responses import HTMLResponse

from api.folium_map.answers import folium_html
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep, is_protected
from api.http.middleware import INLINE_CSP
from api.http.openapi import responses
from api.http.query_parameters import HTTP, PACE, LanguageName
from api.parameters import CoverageQuestion
from api.snapshot.variants import with_walker

router = capability_router("pages")


@router.get(
    "/districts/{code}/map.html",
    summary="Get the district as one HTML file",
    response_class=HTMLResponse,
    responses=responses("<!doctype html>...", 304, 400, 404, 422, media_type="text/html"),
)
@HTTP.asks("minutes", *PACE, "tier")
def get_map(
    request: DistrictRequestDep, lang: LanguageName, *, question: CoverageQuestion
) -> Response:
    """Return a folium map with everything inlined: it opens with the network unplugged."""
    text = folium_html(
        with_walker(request.snapshot(), question),
        question,
        lang=str(lang),
        protected=is_protected(request.request, request.code),
    )
    headers = {"Content-Security-Policy": INLINE_CSP}
    return request.answer_bytes(
        text.encode(), media_type="text/html; charset=utf-8", headers=headers
    )
