"""Cells that a spreadsheet would run are written harmless, wherever a table leaves the house.

The rule itself, in Python and on the page, is held against the cases of ``tests/maps/rules``.
"""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.formats.csv import csv_bytes
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import SOUTH_WEST, tiny_district

CODE = "371602"
BASE = f"/districts/{CODE}"
EVIL = '=HYPERLINK("http://evil/","x")'


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    """Return a district whose names and keys are formulas."""
    district, layers = tiny_district()
    grids = layers.grids.copy()
    grids.loc[grids["code"] == SOUTH_WEST, ["name_zh", "name_en"]] = EVIL
    buildings = layers.buildings.assign(
        building_id=layers.buildings["building_id"].replace({"b1": "@b1", "b2": "-2"})
    )
    points = layers.service_points.assign(
        point_id=layers.service_points["point_id"].replace({"p1": "=p1"})
    )
    path = tmp_path_factory.mktemp("formulas") / "evil.gpkg"
    evil = replace(layers, grids=grids, buildings=buildings, service_points=points)
    open_store(path, create=True).replace(replace(district, name_zh=EVIL), evil)
    return path


@pytest.fixture(scope="module")
def client(db):
    with serving(create_app(read_settings(db=str(db)))) as made:
        yield made


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_numbers_stay_numbers_and_headings_are_texts():
    table = pd.DataFrame({"=n": [-1.5, 2.0], "whole": [-1, 2], "mixed": [-3, "=x"]})
    assert cells(csv_bytes(table)) == [
        ["'=n", "whole", "mixed"], ["-1.5", "-1", "-3"], ["2.0", "2", "'=x"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("coverage?by=small&f=csv", f"'{EVIL}"),
        ("coverage?by=district&f=csv", f"'{EVIL}"),
        ("coverage?by=building&f=csv", "'@b1"),
        ("coverage?by=building&f=csv", "-2"),
        ("access?category=catering&by=building&f=csv", "'@b1"),
        ("access?category=catering&by=small&f=csv", f"'{EVIL}"),
        ("nearest?category=catering&f=csv", "'=p1"),
    ],
)
def test_a_table_of_the_service_runs_nowhere(client, path, expected):
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == 200
    rows = cells(answer.content)
    assert expected in {cell for row in rows for cell in row}
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@")]


def test_what_is_sent_comes_back_harmless(client):
    body = '=id,lon,lat,note\n=1+1,118.002,37.38,@x\n-5,118.002,37.38,"\t=1"\n'
    answer = client.post(
        f"{BASE}/assignments", content=body.encode(), headers={"Content-Type": "text/csv"}
    )
    head, first, second = cells(answer.content)
    assert (head[0], first[0], first[3], second[0], second[3]) == (
        "'=id", "'=1+1", "'@x", "-5", "'\t=1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["coverage", CODE, "--by", "small"],
        ["access", CODE, "--category", "catering", "--by", "building"],
        ["nearest", CODE, "--category", "catering"],
    ],
)
def test_a_file_of_the_command_line_runs_nowhere(db, tmp_path, words):
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(app, ["--db", str(db), *words, "--out", str(out)])
    assert result.exit_code == 0, result.output
    rows = cells(out.read_bytes())
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@")]
    assert any(cell.startswith(("'=", "'@")) for row in rows for cell in row)
