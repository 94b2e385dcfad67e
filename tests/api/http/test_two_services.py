"""Two services on one database agree: what is written through one, the other answers next."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from api.app import create_app
from api.settings import read_settings
from tests.api.serving import serving
from tests.scenes import lonlat, tiny_store
from tests.waiting import PATIENCE_S

CODE = "371602"
URL = f"/districts/{CODE}"
POINT = f"{URL}/service-points/n1"


@pytest.fixture(params=["geopackage", "postgis"])
def address(request, tmp_path) -> Iterator[str]:
    if request.param == "geopackage":
        yield str(tmp_path / "both.gpkg")
        return
    server = request.getfixturevalue("postgis")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def services(address: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    store = tiny_store(address)
    store.close()
    with ExitStack() as stack:
        apps = [create_app(read_settings(db=address, editable=True)) for _ in range(2)]
        clients = tuple(stack.enter_context(serving(app)) for app in apps)
        for client in clients:  # routes are prepared when they are first looked at, and that is
            client.get("/nothing")  # not for two event loops in one process at once
        yield clients
    for app in apps:
        app.state.service.snapshots.store.close()


def covered(client: httpx.Client, **headers: str) -> tuple[int, float]:
    answer = client.get(f"{URL}/coverage", params={"minutes": 5, "by": "district"}, headers=headers)
    body = answer.json()
    return body["revision"], body["total"]["categories"]["elderly"]["covered"]


def test_what_is_written_through_one_the_other_answers_next(services):
    one, other = services
    assert covered(one) == covered(other) == (1, 28)
    elderly = {
        "properties": {"category": "elderly", "name": "日间照料"},
        "geometry": {"type": "Point", "coordinates": lonlat(55, 205)},
    }
    made = one.put(POINT, json=elderly, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    assert covered(other) == covered(one) == (2, 31)
    stale = other.delete(f"{URL}/service-points/p5", headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert other.delete(POINT, headers={"If-Match": made.headers["etag"]}).json()["revision"] == 3
    assert covered(one) == (3, 28)
    assert covered(one) == covered(other)
    then = one.get(f"{URL}/coverage?as_of=2&by=district&minutes=5").json()
    assert then["total"]["categories"]["elderly"]["covered"] == 31


def test_of_two_who_change_one_feature_at_once_one_is_told(services):
    gate = threading.Barrier(2)
    statuses: list[list[int]] = [[], []]

    def change(number: int) -> None:
        client = services[number]
        for turn in range(4):
            tag = client.get(f"{URL}/gates/g1").headers["etag"]
            gate.wait(PATIENCE_S)
            told = {"properties": {"name": f"{number} in {turn}"}}
            answer = client.patch(f"{URL}/gates/g1", json=told, headers={"If-Match": tag})
            statuses[number].append(answer.status_code)
            gate.wait(PATIENCE_S)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert [sorted(pair) for pair in zip(*statuses, strict=True)] == [[200, 412]] * 4
    log = services[0].get(f"{URL}/changes").json()["changes"]
    assert [row["revision"] for row in log] == [5, 4, 3, 2, 1]


def test_an_answer_is_of_one_revision_while_others_write(services):
    """Every answer holds the figures of the revision that it names."""
    one, other = services
    wrong, done = [], threading.Event()
    wanted = {turn: 16 + turn for turn in range(1, 7)}  # households of b5 at each revision

    def ask() -> None:
        while not done.is_set():
            answer = other.get(f"{URL}/coverage", params={"by": "district"})
            assert answer.status_code == 200, answer.text
            body = answer.json()
            if body["total"]["households"] != wanted[body["revision"]] - 17 + 31:
                wrong.append((body["revision"], body["total"]["households"]))

    reader = threading.Thread(target=ask)
    reader.start()
    for turn in range(2, 7):
        told = {"properties": {"households": 15 + turn}}
        one.patch(f"{URL}/buildings/b5", json=told, headers={"If-Match": "*"}).raise_for_status()
    done.set()
    reader.join(PATIENCE_S)
    assert wrong == []
    assert other.get(f"{URL}/coverage?by=district").json()["total"]["households"] == 36
