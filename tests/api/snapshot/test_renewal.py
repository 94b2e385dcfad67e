"""A snapshot renewed by the difference equals the one that is read whole, whatever was changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shapely import Point

from api.parameters import DEFAULT_PROFILE, CoverageQuestion
from api.snapshot.cache import Snapshots
from api.snapshot.district import Snapshot
from boundaries.standards.catalogue import load_standard
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from geo.model.layer_columns import COLUMNS
from geo.model.layers import with_demand_point
from geo.model.renewal import origins, renewed
from geo.routing.connectors import TripEnd
from geo.routing.snapped_district import SnappedDistrict
from tests.examples import examples
from tests.scenes import square, stored, tiny_district, tiny_store, xy

CODE = "371602"
STANDARD = load_standard()
PROFILES = ("adult", "wheelchair")
Edit = Callable[[Store, int], object]


def _frame(store: Store, layer: str):
    return getattr(store.layers(CODE), layer)


def _moved_point(store: Store, number: int) -> None:
    points = _frame(store, "service_points")
    if len(points):
        row = points.iloc[[number % len(points)]]
        place = stored([Point(xy(30 + number % 340, 195 + number % 11))])
        store.edit(
            CODE, "service_points", put=with_demand_point(row.set_geometry(place.geometry.array))
        )


def _new_point(store: Store, number: int) -> None:
    points = tiny_district()[1].service_points
    store.edit(
        CODE, "service_points", put=points.iloc[[number % 5]].assign(point_id=f"a{number % 9}")
    )


def _gone_point(store: Store, number: int) -> None:
    points = _frame(store, "service_points")
    if len(points) > 1:
        store.edit(CODE, "service_points", remove=[points["point_id"].iloc[number % len(points)]])


def _recategorised(store: Store, number: int) -> None:
    points = _frame(store, "service_points")
    kinds = [category.id for category in STANDARD.categories]
    row = points.iloc[[number % len(points)]].assign(category=kinds[number % len(kinds)])
    store.edit(CODE, "service_points", put=row)


def _households(store: Store, number: int) -> None:
    buildings = _frame(store, "buildings")
    row = buildings.iloc[[number % len(buildings)]].assign(households=number % 50)
    store.edit(CODE, "buildings", put=row)


def _moved_building(store: Store, number: int) -> None:
    buildings = _frame(store, "buildings")
    x, y = 20 + number % 340, 20 + number % 350
    row = buildings.iloc[[number % len(buildings)]]
    shape = stored([square(x, y, x + 9, y + 9)]).geometry.array
    store.edit(CODE, "buildings", put=with_demand_point(row.set_geometry(shape)))


def _new_building(store: Store, number: int) -> None:
    buildings = tiny_district()[1].buildings
    row = buildings.iloc[[number % 6]].assign(building_id=f"{'ab中'[number % 3]}{number % 7}")
    store.edit(CODE, "buildings", put=row)


def _gone_building(store: Store, number: int) -> None:
    buildings = _frame(store, "buildings")
    if len(buildings) > 1:
        store.edit(
            CODE, "buildings", remove=[buildings["building_id"].iloc[number % len(buildings)]]
        )


def _many_buildings(store: Store, number: int) -> None:
    one = tiny_district()[1].buildings.iloc[[0] * 130]
    more = one.assign(building_id=[f"m{i:03d}" for i in range(130)], households=number % 5)
    store.replace_layer(CODE, "buildings", pd.concat([tiny_district()[1].buildings, more]))


def _renamed_grid(store: Store, number: int) -> None:
    grids = _frame(store, "grids")
    store.edit(CODE, "grids", put=grids.iloc[[number % len(grids)]].assign(name_zh=f"网{number}"))


def _worker(store: Store, number: int) -> None:
    workers = _frame(store, "workers")
    row = workers.iloc[[number % len(workers)]].assign(worker_code=f"W{number % 4}")
    store.edit(CODE, "workers", put=row)


def _street(store: Store, number: int) -> None:
    edges = _frame(store, "walk_edges")
    row = edges.iloc[[number % len(edges)]]
    store.edit(CODE, "walk_edges", put=row.assign(forward=not row["forward"].iloc[0]))


def _gate(store: Store, number: int) -> None:
    access = ("open", "private", "closed")[number % 3]
    store.edit(CODE, "gates", put=_frame(store, "gates").assign(access=access))


def _boundary(store: Store, number: int) -> None:
    store.set_boundary(CODE, stored([square(0, 0, 400 + number % 40, 400)]).geometry.iloc[0])


def _foreign(*statements: str) -> Edit:
    def run(store: Store, number: int) -> None:
        with store.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("NUMBER", str(number % 90)))

    return run


EDITS: dict[str, Edit] = {
    "a point moves": _moved_point,
    "a point is new": _new_point,
    "a point is gone": _gone_point,
    "a point gets another category": _recategorised,
    "households": _households,
    "a building moves": _moved_building,
    "a building is new": _new_building,
    "a building is gone": _gone_building,
    "more than the log names": _many_buildings,
    "a grid is renamed": _renamed_grid,
    "a worker": _worker,
    "a street": _street,
    "a gate": _gate,
    "the boundary": _boundary,
    "QGIS: households": _foreign(
        "UPDATE buildings SET households = NUMBER WHERE building_id < 'b4'"
    ),
    "QGIS: the key of a point": _foreign(
        "UPDATE service_points SET point_id = 'q' || NUMBER WHERE point_id = "
        "(SELECT min(point_id) FROM service_points)"
    ),
    "QGIS: geometry alone": _foreign(
        "UPDATE buildings SET geom = (SELECT geom FROM buildings WHERE building_id = "
        "(SELECT max(building_id) FROM buildings)) WHERE building_id = "
        "(SELECT min(building_id) FROM buildings)"
    ),
    "QGIS: twice in one transaction": _foreign(
        "UPDATE workers SET worker_code = 'x' || NUMBER",
        "UPDATE workers SET worker_code = 'y' || NUMBER",
        "DELETE FROM barriers WHERE NUMBER = 8",
    ),
}  # fmt: skip


def assert_same(one: Snapshot, other: Snapshot) -> None:
    """Fail unless two snapshots hold and compute the same, bit for bit."""
    assert one.district == other.district
    for layer in COLUMNS:
        for a, b in ((one.layers, other.layers), (one.metric, other.metric)):
            pd.testing.assert_frame_equal(
                pd.DataFrame(getattr(a, layer)), pd.DataFrame(getattr(b, layer)), obj=layer
            )
            assert getattr(getattr(a, layer), "crs", None) == getattr(
                getattr(b, layer), "crs", None
            )
    pd.testing.assert_frame_equal(one.members, other.members)
    assert one.summary == other.summary
    for profile in PROFILES:
        assert one.network_hash(profile) == other.network_hash(profile)
        _assert_same_snapped(one.snapped(profile), other.snapped(profile))
        for by in ("building", "small", "district"):
            tables = (s.coverage_rows(by, CoverageQuestion(5, profile)) for s in (one, other))
            pd.testing.assert_frame_equal(*tables)


def _assert_same_snapped(one: SnappedDistrict, other: SnappedDistrict) -> None:
    for name in ("building_xy", "point_xy", "point_id", "point_category", "rank", "judged"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("edge", "offset_m", "leg_m", "gate", "reason"):
        for places in ("buildings", "points"):
            a, b = (getattr(getattr(s, places), name) for s in (one, other))
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype
    np.testing.assert_array_equal(one.nearest().state, other.nearest().state)
    np.testing.assert_array_equal(one.nearest().building, other.nearest().building)
    by_state = [s.connectors_by_state.add for s in (one, other)]
    np.testing.assert_array_equal(*by_state)
    leaving = [s.building_connectors(TripEnd.ORIGIN).add for s in (one, other)]
    np.testing.assert_array_equal(*leaving)


@pytest.fixture(params=["geopackage", "postgis"])
def store(request, tmp_path: Path) -> Iterator[Store]:
    server = request.getfixturevalue("postgis") if request.param == "postgis" else None
    address = str(tmp_path / "renewed.gpkg") if server is None else server.new_database()
    store = tiny_store(address)
    yield store
    store.close()
    if server is not None:
        server.drop(address)


def _looked_at(snapshot: Snapshot, number: int) -> None:
    """Compute more or less of a snapshot, so that more or less can be taken over."""
    if number % 4:
        snapshot.coverage("small", CoverageQuestion(15, PROFILES[0]))
    if number % 3 == 0:
        snapshot.snapped(PROFILES[1])
    if number % 5 == 0:
        snapshot.what_if(PROFILES[0])


@examples(4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 400)), max_size=8))
def test_after_any_edits_it_is_as_if_read_whole(store: Store, edits):
    store.replace(*tiny_district())
    snapshots = Snapshots(store, STANDARD)
    _looked_at(snapshots.current(CODE), 1)
    for name, number in edits:
        EDITS[name](store, number)
        if number % 3 != 1:  # else several changes are read at once
            _looked_at(snapshots.current(CODE), number)
    assert_same(snapshots.current(CODE), Snapshot(*store.snapshot(CODE), STANDARD))


@pytest.mark.parametrize("name", sorted(EDITS))
def test_after_each_edit_it_is_as_if_read_whole(store: Store, name: str):
    snapshots = Snapshots(store, STANDARD)
    before = snapshots.current(CODE)
    _looked_at(before, 15)  # all of it
    EDITS[name](store, 8)
    after = snapshots.current(CODE)
    assert after is not before
    assert_same(after, Snapshot(*store.snapshot(CODE), STANDARD))


def test_what_an_edit_cannot_touch_is_taken_over(store: Store):
    snapshots = Snapshots(store, STANDARD)
    before = snapshots.current(CODE)
    before.coverage("small", CoverageQuestion())
    _moved_point(store, 3)
    after = snapshots.current(CODE)
    assert after.network(DEFAULT_PROFILE) is before.network(DEFAULT_PROFILE)
    assert after.layers.walk_edges is before.layers.walk_edges
    assert after.metric.buildings is before.metric.buildings
    assert after.members is before.members
    assert after.snapped(DEFAULT_PROFILE).buildings is before.snapped(DEFAULT_PROFILE).buildings
    times = after.times(DEFAULT_PROFILE)
    _renamed_grid(store, 3)
    renamed = snapshots.current(CODE)
    assert renamed.times(DEFAULT_PROFILE) is times
    assert renamed.layers.grids is not after.layers.grids


def test_a_store_that_another_took_the_place_of_is_read_whole(tmp_path: Path):
    path, other = tmp_path / "one.gpkg", tmp_path / "two.gpkg"
    one = tiny_store(path)
    snapshots = Snapshots(one, STANDARD)
    snapshots.current(CODE).coverage("small", CoverageQuestion())
    two = open_store(other, create=True)
    district, layers = tiny_district()
    buildings = layers.buildings.assign(households=3)
    two.replace(district, replace(layers, buildings=buildings))
    with two.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE changes SET at = '2020-01-01T00:00:00+00:00'")
    _renamed_grid(two, 1)
    two.close()
    other.replace(path)
    after = snapshots.current(CODE)
    assert after.layers.buildings["households"].tolist() == [3] * 6
    assert_same(after, Snapshot(*one.snapshot(CODE), STANDARD))
    one.close()


def test_snapshots_of_the_past_do_not_hang_on_one_another(store: Store):
    snapshots = Snapshots(store, STANDARD)
    held = []
    for number in range(6):
        _moved_point(store, number)
        snapshot = snapshots.current(CODE)
        snapshot.coverage("small", CoverageQuestion())
        held.append(snapshot.held_bytes())
    assert max(held) < 1.2 * held[0]


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_origins_put_every_row_in_its_place(before, gone, new):
    old, fresh = sorted(before), sorted(new)
    keys, fresh_keys = np.array(old, dtype=object), np.array(fresh, dtype=object)
    origin = origins(keys, gone | new, fresh_keys)
    stays = before - gone - new
    wanted = sorted(stays | new)
    frame = pd.DataFrame({"key": old, "from": "old"})
    result = renewed(frame, pd.DataFrame({"key": fresh, "from": "new"}), origin)
    assert result["key"].tolist() == wanted
    assert result["from"].tolist() == ["new" if key in new else "old" for key in wanted]
