"""README and docs say the same in both languages, and every command in them exists."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from api.cli.main import app
from api.console.languages import split_language

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ENGLISH = [path for path in sorted(DOCS.rglob("*.md")) if "zh" not in path.parts]
PAIRS = {
    "README.md": (ROOT / "README.md", ROOT / "README.zh.md"),
    **{str(p.relative_to(ROOT)): (p, DOCS / "zh" / p.relative_to(DOCS)) for p in ENGLISH},
}
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
pair = pytest.mark.parametrize("pages", PAIRS.values(), ids=PAIRS)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and content of each block of code, comments of commands left out."""
    found = BLOCK.findall(text)
    return [(kind, re.sub(r"\s+# .*$", "", body, flags=re.MULTILINE)) for kind, body in found]


def commands(program: str) -> list[list[str]]:
    """Return the words after `program` of every command that starts with it, in all pages."""
    texts = (english.read_text("utf-8") for english, _ in PAIRS.values())
    text = "".join(body for page in texts for kind, body in blocks(page) if kind == "sh")
    lines = (shlex.split(line) for line in text.replace("\\\n", " ").splitlines())
    return [words[1:] for words in lines if words[0] == program]


def test_every_page_is_there_in_chinese():
    chinese = {str(path.relative_to(DOCS / "zh")) for path in (DOCS / "zh").rglob("*.md")}
    assert chinese == {str(path.relative_to(DOCS)) for path in ENGLISH}


@pair
def test_both_have_the_same_code(pages):
    english, chinese = (blocks(page.read_text("utf-8")) for page in pages)
    assert english == chinese


@pair
def test_both_have_the_same_parts(pages):
    def parts(text: str) -> list[int]:
        headings, rules, items, rows = r"^#+ ", r"^\d\. ", r"^- ", r"^\|"
        return [len(re.findall(p, text, re.MULTILINE)) for p in (headings, rules, items, rows)]

    english, chinese = (BLOCK.sub("", page.read_text("utf-8")) for page in pages)
    assert parts(english) == parts(chinese)


@pair
def test_both_name_the_same_things_in_code_and_the_same_figures(pages):
    english, chinese = (BLOCK.sub("", page.read_text("utf-8")) for page in pages)

    def named(text: str) -> set[str]:
        return set(re.findall(r"`[^`\n]+`", text))

    def figures(text: str) -> set[str]:
        return set(re.findall(r"\d[\d,.]*\d", text))

    assert named(english) == named(chinese)
    assert figures(english) - figures(chinese) == set()


@pair
def test_each_links_to_the_other(pages):
    english, chinese = pages
    for page, other in ((english, chinese), (chinese, english)):
        links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
        assert other in {(page.parent / link).resolve() for link in links}


def test_every_command_and_option_exists():
    group = typer.main.get_command(app)
    asked = commands(".venv/bin/lifecircle")
    assert len(asked) >= 60
    for words in asked:
        name, command, (_, rest) = "lifecircle", group, split_language(words)
        while hasattr(command, "commands"):
            name, command, rest = command.resolve_command(typer.Context(command), rest)
        assert command.make_context(name, rest).params


def test_every_target_of_make_exists_and_is_described():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    assert set(re.findall(r"^make ([a-z]+)\b", text, re.MULTILINE)) == targets - {"help"}


def test_the_python_example_is_right(tmp_path):
    page = (DOCS / "reference" / "python.md").read_text("utf-8")
    (code,) = (body for kind, body in blocks(page) if kind == "python")
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
