"""Whatever docstrings and docs name is there: modules, names of modules, paths, links."""

import ast
import re

from tests.source_index import ROOT, exists, has_member, modules, seen_from

ROLE = re.compile(r":(?:func|mod|class|data|meth|attr|exc):`~?([^`]+)`")


def references() -> list[tuple[str, str]]:
    """Return where a docstring or comment refers to a name by a role, and the names that fail."""
    failed = []
    for module in modules().values():
        text = module.path.read_text("utf-8")
        classes = [n for n in ast.walk(module.tree) if isinstance(n, ast.ClassDef)]
        for match in ROLE.finditer(text):
            name = re.sub(r"\s+", "", match[1]).removesuffix("()")
            line = text.count("\n", 0, match.start()) + 1
            parts = name.split(".")
            inside = [c for c in classes if c.lineno <= line <= (c.end_lineno or 0)]
            if not (
                (
                    len(parts) > 1
                    and parts[0] in {"geo", "boundaries", "maps", "api", "tests"}
                    and exists(name)
                )
                or seen_from(module, parts)
                or (len(parts) == 1 and any(has_member(module, c, name) for c in inside))
            ):
                failed.append((f"{module.path.relative_to(ROOT)}:{line}", name))
    return failed


def test_every_reference_of_a_docstring_leads_to_a_name():
    assert references() == []
