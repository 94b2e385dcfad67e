"""A repair of what another program left: no grid is lost, what cannot be mended is named."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shapely import Polygon
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.store.open import open_store
from boundaries.store.tables.geometry_type import encode
from tests.api.serving import serving
from tests.scenes import (
    LARGE,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_district,
    tiny_store,
)

CODE = "371602"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    return path


def bypass(db: Path, *statements: tuple) -> None:
    """Write rows as a program that knows neither triggers nor references."""
    with closing(sqlite3.connect(db)) as file, file:
        file.execute("PRAGMA ignore_check_constraints = ON")
        for name in ("IsEmpty", "MinX", "MinY", "MaxX", "MaxY"):
            file.create_function(f"ST_{name}", 1, lambda blob: float(not blob))
        triggers = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'grids' "
            "AND name NOT LIKE 'rtree%'"
        )
        made = file.execute(triggers).fetchall()
        for name, _ in made:
            file.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            file.execute(*statement)
        for _, again in made:
            file.execute(again)


def run(db: Path, *words: str):
    return CliRunner().invoke(app, ["--db", str(db), "grids", *words], catch_exceptions=False)


def stored(db: Path) -> list[tuple]:
    with closing(sqlite3.connect(db)) as file:
        return file.execute("SELECT code, parent_code FROM grids ORDER BY code").fetchall()


@pytest.mark.parametrize("parent", ["371602009009", None, NORTH_WEST])
def test_a_medium_with_a_wrong_parent_is_put_back_and_keeps_its_grids(db: Path, parent):
    before = stored(db)
    bypass(db, ("UPDATE grids SET parent_code = ? WHERE code = ?", (parent, WEST)))
    with serving(create_app(read_settings(db=str(db), editable=True))) as own:
        check = own.get(f"/districts/{CODE}/grids/check").json()
        assert check["set_aside"]["rows"] == 3  # a medium and the two small grids in it
        (fault,) = [fault for fault in check["faults"] if fault["grave"]]
        assert (fault["rule"], fault["codes"]) == ("parent", [WEST])
        assert fault["repair"] == f"Put it under {LARGE}."
        done = own.post(f"/districts/{CODE}/grids/repair").json()
    assert (done["reparented"], done["left"]) == ([{"code": WEST, "parent": LARGE}], [])
    assert stored(db) == before
    counts = open_store(db).changes(CODE)[0].counts
    assert counts == {"grids": {"added": 0, "changed": 1, "removed": 0}}


def test_what_can_be_mended_is_mended_beside_a_row_that_cannot(db: Path):
    flat = encode([Polygon([lonlat(50, 300)] * 4)])[0]
    bypass(
        db,
        ("UPDATE grids SET geom = ? WHERE code = ?", (flat, NORTH_WEST)),
        ("UPDATE grids SET level = 'tiny' WHERE code = ?", (SOUTH_EAST,)),
        ("UPDATE grids SET parent_code = '371602009009' WHERE code = ?", (SOUTH_WEST,)),
    )
    check = run(db, "check", CODE)
    assert check.exit_code == 1
    shown = run(db, "repair", CODE, "--save")
    assert shown.exit_code == 0, shown.stderr
    assert f"{NORTH_WEST} has no area. Draw it, or retire it." in shown.stderr
    assert f"{SOUTH_EAST} has the level tiny" in shown.stderr
    assert "New parents" in shown.stdout
    assert [code for code, _ in stored(db)] == sorted(tiny_district()[1].grids["code"])
    assert dict(stored(db))[SOUTH_WEST] == WEST


def test_a_medium_that_its_grids_call_otherwise_gets_that_code_back(db: Path):
    before = stored(db)
    bypass(db, ("UPDATE grids SET code = ? WHERE code = ?", (WEST[:-1] + "l", WEST)))
    shown = run(db, "repair", CODE, "--save")
    assert shown.exit_code == 0, shown.stderr
    assert stored(db) == before
    assert run(db, "check", CODE).exit_code == 0
