"""What every module of the checkout defines and imports, read without running any of it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("geo", "boundaries", "maps", "api", "tests", "benchmarks")

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.expr | ast.stmt


@dataclass
class Module:
    """Names of a module: its own definitions, and where imported names come from."""

    name: str
    path: Path
    tree: ast.Module
    own: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)


def _definitions(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from ((n.id, node) for n in ast.walk(target) if isinstance(n, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _definitions(node.body)


@cache
def paths() -> dict[str, Path]:
    """Return the file of every module under git, or not yet added to it, by dotted name."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *(f"{p}/*.py" for p in PACKAGES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = {}
    for path in filter(Path.exists, (ROOT / name for name in listed)):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


@cache
def module_of(name: str) -> Module | None:
    """Return the module of a dotted name; None where there is none."""
    path = paths().get(name)
    if path is None:
        return None
    tree = ast.parse(path.read_text("utf-8"))
    module = Module(name, path, tree, own=dict(_definitions(tree.body)))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            module.imported |= {a.asname or a.name: f"{source}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                module.imported[alias.asname or first] = alias.name if alias.asname else first
    return module


def exists(dotted: str) -> bool:
    """Whether a dotted name is a module, a name of one, or an attribute of one of its classes.

    A name of a library that is not ours is taken as right.
    """
    parts = dotted.split(".")
    if parts[0] not in PACKAGES:
        return True
    for cut in range(len(parts), 0, -1):
        module = module_of(".".join(parts[:cut]))
        if module is not None:
            return seen_from(module, parts[cut:])
    return False


def seen_from(module: Module, parts: list[str]) -> bool:
    """Whether a name can be followed from the top of a module."""
    if not parts:
        return True
    node = module.own.get(parts[0])
    if node is not None:
        return len(parts) == 1 or has_member(module, node, parts[1])
    source = module.imported.get(parts[0])
    return source is not None and exists(".".join([source, *parts[1:]]))


def has_member(module: Module, node: ast.AST, name: str) -> bool:
    """Whether a class, or one that it inherits from, has an attribute."""
    if not isinstance(node, ast.ClassDef):
        return False
    in_body = dict(_definitions(node.body))
    on_self = {
        n.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
    }
    if name in in_body or name in on_self:
        return True
    return any(seen_from(module, [*ast.unparse(base).split("."), name]) for base in node.bases)
