"""Benchmarks and scripts, which no other test runs, import only what is there."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("geo", "boundaries", "maps", "api", "benchmarks", "tests")
FILES = sorted((*ROOT.glob("benchmarks/*.py"), *ROOT.glob("scripts/*.py")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_a_benchmark_imports_is_there(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.split(".")[0] not in PACKAGES:
                continue
            if node.module.startswith("benchmarks"):  # its own imports may need a peer
                assert find_spec(node.module) is not None, node.module
                continue
            module = import_module(node.module)
            for name in node.names:
                there = hasattr(module, name.name) or find_spec(f"{node.module}.{name.name}")
                assert there, f"{node.module}.{name.name}"
