"""Points in and out as CSV, Arrow and JSON, through HTTP and on the command line."""

import io
import json

import geopandas as gpd
import httpx
import pandas as pd
import pyarrow as pa
import pytest
from shapely import Point, box
from typer.testing import CliRunner

from api.assignments.schemas import AssignmentsAnswer
from api.cli.main import app
from tests.scenes import EPSG, LARGE, NORTH_WEST, SOUTH_EAST, WEST, lonlat, xy

URL = "/districts/371602/assignments"
PLACES = {"a": (100, 300), "b": (300, 100), "c": (300, -50)}
CSV = "编号,经度,纬度,备注\n" + "".join(
    f"{name},{lonlat(*at)[0]},{lonlat(*at)[1]},楼{name}\n" for name, at in PLACES.items()
)
BAD = CSV + "d,１１８.0,x,\ne,37.4,118.0,\n"


def post(client: httpx.Client, body: bytes, sent: str, accept: str = "*/*") -> httpx.Response:
    return client.post(URL, content=body, headers={"Content-Type": sent, "Accept": accept})


def arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def numbers() -> pd.DataFrame:
    at = [lonlat(*place) for place in PLACES.values()]
    return pd.DataFrame(
        {"id": list(PLACES), "lon": [lon for lon, _ in at], "lat": [lat for _, lat in at]}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_csv_out(client: httpx.Client, encoding):
    answer = post(client, BAD.encode(encoding), "text/csv; charset=utf-8")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")  # or Excel garbles Chinese
    table = pd.read_csv(io.BytesIO(answer.content), dtype="str", keep_default_na=False)
    assert table.columns.tolist() == [
        "编号", "经度", "纬度", "备注",
        "large", "medium", "small", "status", "reason", "nearest", "distance_m",
    ]  # fmt: skip
    assert table["small"].tolist() == [NORTH_WEST, SOUTH_EAST, "", "", ""]
    assert table["status"].tolist() == ["inside", "inside", "outside", "invalid", "invalid"]
    assert table["reason"].tolist()[2:] == ["in_no_grid", "not_a_number", "lon_and_lat_swapped"]
    assert table["nearest"].tolist() == ["", "", SOUTH_EAST, "", ""]
    assert table["distance_m"].tolist() == ["", "", "50.0", "", ""]
    assert table["备注"].tolist()[:2] == ["楼a", "楼b"]


def test_arrow_in_arrow_out(client: httpx.Client):
    media = "application/vnd.apache.arrow.stream"
    answer = post(client, arrow(numbers()), media)
    assert answer.headers["content-type"] == media
    reader = pa.ipc.open_stream(answer.content)
    assert reader.schema.metadata[b"revision"] == b"1"
    table = reader.read_all()
    assert table.column("small").to_pylist() == [NORTH_WEST, SOUTH_EAST, None]
    assert table.column("distance_m").to_pylist()[2] == 50.0


def test_the_form_of_the_answer_may_be_another(client: httpx.Client):
    answer = post(client, CSV.encode(), "text/csv", "application/json")
    AssignmentsAnswer.model_validate(answer.json())
    items = answer.json()["items"]
    assert [item["id"] for item in items] == ["a", "b", "c"]
    assert items[0] | {"id": 0} == {
        "id": 0, "large": LARGE, "medium": WEST, "small": NORTH_WEST, "status": "inside",
        "reason": "", "nearest": None, "distance_m": None,
    }  # fmt: skip
    assert answer.json()["counts"] == {"inside": 2, "on_border": 0, "outside": 1, "invalid": 0}
    body = json.dumps({"points": numbers().to_dict("records")}).encode()
    same = post(client, body, "application/json", "text/csv")
    assert pd.read_csv(io.BytesIO(same.content), dtype="str")["small"].tolist()[:2] == [
        NORTH_WEST, SOUTH_EAST,
    ]  # fmt: skip
    assert post(client, body, "application/json").json() == answer.json()


@pytest.mark.parametrize(
    ("body", "sent", "says"),
    [
        (b"name\nx\n", "text/csv", "wanted lon and lat"),
        (b"", "text/csv", "cannot be read as a CSV table"),
        (b"\xff\xff", "text/csv", "neither UTF-8 nor GB18030"),
        (b"no arrow", "application/vnd.apache.arrow.stream", "cannot be read as Arrow"),
        (b"", "application/vnd.apache.arrow.stream", "cannot be read as Arrow"),
    ],
)
def test_what_cannot_be_read_is_400(client: httpx.Client, body, sent, says):
    answer = post(client, body, sent)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


@pytest.fixture
def run(tiny_db):
    def invoke(*words):
        arguments = ["--db", str(tiny_db), "assign", "371602", *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def test_a_file_on_the_command_line(run, tmp_path):
    source = tmp_path / "addresses.csv"
    source.write_bytes(BAD.encode("gbk"))
    done = run(source, "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "5 points of addresses.csv" in done.stdout
    table = pd.read_csv(tmp_path / "out.csv", dtype="str", keep_default_na=False)
    assert table["small"].tolist()[:3] == [NORTH_WEST, SOUTH_EAST, ""]
    counts = json.loads(run(source, "--json").stdout)["counts"]
    assert counts == {"inside": 2, "on_border": 0, "outside": 1, "invalid": 2}
    assert NORTH_WEST in run(source).stdout


def test_every_form_of_file(run, tmp_path):
    frame = numbers()
    (tmp_path / "p.arrow").write_bytes(arrow(frame))
    (tmp_path / "p.json").write_text(json.dumps(frame.to_dict("records")))
    shapes = [Point(*xy(*at)).buffer(3) for at in PLACES.values()]
    houses = gpd.GeoDataFrame({"id": list(PLACES)}, geometry=shapes, crs=EPSG)
    houses.to_crs(4326).to_file(tmp_path / "p.geojson")
    houses.to_file(tmp_path / "p.gpkg")
    for name in ("p.arrow", "p.json", "p.geojson", "p.gpkg"):
        out = tmp_path / f"{name}.json"
        assert run(tmp_path / name, "--out", out).exit_code == 0
        items = json.loads(out.read_text())["items"]
        assert [item["small"] for item in items] == [NORTH_WEST, SOUTH_EAST, None]
        assert [item["id"] for item in items] == ["a", "b", "c"]


def test_refusals(run, tmp_path):
    source = tmp_path / "p.csv"
    source.write_text(CSV)
    assert run(tmp_path / "none.csv").exit_code == 2
    done = run(source, "--out", tmp_path / "p.docx")
    assert done.exit_code == 2
    assert ".arrow" in done.stderr
    local = gpd.GeoDataFrame({"id": [1]}, geometry=[box(0, 0, 1, 1)], crs=EPSG)
    local.to_file(tmp_path / "bare.shp")
    (tmp_path / "bare.prj").unlink()
    bare = run(tmp_path / "bare.shp")
    assert bare.exit_code == 2
    assert "CRS" in bare.stderr


def test_columns_of_the_same_name_are_kept(run, tmp_path):
    source = tmp_path / "p.csv"
    numbers().assign(small="mine").to_csv(source, index=False)
    run(source, "--out", tmp_path / "q.csv")
    table = pd.read_csv(tmp_path / "q.csv", dtype="str")
    assert table["small_given"].tolist() == ["mine"] * 3
    assert table["small"].tolist()[0] == NORTH_WEST


def test_grids_as_of_a_revision(run, tmp_path):
    source = tmp_path / "p.csv"
    lon, lat = lonlat(100, 300)
    source.write_text(f"id,lon,lat\na,{lon},{lat}\n", encoding="utf-8")
    assert run(source, "--as-of", 1, "--json").exit_code == 0
    refused = run(source, "--as-of", 9)
    assert refused.exit_code == 2
    assert "was not stored as of 9" in refused.output
