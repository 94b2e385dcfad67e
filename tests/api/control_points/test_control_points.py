"""The local systems of a district by the command line and over HTTP."""

import json

import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from tests.api.serving import serving
from tests.scenes import CORNER, lonlat, tiny_store

CODE = "371602"
PATH = f"/districts/{CODE}/settings/control-points"
PLACES = [(0, 0), (400, 0), (400, 400), (10, 390)]


@pytest.fixture
def db(tmp_path):
    tiny_store(tmp_path / "tiny.gpkg")
    return tmp_path / "tiny.gpkg"


def run(db, *words):
    return CliRunner().invoke(app, ["--db", str(db), *map(str, words)])


def points():
    rows = [(x, y, *lonlat(x, y)) for x, y in PLACES]
    return [
        {"point": f"K{n}", "x": x, "y": y, "lon": lon, "lat": lat}
        for n, (x, y, lon, lat) in enumerate(rows)
    ]


def test_the_command_fits_prints_residuals_and_refuses(db, tmp_path):
    path = tmp_path / "control.csv"
    lines = ["点号,x,y,经度,纬度", *(",".join(map(str, row.values())) for row in points())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    shown = " ".join(run(db, "control-points", CODE, path).output.split())
    assert "four parameters to EPSG:4548, scale 1.00000000" in shown
    assert "K3" in shown
    (system,) = json.loads(run(db, "control-points", CODE, "--json").output)["systems"]
    assert system["source"] == "control.csv"
    assert system["parameters"]["shift_e"] == pytest.approx(CORNER[0], abs=1e-3)
    path.write_text(
        "\n".join([*lines[:2], lines[2].replace("400,0", "409,0"), *lines[3:]]), "utf-8"
    )
    refused = run(db, "control-points", CODE, path)
    assert refused.exit_code != 0
    assert "Control point K1 is 9.00 m off" in " ".join(refused.output.split())


def test_a_system_is_set_over_http(db):
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        assert client.get(PATH).json()["systems"] == []
        answer = client.put(PATH, json={"name": "城建", "points": points()})
        assert answer.status_code == 200, answer.text
        (system,) = client.get(PATH).json()["systems"]
        assert (system["name"], system["kind"]) == ("城建", "plane")
        for few in (0, 1, 2):
            assert client.put(PATH, json={"points": points()[:few]}).status_code in {400, 422}
        assert client.put(PATH, json={"name": "4548", "points": points()}).status_code in {400, 422}
