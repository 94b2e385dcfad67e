"""Loading files: reports, one transaction, and a database unchanged by what is wrong."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point
from typer.testing import CliRunner, Result

from api.cli.main import app
from boundaries.store.open import open_store
from tests.scenes import EPSG, lonlat, square, tiny_district, tiny_store, xy

CODE = "371602"
Run = Callable[..., Result]

OSM = """<?xml version="1.0"?>
<osm version="0.6">
  <node id="1" lat="37.3800" lon="118.0000"/>
  <node id="2" lat="37.3800" lon="118.0050"/>
  <node id="3" lat="37.3830" lon="118.0050"/>
  <node id="4" lat="37.3802" lon="118.0010"><tag k="amenity" v="restaurant"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database of its own with the hand-made district."""
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    return path


@pytest.fixture
def run(db: Path) -> Run:
    """Return a function that runs the command line on that database."""

    def invoke(*words: object, db: Path = db) -> Result:
        arguments = ["--db", str(db), *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def points_csv(path: Path, rows: list[tuple[object, ...]]) -> Path:
    frame = pd.DataFrame(rows, columns=["point_id", "category", "name", "lon", "lat"])
    frame.to_csv(path, index=False)
    return path


def test_points_replace_the_layer_and_are_reported(run: Run, db: Path, tmp_path: Path):
    rows = [
        ("n1", "catering", "新店", *lonlat(100, 205)),
        ("n2", "repair", "修理铺", *lonlat(300, 205)),
        ("n3", "weapons", "武器店", *lonlat(300, 205)),
    ]
    result = run(
        "load", "points", points_csv(tmp_path / "p.csv", rows), "--district", CODE,
        "--crs", "EPSG:4326", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    body = json.loads(result.stdout)
    account = body["layers"]["service_points"]
    assert (account["read"], account["accepted"]) == (3, 2)
    assert len(account["rejected"]) == 1
    assert "weapons" in account["rejected"][0]["reason"]
    assert account["notes"]["rows replaced"] == 5
    assert body["revision"] == 2
    stored = open_store(db).layers(CODE).service_points
    assert stored["point_id"].tolist() == ["n1", "n2"]


def test_add_keeps_what_is_there(run: Run, db: Path, tmp_path: Path):
    rows = [("p1", "repair", "换了", *lonlat(100, 205)), ("n2", "repair", "新", *lonlat(300, 205))]
    path = points_csv(tmp_path / "p.csv", rows)
    result = run("load", "points", path, "--district", CODE, "--crs", "EPSG:4326", "--add")
    assert result.exit_code == 0, result.stderr
    stored = open_store(db).layers(CODE).service_points.set_index("point_id")["category"]
    assert stored.to_dict() == {
        "p1": "repair",
        "p2": "medical",
        "p3": "shopping",
        "p4": "catering",
        "p5": "elderly",
        "n2": "repair",
    }


def test_a_dry_run_reports_and_writes_nothing(run: Run, db: Path, tmp_path: Path):
    before = digest(db)
    path = points_csv(tmp_path / "p.csv", [("n1", "catering", "新店", *lonlat(100, 205))])
    result = run("load", "points", path, "--district", CODE, "--crs", "EPSG:4326", "--dry-run")
    assert result.exit_code == 0
    assert "nothing was written" in result.stdout
    assert digest(db) == before


def test_buildings_with_households(run: Run, db: Path, tmp_path: Path):
    path = tmp_path / "b.geojson"
    frame = gpd.GeoDataFrame(
        {"building_id": ["x1", "x2"], "households": [10, 20]},
        geometry=[Point(xy(100, 210)), square(290, 190, 310, 198)],
        crs=EPSG,
    ).to_crs(4326)
    frame.to_file(path)
    result = run("load", "buildings", path, "--district", CODE)
    assert result.exit_code == 0, result.stderr
    assert open_store(db).layers(CODE).buildings["households"].sum() == 30
    body = json.loads(run("coverage", CODE, "--json").stdout)
    assert body["total"]["households"] == 30
    assert body["revision"] == 2


def test_grids_replace_grids(run: Run, db: Path, tmp_path: Path):
    grids = tiny_district()[1].grids
    path = tmp_path / "g.gpkg"
    grids.assign(name_zh="新名").to_file(path)
    result = run("load", "grids", path, "--district", CODE)
    assert result.exit_code == 0, result.stderr
    stored = open_store(db).layers(CODE)
    assert set(stored.grids["name_zh"]) == {"新名"}
    assert len(stored.workers) == 4


def test_a_boundary_makes_a_district_and_moves_one(run: Run, db: Path, tmp_path: Path):
    path = tmp_path / "o.geojson"
    gpd.GeoDataFrame({"name": ["新区"]}, geometry=[square(0, 0, 500, 500)], crs=EPSG).to_crs(
        4326
    ).to_file(path)
    result = run("load", "boundary", path, "--district", "new", "--name-en", "New")
    assert result.exit_code == 0, result.stderr
    made = open_store(db).district("new")
    assert (made.name_zh, made.name_en, made.epsg, made.revision) == ("新区", "New", EPSG, 1)
    assert run("load", "boundary", path, "--district", CODE).exit_code == 0
    moved = open_store(db).district(CODE)
    assert moved.revision == 2
    assert moved.boundary.equals_exact(made.boundary, 1e-9)
    empty = run("coverage", "new")
    assert empty.exit_code == 2
    assert "no buildings" in empty.stderr


def test_osm_makes_a_new_database(run: Run, tmp_path: Path):
    path, db = tmp_path / "x.osm", tmp_path / "new.gpkg"
    path.write_text(OSM)
    result = run("load", "osm", path, "--district", "corner", "--name-zh", "街角", db=db)
    assert result.exit_code == 0, result.stderr
    store = open_store(db)
    assert store.district("corner").name_zh == "街角"
    assert store.counts("corner")["service_points"] == 1
    assert set(store.layers("corner").grids["origin"]) <= {"drawn"}


def test_osm_keeps_what_the_user_gave(run: Run, db: Path, tmp_path: Path):
    path = tmp_path / "x.osm"
    path.write_text(OSM)
    result = run("load", "osm", path, "--district", CODE)
    assert result.exit_code == 0, result.stderr
    store = open_store(db)
    layers = store.layers(CODE)
    assert len(layers.grids) == 7
    assert layers.buildings["households"].sum() == 31
    assert set(layers.service_points["point_id"]) > {"p1", "p2", "p3", "p4", "p5"}
    assert "© OpenStreetMap contributors (ODbL 1.0)" in store.district(CODE).credits
    assert "hand-made" in store.district(CODE).credits


def written(name: str, content: bytes | str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def no_crs(folder: Path) -> Path:
    path = folder / "b.shp"
    frame = gpd.GeoDataFrame({"households": [1]}, geometry=[Point(588500, 4139000)], crs=EPSG)
    frame.to_file(path)
    path.with_suffix(".prj").unlink()
    return path


def far_away(folder: Path) -> Path:
    path = folder / "far.geojson"
    gpd.GeoDataFrame({"households": [1]}, geometry=[Point(2.35, 48.85)], crs=4326).to_file(path)
    return path


@pytest.mark.parametrize(
    ("layer", "make", "words"),
    [
        ("osm", written("x.osm.pbf", b"not a pbf"), "x.osm.pbf"),
        ("osm", written("x.osm", "<osm version='0.6'></osm>"), "x.osm"),
        ("osm", written("x.osm", ""), "empty"),
        ("osm", lambda folder: folder / "missing.pbf", "missing.pbf"),
        ("osm", lambda folder: folder, "no file"),
        ("points", written("p.csv", ""), "p.csv"),
        ("points", written("p.csv", "a,b\n1,2\n"), "p.csv"),
        ("points", written("p.csv", "name,category,lon,lat\n"), "no rows"),
        ("points", written("p.docx", "x"), ".geojson"),
        ("buildings", written("b.geojson", "{"), "b.geojson"),
        ("buildings", no_crs, "CRS"),
        ("buildings", far_away, "rejected"),
        ("grids", written("g.geojson", '{"type":"FeatureCollection","features":[]}'), "g.geojson"),
        ("boundary", written("o.geojson", "null"), "o.geojson"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_changes_nothing(run: Run, db: Path, layer, make, words):
    folder = db.parent / "files"
    folder.mkdir()
    before = digest(db)
    result = run("load", layer, make(folder), "--district", CODE)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    sentence = result.stderr.splitlines()[-1]
    assert sentence.startswith("lifecircle: ")
    assert digest(db) == before


def test_an_unknown_district_changes_nothing(run: Run, db: Path, tmp_path: Path):
    before = digest(db)
    path = points_csv(tmp_path / "p.csv", [("n1", "catering", "新店", 118.0, 37.38)])
    result = run("load", "points", path, "--district", "nowhere")
    assert result.exit_code == 2
    assert "no district nowhere" in result.stderr
    assert digest(db) == before


def test_a_wrong_file_makes_no_database(run: Run, tmp_path: Path):
    db = tmp_path / "none.gpkg"
    path = written("x.osm", "")(tmp_path)
    assert run("load", "osm", path, "--district", "a", db=db).exit_code == 2
    assert not db.exists()
