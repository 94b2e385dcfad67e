"""Keys with characters that cannot be seen are refused at every door, with a sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import read_settings
from boundaries.imports.import_files import load_layer
from boundaries.store.open import open_store
from geo.errors import LifecircleError
from geo.model.keys import is_hidden_in
from tests.api.serving import serving
from tests.reports import told
from tests.scenes import NORTH_WEST, lonlat, tiny_district, tiny_store

CODE = "371602"
BASE = f"/districts/{CODE}"
HIDDEN = {
    "newline": "a\nb",
    "escape": "a\x1b[31mb",
    "delete": "a\x7fb",
    "C1": "a\x85b",
    "right to left override": "a\u202eb",
    "isolate": "a\u2066b",
    "left to right mark": "a\u200eb",
    "zero width space": "a\u200bb",
    "byte order mark": "a\ufeffb",
    "line separator": "a\u2028b",
    "soft hyphen": "a\xadb",
}
FEW = ("newline", "right to left override", "zero width space")
every = pytest.mark.parametrize("key", HIDDEN.values(), ids=HIDDEN)
few = pytest.mark.parametrize("key", [HIDDEN[name] for name in FEW], ids=FEW)


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.gpkg"
    tiny_store(path)
    return path


@pytest.fixture(scope="module")
def client(db):
    with serving(create_app(read_settings(db=str(db), editable=True))) as made:
        yield made
    assert open_store(db).district(CODE).revision == 1


@pytest.mark.parametrize("key", ["p1", "way/5", "楼 1", "a'b", "é", "=1", "x" * 200])
def test_a_key_that_can_be_seen_is_one(key):
    assert not is_hidden_in(key)


@every
def test_a_key_with_a_character_that_cannot_be_seen_is_none(key):
    assert is_hidden_in(key)


@few
def test_an_import_rejects_the_row_and_takes_the_others(tmp_path, key):
    path = tmp_path / "own.gpkg"
    store = tiny_store(path)
    rows = [
        {"type": "Feature", "properties": {"id": name, "category": "catering"},
         "geometry": {"type": "Point", "coordinates": list(lonlat(50, 50))}}
        for name in (key, "good")
    ]  # fmt: skip
    file = tmp_path / "points.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    outcome = load_layer(str(path), CODE, "service_points", file)
    ((row, reason),) = told(outcome.report.layer("service_points").rejected)
    assert row == "row 1"
    assert "characters that cannot be seen" in reason
    assert reason.isprintable()
    assert store.snapshot(CODE)[1].service_points["point_id"].tolist() == ["good"]


@few
@pytest.mark.parametrize(
    ("layer", "column"),
    [("grids", "code"), ("grids", "parent_code"), ("buildings", "building_id"),
     ("service_points", "point_id"), ("barriers", "barrier_id"), ("gates", "gate_id"),
     ("workers", "worker_code"), ("workers", "grid_code")],
)  # fmt: skip
def test_no_store_takes_it(db, layer, column, key):
    district, layers = tiny_district()
    frame = getattr(layers, layer).copy()
    frame[column] = frame[column].astype(object)
    frame.loc[frame.index[-1], column] = key
    with pytest.raises(LifecircleError, match="characters that cannot be seen"):
        open_store(db).replace(district, replace(layers, **{layer: frame}))
    assert open_store(db).district(CODE).revision == 1


@few
@pytest.mark.parametrize("layer", ["service-points", "gates", "barriers", "buildings"])
def test_no_feature_is_made_under_it(client, layer, key):
    body = client.get(f"{BASE}/{layer}").json()["features"][0]
    name = next(name for name in body["properties"] if name.endswith("_id"))
    now = client.get(f"{BASE}/{layer}/{body['properties'][name]}").json()
    now["properties"][name] = now["id"] = key
    url = f"{BASE}/{layer}/" + "".join(f"%{byte:02X}" for byte in key.encode())
    answer = client.put(url, json=now, headers={"If-None-Match": "*"})
    assert answer.status_code == 422, answer.text
    assert "characters that cannot be seen" in answer.json()["detail"]


@few
def test_no_grid_is_named_by_it(client, key):
    edit = {"op": "split", "code": NORTH_WEST, "codes": [key],
            "line": [list(lonlat(100, 190)), list(lonlat(100, 410))]}  # fmt: skip
    answer = client.post(f"{BASE}/grids/edits", json=edit, headers={"If-Match": "*"})
    assert answer.status_code in (400, 409, 422), answer.text


@few
def test_no_scenario_has_a_point_of_it(client, key):
    lon, lat = lonlat(100, 190)
    edit = {"op": "add_point", "point_id": key, "category": "catering", "lon": lon, "lat": lat}
    answer = client.post(f"{BASE}/scenarios", json={"edits": [edit]})
    assert answer.status_code == 400
    assert "characters that cannot be seen" in answer.json()["detail"]


@few
def test_no_edition_is_named_by_it(client, key):
    url = f"{BASE}/editions/" + "".join(f"%{byte:02X}" for byte in key.encode())
    assert client.put(url, json={"dated": "2026-01-01"}).status_code == 400


@few
def test_no_district_has_it_for_a_code(db, key):
    district, layers = tiny_district()
    with pytest.raises(LifecircleError, match="letters, digits, - and _"):
        open_store(db).replace(replace(district, code=key), layers)
