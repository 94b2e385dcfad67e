"""Answers are computed once, and never given to another question, revision, language, audience."""

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.coverage import answers
from api.http.answers.cache import Answer, AnswerCache
from api.http.answers.marks import Marks
from api.settings import read_settings
from api.snapshot.cache import Snapshots
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables.records import Mark
from geo.errors import UnavailableError
from tests.api.serving import serving
from tests.scenes import tiny_district, tiny_store
from tests.stores import copied_store

CODE = "371602"
BASE = f"/districts/{CODE}"
FIXED = [
    "/districts",
    BASE,
    *(
        f"{BASE}/{path}"
        for path in (
            "grids?level=large", "service-points?category=elderly", "buildings", "barriers",
            "gates", "organisations", "walk-edges?bbox=118.0,37.37,118.02,37.39", "network",
            "coverage", "coverage?by=building", "coverage?f=csv", "gaps", "beats",
            "nearest?category=catering", "access?category=catering", "equity?category=catering",
            "grids/completeness", "grids/check", "walk?from=118.0,37.3804&to=118.002,37.3804",
            "isochrones?lon=118.0&lat=37.3804", "explain?building=b1&category=catering",
            "map.html?lang=en", "lineage",
        )
    ),
]  # fmt: skip


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """Return a file with the two districts, where the kind of the store does not matter."""
    store = copied_store(tmp_path / "answers.gpkg", "two_districts", fill)
    yield store
    store.close()


@pytest.fixture(params=["geopackage", "postgis"])
def store(request, tmp_path: Path) -> Iterator[Store]:
    """Return a store of two districts that differ by their code alone."""
    server = request.getfixturevalue("postgis") if request.param == "postgis" else None
    address = str(tmp_path / "answers.gpkg") if server is None else server.new_database()
    store = copied_store(address, "two_districts", fill)
    yield store
    store.close()
    if server is not None:
        server.drop(address)


def fill(store: Store) -> None:
    district, layers = tiny_district()
    store.replace(district, layers)
    store.replace(replace(district, code="other"), layers)


def app_of(store: Store, **chosen: object) -> FastAPI:
    """Return a service of a store."""
    from boundaries.standards.catalogue import load_standard

    settings = read_settings(**chosen)
    return create_app(settings, snapshots=Snapshots(store, load_standard()))


def cache_of(app: FastAPI) -> AnswerCache:
    """Return the cache of a service."""
    cache: AnswerCache = app.state.answers
    return cache


@contextmanager
def nothing_made(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail whatever looks at a district."""
    with monkeypatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("a district was looked at")

        for name in ("current", "summaries", "mark"):
            patch.setattr(Snapshots, name, refuse)
        yield


def test_what_was_answered_is_answered_again_without_looking(store: Store, monkeypatch):
    app, tags = app_of(store), {}
    with serving(app) as client:
        for url in FIXED:
            first = client.get(url)
            assert first.status_code == 200, first.text
            tags[url] = first.headers["etag"]
            plain = client.get(url, headers={"Accept-Encoding": "identity"})
            with nothing_made(monkeypatch):
                again = client.get(url)
                bare = client.get(url, headers={"Accept-Encoding": "identity"})
                known = client.get(url, headers={"If-None-Match": first.headers["etag"]})
                head = client.head(url)
            assert again.content == first.content == bare.content == plain.content, url
            own = {"date": "", "x-request-id": ""}
            assert dict(again.headers) | own == dict(first.headers) | own
            assert "content-encoding" not in bare.headers
            assert int(bare.headers["content-length"]) == len(first.content)
            assert (known.status_code, known.content) == (304, b"")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == again.headers["content-length"]
        assert len(cache_of(app)) == len(FIXED)
        for url in (f"{BASE}/changes", f"{BASE}/imports", f"{BASE}/gates/g1"):
            assert client.get(url).status_code == 200
        assert client.get(f"{BASE}/coverage?profile=runner").status_code == 400
        assert client.get("/districts/nowhere/coverage").status_code == 404
        assert len(cache_of(app)) == len(FIXED)  # those are told by no tag, or are no answers
    with serving(app_of(store)) as client, nothing_made(monkeypatch):
        for url, tag in tags.items():  # a service begun anew knows the tags all the same
            answer = client.get(url, headers={"If-None-Match": tag})
            assert (answer.status_code, answer.headers["etag"]) == (304, tag), url


def test_another_district_language_or_question_has_another_answer(file_store: Store):
    with serving(app_of(file_store)) as client:
        for _ in range(2):
            assert client.get(f"{BASE}/coverage").json()["district"] == CODE
            assert client.get("/districts/other/coverage").json()["district"] == "other"
            maps = [client.get(f"{BASE}/map.html?lang={lang}").text for lang in ("zh", "en")]
            assert maps[0] != maps[1]
            minutes = [client.get(f"{BASE}/coverage?minutes={m}").json()["minutes"] for m in (5, 9)]
            assert minutes == [5, 9]


def test_a_change_by_anybody_makes_new_answers(store: Store):
    url, query = f"{BASE}/coverage?by=district", "total"
    with serving(app_of(store)) as client:
        households = [client.get(url).json()[query]["households"] for _ in range(2)]
        assert households == [31, 31]
        buildings = store.layers(CODE).buildings
        buildings = buildings.assign(households=buildings["households"] + 1)
        store.replace_layer(CODE, "buildings", buildings)
        assert client.get(url).json()[query]["households"] == 37
        with store.engine.begin() as connection:  # as QGIS would
            connection.exec_driver_sql("UPDATE buildings SET households = 0")
        assert client.get(url).json()[query]["households"] == 0
        listed = client.get("/districts").json()["districts"]
        assert {each["counts"]["households"] for each in listed} == {0}
        store.delete(CODE)
        assert client.get(url).status_code == 404
        assert [each["code"] for each in client.get("/districts").json()["districts"]] == ["other"]
        store.replace(*tiny_district())
        assert client.get(url).json()[query]["households"] == 31


def test_a_draft_saved_anew_is_a_new_answer(store: Store):
    from datetime import date

    url = f"{BASE}/grids?edition=plan"
    with serving(app_of(store)) as client:
        assert client.get(url).status_code == 404
        store.save_edition(CODE, "plan", dated=date(2026, 1, 1))
        first = client.get(url)
        grids = store.layers(CODE).grids
        store.replace_layer(CODE, "grids", grids.assign(name_zh="新"))
        second = client.get(url)
        assert second.json()["features"] == first.json()["features"]
        store.save_edition(CODE, "plan", dated=date(2026, 1, 1))
        third = client.get(url, headers={"If-None-Match": second.headers["etag"]})
        assert third.json()["features"][0]["properties"]["name_zh"] == "新"


def test_an_audience_never_gets_the_answer_of_another(file_store: Store, monkeypatch):
    def told(scope) -> str:
        return dict(scope["headers"])[b"x-audience"].decode()

    for module in ("answers.middleware", "dependencies"):
        monkeypatch.setattr(f"api.http.{module}.audience", told)
    app = app_of(file_store)
    tags: dict[str, set[str]] = {"viewer": set(), "planner": set()}
    with serving(app) as client:
        for name in ("viewer", "planner", "viewer", "planner"):
            seen = ", ".join({tag for other in tags if other != name for tag in tags[other]} or "0")
            headers = {"X-Audience": name, "If-None-Match": seen}
            answer = client.get(f"{BASE}/coverage", headers=headers)
            assert answer.status_code == 200
            tags[name].add(answer.headers["etag"])
    assert [len(each) for each in tags.values()] == [1, 1]
    assert tags["viewer"].isdisjoint(tags["planner"])
    assert len(cache_of(app)) == 2


def test_many_who_ask_at_once_compute_once(file_store: Store, monkeypatch):
    made = []
    from api.coverage import routes

    def counted(*given: object, **named: object):
        made.append(1)
        return answers.coverage(*given, **named)

    monkeypatch.setattr(routes, "coverage", counted)
    with serving(app_of(file_store)) as client, ThreadPoolExecutor(12) as pool:
        url = f"{BASE}/coverage?by=building&minutes=7"
        bodies = set(pool.map(lambda _: client.get(url).content, range(12)))
    assert len(bodies) == 1
    assert made == [1]


def test_no_more_bytes_are_kept_than_allowed(file_store: Store):
    size = 20_000
    app = app_of(file_store, answer_bytes=size)
    with serving(app) as client:
        urls = [f"{BASE}/coverage?by=building&minutes={minutes}" for minutes in range(1, 16)]
        for url in urls:
            client.get(url)
            assert cache_of(app).held_bytes <= size
        assert 0 < len(cache_of(app)) < len(urls)
        assert client.get(urls[0]).json()["minutes"] == 1


def test_a_service_that_keeps_nothing_answers_all_the_same(file_store: Store):
    app = app_of(file_store, answer_bytes=0)
    with serving(app) as client:
        first, second = (client.get(f"{BASE}/coverage") for _ in range(2))
        assert first.content == second.content
        known = client.get(f"{BASE}/coverage", headers={"If-None-Match": first.headers["etag"]})
        assert (known.status_code, len(cache_of(app))) == (304, 0)


def test_an_answer_too_large_for_the_limit_is_not_kept():
    cache = AnswerCache(5_000)
    cache.keep("small", Answer.made("a", [], b"x" * 100))
    cache.keep("large", Answer.made("b", [], b"x" * 9_000))
    assert (cache.answer("a") is not None, cache.answer("b")) == (True, None)
    grown = Answer.made("c", [], bytes(4_000))
    cache.keep("grown", grown)
    grown.pack()
    cache.keep("grown", grown)
    assert cache.held_bytes <= 5_000


@pytest.mark.parametrize("code", ["%00", "a%00b", "%ED%A0%80", "x" * 65, "'; --"])
def test_a_code_that_is_none_never_reaches_the_store(store: Store, monkeypatch, code: str):
    app = app_of(store)
    with serving(app) as client:
        client.get(f"{BASE}/coverage")
        monkeypatch.setattr(type(store), "known_marks", None)
        monkeypatch.setattr(type(store), "marks", None)
        assert client.get(f"/districts/{code}/coverage").status_code == 404


def test_a_question_spelt_at_length_is_answered_and_not_kept(file_store: Store):
    app = app_of(file_store)
    with serving(app) as client:
        plain = client.get(f"{BASE}/coverage?minutes=5")
        long = client.get(f"{BASE}/coverage?{'&' * 5_000}minutes=5")
        assert (long.status_code, long.content) == (200, plain.content)
        assert long.headers["etag"] == plain.headers["etag"]
        assert len(cache_of(app)) == 1


def test_a_locked_file_lets_what_is_known_be_answered(tmp_path: Path):
    path = tmp_path / "locked.gpkg"
    store = tiny_store(path)
    with ExitStack() as stack:
        client = stack.enter_context(serving(app_of(store)))
        first = client.get(f"{BASE}/coverage")
        other = sqlite3.connect(path, isolation_level=None)
        stack.callback(other.close)
        other.execute("BEGIN EXCLUSIVE")
        again = client.get(f"{BASE}/coverage")
        new = client.get(f"{BASE}/coverage?minutes=6")
        other.execute("DELETE FROM jobs WHERE job = 'nothing'")
        other.execute("COMMIT")
        assert again.content == first.content
        assert new.json()["minutes"] == 6
        assert client.get(f"{BASE}/coverage").content == first.content
    store.close()


def test_marks_are_of_the_moment_in_every_journal(tmp_path: Path):
    path = tmp_path / "marks.gpkg"
    store = tiny_store(path)
    other = sqlite3.connect(path, isolation_level=None)
    for mode in ("delete", "wal", "truncate"):
        other.execute(f"PRAGMA journal_mode = {mode}")
        assert store.marks() == store.known_marks() or mode == "wal"
        before = store.marks()[CODE].revision
        store.edit(CODE, "service_points", remove=[store.layers(CODE).service_points.point_id[0]])
        assert store.known_marks() is None, mode
        assert store.marks()[CODE].revision == before + 1
        assert store.marks([CODE, "nowhere"]).keys() == {CODE}
    other.close()
    store.close()


def test_another_file_in_the_place_of_the_first_is_noticed(tmp_path: Path):
    path, other = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    store = tiny_store(path)
    assert store.marks().keys() == {CODE}
    second = open_store(other, create=True)
    second.replace(replace(tiny_district()[0], code="new"), tiny_district()[1])
    second.close()
    other.replace(path)
    assert store.known_marks() is None
    assert store.marks().keys() == {"new"}
    store.close()


class _Server:
    """A store that tells marks slowly, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[set[str] | None] = []
        self.fails = False

    def known_marks(self) -> None:
        return None

    def marks(self, codes):
        self.asked.append(codes)
        if self.fails:
            raise UnavailableError("gone")
        return {code: Mark(len(self.asked), "") for code in (codes or ["all"])}


def test_many_who_ask_for_marks_at_once_share_a_query_begun_after_they_came():
    async def ask() -> None:
        store = _Server()
        marks = Marks(store)
        told = await asyncio.gather(*(marks.of(f"d{i % 3}") for i in range(30)))
        assert all(f"d{i % 3}" in each for i, each in enumerate(told))
        assert len(store.asked) <= 2
        assert (await marks.of(None))["all"].revision == len(store.asked)
        store.fails = True
        with pytest.raises(UnavailableError):
            await marks.of("d1")
        store.fails = False
        assert "d1" in await marks.of("d1")

    asyncio.run(ask())


def test_a_summary_is_that_of_the_district(store: Store):
    app = app_of(store)
    snapshots = app.state.service.snapshots
    for code, summary in zip((CODE, "other"), snapshots.summaries(store.marks()), strict=True):
        assert summary == snapshots.current(code).summary
    kept = snapshots.summaries(store.marks())
    assert all(a is b for a, b in zip(kept, snapshots.summaries(store.marks()), strict=True))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE buildings SET lon = NULL WHERE building_id = 'b1'")
    assert snapshots.summaries(store.marks())[0] == snapshots.current(CODE).summary


@pytest.mark.parametrize("who", ["viewer", "planner"])
def test_the_list_of_districts_reads_no_layer(store: Store, monkeypatch, who):
    """To read all of them takes seconds per district, which everybody waits for after a start."""
    snapshots = app_of(store).state.service.snapshots
    expected = int(snapshots.protected(CODE).layers.buildings["households"].sum())
    fresh = app_of(store).state.service.snapshots
    for name in ("state", "snapshot", "layers"):
        monkeypatch.setattr(type(store), name, None)
    summary = next(each for each in fresh.summaries(store.marks()) if each.district.code == CODE)
    if who == "viewer":
        assert fresh.protected_households(summary) == expected
        assert fresh.protected_households(summary) == expected
    assert fresh.held == 0
