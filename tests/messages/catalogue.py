"""The catalogue of messages, and what the program asks of it, read from the sources."""

import ast
import builtins
import json
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("geo", "boundaries", "maps", "api")
CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")
DOCUMENTATION = ("help", "api_document")
"""Files of `sentences` that stand under English texts, not under codes."""


class Call(NamedTuple):
    """A call that makes a message or an error.

    Attributes
    ----------
    place : str
    code : str or None
        None where the sentence stands in the call.
    given : frozenset of str or None
        Names of the parameters; None where they cannot be read off.
    """

    place: str
    code: str | None
    given: frozenset[str] | None


@cache
def entries() -> dict[str, dict[str, str]]:
    """Return code -> language -> sentence."""
    found: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package / "sentences").glob("*.json")):
            if file.stem not in DOCUMENTATION:
                topic = json.loads(file.read_text("utf-8"))
                found |= {f"{file.stem}.{name}": told for name, told in topic.items()}
    return found


def topics() -> list[str]:
    """Return the topics of all packages, one for each file."""
    return [file.stem for name in PACKAGES for file in (ROOT / name / "sentences").glob("*.json")]


def placeholders(sentence: str) -> set[str]:
    """Return the names that a sentence holds."""
    return {
        re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(sentence) if name
    }


@cache
def modules() -> dict[str, ast.Module]:
    """Return the tree of every module of the product, by its path."""
    return {
        file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8"))
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def constants() -> set[str]:
    """Return every text of the product that has the form of a code."""
    nodes = (node for tree in modules().values() for node in ast.walk(tree))
    texts = {text for node in nodes if (text := _text(node)) is not None}
    return {text for text in texts if CODE.fullmatch(text)}


def calls() -> Iterator[Call]:
    """Yield every call that makes a message or an error of ours."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _makes_message(node.func):
                yield from _read(f"{path}:{node.lineno}", node)


def _makes_message(function: ast.expr) -> bool:
    name = getattr(function, "id", getattr(function, "attr", ""))
    is_ours = name.endswith("Error") and not hasattr(builtins, name)
    return name in ("Message", "but_in_public") or is_ours


def _read(place: str, node: ast.Call) -> Iterator[Call]:
    for value in node.args:
        text = _text(value)
        if isinstance(value, ast.JoinedStr) or (text is not None and " " in text):
            yield Call(place, None, None)
        elif text is not None and CODE.fullmatch(text):
            yield Call(place, text, _given(node))


def english_in(text: str) -> list[str]:
    """Return what is English in a Chinese text: two words or more that follow each other.

    Commands and file names between backquotes are left aside, and placeholders.
    """
    prose = re.sub(r"`[^`]*`|\{[^}]*\}|EPSG:\d+", "、", text)
    return re.findall(r"[A-Za-z]{2,}(?:[ ,.;]+[a-z]{2,})+", prose)


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _given(node: ast.Call) -> frozenset[str] | None:
    """Return the names of the parameters: keywords, or the keys of the second argument."""
    names = {keyword.arg for keyword in node.keywords}
    if getattr(node.func, "id", "") == "Message" and len(node.args) > 1:
        keys = getattr(node.args[1], "keys", [None])
        names |= {_text(key) if key is not None else None for key in keys}
    return None if None in names else frozenset(names)
