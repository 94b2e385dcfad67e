"""Examples in docstrings are run, and what users call has one."""

import doctest
import importlib
from pathlib import Path

import pytest

import api
import boundaries
import geo
import maps

ROOT = Path(geo.__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in (geo, boundaries, maps, api)
    for path in Path(package.__file__).parent.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_every_example_prints_what_it_says(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0
