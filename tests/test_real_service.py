"""The service on real ground: roles, small counts, kept answers and ids with slashes.

Three square kilometres of Beijing from OpenStreetMap, where every third building has an invented
count of households, many of them under 5.
"""

import itertools
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import httpx
import numpy as np
import pytest

from api.app import create_app
from api.settings import read_settings
from api.snapshot.small_counts import SEED_NAME, protected_counts
from boundaries.imports.import_files import load_osm
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.accounts.store_secrets import store_secret
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import tiny_district
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared
CODE, OTHER = "110108", "371602"
BASE = f"/districts/{CODE}"
ROLES = {
    "viewer": ["viewer"],
    "planner": [f"planner:{CODE}"],
    "admin": [f"admin:{CODE}"],
    "planner elsewhere": [f"planner:{OTHER}", f"viewer:{CODE}"],
    "admin elsewhere": [f"admin:{OTHER}"],
}
SMALL = {1, 2, 3, 4}
COUNTS = ("households", "residents", "residents_60plus", "residents_under15")


class Service(NamedTuple):
    """A running service and the keys that open it."""

    client: httpx.Client
    keys: dict[str, str]

    def ask(self, who: str, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {**given.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, path, headers=headers, **given)

    def get(self, who: str, path: str, **given: Any) -> httpx.Response:
        return self.ask(who, "GET", path, **given)

    def features(self, who: str, path: str) -> list[dict[str, Any]]:
        answer = self.get(who, path)
        assert answer.status_code == 200, answer.text
        return answer.json()["features"]


class Twins(NamedTuple):
    """Two services whose districts differ in counts under 5, and in nothing that viewers get."""

    one: Service
    other: Service


def counted(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings, every third with invented counts."""
    invented = np.arange(len(buildings)) * 7 % 13
    chosen = np.arange(len(buildings)) % 3 == 0
    households = np.where(chosen, invented, buildings["households"])
    persons = (3 * households, households, households // 2)
    return buildings.assign(
        households_source="counted",
        **dict(zip(COUNTS, (households, *persons), strict=True)),
    )


def disguised(buildings: gpd.GeoDataFrame, key: bytes) -> gpd.GeoDataFrame:
    """Return buildings with other counts under 5 wherever these come to the same for a viewer."""

    def shown(frame: gpd.GeoDataFrame) -> np.ndarray:
        counts = protected_counts(frame, district=CODE, key=key)
        return np.column_stack([counts[name] for name in COUNTS])

    result, wanted = buildings.copy(), shown(buildings)
    is_small = buildings["households"].isin(SMALL).to_numpy()
    for households, residents in itertools.product(sorted(SMALL), range(16)):
        other = result.assign(households=households, residents=residents)
        same = is_small & (shown(other) == wanted).all(axis=1)
        same &= (result["households"] == buildings["households"]).to_numpy()
        result.loc[same, ["households", "residents"]] = households, residents
    assert (shown(result) == wanted).all()
    changed = (result["households"] != buildings["households"]).to_numpy()
    assert changed.sum() > is_small.sum() / 4  # about half, by the secret of the store
    return result


def fill(store: Store) -> dict[str, str]:
    """Store the real district and a tiny one; return keys by who has them."""
    load_osm(store, CODE, SHARED / "data/osm-beijing-tsinghua-2017/map.nometa.osm.pbf")
    store.replace_layer(CODE, "buildings", counted(store.layers(CODE).buildings))
    store.replace(*tiny_district())
    table = KeyTable(store)
    return {
        who: table.add(who.replace(" ", "-"), parse_roles(roles), days=1).text
        for who, roles in ROLES.items()
    }


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    folder: Path = tmp_path_factory.mktemp("real")
    paths = [folder / name for name in ("one.gpkg", "other.gpkg")]
    store = open_store(paths[0], create=True)
    keys, secret = fill(store), store_secret(store, SEED_NAME)
    buildings = store.layers(CODE).buildings
    store.close()
    shutil.copy(*paths)
    with ExitStack() as stack:
        clients = []
        named = buildings.assign(name=buildings["name"] + "'")  # both are at the same revision
        for path, frame in zip(paths, (named, disguised(named, secret)), strict=True):
            store = open_store(path)
            store.replace_layer(CODE, "buildings", frame)
            store.close()
            app = create_app(read_settings(db=str(path), editable=True, cache=""))
            clients.append(stack.enter_context(serving(app)))
        yield Twins(*(Service(client, keys) for client in clients))


@pytest.fixture(scope="module")
def real(twins: Twins) -> Service:
    return twins.one


# --- small counts ------------------------------------------------------------------------------

FIGURES = [
    "",
    *(f"/coverage?by={by}&minutes={minutes}"
      for by in ("building", "small", "district") for minutes in (3, 10)),
    "/coverage?by=small&profile=elderly&own_points=true",
    "/coverage?by=small&as_of=3",
    "/coverage?by=building&f=columns",
    "/coverage?by=building&f=csv",
    "/coverage?by=building&limit=7",
    "/buildings",
    "/grids?level=small",
    "/grids?level=large",
    "/gaps?level=small&minutes=5",
    "/gaps?category=catering",
    *(f"/access?category=medical&by={by}" for by in ("building", "small")),
    "/access?category=catering&by=small&group=residents_60plus",
    "/equity?by=small",
    "/equity?by=medium&measure=access&category=catering&weight=residents_under15",
    "/nearest?category=catering&k=2",
    "/network",
    "/beats",
    "/beats?f=csv",
    "/lineage",
    "/editions",
    "/grids/check",
    "/grids/completeness",
    "/map.html?lang=en&minutes=5",
]  # fmt: skip
"""What a viewer may ask of a district that tells, sums or ranks households."""

OF_A_PLACE = [
    "/isochrones?lon={lon}&lat={lat}&minutes=3,10",
    "/isochrones?lon={lon}&lat={lat}&minutes=5&direction=to&profile=elderly",
    "/explain?building={building}&category=catering&minutes=2",
]


def places(service: Service) -> list[dict[str, Any]]:
    """Return some buildings, by what a path names of them."""
    result = []
    for each in service.features("viewer", f"{BASE}/buildings")[::300]:
        lon, lat = each["geometry"]["coordinates"]
        result.append({"building": each["id"], "lon": lon, "lat": lat})
    return result


def told(service: Service, who: str, figures: Sequence[str] = FIGURES) -> dict[str, str]:
    """Return what somebody is told, by question; without the moments of commits."""
    asked = [f"{BASE}{path}" for path in figures]
    asked += [BASE + path.format(**place) for place in places(service) for path in OF_A_PLACE]
    answers = {path: service.get(who, path) for path in ("/districts", *asked)}
    building = places(service)[0]
    edits = [
        {"op": "set_households", "building_id": building["building"], "households": 30},
        {"op": "add_point", "point_id": "new", "category": "medical",
         "lon": building["lon"], "lat": building["lat"]},
    ]  # fmt: skip
    for by in ("small", "district"):
        path = f"{BASE}/scenarios?minutes=5&by={by}"
        answers[path] = service.ask(who, "POST", path, json={"edits": edits})
    for path, answer in answers.items():
        assert answer.status_code == 200, (path, answer.text)
    return {path: re.sub(r'"at":"[^"]*"', "", answer.text) for path, answer in answers.items()}


def test_districts_that_differ_in_small_counts_are_the_same_to_a_viewer(twins):
    """So nothing that a viewer can work out from any answers tells one from the other."""
    one, other = (told(service, "viewer") for service in twins)
    assert [path for path in one if one[path] != other[path]] == []
    one, other = (told(service, "planner", FIGURES[:8]) for service in twins)
    assert sum(one[path] != other[path] for path in one) > 8  # a planner sees that they differ


def rows(service: Service, who: str, by: str, minutes: int) -> dict[str, dict[str, Any]]:
    answer = service.get(who, f"{BASE}/coverage?by={by}&minutes={minutes}")
    return {row["code"]: row for row in answer.json()["rows"]}


def differences(service: Service, who: str) -> set[float]:
    """Return all differences of thresholds, and of grids and their parents but some children."""
    found: set[float] = set()
    for by in ("small", "medium", "large"):
        for near, far in itertools.pairwise(rows(service, who, by, each) for each in (2, 5, 9, 15)):
            for code, row in far.items():
                before = near[code]["categories"]
                found |= {row["covered_all"] - near[code]["covered_all"]}
                found |= {
                    each["covered"] - before[name]["covered"]
                    for name, each in row["categories"].items()
                }
    for below, above in itertools.pairwise(("small", "medium", "large")):
        children = rows(service, who, below, 15).values()
        for code, parent in rows(service, who, above, 15).items():
            inside = [row["households"] for row in children if row["parent_code"] == code]
            sums = itertools.chain.from_iterable(
                itertools.combinations(inside, n) for n in (len(inside) - 1, 1, 2)
            )
            found |= {parent["households"] - sum(some) for some in sums}
    return found


def test_no_difference_of_real_grids_tells_a_viewer_a_count_under_five(real):
    assert differences(real, "viewer") & SMALL == set()
    assert differences(real, "planner") & SMALL  # the attack works where nothing is protected


# --- roles and ids with slashes ----------------------------------------------------------------


@pytest.mark.parametrize("layer", ["buildings", "service-points", "barriers", "gates"])
def test_real_ids_are_reached_one_by_one(real, layer):
    ids = [each["id"] for each in real.features("planner", f"{BASE}/{layer}")]
    assert ids
    slashed = [each for each in ids if "/" in each]
    for key in slashed[:: len(slashed) // 4 + 1]:
        for spelled in (key, key.replace("/", "%2F")):
            answer = real.get("planner", f"{BASE}/{layer}/{spelled}")
            assert answer.json()["id"] == key
            states = real.get("planner", f"{BASE}/{layer}/{spelled}/versions")
            assert states.json()["versions"]
            known = {"If-None-Match": answer.headers["etag"]}
            again = real.get("planner", f"{BASE}/{layer}/{spelled}", headers=known)
            assert again.status_code == 304


BODIES = {
    "imports": ("POST", "/imports?layer=osm&filename=a.osm", {"content": b"<osm/>"}),
    "partitions": ("POST", "/partitions", {"json": {"seed": 1}}),
    "patch": ("PATCH", "/buildings/{key}", {"json": {"properties": {"name": "x"}}}),
    "delete": ("DELETE", "/buildings/{key}", {}),
    "undo": ("POST", "/undo", {}),
    "draft": ("PUT", "/editions/2026", {"json": {"dated": "2026-01-01"}}),
}


@pytest.mark.parametrize(
    ("who", "status"),
    [("viewer", 403), ("planner elsewhere", 403), ("admin elsewhere", 404), ("", 401)],
)
@pytest.mark.parametrize("what", BODIES)
def test_who_may_not_change_a_real_district_does_not(real, who, status, what):
    method, path, given = BODIES[what]
    key = places(real)[0]["building"]
    before = real.get("planner", BASE).json()["revision"]
    headers = {"If-Match": "*"}
    answer = real.ask(who, method, BASE + path.format(key=key), headers=headers, **given)
    assert answer.status_code == status, answer.text
    assert real.get("planner", BASE).json()["revision"] == before


def test_who_has_no_role_here_is_told_nothing_of_it(real):
    key = places(real)[0]["building"]
    for path in ("", "/coverage", "/buildings", f"/buildings/{key}", "/jobs", "/map.html"):
        assert real.get("admin elsewhere", BASE + path).status_code == 404, path
    listed = real.get("admin elsewhere", "/districts").json()["districts"]
    assert [each["code"] for each in listed] == [OTHER]


# --- kept answers ------------------------------------------------------------------------------


def test_an_answer_is_kept_until_its_own_district_changes(real):
    path = f"{BASE}/coverage?by=small&minutes=7"
    first, again = (real.get("viewer", path) for _ in range(2))
    assert first.content == again.content
    known = {"If-None-Match": first.headers["etag"]}
    assert real.get("viewer", path, headers=known).status_code == 304
    assert real.get("planner", path, headers=known).status_code == 200
    gate = f"/districts/{OTHER}/gates/g1"
    changed = {"json": {"properties": {"name": "x"}}, "headers": {"If-Match": "*"}}
    assert real.ask("planner elsewhere", "PATCH", gate, **changed).status_code == 200
    assert real.get("viewer", path, headers=known).status_code == 304
    grid = real.features("viewer", f"{BASE}/grids?level=small")[0]["id"]
    assert real.ask("admin", "PATCH", f"{BASE}/grids/{grid}", **changed).status_code == 422
    changed["json"] = {"properties": {"name_en": "renamed"}}
    assert real.ask("admin", "PATCH", f"{BASE}/grids/{grid}", **changed).status_code == 200
    fresh = real.get("viewer", path, headers=known)
    assert fresh.status_code == 200
    assert {row["code"]: row["name_en"] for row in fresh.json()["rows"]}[grid] == "renamed"
