"""Commands that print results: figures, files, and errors in one sentence."""

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from boundaries.store.open import open_store
from geo.model.vocabulary import Origin
from tests.scenes import NORTH_WEST, lonlat, tiny_district
from tests.waiting import PATIENCE_S

CODE = "371602"
REPOSITORY = Path(__file__).resolve().parents[3]
Run = Callable[..., Result]
SYNTHETIC = "Synthetic data: buildings, households and service points are not real."


@pytest.fixture
def run(tiny_db: Path) -> Run:
    """Return a function that runs the command line on the hand-made district."""

    def invoke(*words: object, db: Path = tiny_db) -> Result:
        arguments = ["--db", str(db), *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def test_coverage_as_json_is_what_the_service_answers(run: Run, client):
    result = run("coverage", CODE, "--minutes", 5, "--by", "small", "--json")
    assert result.exit_code == 0
    assert (
        json.loads(result.stdout)
        == client.get(f"/districts/{CODE}/coverage?minutes=5&by=small").json()
    )


def test_coverage_table_says_the_figures(run: Run):
    result = run("coverage", CODE, "--minutes", 5, "--profile", "adult")
    assert (
        "31 households, 5 min on foot (375 m, adult, 1.25 m/s, slope-adjusted (Tobler))"
        in result.stdout
    )
    assert "90.3 %" in result.stdout
    assert "All 4 that can be judged: 90.3 % of households; on average 3.90 of 4" in result.stdout


@pytest.mark.parametrize("by", ["building", "small", "medium", "large", "district"])
def test_every_by_prints(run: Run, by):
    assert run("coverage", CODE, "--by", by).exit_code == 0


def grid_lines(text: str) -> list[list[str]]:
    lines = (line.split("│") for line in text.splitlines() if line.startswith("│ 371602"))
    return [[cell.strip() for cell in line[1:-1]] for line in lines]


def test_where_everybody_reaches_everything_there_is_no_worst(run: Run):
    words = ("coverage", CODE, "--by", "small", "--profile", "adult", "--minutes")
    assert {tuple(row[-2:]) for row in grid_lines(run(*words, 15).stdout)} == {("-", "-")}
    five = {row[0]: row[-2:] for row in grid_lines(run(*words, 5).stdout)}
    assert five.pop(NORTH_WEST) == ["elderly", "0.0 %"]
    assert list(five.values()) == [["-", "-"]] * 3


def test_a_table_says_that_it_is_an_extract_and_information(run: Run):
    shown = run("standard", "tiers").stdout
    assert "extract of GB 50180-2018; its tiers are non-inclusive" in shown
    assert "Information: no figure is computed with it." in shown
    assert "with --tier standard" in run("standard").stdout


def test_csv_by_building_has_exactly_the_columns(run: Run, tmp_path: Path):
    out = tmp_path / "x.csv"
    words = ("coverage", CODE, "--by", "building", "--minutes", 5, "--profile", "adult")
    assert run(*words, "--out", out).exit_code == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "building_id", "lon", "lat", "households", "category", "time_s", "point_id", "status",
    ]  # fmt: skip
    assert len(rows) == 60
    first = {row["category"]: row for row in rows if row["building_id"] == "b1"}
    assert (first["catering"]["time_s"], first["catering"]["status"]) == ("212.0", "covered")
    assert (first["elderly"]["time_s"], first["elderly"]["status"]) == ("336.0", "beyond")
    assert (first["repair"]["time_s"], first["repair"]["point_id"]) == ("", "")
    credit = (tmp_path / "x.csv.txt").read_text("utf-8")
    assert "no service point in the data of household, repair," in credit
    assert '"all" stands for 4' in credit
    assert "hand-made" in credit
    assert "revision 1" in credit
    assert re.search(r"^standard bincheng-2026 [\d.]+ \([0-9a-f]{12}\)$", credit, re.MULTILINE)
    assert re.search(r"^walk network [0-9a-f]{16}$", credit, re.MULTILINE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.csv.txt"]


def test_csv_by_grid_is_for_excel_and_names_the_origin(run: Run, tmp_path: Path):
    out = tmp_path / "x.csv"
    run("coverage", CODE, "--by", "small", "--minutes", 5, "--out", out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(out, dtype={"code": "str"}).set_index("code")
    assert table.loc[NORTH_WEST, "covered_elderly"] == 0
    assert table["households"].tolist() == [3, 4, 8, 16]
    assert set(table["origin"]) == {"given"}


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg"])
@pytest.mark.parametrize(("by", "rows"), [("small", 4), ("building", 6), ("district", 1)])
def test_files_for_a_gis(run: Run, tmp_path: Path, suffix, by, rows):
    out = tmp_path / f"x{suffix}"
    words = ("coverage", CODE, "--by", by, "--minutes", 5, "--profile", "adult")
    assert run(*words, "--out", out).exit_code == 0
    frame = gpd.read_file(out)
    assert len(frame) == rows
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    if by == "building":
        b1 = frame.set_index("building_id").loc["b1"]
        assert (b1["time_s_catering"], b1["status_elderly"], b1["reached"]) == (212, "beyond", 3)
        assert (b1.geometry.x, b1.geometry.y) == pytest.approx(lonlat(50, 214), abs=1e-6)
    else:
        assert frame["households"].sum() == 31
        assert set(frame.geom_type) == {"Polygon"}
    again = tmp_path / f"y{suffix}"
    time.sleep(0.01)  # a GeoPackage would tell milliseconds
    assert run(*words, "--out", again).exit_code == 0
    assert again.read_bytes() == out.read_bytes()


def test_parquet_has_the_rows_of_the_csv_and_where_they_are(run: Run, tmp_path: Path):
    out = tmp_path / "x.parquet"
    run("coverage", CODE, "--by", "building", "--out", out)
    frame = gpd.read_parquet(out)
    assert len(frame) == 60
    assert frame.crs.to_epsg() == 4326
    told = json.loads(pq.read_schema(out).metadata[b"lifecircle"])
    assert (told["district"], told["minutes"]) == (CODE, 15)


def test_exports_of_a_synthetic_district_say_so(run: Run, tmp_path: Path):
    from dataclasses import replace

    db = tmp_path / "synthetic.gpkg"
    district, layers = tiny_district()
    made_up = replace(
        district, origin=Origin.SYNTHETIC, note="A synthetic town.", note_zh="合成镇。"
    )
    open_store(db, create=True).replace(made_up, layers)
    for by in ("building", "small"):
        for suffix in (".csv", ".geojson", ".gpkg", ".parquet"):
            result = run("coverage", CODE, "--by", by, "--out", tmp_path / f"{by}{suffix}", db=db)
            assert SYNTHETIC in result.stderr
        assert "SYNTHETIC" in (tmp_path / f"{by}.csv.txt").read_text("utf-8")
        assert json.loads((tmp_path / f"{by}.geojson").read_text("utf-8"))["lifecircle"][
            "synthetic"
        ]
        gpkg = pyogrio.read_info(tmp_path / f"{by}.gpkg")
        assert json.loads(gpkg["dataset_metadata"]["lifecircle"])["synthetic"] is True
        assert "SYNTHETIC" in gpkg["layer_metadata"]["DESCRIPTION"]
        parquet = pq.read_schema(tmp_path / f"{by}.parquet").metadata[b"lifecircle"]
        assert json.loads(parquet)["synthetic"] is True
    assert set(pd.read_csv(tmp_path / "small.csv")["origin"]) == {"synthetic"}
    assert "Synthetic data" in run("gaps", CODE, db=db).stderr
    told = run("coverage", CODE, db=db).stderr
    assert f"{SYNTHETIC} A synthetic town." in told
    assert "合成镇" not in told
    told = run("coverage", CODE, "--lang", "zh", db=db).stderr
    assert "合成（模拟）数据：楼栋、住户与服务点并非真实。合成镇。" in told
    assert "Synthetic" not in told


def test_what_lies_in_no_grid_is_told(run: Run, tmp_path: Path):
    db = tmp_path / "hole.gpkg"
    district, layers = tiny_district()
    store = open_store(db, create=True)
    store.replace(district, layers)
    store.replace_layer(CODE, "grids", layers.grids[layers.grids["code"] != NORTH_WEST])
    result = run("coverage", CODE, db=db)
    assert "2 buildings with 3 households" in result.stderr


def test_gaps(run: Run):
    result = run("gaps", CODE, "--minutes", 5, "--category", "elderly")
    assert NORTH_WEST in result.stdout
    body = json.loads(run("gaps", CODE, "--minutes", 5, "--category", "elderly", "--json").stdout)
    assert [row["households"] for row in body["rows"]] == [3]
    assert [area["buildings"] for area in body["areas"]] == [2]


def test_walk(run: Run):
    start, end = (",".join(map(str, lonlat(*xy))) for xy in ((150, 190), (205, 100)))
    words = ("walk", CODE, start, end, "--profile", "adult")
    body = json.loads(run(*words, "--json").stdout)
    assert body["total_m"] == pytest.approx(165, abs=0.01)
    assert body["seconds"] == pytest.approx(132, abs=0.011)
    assert "150.0 m along the network, 132.0 s in all" in run(*words).stdout


def test_a_negative_longitude_is_no_option(run: Run):
    result = run("walk", CODE, "-3.7038,40.4168", "-3.70,40.41")
    assert result.exit_code == 2
    assert "too far" in result.stderr


def test_map_is_one_file(run: Run, tmp_path: Path):
    out = tmp_path / "map.html"
    body = json.loads(run("map", CODE, "--out", out, "--lang", "en", "--json").stdout)
    assert body["bytes"] == out.stat().st_size > 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]


def test_districts(run: Run):
    body = json.loads(run("districts", "--json").stdout)
    assert [district["code"] for district in body["districts"]] == [CODE]
    assert "Pilot District" in run("districts").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["coverage", "nowhere"], "371602"),
        (["coverage", CODE, "--minutes", "0"], "1 to 120"),
        (["coverage", CODE, "--minutes", "nan"], "1 to 120"),
        (["coverage", CODE, "--profile", "runner"], "strict, adult, elderly"),
        (["coverage", CODE, "--out", "x.xls"], ".parquet"),
        (["coverage", CODE, "--out", "/no/such/folder/x.csv"], "folder"),
        (["coverage", CODE, "--standard", "none"], "none"),
        (["gaps", CODE, "--category", "food"], "catering"),
        (["gaps", "nowhere"], "371602"),
        (["walk", CODE, "118", "118,37"], "lon,lat"),
        (["walk", CODE, "37.38,118.0", "118,37"], "swapped"),
        (["walk", CODE, "118.0,37.3804", "0,0"], "too far"),
        (["map", "nowhere", "--out", "x.html"], "371602"),
        (["map", CODE, "--out", "/no/such/folder/x.html"], "folder"),
        (["coverage", CODE, "--db", "/no/such/file.gpkg"], "/no/such/file.gpkg"),
        (["serve", "--port", "99999"], "LIFECIRCLE_PORT"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_2(run: Run, words, told):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_database_is_left_alone(run: Run, tmp_path: Path):
    db = tmp_path / "letter.gpkg"
    db.write_text("Dear reader")
    result = run("districts", db=db)
    assert result.exit_code == 2
    assert "not a GeoPackage" in result.stderr
    assert db.read_text() == "Dear reader"


def test_the_standard_is_told_with_its_sources(run: Run, tmp_path: Path):
    told = json.loads(run("standard", "--json").stdout)
    assert (told["id"], told["minutes"]) == ("bincheng-2026", [5.0, 10.0, 15.0])
    medical = next(row for row in told["categories"] if row["id"] == "medical")
    assert {"radius_m", "time_min", "source", "verified"} <= medical.keys()
    shown = run("standard").stdout
    assert medical["source"][:12] in shown
    assert "Tables: admin_codes, complete_community_2020, facilities_gb50180" in shown
    ours = tmp_path / "ours.yaml"
    ours.write_text("categories: {medical: {radius_m: 400, source: Plan 2026}}", "utf-8")
    assert "Plan 2026" in run("standard", "--standard", ours).stdout


def test_a_table_behind_the_standard_is_told(run: Run):
    told = json.loads(run("standard", "tiers", "--json").stdout)
    walks = [row["max"] for row in told["rows"] if row["figure"] == "walk_distance"]
    assert (told["table"], walks) == ("tiers", ["1000", "500", "300"])
    assert "GB 50180-2018" in run("standard", "facilities_gb50180").stdout
    result = run("standard", "moon")
    assert (result.exit_code, "wanted one of admin_codes" in result.stderr) == (2, True)


def test_doctor_finds_all_in_order(run: Run):
    result = run("doctor", "--json")
    body = json.loads(result.stdout)
    wrong = [finding["name"] for finding in body["findings"] if not finding["ok"]]
    assert wrong == []
    assert result.exit_code == 0


def test_doctor_names_what_is_wrong(run: Run, tmp_path: Path):
    db = tmp_path / "letter.gpkg"
    db.write_text("Dear reader")
    result = run("doctor", db=db)
    assert result.exit_code == 1
    assert "WRONG database" in result.stdout


def test_a_stranger_of_the_same_name_is_refused(tmp_path: Path):
    stranger = tmp_path / "geo"
    stranger.mkdir()
    (stranger / "__init__.py").write_text("")
    code = f"import sys; sys.path.append({str(REPOSITORY)!r}); import api.cli.main"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 1
    assert f"The package geo comes from {stranger}" in done.stderr
    assert "Traceback" not in done.stderr


def test_version_and_module_run():
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert done.stdout.startswith("lifecircle ")


def test_two_commands_read_the_same_database(run: Run, tiny_db: Path, tmp_path: Path):
    copy = tmp_path / "copy.gpkg"
    shutil.copy(tiny_db, copy)
    before = copy.read_bytes()
    for words in (["districts"], ["coverage", CODE], ["gaps", CODE], ["doctor"]):
        assert run(*words, db=copy).exit_code == 0
    assert copy.read_bytes() == before
