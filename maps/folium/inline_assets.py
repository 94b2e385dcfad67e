"""Embed Leaflet in an HTML file, so that the file opens offline."""

import base64
import re
from pathlib import Path

import folium
from branca.element import Element, Figure
from folium.template import Template

from geo.errors import NotFoundError

_CSS_URL = re.compile(r"url\(([^)]+?)\)")


class InlineMap(folium.Map):
    """A folium map that asks for no script and no style sheet: :func:`inline_leaflet` brings them.

    Folium's own defaults load jQuery, Bootstrap and icon fonts from other hosts; nothing drawn
    here needs them.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's way to say it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - folium's way to say it


class Raw(Element):
    """A piece of HTML that is inserted unchanged: it is not parsed as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def inline_leaflet(figure: Figure, vendor: Path) -> None:
    """Add Leaflet's script, style sheet, images and licence from `vendor` to the head of `figure`.

    Raises
    ------
    NotFoundError
        If the assets were not copied (``npm ci`` and ``npm run assets``, or ``make dev``).
    """
    home = vendor / "leaflet"
    if not (home / "leaflet.js").is_file():
        raise NotFoundError("drawing.no_assets", file=f"{home.name}/leaflet.js", folder=vendor.name)
    licence = (home / "LICENSE").read_text("utf-8").replace("--", "- -")
    script = (home / "leaflet.js").read_text("utf-8").replace("</script", "<\\/script")
    figure.header.add_child(Raw(f"<!-- Leaflet\n{licence}-->"), name="leaflet_licence")
    figure.header.add_child(Raw(f"<style>{_css(home)}</style>"), name="leaflet_css")
    figure.header.add_child(Raw(f"<script>{script}</script>"), name="leaflet_js")


def _css(home: Path) -> str:
    """Return Leaflet's style sheet with its images as data."""

    def inlined(match: re.Match[str]) -> str:
        image = home / match[1].strip("'\"")
        if not image.is_file():  # behaviour:url(#default#VML) of browsers long gone
            return "none"
        return f"url(data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()})"

    return _CSS_URL.sub(inlined, (home / "leaflet.css").read_text("utf-8"))


def same_bytes(html: str) -> str:
    """Return `html` with folium's random element ids numbered in order: same input, same bytes."""
    names: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"{len(names) + 1:04d}")

    return re.sub(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])", number, html)
