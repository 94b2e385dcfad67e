"""How every route behaves: problems, ETags, HEAD, headers, compression."""

import re
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import tiny_district

BASE = "/districts/371602"
MAP = f"{BASE}/map.html?lang=en"
"""Folium names its elements at random: the same map in other bytes each time it is drawn."""

GETS = [
    "/districts",
    BASE,
    f"{BASE}/grids",
    f"{BASE}/grids?level=large",
    f"{BASE}/service-points",
    f"{BASE}/buildings",
    f"{BASE}/barriers",
    f"{BASE}/gates",
    f"{BASE}/coverage",
    f"{BASE}/coverage?by=building&minutes=7.5&profile=elderly",
    f"{BASE}/coverage?f=csv",
    f"{BASE}/gaps?category=elderly&minutes=5",
    f"{BASE}/walk?from=118.0,37.3804&to=118.002,37.3804",
    MAP,
]


@pytest.mark.parametrize("url", GETS)
def test_etag_then_304_without_a_body(client: httpx.Client, url):
    first = client.get(url)
    assert first.status_code == 200, first.text
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for told in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        again = client.get(url, headers={"If-None-Match": told})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    other = client.get(url, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200
    assert url == MAP or other.content == first.content


def test_a_refused_question_is_refused_whatever_the_caller_has_seen(client: httpx.Client):
    asked = client.get(f"{BASE}/coverage?profile=runner", headers={"If-None-Match": "*"})
    assert asked.status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        "coverage?",
        "gaps?",
        "grids/completeness?",
        "nearest?category=catering&",
        "access?category=catering&",
        "equity?category=catering&measure=access&",
        "explain?building=b1&category=catering&",
        "isochrones?lon=118.0&lat=37.3804&",
    ],
)
def test_answers_that_carry_minutes_carry_their_seconds(client: httpx.Client, asked):
    body = client.get(f"{BASE}/{asked}minutes=8.2").json()
    told = body["features"][0]["properties"] if "features" in body else body
    assert (told["minutes"], told["threshold_s"]) == (8.2, 492.0)


def test_etags_differ_by_query(client: httpx.Client):
    tags = {client.get(url).headers["etag"] for url in GETS}
    assert len(tags) == len(GETS)


def test_a_new_revision_has_a_new_etag_and_new_figures(tmp_path: Path):
    db = tmp_path / "changing.gpkg"
    store = open_store(db, create=True)
    district, layers = tiny_district()
    store.replace(district, layers)
    url = f"{BASE}/coverage?by=district&minutes=5"
    with serving(create_app(read_settings(db=str(db)))) as client:
        before = client.get(url)
        points = layers.service_points
        store.replace_layer("371602", "service_points", points[points["category"] != "elderly"])
        after = client.get(url, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert after.headers["etag"] != before.headers["etag"]
        covered = [a.json()["total"]["categories"]["elderly"]["covered"] for a in (before, after)]
        assert covered == [28, 0]
        assert client.get("/districts").json()["districts"][0]["revision"] == 2
        store.delete("371602")
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", [*GETS, "/healthz", "/", "/glossary", "/docs", "/openapi.json"])
def test_head_is_get_without_the_body(client: httpx.Client, url):
    get, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert url == MAP or head.headers["content-length"] == get.headers["content-length"]


def test_large_answers_are_compressed(client: httpx.Client):
    url = f"{BASE}/coverage?by=building"
    assert client.get(url).headers["content-encoding"] == "gzip"
    plain = client.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == client.get(url).content


def test_the_page_may_load_from_nowhere_else(client: httpx.Client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    for url in ("/", "/docs", "/districts", "/nothing", "/static/nothing.js", "/static/mark.svg"):
        answer = client.get(url)
        assert answer.headers["x-content-type-options"] == "nosniff", url
        assert answer.headers["cache-control"] in {"no-cache", "no-store"}, url
        assert answer.headers["content-security-policy"] == policy, url


def test_a_fault_of_ours_is_a_problem_with_the_same_headers(tiny_db):
    app = create_app(read_settings(db=str(tiny_db)))

    @app.get("/broken")
    def _broken() -> None:
        raise RuntimeError("secret")

    with serving(app) as client:
        answer, page = client.get("/broken"), client.get("/")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:lifecircle:problem:fault")
    assert "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert answer.headers[name] == page.headers[name]


def test_the_folium_file_has_its_own_policy(client: httpx.Client):
    answer = client.get(f"{BASE}/map.html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'unsafe-inline'" in policy


BAD = [
    ("/nothing", 404, "not-found"),
    ("/districts/", 404, "not-found"),
    ("/districts/%00", 404, "not-found"),
    ("/districts/a%20b", 404, "not-found"),
    ("/districts/%F0%9F%98%80", 404, "not-found"),
    ("/districts/%ff", 404, "not-found"),
    ("/districts/" + "9" * 500, 404, "not-found"),
    ("/static/../api/app.py", 404, "not-found"),
    ("/static/%2e%2e/page.py", 404, "not-found"),
    ("/districts?limit=3", 400, "limit"),
    ("/healthz?x=1", 400, "none"),
    (f"{BASE}?lang=zh", 400, "lang"),
    (f"{BASE}/grids?level=tiny", 400, "level"),
    (f"{BASE}/grids?level=district", 400, "level"),
    (f"{BASE}/grids?level=", 400, "level"),
    (f"{BASE}/grids?level=small&level=large", 400, "2 times"),
    (f"{BASE}/service-points?category=food", 400, "catering"),
    (f"{BASE}/service-points?category=all", 400, "catering"),
    (f"{BASE}/service-points?profile=runner", 400, "adult, elderly"),
    (f"{BASE}/coverage?minutes=0", 400, "minutes"),
    (f"{BASE}/coverage?minutes=-5", 400, "minutes"),
    (f"{BASE}/coverage?minutes=121", 400, "minutes"),
    (f"{BASE}/coverage?minutes=nan", 400, "minutes"),
    (f"{BASE}/coverage?minutes=inf", 400, "minutes"),
    (f"{BASE}/coverage?minutes=", 400, "minutes"),
    (f"{BASE}/coverage?minutes=fifteen", 400, "minutes"),
    (f"{BASE}/coverage?minutes=1e999", 400, "minutes"),
    (
        f"{BASE}/coverage?minuts=5",
        400,
        "minutes, profile, tier, crossings, own_points, floors, by, f",
    ),
    (f"{BASE}/coverage?by=grid", 400, "by"),
    (f"{BASE}/coverage?profile=", 400, "adult"),
    (f"{BASE}/coverage?profile=%00", 400, "adult"),
    (f"{BASE}/coverage?profile=" + "a" * 5_000, 400, "profile"),
    (f"{BASE}/coverage?f=xls", 400, "f"),
    (f"{BASE}/gaps?category=%F0%9F%98%80", 400, "catering"),
    (f"{BASE}/gaps?category='%20OR%201=1", 400, "catering"),
    (f"{BASE}/gaps?level=building", 400, "level"),
    (f"{BASE}/walk", 400, "from"),
    (f"{BASE}/walk?from=1,2", 400, "to"),
    (f"{BASE}/walk?from=0,0&to=0,0", 404, "too far"),
    (f"{BASE}/map.html?lang=fr", 400, "lang"),
    (f"{BASE}/nowhere", 404, "not-found"),
]


@pytest.mark.parametrize(("url", "status", "words"), BAD)
def test_bad_requests_are_problems(client: httpx.Client, url, status, words):
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:lifecircle:problem:")
    assert words in body["detail"] + body["type"] + str(body.get("errors")), body
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405(client: httpx.Client, method):
    answer = client.request(method, f"{BASE}/coverage")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]


def test_a_district_without_buildings_is_422(tmp_path: Path):
    db = tmp_path / "empty.gpkg"
    district, layers = tiny_district()
    store = open_store(db, create=True)
    store.replace(district, layers)
    store.replace_layer("371602", "buildings", layers.buildings.iloc[:0])
    with serving(create_app(read_settings(db=str(db)))) as client:
        for path in ("coverage", "gaps", "map.html"):
            answer = client.get(f"{BASE}/{path}")
            assert answer.status_code == 422, path
            assert "no buildings" in answer.json()["detail"]
        assert client.get(f"{BASE}/service-points").status_code == 200
        assert client.get(f"{BASE}/buildings").json()["features"] == []
        store.replace_layer("371602", "buildings", layers.buildings)
        store.replace_layer("371602", "grids", layers.grids.iloc[:0])
        answer = client.get(f"{BASE}/coverage")
        assert (answer.status_code, "no small grids" in answer.text) == (422, True)
        assert client.get(f"{BASE}/coverage?by=building").status_code == 200
        whole = client.get(f"{BASE}/coverage?by=district").json()
        assert whole["outside"] == {"buildings": 6, "households": 31}
        assert client.get(f"{BASE}/map.html").status_code == 422


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(
        ["coverage", "gaps", "walk", "grids", "service-points", "buildings", "map.html", ""]
    ),
    query=st.dictionaries(
        st.sampled_from(
            ["minutes", "profile", "by", "level", "category", "from", "to", "lang", "f", "x"]
        )
        | st.text(max_size=4),
        st.sampled_from(["15", "small", "adult", "118,37.38", "1e3", "building"])
        | st.text(max_size=12)
        | st.floats().map(str)
        | st.integers().map(str),
        max_size=4,
    ),
)
def test_no_query_string_yields_a_500(client: httpx.Client, path, query):
    answer = client.get(f"{BASE}/{path}".rstrip("/"), params=query)
    assert answer.status_code in {200, 400, 404, 422}
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/glossary", "/sign-in", f"{BASE}/map.html"])
@pytest.mark.parametrize(
    ("lang", "header", "told"),
    [(None, "zh-CN,en;q=0.5", "zh"), (None, "en-US", "en"), (None, "", "en"), ("zh", "en", "zh")],
)
def test_a_page_is_in_the_language_asked_for(client, path, lang, header, told):
    answer = client.get(
        path, params={"lang": lang} if lang else {}, headers={"Accept-Language": header}
    )
    assert re.search(r'<html[^>]* lang="(\w\w)', answer.text)[1] == told
    assert answer.headers["content-language"] == told
