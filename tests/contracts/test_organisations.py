"""Organisations go through every door: both stores with their past, HTTP, the report of a plan."""

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app as cli
from api.settings import read_settings
from boundaries.admin.check import faults_of
from boundaries.store.open import open_store
from geo.errors import SchemaError
from geo.model.layers import conform_layer
from tests.api.serving import serving
from tests.scenes import LARGE, WEST, tiny_district
from tests.stores import empty_store

CODE = "371602"
URL = f"/districts/{CODE}/organisations"


def organisations(**columns) -> pd.DataFrame:
    given = {"link_id": ["o1"], "name": ["总支"], "role": ["general_branch"], "grid_code": [LARGE]}
    return conform_layer("organisations", pd.DataFrame({**given, **columns}))


def test_they_are_stored_changed_and_remembered(store):
    district, layers = tiny_district()
    first = organisations(members=[12], lon=[118.0], lat=[37.4], agreed_on=["2026-01-31"])
    store.replace(district, replace(layers, organisations=first))
    assert store.layers(CODE).organisations.equals(first)
    assert store.replace_layer(CODE, "organisations", organisations(kind=["branch"])) == 2
    assert store.snapshot(CODE, as_of=1)[1].organisations.equals(first)
    (change, _) = store.changes(CODE)
    assert change.before["organisations"]["o1"]["members"] == 12
    assert change.after["organisations"]["o1"]["members"] is None
    assert store.layers(CODE).organisations.loc[0, ["kind", "grid_code"]].tolist() == [
        "branch", LARGE,
    ]  # fmt: skip
    assert faults_of(store) == []


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"kind": ["club"]}, "kind is none of general_branch, branch"),
        ({"members": [-1]}, "members is below 0"),
        ({"lon": [200.0]}, "lon is not within"),
    ],
)
def test_what_they_are_not_is_refused(store, columns, words):
    district, layers = tiny_district()
    with pytest.raises(SchemaError, match=words):
        store.replace(district, replace(layers, organisations=organisations(**columns)))


@pytest.fixture
def client(town, address):
    with serving(create_app(read_settings(db=address, editable=True))) as made:
        yield made


def test_they_are_made_read_and_changed_over_http(client):
    body = {
        "properties": {
            "name": "志愿队",
            "kind": "volunteer_team",
            "grid_code": WEST,
            "members": 35,
        },
        "geometry": {"type": "Point", "coordinates": [118.0, 37.4]},
    }
    made = client.put(f"{URL}/o7", json=body, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    known = {
        "link_id": "o7", "name": "志愿队", "role": None, "kind": "volunteer_team",
        "grid_code": WEST, "point_id": None, "members": 35, "agreed_on": None, "agreement": None,
        "lon": 118.0, "lat": 37.4,
    }  # fmt: skip
    assert made.json()["properties"] == known
    assert made.json()["geometry"] == body["geometry"]
    again = client.put(f"{URL}/o7", json=made.json(), headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["lifecircle"]["revision"]) == (200, 2)
    placeless = {"properties": {"lon": None, "lat": None, "agreed_on": "2026-05-01"}}
    patched = client.patch(f"{URL}/o7", json=placeless, headers={"If-Match": '"2"'}).json()
    assert patched["geometry"] is None
    assert patched["properties"] == {**known, "lon": None, "lat": None, "agreed_on": "2026-05-01"}
    (feature,) = client.get(URL).json()["features"]
    assert (feature["id"], feature["properties"]) == ("o7", patched["properties"])
    assert feature["geometry"] is None


REFUSED = [
    ({"properties": {"kind": "club"}}, "wanted one of general_branch (总支), branch (支部), "),
    ({"properties": {"agreed_on": "2026-02-30"}}, "wanted a day as 2026-01-31, or null."),
    ({"properties": {"members": 1.5}}, "wanted a whole number"),
    ({"properties": {"lon": 999}}, "lon is not within -180..180"),
    ({"geometry": {"type": "Point", "coordinates": []}}, "The geometry is no point"),
    ({"geometry": "here"}, "The geometry is no point"),
]


def test_what_cannot_be_stored_is_said(client):
    for change, words in REFUSED:
        body = {"properties": {"name": "x", "lat": 1.0, **change.get("properties", {})}}
        body |= {key: value for key, value in change.items() if key != "properties"}
        answer = client.put(f"{URL}/o1", json=body, headers={"If-None-Match": "*"})
        assert answer.status_code == 422, answer.text
        assert words in answer.text


@pytest.fixture(scope="module")
def with_names(tmp_path_factory) -> Path:
    """Return the path of a store whose grids have organisations."""
    district, layers = tiny_district()
    path = tmp_path_factory.mktemp("organisations") / "a.gpkg"
    known = {"link_id": ["o1", "o2", "o3"], "name": ["第一支部", "便民站", "=1+1"],
             "role": [None, "station", "hub"], "kind": ["branch", None, None],
             "grid_code": [WEST, WEST, LARGE]}  # fmt: skip
    with closing(empty_store(path)) as store:
        store.replace(district, replace(layers, organisations=organisations(**known)))
    return path


NAMED = {WEST: "branch 第一支部; station 便民站"}


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".parquet"])
def test_files_by_grid_name_the_organisations_of_each(with_names, tmp_path, suffix):
    out = tmp_path / f"out{suffix}"
    words = ["--db", str(with_names), "coverage", CODE, "--by", "medium", "--out", str(out)]
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    readers = {".csv": partial(pd.read_csv, dtype=str), ".parquet": gpd.read_parquet}
    table = readers.get(suffix, gpd.read_file)(out).set_index("code")["organisations"].fillna("")
    assert table.to_dict() == {code: NAMED.get(code, "") for code in table.index}
    assert len(table) > 1


def test_a_table_of_the_service_names_the_organisations_of_each_grid(with_names):
    with serving(create_app(read_settings(db=str(with_names)))) as client:
        body = client.get(f"/districts/{CODE}/coverage?by=medium&f=csv").content
    assert NAMED[WEST] in body.decode("utf-8-sig")


def test_the_report_of_a_plan_counts_those_stored(client, address):
    url = f"/districts/{CODE}/grids/completeness"

    def met() -> int:
        rows = client.get(url).json()["summary"]
        return next(row for row in rows if row["rule"] == "general_branch")["met"]

    assert met() == 0
    store = open_store(address)
    store.replace_layer(CODE, "organisations", organisations(role=[None], kind=["general_branch"]))
    assert met() == 1
    store.close()
