"""How the tests of this folder wait: for what they expect, and in a way that the page allows."""

import re
from pathlib import Path

import pytest

FORBIDDEN = {
    r"wait_for_function\(": "polls by eval, which the page's policy forbids; use `visit.until`",
    r"wait_for_timeout\(": "hopes that the machine is fast enough; use `visit.until`",
    r"\bsleep\(": "hopes that the machine is fast enough; use `visit.until`",
    r"\btimeout=": "`PATIENCE_MS` is every wait's",
}


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda path: path.stem
)
def test_no_test_waits_in_a_forbidden_way(path: Path):
    if path == Path(__file__):
        return
    text = path.read_text("utf-8")
    found = [f"{word}: {why}" for word, why in FORBIDDEN.items() if re.search(word, text)]
    assert found == []
