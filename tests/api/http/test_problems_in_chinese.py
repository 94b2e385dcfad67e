"""Whatever is refused is refused in Chinese to who reads Chinese: title, detail, every fault."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from api.app import create_app
from api.formats.problems import (
    FAULT,
    FAULT_DETAIL,
    JOB_DIED,
    JOB_LIMIT,
    KINDS,
    METHOD,
    MISDIRECTED,
    NOT_READY,
    SLOW,
    UNREADABLE,
    kept_message,
    problem_body,
    public_message,
    stored_problem,
    told_problem,
)
from api.settings import read_settings
from api.validation import fault_of
from geo.errors import InputError, UnavailableError
from geo.messages import Message, speaking
from tests.api.serving import serving
from tests.messages.catalogue import english_in
from tests.scenes import tiny_store

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SINGLE = (METHOD, SLOW, MISDIRECTED, UNREADABLE, NOT_READY, JOB_DIED, JOB_LIMIT, FAULT)
VALUES = {
    "code": "371602",
    "layer": "buildings",
    "key": "b1",
    "name": "2026",
    "job": "0",
    "run": "0",
}
CHANGES = ("put", "patch", "delete")


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a service of its own that takes changes; it reads Chinese."""
    path: Path = tmp_path_factory.mktemp("zh") / "tiny.gpkg"
    tiny_store(path)
    with serving(create_app(read_settings(db=str(path), editable=True))) as client:
        client.headers["Accept-Language"] = "zh-CN"
        yield client


@pytest.fixture(scope="module")
def operations(editable: httpx.Client) -> list[tuple[str, str, dict]]:
    document = editable.get("/openapi.json").json()
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def address(path: str, **values: str) -> str:
    return re.sub(r"{(\w+)}", lambda name: {**VALUES, **values}[name[1]], path)


def faults_of(answer: httpx.Response) -> list[str]:
    """Return what of a problem is not in Chinese; the path that was asked for is a value."""
    body, path = answer.json(), answer.request.url.path
    told = [body["title"], body["detail"].replace(path, "")]
    told += [fault["message"] for fault in body.get("errors", ())]
    return [text for text in told if not CHINESE.search(text) or english_in(text)]


def held(answers: Iterator[httpx.Response], *statuses: int) -> int:
    """Check every answer; return how many have one of the statuses."""
    seen = [answer for answer in answers if answer.status_code in statuses]
    named = {f"{a.request.method} {a.request.url}": faults_of(a) for a in seen}
    assert {where: faults for where, faults in named.items() if faults} == {}
    return len(seen)


@pytest.mark.parametrize("kind", [*KINDS.values(), *SINGLE], ids=lambda kind: kind.slug)
def test_the_title_of_every_kind_is_in_both_languages(kind):
    with speaking("zh"):
        title = problem_body(kind, FAULT_DETAIL)["title"]
    assert CHINESE.search(title)
    assert not english_in(title)
    assert not CHINESE.search(problem_body(kind, FAULT_DETAIL)["title"])


def test_unknown_parameters(editable, operations):
    pages = ("/", "/glossary", "/sign-in", "/sign-in/return")
    answers = (
        editable.request(method, address(path), params={"unheard_of": "1"})
        for method, path, _ in operations
        if path not in pages
    )
    assert held(answers, 400) >= len(operations) - len(pages) - 1


def test_wrong_values(editable, operations):
    answers = (
        editable.request(method, address(path), params={parameter["name"]: "@"})
        for method, path, operation in operations
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    )
    assert held(answers, 400) > 50


def test_unknown_districts_and_rows(editable, operations):
    answers = (
        editable.request(method, address(path, **{name: value}), headers={"If-Match": '"1"'})
        for method, path, _ in operations
        for name, value in (
            ("code", "nowhere"),
            ("key", "nobody"),
            ("name", "没有"),
            ("run", "0"),
            ("job", "0"),
        )
        if f"{{{name}}}" in path
    )
    assert held(answers, 404) > 20


def test_methods_that_a_path_has_not(editable, operations):
    paths = {path for _, path, _ in operations}
    answers = (editable.request("PATCH", address(path)) for path in sorted(paths))
    assert held(answers, 405) > 20


def test_changes_that_name_no_version_or_an_old_one(editable, operations):
    changes = [(method, path) for method, path, _ in operations if method in CHANGES]
    features = [(method, path) for method, path in changes if path.endswith("/{layer}/{key}")]
    body = {"type": "Feature", "properties": {}}
    silent = (editable.request(m, address(path), json=body) for m, path in features)
    assert held(silent, 428) == len(features)
    old = {"If-Match": '"999"'}
    late = (editable.request(m, address(path), json=body, headers=old) for m, path in features)
    assert held(late, 412) == len(features)
    undo = editable.post("/districts/371602/undo", headers=old)
    assert (undo.status_code, faults_of(undo)) == (412, [])


@pytest.mark.parametrize(
    "feature",
    [
        {"type": "Feature", "unheard_of": 1},
        {"type": "Feature", "properties": {"unheard_of": 1, "households": "many", "name": 5}},
        {"type": "Feature", "geometry": None},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [500, 0]}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}},
        {"type": "Feature", "id": "another"},
    ],
)
def test_what_cannot_be_stored(editable, feature):
    address = "/districts/371602/buildings/b1"
    etag = {"If-Match": editable.get(address).headers["ETag"]}
    answer = editable.request("PATCH", address, json=feature, headers=etag)
    assert (answer.status_code, faults_of(answer)) == (422, [])


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"edits": [1]}', '{"edits": 1, "more": 2}'])
def test_bodies_that_say_nothing(editable, body):
    answers = (
        editable.post(f"/districts/371602/{name}", content=body)
        for name in ("scenarios", "assignments", "grids/edits", "partitions", "runs")
    )
    assert held(answers, 400, 422) >= 3


@pytest.mark.parametrize("path", ["/nothing", "/static/nothing.js", "/districts/371602/nothing"])
def test_there_is_nothing(editable, path):
    answer = editable.get(path)
    assert (answer.status_code, faults_of(answer)) == (404, [])


def test_the_query_counts_before_the_header(editable):
    assert editable.get("/nothing", params={"lang": "en"}).json()["title"] == "Not found"


# --- kept problems -------------------------------------------------------------------------------


def test_a_kept_problem_is_told_in_the_language_of_who_reads_it():
    message = Message("errors.edit_of_list", {"n": 2, "fault": Message("job.file_gone")})
    kept = orjson.loads(orjson.dumps(stored_problem(JOB_LIMIT, message)))
    assert kept["detail"].startswith("Edit 2: The file")
    with speaking("zh"):
        told = told_problem(kept)
    assert (told["title"], told["detail"][:8]) == ("任务超出限额", "第 2 项改动：")
    assert "parameters" not in told
    assert kept_message(kept) == message


@pytest.mark.parametrize(
    "kept",
    [
        {"title": "Old", "detail": "As it was.", "status": 400},
        {"title": "Old", "detail": "As it was.", "code": "unheard.of", "parameters": {}},
        {"title": "Old", "detail": "As it was.", "code": "job.was_cancelled", "parameters": {}},
        {"title": "Old", "detail": "As it was.", "code": "job.was_cancelled", "parameters": [1]},
    ],
)
def test_a_problem_that_cannot_be_told_anew_is_told_as_it_was(kept):
    with speaking("zh"):
        assert told_problem(kept)["detail"] == "As it was."
        assert told_problem(kept)["title"] == "Old"


@pytest.mark.parametrize("place", ["/srv/own/city.gpkg", "postgresql://lc@db/city"])
def test_nobody_is_told_where_the_database_is_in_any_language(place):
    errors = [
        UnavailableError("service.password_file", name="A", path=place, error=OSError(place)),
        InputError("errors.faults", faults=[Message("body.the_body"), Message(f"at {place}")]),
    ]
    for error in errors:
        message = public_message(error, place)
        assert all(place not in message.text(lang) for lang in ("en", "zh"))


# --- validation ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "zh"),
    [
        ({"type": "missing", "loc": ("query", "to")}, "缺少参数 to；请给出取值。"),
        (
            {"type": "greater_than_equal", "loc": ("query", "k"), "input": 0, "ctx": {"ge": 1}},
            "k 的值“0”有误；应为：不小于 1 的数值。",
        ),
        (
            {"type": "literal_error", "loc": ("x",), "input": 1, "ctx": {"expected": "'a' or 'b'"}},
            "x 的值“1”有误；应为：a、b 之一。",
        ),
        (
            {"type": "of_a_later_pydantic", "loc": (), "input": "?", "msg": "Input should fit"},
            "body 的值“?”有误；应为：/docs 所说明的取值。",
        ),
    ],
)
def test_what_a_model_wants_is_told_in_chinese(fault, zh):
    assert fault_of(fault).text("zh") == zh
    assert not CHINESE.search(fault_of(fault).text("en"))
