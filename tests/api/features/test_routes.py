"""Features one by one: read, made, replaced, changed, removed; nobody's change is lost."""

import json
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.features.schemas import FeatureAnswer, Gone, VersionsAnswer
from api.http.schemas import Problem
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import NORTH_EAST, NORTH_WEST, SOUTH_EAST, WEST, lonlat, tiny_district, tiny_store

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
GATE = f"/districts/{CODE}/gates/g1"
POINT = f"/districts/{CODE}/service-points/p1"
NEW = {"If-None-Match": "*"}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    return path


@pytest.fixture
def client(db: Path):
    settings = read_settings(db=str(db), editable=True, actor_header="X-Forwarded-User")
    with serving(create_app(settings)) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """Return a client of a service whose district nobody manages to change."""
    path = tmp_path_factory.mktemp("still") / "still.gpkg"
    store = tiny_store(path)
    with serving(create_app(read_settings(db=str(path), editable=True))) as made:
        yield made
    assert store.district(CODE).revision == 1


def seen(tag: object) -> dict[str, str]:
    return {"If-Match": f'"{tag}"'}


def point(x: float, y: float, **properties: object) -> dict:
    place = {"type": "Point", "coordinates": list(lonlat(x, y))}
    return {"type": "Feature", "properties": properties, "geometry": place}


def problem(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    Problem.model_validate(answer.json())
    return answer.json()


def test_a_feature_is_told_to_the_last_digit(client):
    answer = client.get(POINT)
    body = answer.json()
    FeatureAnswer.model_validate(body)
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/geo+json"
    row = LAYERS.service_points.iloc[0]
    assert body["geometry"]["coordinates"] == [row.geometry.x, row.geometry.y]
    assert body["properties"]["name"] == "四季面馆"
    assert (body["lifecircle"]["layer"], body["lifecircle"]["since"]) == ("service-points", 1)
    assert client.get(POINT, headers={"If-None-Match": '"1"'}).status_code == 304


@pytest.mark.parametrize(
    ("layer", "key", "name"),
    [
        ("grids", NORTH_WEST, "parent_code"),
        ("buildings", "b1", "households"),
        ("service-points", "p1", "category"),
        ("barriers", "w1", "kind"),
        ("gates", "g1", "access"),
    ],
)
def test_what_is_read_may_be_put_back_and_changes_nothing(client, layer, key, name):
    url = f"/districts/{CODE}/{layer}/{key}"
    body = client.get(url).json()
    assert name in body["properties"]
    answer = client.put(url, json=body, headers=seen(1))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["etag"], answer.json()["lifecircle"]["revision"]) == ('"1"', 1)
    assert answer.json()["properties"] == body["properties"]


UNKNOWN = dict.fromkeys(
    ("fee_class", "items", "brand", "member", "opening_hours", "phone", "floor_area_m2", "scope",
     "operator")
)  # fmt: skip
ASKED = {
    "fee_class": "low", "items": "生活照料;配餐", "brand": "暖心食堂", "member": True,
    "opening_hours": "Mo-Su 06:30-20:00", "phone": "0543-3123456", "floor_area_m2": 320.5,
    "scope": "community", "operator": "社区居委会",
}  # fmt: skip


def test_what_the_district_asks_of_a_point_is_kept_and_forgotten(client):
    url = f"/districts/{CODE}/service-points/p1"
    assert {name: client.get(url).json()["properties"][name] for name in UNKNOWN} == UNKNOWN
    told = client.patch(url, json={"properties": ASKED}, headers=seen(1))
    assert told.status_code == 200, told.text
    assert {name: told.json()["properties"][name] for name in ASKED} == ASKED
    again = client.patch(url, json={"properties": {"name": "食堂"}}, headers=seen(2))
    assert {name: again.json()["properties"][name] for name in ASKED} == ASKED
    layer = client.get(f"/districts/{CODE}/service-points").json()
    (shown,) = [each["properties"] for each in layer["features"] if each["id"] == "p1"]
    assert {name: shown[name] for name in ASKED} == ASKED
    columns = {
        each["name"]: (each["kind"], each["unit"]) for each in layer["lifecircle"]["columns"]
    }
    assert list(columns) == list(ASKED)
    assert (columns["floor_area_m2"], columns["scope"]) == (("float", "m²"), ("words", ""))
    wrong = client.patch(url, json={"properties": {"member": None}}, headers=seen(3))
    assert wrong.json()["properties"]["member"] is None
    change = client.get(f"/districts/{CODE}/changes").json()["changes"][0]
    assert change["before"] == {"service_points": {"p1": {"member": True}}}
    assert change["after"] == {"service_points": {"p1": {"member": None}}}


BAD_ANSWERS = [
    ("fee_class", "无偿", "wanted one of free (无偿), low (低偿), paid (有偿), or null."),
    ("scope", "city", "wanted one of community (社区), district (区), or null."),
    ("member", 1, "wanted true (是) or false (否)."),
    ("floor_area_m2", -1, "wanted a number from 0 on, or null."),
    ("floor_area_m2", "big", "wanted a number."),
    ("phone", "+86 138-0000-1234", "no mobile number: that may be a person's, or null."),
    ("items", ["a"], "wanted text of up to 1000 signs."),
]


@pytest.mark.parametrize(("name", "value", "words"), BAD_ANSWERS)
def test_a_wrong_answer_names_those_that_are_allowed(still, name, value, words):
    url = f"/districts/{CODE}/service-points/p1"
    body = problem(still.patch(url, json={"properties": {name: value}}, headers=seen(1)), 422)
    (fault,) = body["errors"]
    assert fault["name"] == name
    assert words in fault["message"]


def test_a_feature_is_made_changed_and_removed(client, db):
    url = f"/districts/{CODE}/service-points/n1"
    who = {"X-Forwarded-User": "李雷".encode()}
    given = point(100, 205, category="catering", name="社区食堂")
    made = client.put(url, json=given, headers={**NEW, **who})
    assert made.status_code == 201, made.text
    FeatureAnswer.model_validate(made.json())
    assert (made.headers["etag"], made.json()["lifecircle"]["revision"]) == ('"2"', 2)
    lon, lat = given["geometry"]["coordinates"]
    stored = made.json()["properties"]
    assert stored == {
        "point_id": "n1", "category": "catering", "name": "社区食堂", "sub": "",
        "origin": "given", "capacity": 1.0, **UNKNOWN, "lon": lon, "lat": lat,
    }  # fmt: skip
    told = {"properties": {"name": "食堂", "capacity": 2.5}}
    changed = client.patch(url, json=told, headers=seen(2), params={"valid_from": "2026-01-05"})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"3"')
    assert changed.json()["properties"] == {**stored, "name": "食堂", "capacity": 2.5}
    assert changed.json()["lifecircle"]["valid_from"] == "2026-01-05"
    gone = client.delete(url, headers=seen(3))
    Gone.model_validate(gone.json())
    assert (gone.status_code, gone.json()["revision"]) == (200, 4)
    assert "社区食堂" not in problem(client.get(url), 404)["detail"]
    assert client.get(url, params={"as_of": 3}).json()["properties"]["name"] == "食堂"
    log = open_store(db).changes(CODE)
    assert [(record.revision, record.actor) for record in log] == [
        (4, ""), (3, ""), (2, "李雷"), (1, ""),
    ]  # fmt: skip
    answer = client.get(f"{url}/versions").json()
    VersionsAnswer.model_validate(answer)
    spans = [(v["since"], v["until"], v["change"]["actor"]) for v in answer["versions"]]
    assert spans == [(3, 4, ""), (2, 3, "李雷")]


def test_two_who_change_one_feature_do_not_overwrite_each_other(client):
    first = client.patch(
        GATE,
        json={"properties": {"access": "closed"}},
        headers={**seen(1), "X-Forwarded-User": "wang"},
    )
    assert first.status_code == 200
    body = problem(
        client.patch(GATE, json={"properties": {"access": "open"}}, headers=seen(1)), 412
    )
    assert "it is of revision 2" in body["detail"]
    assert body["now"]["etag"] == '"2"'
    assert body["now"]["properties"]["access"] == "closed"
    (change,) = body["changes"]
    assert (change["revision"], change["actor"], change["what"]) == (2, "wang", "gates changed")
    assert change["at"].endswith("+00:00")
    again = client.patch(GATE, json={"properties": {"access": "open"}}, headers=seen(2))
    assert again.headers["etag"] == '"3"'


def test_changes_of_others_leave_a_feature_as_it_was_seen(client):
    assert client.patch(GATE, json={"properties": {"name": "x"}}, headers=seen(1)).is_success
    assert client.get(POINT).headers["etag"] == '"1"'
    answer = client.patch(POINT, json={"properties": {"name": "y"}}, headers=seen(1))
    assert answer.headers["etag"] == '"3"'


def test_what_somebody_removed_is_told(client):
    client.delete(POINT, headers=seen(1))
    for call in (client.delete, lambda url, headers: client.patch(url, json={}, headers=headers)):
        body = problem(call(POINT, headers=seen(1)), 412)
        assert body["now"] is None
        assert "was deleted since you read it" in body["detail"]
        assert [change["revision"] for change in body["changes"]] == [2]


def test_what_is_there_is_not_made(client):
    body = problem(client.put(POINT, json=point(1, 1, category="catering"), headers=NEW), 412)
    assert body["now"]["etag"] == '"1"'


def test_if_match_of_anything_and_of_several(client):
    rename = {"properties": {"name": "x"}}
    assert client.patch(GATE, json=rename, headers={"If-Match": "*"}).headers["etag"] == '"2"'
    several = {"If-Match": '"1", "2"'}
    put = {**client.get(GATE).json()}
    assert client.put(GATE, json=put, headers=several).headers["etag"] == '"2"'
    missing = f"/districts/{CODE}/gates/none"
    problem(client.patch(missing, json=rename, headers={"If-Match": "*"}), 404)
    problem(client.put(missing, json=put, headers=seen(1)), 404)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ('"1"', 200),
        ('"7", "1"', 200),
        ('"7",, "1",', 200),  # RFC 9110, 5.6.1.2: empty members of a list are ignored
        ('W/"1"', 412),
        ('"7", W/"1"', 412),
        ('"01"', 400),
        ('"1", abc', 400),
        ('w/"1"', 400),
        ("1", 400),
        ("'1'", 400),
        ('"1', 400),
        ('"1", *', 400),
        (",", 400),
        ("", 400),
    ],
)
def test_if_match_compares_strongly(client, told, status):
    answer = client.patch(GATE, json={"properties": {"name": "x"}}, headers={"If-Match": told})
    assert answer.status_code == status, answer.text
    if status == 412:
        assert answer.json()["now"]["etag"] == '"1"'


@pytest.mark.parametrize("told", ['"1"', 'W/"1"', '"7", W/"1"', '"7" , "1"', "*"])
def test_if_none_match_compares_weakly(still, told):
    again = still.get(GATE, headers={"If-None-Match": told})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("told", ['"7"', "1", '"1', 'w/"1"', '"7", *'])
def test_if_none_match_of_another_state_answers(still, told):
    assert still.get(GATE, headers={"If-None-Match": told}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_says_what_it_has_seen(still, method):
    assert "If-Match" in problem(still.request(method, GATE, json={}), 428)["detail"]


def test_a_condition_that_is_none_is_said(still):
    for headers in ({"If-Match": "abc"}, {"If-Match": '"a"'}, {"If-None-Match": '"1"'}):
        assert "wanted" in problem(still.put(GATE, json={}, headers=headers), 400)["detail"]
    both = {**seen(1), **NEW}
    problem(still.put(GATE, json={}, headers=both), 428)


def test_a_service_that_only_answers_takes_no_change(db):
    with serving(create_app(read_settings(db=str(db)))) as client:
        for method in ("PUT", "PATCH", "DELETE"):
            body = problem(client.request(method, GATE, json={}, headers=seen(1)), 403)
            assert "LIFECIRCLE_EDITABLE=true" in body["detail"]
        assert client.get(GATE).status_code == 200
        problem(client.post(f"/districts/{CODE}/undo", headers=seen(1)), 403)
        problem(client.put(f"/districts/{CODE}/editions/x", json={"dated": "2026-01-01"}), 403)


BAD = [
    ({"properties": {"colour": "red"}}, "colour", "Got the property 'colour'; known in gates: "),
    ({"colour": "red"}, "colour", "Got the member 'colour'"),
    ({"id": "g2"}, "id", "names another feature than 'g1'"),
    ({"properties": {"gate_id": "g2"}}, "id", "names another feature"),
    ({"properties": {"access": "ajar"}}, "gates", "access is none of open, private, closed"),
    ({"properties": {"access": None}}, "access", "Got access=None; wanted text"),
    ({"properties": {"name": "x" * 1001}}, "name", "wanted text of up to 1000 signs"),
    ({"properties": {"name": "a\0b"}}, "name", "wanted text"),
    ({"properties": {"node": 1.5}}, "node", "Got node=1.5; wanted a whole number."),
    ({"properties": {"node": True}}, "node", "wanted a number"),
    ({"properties": {"node": 1e300}}, "node", "wanted a number up to"),
    ({"geometry": {"type": "LineString", "coordinates": [[118, 37.4], [118, 37.3]]}}, "gates",
     "1 geometries are no Point, first LINESTRING"),
    ({"geometry": {"type": "Point", "coordinates": [2.35, 48.85]}}, "geometry",
     "km from the district 371602"),
    ({"geometry": {"type": "Point", "coordinates": [400, 37]}}, "geometry", "not on the globe"),
    ({"geometry": {"type": "Point"}}, "geometry", "cannot be read"),
    ({"geometry": None}, "geometry", "cannot be read"),
    ({"geometry": {"type": "Point", "coordinates": []}}, "geometry", "cannot be read"),
    ({"geometry": "POINT (1 2)"}, "geometry", "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "name", "words"), BAD)
def test_what_cannot_be_stored_is_said_in_one_sentence(still, change, name, words):
    body = problem(still.patch(GATE, json=change, headers=seen(1)), 422)
    (fault,) = body["errors"]
    assert (fault["where"], fault["name"]) == ("body", name)
    assert words in fault["message"]


NO_FEATURES = [
    b"", b"{", b"[]", b'"x"', b'{"type": "Point"}', b"\xff", b'{"properties": 3}',
    b'{"properties": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize("content", NO_FEATURES)
def test_a_body_that_is_no_feature_is_said(still, content):
    answer = still.put(GATE, content=content, headers=seen(1))
    assert "wanted a GeoJSON feature" in problem(answer, 400)["detail"]


def test_a_missing_property_and_a_wrong_category_are_said_together(still):
    body = point(1, 1, households="many")
    url = f"/districts/{CODE}/buildings/n1"
    faults = problem(still.put(url, json=body, headers=NEW), 422)["errors"]
    assert [fault["name"] for fault in faults] == ["households"]
    url = f"/districts/{CODE}/service-points/n1"
    faults = problem(still.put(url, json=point(1, 1, sub=3, colour=1), headers=NEW), 422)["errors"]
    assert [fault["name"] for fault in faults] == ["colour", "category", "sub"]
    weapons = problem(still.put(url, json=point(1, 1, category="weapons"), headers=NEW), 422)
    assert "wanted one of catering, " in weapons["detail"]


def test_a_large_body_is_refused(db):
    with serving(
        create_app(read_settings(db=str(db), editable=True, max_body_bytes=500))
    ) as client:
        body = {"properties": {"name": "x" * 600}}
        problem(client.patch(GATE, json=body, headers=seen(1)), 413)


def test_a_moved_building_takes_its_people_along(client):
    url = f"/districts/{CODE}/buildings/b1"
    corner, far = lonlat(50, 210), lonlat(150, 300)
    place = {"type": "Point", "coordinates": list(far)}
    moved = client.patch(url, json={"geometry": place}, headers=seen(1)).json()
    assert (moved["properties"]["lon"], moved["properties"]["lat"]) == far
    house = {"type": "Polygon", "coordinates": [[lonlat(*p) for p in
             ((40, 200), (60, 200), (60, 220), (40, 220), (40, 200))]]}  # fmt: skip
    told = {"geometry": house, "properties": {"lon": corner[0], "lat": corner[1]}}
    kept = client.patch(url, json=told, headers=seen(2)).json()
    assert (kept["properties"]["lon"], kept["properties"]["lat"]) == corner
    away = {"properties": {"lon": far[0]}}
    assert (
        "not in the geometry"
        in problem(client.patch(url, json=away, headers=seen(3)), 422)["detail"]
    )
    full = client.get(url).json()
    del full["properties"]["lon"], full["properties"]["lat"]
    worked_out = client.put(url, json=full, headers=seen(3)).json()
    lon, lat = worked_out["properties"]["lon"], worked_out["properties"]["lat"]
    assert (lon, lat) == pytest.approx(corner, abs=1e-6)


def test_grids_nest_and_take_their_workers_along(client, db):
    url = f"/districts/{CODE}/grids"
    with_children = client.delete(f"{url}/{WEST}", headers=seen(1))
    assert "parent_code is no grid one level up" in problem(with_children, 422)["detail"]
    leaves_a_gap = problem(client.delete(f"{url}/{NORTH_EAST}", headers=seen(1)), 409)["detail"]
    assert leaves_a_gap.startswith("The plan would have ")
    assert "m2 of the district lie in no grid" in leaves_a_gap
    assert "Nothing was changed." in leaves_a_gap
    store = open_store(db)
    store.edit(CODE, "grids", remove=[NORTH_EAST])
    assert store.counts(CODE)["workers"] == 3
    wrong = client.get(f"{url}/{SOUTH_EAST}").json()
    wrong["properties"] |= {"code": NORTH_EAST}
    wrong["id"] = NORTH_EAST
    retired = problem(client.put(f"{url}/{NORTH_EAST}", json=wrong, headers=NEW), 422)
    assert "code was retired" in retired["detail"]


def test_what_is_not_there_is_404(still):
    assert (
        "wanted one that is there"
        in problem(still.get(f"/districts/{CODE}/gates/x"), 404)["detail"]
    )
    problem(still.get(f"/districts/{CODE}/gates/x/versions"), 404)
    problem(still.get("/districts/nowhere/gates/g1"), 404)
    problem(still.get(f"{GATE}?as_of=2024-01-01"), 404)
    problem(still.get(f"/districts/{CODE}/roads/1"), 404)


def test_a_method_knows_its_own_parameters(still):
    assert (
        "known here: as_of." in problem(still.get(f"{GATE}?valid_from=2026-01-01"), 400)["detail"]
    )
    wrong = still.delete(f"{GATE}?as_of=1", headers=seen(1))
    assert "known here: valid_from." in problem(wrong, 400)["detail"]


def test_a_day_to_come_is_refused(still):
    answer = still.delete(GATE, headers=seen(1), params={"valid_from": "2999-01-01"})
    assert "wanted today or a day before" in problem(answer, 400)["detail"]
    answer = still.delete(GATE, headers=seen(1), params={"valid_from": "soon"})
    assert "valid_from='soon'; wanted a day" in problem(answer, 400)["detail"]


def test_without_a_header_in_the_settings_nobody_is_believed(db):
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        for header in ("X-Forwarded-User", "Lifecircle-Actor"):
            client.patch(
                GATE,
                content=json.dumps({"properties": {"name": header}}),
                headers={"If-Match": "*", header: "mallory"},
            ).raise_for_status()
    assert {record.actor for record in open_store(db).changes(CODE)} == {""}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
    ],
)
def test_a_page_of_another_site_changes_nothing(still, headers):
    body = problem(still.delete(GATE, headers={**seen(1), **headers}), 403)
    assert "a page of another site" in body["detail"]


def test_a_page_of_our_own_may_change_things(client):
    own = {"Origin": str(client.base_url).rstrip("/")}
    rename = {"properties": {"name": "x"}}
    assert client.patch(GATE, json=rename, headers={**seen(1), **own}).is_success
    own |= {"Sec-Fetch-Site": "same-origin"}
    assert client.patch(GATE, json=rename, headers={**seen(2), **own}).is_success
