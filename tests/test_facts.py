"""Facts are fields: nothing takes a sentence apart to learn what it is about."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROSE = r"(?:\.text|\.what|\.repair|\.message|\.detail|str\((?:error|problem|fault)\))"
TAKEN_APART = re.compile(
    rf"{PROSE}\s*\.(?:split|partition|rpartition|startswith|endswith|removeprefix|removesuffix"
    rf"|match|matchAll|startsWith|endsWith|includes|slice|replace)\(|exec\([\w.]*{PROSE}\)"
    rf"|re\.\w+\([^,\n]+, [\w.]*{PROSE}\)|{PROSE} == [\"'A-Z]"
)
FOREIGN = ROOT / "boundaries/readers"
"""Readers shorten what GDAL and osmium say; they learn nothing from it."""

MODULES = sorted(
    path
    for package in ("geo", "boundaries", "maps", "api")
    for suffix in ("py", "js")
    for path in (ROOT / package).rglob(f"*.{suffix}")
    if "vendor" not in path.parts and FOREIGN not in path.parents
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_takes_a_message_apart(path):
    assert TAKEN_APART.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        'fault.text.split(" lies in")[0]',
        'if row.what == EDITED and "grids" in row.counts',
        "str(error).removeprefix('Edit ')",
        'NAMED.exec(error.detail) ?? ["", 0]',
        "error.detail.slice(named.length)",
    ],
)
def test_how_messages_were_taken_apart_is_recognised(line):
    assert TAKEN_APART.search(line)
