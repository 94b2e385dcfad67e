"""`geo` computes: its messages and docstrings know no map, page, click or protocol."""

import ast
import re
from pathlib import Path

import pytest

import geo

ROOT = Path(geo.__file__).parent
OUTSIDE = re.compile(
    r"\b(map|maps|clicks?|clicked|page|pages|HTTP|browsers?|screens?|mouse|cursors?|buttons?"
    r"|URLs?|endpoints?|query parameters?|ETag|JSON)\b",
    re.IGNORECASE,
)
"""Words of what stands around `geo`: the drawing, its reader, and the protocol."""


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_text_of_geo_speaks_of_maps_pages_or_http(path):
    found = [
        f"{node.lineno}: {word.group()}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in OUTSIDE.finditer(node.value)
        if path.name != "messages.py" or word.group().lower() != "json"  # form of the catalogue
    ]
    assert found == []


@pytest.mark.parametrize("text", ["Choose one on the map.", "a Click away", "(HTTP 404)"])
def test_the_words_that_it_looks_for_are_found(text):
    assert OUTSIDE.search(text)
