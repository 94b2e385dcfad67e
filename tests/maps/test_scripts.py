"""The page's scripts are modules without a build step: what one imports, another must export."""

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "maps/static/js"
IMPORT = re.compile(r'import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)"')
EXPORT = re.compile(r"export\s+(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)")


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.stem)
def test_what_a_script_imports_is_exported(path: Path):
    for names, source in IMPORT.findall(path.read_text("utf-8")):
        wanted = {name.split(" as ")[0].strip() for name in names.split(",")} - {""}
        exported = set(EXPORT.findall((path.parent / source).read_text("utf-8")))
        assert wanted <= exported, source
