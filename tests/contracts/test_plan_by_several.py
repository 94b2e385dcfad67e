"""One plan edited by two people through HTTP and by another program at once, on both stores."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import psycopg
import pytest
import shapely

from api.app import create_app
from api.settings import read_settings
from tests.api.serving import serving
from tests.contracts.test_foreign_edits import Stranger
from tests.scenes import (
    EAST,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
)

CODE = "371602"
EDITS = f"/districts/{CODE}/grids/edits"
SPLIT_WEST = {"op": "split", "code": SOUTH_WEST, "line": [lonlat(100, -10), lonlat(100, 210)]}
SPLIT_EAST = {"op": "split", "code": NORTH_EAST, "line": [lonlat(350, 190), lonlat(350, 410)]}
MERGE_WEST = {"op": "merge", "codes": [NORTH_WEST, SOUTH_WEST]}


@pytest.fixture
def service(address, town) -> Iterator[httpx.Client]:
    with serving(create_app(read_settings(db=address, editable=True))) as made:
        yield made


def preview(client: httpx.Client, edit: dict) -> int:
    answer = client.post(EDITS + "?preview=true", json=edit)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["revision"])


def save(client: httpx.Client, edit: dict, revision: int) -> httpx.Response:
    return client.post(EDITS, json=edit, headers={"If-Match": f'"{revision}"'})


def at_once(*works: Callable[[], object]) -> list:
    """Do several things at one time, each in a thread of its own."""
    start = Barrier(len(works))

    def begun(work: Callable[[], object]) -> object:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(begun, works))


def persistently(stranger: Stranger, statement: str, shape: shapely.Geometry | None = None) -> None:
    """Write as a program does whose user tries again while the file is locked."""
    for _ in range(50):
        try:
            return stranger.run(statement, shape=shape)
        except (sqlite3.OperationalError, psycopg.OperationalError):
            time.sleep(0.05)
    raise AssertionError("never written")


def grave(client: httpx.Client) -> list[str]:
    faults = client.get(f"/districts/{CODE}/grids/check").json()["faults"]
    return [fault["rule"] for fault in faults if fault["grave"]]


def test_two_people_and_a_program_edit_apart_and_nothing_is_lost(service, town, address):
    seen = [preview(service, edit) for edit in (SPLIT_WEST, SPLIT_EAST)]
    stranger = Stranger(address)
    named = f"UPDATE grids SET name_en = 'by QGIS' WHERE code = '{SOUTH_EAST}'"  # noqa: S608
    west, east, _ = at_once(
        lambda: save(service, SPLIT_WEST, seen[0]),
        lambda: save(service, SPLIT_EAST, seen[1]),
        lambda: persistently(stranger, named),
    )
    # The program's grid borders on both: whoever comes after it hears of that, and looks again.
    for answer, edit in ((west, SPLIT_WEST), (east, SPLIT_EAST)):
        assert answer.status_code in (200, 412), answer.text
        if answer.status_code == 412:
            assert SOUTH_EAST in answer.json()["grids"]
            assert save(service, edit, preview(service, edit)).status_code == 200
    grids = town.layers(CODE).grids.set_index("code")
    assert {f"{WEST}03", f"{EAST}03"} <= set(grids.index)
    assert grids["name_en"][SOUTH_EAST] == "by QGIS"
    assert grave(service) == []
    assert [each.revision for each in town.changes(CODE)] == [4, 3, 2, 1]


def test_of_two_who_edit_the_same_one_is_told_what_the_other_did(service, town):
    seen = preview(service, SPLIT_WEST)
    answers = at_once(
        lambda: save(service, SPLIT_WEST, seen), lambda: save(service, MERGE_WEST, seen)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (late,) = [answer.json() for answer in answers if answer.status_code == 412]
    assert [change["revision"] for change in late["changes"]] == [2]
    assert town.district(CODE).revision == 2
    assert grave(service) == []


def test_a_program_that_spoils_what_is_edited_is_told_at_once(service, town, address):
    seen = preview(service, SPLIT_WEST)
    half = shapely.box(*lonlat(0, 0), *lonlat(150, 200))
    moved = f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'"  # noqa: S608
    answer, _ = at_once(
        lambda: save(service, SPLIT_WEST, seen),
        lambda: persistently(Stranger(address), moved, shape=half),
    )
    assert answer.status_code in (200, 409, 412), answer.text
    assert grave(service) != []
    (told, *_) = [str(each.what) for each in town.changes(CODE) if "edited" in str(each.what)]
    assert "newly at fault" in told
    undone = service.post(
        f"/districts/{CODE}/undo", headers={"If-Match": f'"{town.district(CODE).revision}"'}
    )
    assert undone.status_code == 200, undone.text
