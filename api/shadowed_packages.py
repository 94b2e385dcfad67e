"""The four packages of Lifecircle, and unrelated packages that shadow them.

PyPI has unrelated packages called ``geo`` and ``maps``; one of them on the path before ours would
be imported in place of it.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOMS: Final = ("geo", "boundaries", "maps", "api")
HOME: Final = Path(__file__).resolve().parent.parent
"""Folder that holds the four."""


def intruder(name: str) -> str:
    """Return where the package `name` comes from, if another shadows ours; else empty."""
    spec = find_spec(name)
    place = Path(spec.origin).resolve().parent if spec and spec.origin else None
    if place == HOME / name:
        return ""
    return str(place or "nowhere")
