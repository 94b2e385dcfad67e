"""Folders of the page's assets and its templates."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

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
