"""Both READMEs say the same, and every command in them exists."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from api.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of each block of code, comments of commands left out."""
    found = BLOCK.findall(text)
    return [(kind, re.sub(r"\s+# .*$", "", body, flags=re.MULTILINE)) for kind, body in found]


def commands(program: str) -> list[list[str]]:
    """Return the words after `program` of every command that starts with it."""
    text = "".join(body for kind, body in blocks(ENGLISH) if kind == "sh")
    lines = (shlex.split(line) for line in text.replace("\\\n", " ").splitlines())
    return [words[1:] for words in lines if words[0] == program]


def test_both_have_the_same_code():
    assert blocks(ENGLISH) == blocks(CHINESE)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^#+ ",  # headings
        r"^\d\. ",  # rules
        r"^\|",  # rows of tables
    ],
)
def test_both_have_the_same_parts(pattern):
    count = [len(re.findall(pattern, text, re.MULTILINE)) for text in (ENGLISH, CHINESE)]
    assert count[0] == count[1] > 0


def test_both_name_the_same_things_in_code_and_the_same_figures():
    def named(text: str) -> set[str]:
        return set(re.findall(r"`[^`\n]+`", BLOCK.sub("", text)))

    def figures(text: str) -> set[str]:
        return set(re.findall(r"\d[\d,.]*\d", BLOCK.sub("", text)))

    assert named(ENGLISH) == named(CHINESE)
    assert figures(ENGLISH) - figures(CHINESE) == set()


def test_each_links_to_the_other():
    assert "(README.zh.md)" in ENGLISH
    assert "(README.md)" in CHINESE


def test_every_command_and_option_exists():
    group = typer.main.get_command(app)
    asked = commands(".venv/bin/lifecircle")
    assert len(asked) >= 16
    for words in asked:
        name, command, rest = "lifecircle", group, words
        while hasattr(command, "commands"):
            name, command, rest = command.resolve_command(typer.Context(command), rest)
        assert command.make_context(name, rest).params


def test_every_target_of_make_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    said = set(re.findall(r"\bmake ([a-z]+)\b(?=`|    #)", ENGLISH))
    assert said == {"demo", "test", "dev", "lint", "bench"}
    assert said <= targets


def test_the_python_example_is_right(tmp_path):
    (code,) = (body for kind, body in blocks(ENGLISH) if kind == "python")
    make = (
        "from dataclasses import replace\n"
        "from boundaries.store.open import open_store\n"
        "from tests.scenes import tiny_district\n"
        "district, layers = tiny_district()\n"
        "store = open_store('lifecircle.gpkg', create=True)\n"
        "store.replace(replace(district, code='helsinki'), layers)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", make + code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "b1" in done.stdout
