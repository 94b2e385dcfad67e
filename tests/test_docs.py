"""Whatever docstrings and docs name is there: modules, names of modules, paths, links, commands."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from api.cli.main import COMMANDS
from api.job_handlers import HANDLERS
from api.jobs.limits import Limits
from api.settings import settings_table
from boundaries.imports.import_files import load_layer
from boundaries.standards.catalogue import DATA_DIR, load_standard
from boundaries.store.open import open_store
from boundaries.store.tables.views import VIEWS
from geo.grids.checks.faults import Rule
from geo.model.layer_columns import COLUMNS
from tests.scenes import tiny_district
from tests.source_index import ROOT, exists, has_member, module_of, paths, seen_from

ROLE = re.compile(r":(?:func|mod|class|data|meth|attr|exc):`~?([^`]+)`")
FOLDERS = "geo|boundaries|maps|api|tests|benchmarks|scripts|docs"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)(?::([\w.]+))?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
REFERENCE = ROOT / "docs" / "reference"


def failed_roles() -> list[tuple[str, str]]:
    """Return where a docstring or comment refers to a name by a role, and the names that fail."""
    failed = []
    for dotted, path in paths().items():
        text = path.read_text("utf-8")
        if not ROLE.search(text):
            continue
        module = module_of(dotted)
        assert module
        classes = [n for n in ast.walk(module.tree) if isinstance(n, ast.ClassDef)]
        for match in ROLE.finditer(text):
            name = re.sub(r"\s+", "", match[1]).removesuffix("()")
            line = text.count("\n", 0, match.start()) + 1
            parts = name.split(".")
            inside = [c for c in classes if c.lineno <= line <= (c.end_lineno or 0)]
            if not (
                (len(parts) > 1 and exists(name) and parts[0] in FOLDERS.split("|"))
                or seen_from(module, parts)
                or (len(parts) == 1 and any(has_member(module, c, name) for c in inside))
            ):
                failed.append((f"{path.relative_to(ROOT)}:{line}", name))
    return failed


def test_every_reference_of_a_docstring_leads_to_a_name():
    assert failed_roles() == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_name_of_a_page_is_there(page: Path):
    text = page.read_text("utf-8")
    for path, name in PATH.findall(text):
        assert (ROOT / path).exists(), f"{page}: {path}"
        if name and path.endswith(".py"):
            dotted = f"{path.removesuffix('.py').replace('/', '.')}.{name}"
            assert exists(dotted), f"{page}: {path}:{name}"
    for target, anchor in LINK.findall(text):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{page}: {target}"
        if anchor:
            heads = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}


def rows_of(page: str) -> str:
    return (REFERENCE / page).read_text("utf-8")


def test_every_command_is_described():
    text = rows_of("commands.md")
    assert [name for name in COMMANDS if f"lifecircle {name}" not in text] == []


def test_every_setting_is_described_with_its_default():
    text = rows_of("settings.md")
    for row in settings_table():
        default = f"`{row.default}` |" if row.default else "|"
        assert f"| `{row.variable}` | {default}" in text, row


def test_the_limits_of_jobs_are_described_as_they_are():
    names = list(Limits.__slots__)
    rows = [
        "".join(f" {getattr(HANDLERS[kind].limits, name)} |" for kind in HANDLERS) for name in names
    ]
    head = "".join(f" `{kind}` |" for kind in HANDLERS)
    for page in (REFERENCE / "settings.md", ROOT / "docs" / "zh" / "reference" / "settings.md"):
        text = page.read_text("utf-8")
        assert head in text
        for name, row in zip(names, rows, strict=True):
            assert f"| `{name}` |{row}" in text, (page, name)


def test_every_column_rule_walker_view_and_data_file_is_described():
    files = rows_of("files.md")
    wanted = {f"`{column}`" for columns in COLUMNS.values() for column in columns}
    assert {column for column in wanted if column not in files} == set()
    rules = re.findall(r"^\| `(\w+)` \|", rows_of("grid-plan.md"), re.MULTILINE)
    assert rules == [str(rule) for rule in Rule]
    views = re.findall(r"^\| `(v_\w+)` \|", rows_of("databases.md"), re.MULTILINE)
    assert views == [view.name for view in VIEWS]
    data = re.findall(
        rf"^\| `{DATA_DIR.relative_to(ROOT)}/(\S+)` \|", rows_of("standards.md"), re.MULTILINE
    )
    assert set(data) == {file.name for file in DATA_DIR.iterdir()}
    for walker in load_standard().profiles:
        row = f"| `{walker.id}` | {walker.speed_m_s:.4g} m/s | {walker.metres(15):,.0f} |"
        assert row in rows_of("standards.md")


def test_the_order_of_rooms_is_that_of_the_contracts():
    """Layers of `pyproject.toml`, lowest first, as architecture.md draws them."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = {c["containers"][0]: c["layers"] for c in contracts["contracts"] if "containers" in c}
    for package in ("geo", "boundaries", "maps", "api"):
        drawn = re.search(rf"^{package} +(\S.*(?:\n +<.*)*)", text, re.MULTILINE)
        assert drawn, package
        order = [set(re.split(r", *", level.strip())) for level in drawn[1].split("<")]
        held = [set(re.split(r" *[|:] *", level)) for level in reversed(layers[package])]
        held = [{"one room per capability"} if "coverage" in each else each for each in held]
        assert order == held


def test_no_room_has_more_than_fifteen_modules():
    rooms = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in paths().values()
        if path.name != "__init__.py" and "tests" not in path.parts
    )
    lists = {"benchmarks", "boundaries/migrations/versions"}  # of scripts, one after another
    assert {room: n for room, n in rooms.items() if n > 15 and room not in lists} == {}


def test_the_one_datum_is_read_as_told(tmp_path: Path):
    page = (ROOT / "docs" / "one-datum.md").read_text("utf-8")
    (rows,) = re.findall(r"```\n(point_id.*?)```", page, re.DOTALL)
    file = tmp_path / "points.csv"
    file.write_text(rows, "utf-8")
    store = open_store(tmp_path / "one.gpkg", create=True)
    district, layers = tiny_district()
    store.replace(district, layers)
    report, revision = load_layer(store, district.code, "service_points", file, add=True)
    assert (report.layer("service_points").accepted, revision) == (1, 2)
    points = store.layers(district.code).service_points.set_index("point_id")
    assert points.loc["p9", ["category", "name"]].tolist() == ["medical", "彭李社区卫生服务站"]
    assert (points.loc["p9", "lon"], points.loc["p9", "lat"]) == (118.0021, 37.3802)
    assert len(points) == len(layers.service_points) + 1
    store.close()
