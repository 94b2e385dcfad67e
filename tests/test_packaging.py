"""The wheel, built and installed into a clean environment."""

import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=ROOT)
    (built,) = out.glob("lifecircle-*.whl")
    return built


def test_the_wheel_holds_the_four_packages_with_their_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "geo", "boundaries", "maps", "api",
    }  # fmt: skip
    for wanted in (
        "boundaries/standards/data/bincheng-2026.yaml",
        "boundaries/demo/bincheng_divisions.csv",
        "boundaries/migrations/env.py",
        "boundaries/migrations/versions/v5_version_table.py",
        "boundaries/store/postgis/triggers.sql",
        "maps/text/zh.json",
        "maps/text/en.json",
        "maps/vendor/maplibre-gl/maplibre-gl.mjs",
        "maps/vendor/leaflet/leaflet.js",
        "maps/vendor/swagger-ui-dist/swagger-ui-bundle.js",
        "geo/py.typed",
    ):
        assert wanted in names
    assert any(name.startswith("maps/static/") for name in names)
    assert any(name.startswith("maps/templates/") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".pbf", ".gpkg"))]


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment(wheel, tmp_path):
    venv.create(tmp_path / "env")
    python = tmp_path / "env/bin/python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    (there,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (there / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    command = tmp_path / "env/bin/lifecircle"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert run(command, "--version", cwd=tmp_path).split() == ["lifecircle", version]
    where = run(python, "-c", "import geo, maps; print(geo.__file__, maps.__file__)", cwd=tmp_path)
    assert str(ROOT) not in where
    run(command, "doctor", cwd=tmp_path)


def distributions(requirements: Iterable[str]) -> set[str]:
    """Return the names of what is required without extras."""
    plain = (each for each in requirements if "extra ==" not in each)
    return {re.split(r"[^\w.-]", each)[0].lower().replace("_", "-") for each in plain}


def test_whatever_is_imported_is_declared_or_comes_with_what_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = distributions(project["dependencies"])
    declared |= {each for name in declared for each in distributions(metadata.requires(name) or [])}
    ours = {"geo", "boundaries", "maps", "api", "__future__", *sys.stdlib_module_names}
    owners = metadata.packages_distributions()
    for package in ("geo", "boundaries", "maps", "api"):
        for module in (ROOT / package).rglob("*.py"):
            for name in imported(module) - ours:
                found = {owner.lower().replace("_", "-") for owner in owners.get(name, [])}
                assert found & declared, f"{module} imports {name}, which pyproject.toml lacks"


def imported(module: Path) -> set[str]:
    """Return the first names of what a module imports, at its head or inside functions."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
