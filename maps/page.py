"""The planner's page at ``/``: one HTML document and the folders it loads from.

The document names its files relative to itself (``static/...``, ``vendor/...``), so it works
behind any path prefix. Words and colours travel inside it as a JSON data block, which a strict
``script-src 'self'`` policy allows because nothing in it runs.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from maps.style import style
from maps.words import LANGUAGES, words

_HERE = Path(__file__).parent


def static_dir() -> Path:
    """Return the folder served as ``static/``: the page's own modules and style sheet."""
    return _HERE / "static"


def vendor_dir() -> Path:
    """Return the folder served as ``vendor/``: the libraries that ``npm run assets`` copies."""
    return _HERE / "vendor"


def templates() -> Environment:
    """Return the Jinja environment of `maps/templates`: escaping on, unknown names are errors."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def page_html(lang: str = "zh") -> str:
    """Return the page, first shown in `lang`; it carries both languages and switches in place.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`maps.words.LANGUAGES`.
    """
    modules = sorted(path.name for path in (static_dir() / "js").glob("*.js"))
    return (
        templates()
        .get_template("page.html")
        .render(
            lang=lang,
            w=words(lang),
            modules=modules,
            data={
                "lang": lang,
                "style": style(),
                "words": {each: dict(words(each)) for each in LANGUAGES},
            },
        )
    )
