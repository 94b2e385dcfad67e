"""Print what the tree of the four packages looks like: rooms, lines, functions, imports, names.

Usage: python scripts/house.py [ROOT]   (ROOT: a checkout; this one by default)
"""

import ast
import sys
from collections import Counter
from pathlib import Path
from statistics import median, quantiles
from typing import Final

PACKAGES: Final = ("geo", "boundaries", "maps", "api")
ROOM_FILES: Final = 15
"""A room with more modules than this is flagged."""

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


def public_names(tree: ast.Module) -> int:
    """Count the functions, classes and constants of a module that have no leading underscore."""
    names = []
    for node in tree.body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return sum(not name.startswith("_") for name in names)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from its `def` to its end, without its docstring."""
    end = function.end_lineno or function.lineno
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    return end - function.lineno + 1 - documented * ((first.end_lineno or 0) - first.lineno + 1)


def main(root: Path) -> None:
    """Print one line per figure, then one row per room."""
    lines: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    lengths: list[int] = []
    imports = public = 0
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_text("utf-8")
            tree = ast.parse(text)
            room = path.parent.relative_to(root).as_posix()
            lines[room] += text.count("\n")
            modules[room] += path.name != "__init__.py"
            nodes = list(ast.walk(tree))
            lengths += [length(node) for node in nodes if isinstance(node, _FUNCTIONS)]
            imports += sum(isinstance(n, ast.Import | ast.ImportFrom) for n in nodes)
            public += public_names(tree)
    scripts = [*(root / "maps").rglob("static/**/*.js"), *(root / "api").rglob("static/**/*.js")]
    for what, figure in {
        "rooms": len(modules),
        "modules": modules.total(),
        "lines of Python": lines.total(),
        "lines of JavaScript": sum(p.read_text("utf-8").count("\n") for p in scripts),
        "functions": len(lengths),
        "lines of a function, median": int(median(lengths)),
        "lines of a function, 90th percentile": int(quantiles(lengths, n=10)[-1]),
        "lines of a function, longest": max(lengths),
        "import statements": imports,
        "public names": public,
    }.items():
        print(f"{what:38}{figure:>8,}")
    print(f"\n{'room':38}{'modules':>8}{'lines':>8}")
    for room in sorted(lines):
        flag = f"  more than {ROOM_FILES}" if modules[room] > ROOM_FILES else ""
        print(f"{room:38}{modules[room]:>8}{lines[room]:>8,}{flag}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
