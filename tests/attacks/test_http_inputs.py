"""Requests that are legal HTTP and unusual: keys with slashes, deep bodies, methods, conditions."""

import json
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.http.etags import read_tags
from api.isochrones.answers import parse_thresholds
from api.parameters import parse_as_of, parse_day, parse_position
from api.settings import read_settings
from boundaries.readers.opening_hours import parse_moment
from boundaries.standards.catalogue import load_standard
from boundaries.store.interface import Store
from tests.api.serving import serving
from tests.scenes import tiny_district
from tests.stores import copied_store

CODE = "371602"
BASE = f"/districts/{CODE}"
POINTS = f"{BASE}/service-points"
KEYS = {"p1": "node/7", "p2": "node/7/versions", "p3": "way/5"}


def with_slashes() -> tuple:
    """Return the hand-made district with keys as OpenStreetMap has them."""
    district, layers = tiny_district()
    points = layers.service_points.assign(point_id=layers.service_points["point_id"].replace(KEYS))
    return district, replace(layers, service_points=points)


def slashes(path: Path) -> Store:
    return copied_store(path, "slashes", lambda store: store.replace(*with_slashes()))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "slashes.gpkg"
    slashes(path).close()
    return path


@pytest.fixture(params=["", "/circle"], ids=["at the root", "behind a root path"])
def client(request, db: Path):
    app = create_app(read_settings(db=str(db), editable=True))
    with serving(app, root_path=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """Return a client of an editable service whose district no request here changes."""
    path = tmp_path_factory.mktemp("still") / "still.gpkg"
    store = slashes(path)
    with serving(create_app(read_settings(db=str(path), editable=True))) as made:
        yield made
    assert store.district(CODE).revision == 1


# --- keys with a slash ---------------------------------------------------------------------------


def known(answer: httpx.Response) -> dict[str, str]:
    """Return the header of who has seen this answer and changes what it is about."""
    return {"If-Match": answer.headers["etag"]}


def test_a_feature_of_openstreetmap_is_read_changed_replaced_and_removed(client):
    for cycle, written in enumerate(["way/5", "way%2F5", "way%2f5"]):
        url, first = f"{POINTS}/{written}", 1 + 4 * cycle
        body = client.get(url)
        assert (body.status_code, body.json()["id"]) == (200, "way/5")
        assert body.headers["etag"] == f'"{first}"'
        changed = client.patch(url, json={"properties": {"name": "新店"}}, headers=known(body))
        assert (changed.status_code, changed.json()["properties"]["name"]) == (200, "新店")
        again = client.put(url, json=body.json(), headers={"If-Match": f'"{first + 1}"'})
        assert (again.status_code, again.json()["properties"]) == (200, body.json()["properties"])
        assert len(client.get(f"{url}/versions").json()["versions"]) == 3 * (cycle + 1)
        gone = client.delete(url, headers={"If-Match": f'"{first + 2}"'})
        assert (gone.status_code, gone.json()["key"]) == (200, "way/5")
        made = client.put(url, json=body.json(), headers={"If-None-Match": "*"})
        assert (made.status_code, made.json()["id"]) == (201, "way/5")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("node/7/versions", None),
        ("node%2F7/versions", None),
        ("node/7/versions/versions", None),
        ("node%2F7%2Fversions/versions", None),
        ("node%2F7%2Fversions%2Fversions", 404),
        ("way%2F5%2F", 404),
        ("way", 404),
        ("way%2F%2F5", 404),
        ("a%0Ab", 404),
        ("a%00b", 404),
        ("x" * 201, 400),
    ],
)
def test_a_path_means_one_thing(still, written, key):
    answer = still.get(f"{POINTS}/{written}")
    if isinstance(key, int):
        assert answer.status_code == key
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert answer.json()["key"] == written.replace("%2F", "/").removesuffix("/versions")


def test_a_key_that_ends_in_versions_is_read_changed_and_removed(client):
    key = "node/7/versions"
    for cycle, written in enumerate(["node%2F7%2Fversions", "node/7%2fversions"]):
        url = f"{POINTS}/{written}"
        body = client.get(url)
        assert (body.status_code, body.json()["id"]) == (200, key)
        changed = client.patch(url, json={"properties": {"name": "新店"}}, headers=known(body))
        assert (changed.status_code, changed.json()["id"]) == (200, key)
        assert len(client.get(f"{url}/versions").json()["versions"]) == 2 * (cycle + 1)
        assert client.get(f"{POINTS}/node%2F7").json()["properties"]["name"] != "新店"
        gone = client.delete(url, headers=known(changed))
        assert (gone.status_code, gone.json()["key"]) == (200, key)
        made = client.put(url, json=body.json(), headers={"If-None-Match": "*"})
        assert (made.status_code, made.json()["id"]) == (201, key)


WORDS = ["check", "completeness", "edits", "repair"]


def with_words() -> tuple:
    """Return the hand-made district with large grids whose codes are words of the plan."""
    district, layers = tiny_district()
    grids = layers.grids[layers.grids["level"] == "large"].iloc[[0] * len(WORDS)]
    grids = grids.assign(code=WORDS).reset_index(drop=True)
    return district, replace(layers, grids=grids, workers=layers.workers.iloc[:0])


def test_a_grid_whose_code_is_a_word_of_the_plan_is_read_changed_and_removed(tmp_path):
    path = tmp_path / "words.gpkg"
    copied_store(path, "words", lambda store: store.replace(*with_words())).close()
    with serving(create_app(read_settings(db=str(path), editable=True))) as client:
        for word in WORDS:
            grid = f"{BASE}/grids/%{ord(word[0]):02x}{word[1:]}"
            of_plan = {each: client.get(f"{BASE}/grids/{each}") for each in WORDS[:2]}
            assert all("features" not in each.json() for each in of_plan.values())
            body = client.get(grid)
            assert (body.status_code, body.json()["id"], body.headers["etag"]) == (200, word, '"1"')
            changed = client.patch(
                grid, json={"properties": {"name_en": "New"}}, headers=known(body)
            )
            assert (changed.status_code, changed.json()["id"]) == (200, word)
            assert len(client.get(f"{grid}/versions").json()["versions"]) == 2
            gone = client.delete(grid, headers=known(changed))
            assert (gone.status_code, gone.json()["key"]) == (200, word)
            made = client.put(grid, json=body.json(), headers={"If-None-Match": "*"})
            assert (made.status_code, made.json()["id"]) == (201, word)


def test_what_is_kept_of_the_plan_is_never_the_answer_about_a_grid(still):
    assert still.get(f"{BASE}/grids/check").status_code == 200
    assert still.get(f"{BASE}/grids/%63heck").status_code == 404
    assert "faults" in still.get(f"{BASE}/grids/check").json()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_words_of_the_plan_are_no_grids(still, method):
    assert still.request(method, f"{BASE}/grids/check", json={}).status_code == 405


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_states_of_a_feature_are_only_read(still, method):
    answer = still.request(method, f"{POINTS}/node%2F7/versions", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/foo/bar", "/walk-edges/1", "/workers/x/versions", "/gates/"])
def test_only_layers_of_single_features_have_them(still, path):
    assert still.get(BASE + path).status_code == 404


# --- depth ---------------------------------------------------------------------------------------

DEPTHS = (65, 260, 990, 1_100, 100_000)
NESTED = {
    "assignments": ("POST", f"{BASE}/assignments", '{"points": [{"id": %s, "lon": 1, "lat": 1}]}'),
    "scenario": ("POST", f"{BASE}/scenarios", '{"edits": [{"op": %s}]}'),
    "grid edit": ("POST", f"{BASE}/grids/edits?preview=true", '{"op": %s}'),
    "partition": ("POST", f"{BASE}/partitions", '{"seed": %s}'),
    "edition": ("PUT", f"{BASE}/editions/x", '{"dated": %s}'),
    "put": ("PUT", f"{POINTS}/p4", '{"properties": {"name": %s}}'),
    "patch": ("PATCH", f"{POINTS}/p4", '{"geometry": {"coordinates": %s}}'),
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("brackets", ["[]", "{}"])
@pytest.mark.parametrize("what", NESTED)
def test_a_deeply_nested_body_is_unprocessable(still, what, brackets, depth):
    method, url, body = NESTED[what]
    start = '{"a":' if brackets == "{}" else "["
    nested = start * depth + "1" + brackets[1] * depth
    answer = still.request(
        method, url, content=body % nested, headers={"Content-Type": "application/json",
                                                     "If-Match": '"1"'},
    )  # fmt: skip
    assert answer.status_code == 422, answer.text[:200]
    assert "nested deeper than 64 levels" in answer.json()["detail"]
    assert len(answer.content) < 2_000


def test_an_id_that_is_nested_less_deep_is_echoed(still):
    nested = json.loads("[" * 60 + "]" * 60)
    points = {"points": [{"id": nested, "lon": 118.0, "lat": 37.38}]}
    answer = still.post(f"{BASE}/assignments", json=points)
    assert answer.json()["items"][0]["id"] == nested


@pytest.mark.parametrize("accept", ["text/csv", "application/vnd.apache.arrow.stream"])
def test_a_deep_body_is_unprocessable_in_whatever_form_the_answer_is(still, accept):
    body = '{"points": [{"id": %s, "lon": 1, "lat": 1}]}' % ("[" * 990 + "]" * 990)
    headers = {"Accept": accept, "Content-Type": "application/json"}
    assert still.post(f"{BASE}/assignments", content=body, headers=headers).status_code == 422


# --- methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/districts", "GET, HEAD, OPTIONS"),
        (f"{POINTS}/way/5", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        (f"{BASE}/editions/x", "GET, PUT, HEAD, OPTIONS"),
        (f"{BASE}/imports", "GET, POST, HEAD, OPTIONS"),
        (f"{BASE}/scenarios", "POST, OPTIONS"),
        (f"{BASE}/grids/edits", "POST, OPTIONS"),
        (f"{BASE}/grids/check", "GET, HEAD, OPTIONS"),
        (f"{POINTS}/way/5/versions", "GET, HEAD, OPTIONS"),
        ("/static/js/main.js", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_names_every_method_and_so_does_a_refusal(still, path, methods):
    answer = still.options(path)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, methods, b"")
    refused = still.request("TRACE", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)
    assert refused.headers["content-type"] == "application/problem+json"


def test_options_of_nothing_is_not_found(still):
    assert still.options("/nothing/at/all").status_code == 404


# --- conditions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/openapi.json", "/static/js/main.js", "/districts", BASE, f"{BASE}/coverage",
     f"{BASE}/grids", f"{POINTS}/way/5", f"{POINTS}/way/5/versions", f"{BASE}/runs",
     f"{BASE}/editions", f"{BASE}/imports", f"{BASE}/changes", "/jobs", f"{BASE}/map.html"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whatever_is_there_is_not_modified(still, path, method):
    answer = still.request(method, path, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "content-length" not in answer.headers or answer.headers["content-length"] == "0"
    assert still.request(method, path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"{POINTS}/way/6", 404), ("/districts/none/coverage", 404), ("/nothing", 404),
     (f"{BASE}/coverage?profile=runner", 400), ("/runs/none", 404)],
)  # fmt: skip
def test_what_is_not_there_is_no_304(still, path, status):
    assert still.get(path, headers={"If-None-Match": "*"}).status_code == status


def test_a_change_is_made_whatever_is_there(still):
    answer = still.post(f"{BASE}/assignments", json={"points": []}, headers={"If-None-Match": "*"})
    assert answer.status_code == 200


def test_every_address_of_the_document_is_a_template_without_convertors(still):
    paths: httpx.Response = still.get("/openapi.json")
    assert "/districts/{code}/{layer}/{key}" in paths.json()["paths"]
    assert not [path for path in paths.json()["paths"] if ":" in path]


# --- what the document allows ---------------------------------------------------------------------

QUERIES = {
    "as_of": parse_as_of,
    "at": parse_moment,
    "valid_from": lambda text: parse_day(text, name="valid_from"),
    "from": lambda text: parse_position(text, name="from"),
    "to": lambda text: parse_position(text, name="to"),
    "minutes": parse_thresholds,
    "bbox": lambda text: [float(part) for part in text.split(",")],
}


def patterns(document: dict) -> dict[tuple[str, str], str]:
    """Return the pattern of each parameter that has one, by name and place."""
    return {
        (parameter["name"], parameter["in"]): parameter["schema"]["pattern"]
        for item in document["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if "pattern" in parameter["schema"]
    }


@pytest.fixture(scope="module")
def document(still) -> dict:
    return still.get("/openapi.json").json()


def test_texts_have_patterns_and_no_parameter_is_null(document):
    assert {name for name, place in patterns(document) if place == "query"} >= set(QUERIES)
    assert {name for name, place in patterns(document) if place == "header"} >= {"if-match"}
    assert '"type":"null"' not in json.dumps(
        [operation.get("parameters", []) for item in document["paths"].values()
         for operation in item.values()], separators=(",", ":"),
    )  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
@settings(max_examples=40, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_what_a_pattern_allows_is_read(document, name, data):
    pattern = patterns(document)[(name, "query")].replace("$", r"\Z")
    text = data.draw(st.from_regex(pattern).filter(lambda text: len(text) <= 40))
    if name == "minutes":
        assume(len(set(map(float, text.split(",")))) == text.count(",") + 1)
    QUERIES[name](text)


@settings(max_examples=40, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_every_if_match_that_the_pattern_allows_is_read(document, data):
    pattern = patterns(document)[("if-match", "header")].replace("$", r"\Z")
    read_tags(data.draw(st.from_regex(pattern)))


@pytest.mark.parametrize(
    ("name", "text"),
    [("as_of", "2025-02-29"), ("as_of", "1900-02-29"), ("as_of", "0000-01-01"), ("as_of", "-1"),
     ("as_of", "1234567890123"), ("at", "2026-11-24T24:00"), ("at", "Xx 10:00"),
     ("from", "181,0"), ("from", "0,85"), ("to", "0,-81"), ("bbox", "0,0,1"),
     ("bbox", "0,91,1,92"), ("minutes", "0"), ("minutes", "121"), ("minutes", "1,2,3,4,5,6,7")],
)  # fmt: skip
def test_what_is_refused_no_pattern_allows(still, document, name, text):
    assert not re.search(patterns(document)[(name, "query")], text)
    path = {"bbox": "walk-edges", "minutes": "isochrones", "from": "walk", "to": "walk"}
    query = {"walk": {"from": "118,37.38", "to": "118,37.38"},
             "isochrones": {"lon": 118, "lat": 37.38}}  # fmt: skip
    place = path.get(name, "coverage")
    answer = still.get(f"{BASE}/{place}", params={**query.get(place, {}), name: text})
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["2024-02-29", "2000-02-29", "0001-01-01", "0", "999999999999"])
def test_leap_days_and_revisions_are_allowed(document, text):
    assert re.search(patterns(document)[("as_of", "query")], text)
    parse_as_of(text)


def test_profiles_and_categories_are_those_of_the_standard(document):
    parameters = document["paths"]["/districts/{code}/explain"]["get"]["parameters"]
    schemas = {parameter["name"]: parameter["schema"] for parameter in parameters}
    standard = load_standard()
    assert schemas["profile"]["enum"] == [profile.id for profile in standard.profiles]
    assert schemas["category"]["enum"] == [category.id for category in standard.categories]


def test_every_operation_names_the_statuses_that_any_may_have(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            wanted = {"503"} | ({"304"} if method == "get" else set())
            assert wanted <= set(operation["responses"]), (method, path)
    assert "404" in document["paths"]["/districts/{code}/imports"]["post"]["responses"]
