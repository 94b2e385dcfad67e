"""Any change is undone, the newest or an earlier one; what others did since stays."""

import pytest
import shapely

from boundaries.store.tables.records import Commit, PlanGate, RevisionError
from geo.errors import ConflictError, InputError, NotFoundError
from tests.contracts.test_foreign_edits import Stranger
from tests.scenes import (
    EAST,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_district,
)

CODE = "371602"


@pytest.fixture
def town(town):
    grids = tiny_district()[1].grids
    named = grids.assign(name_zh=[f"名{n}" for n in range(len(grids))])
    town.replace_layer(CODE, "grids", named)
    return town


def merged(store, kept: str, gone: str) -> int:
    """Merge two small grids as an edit does: one row put, one removed, parents follow."""
    grids = store.layers(CODE).grids.set_index("code", drop=False)
    whole = shapely.union_all(grids.geometry[[kept, gone]].to_numpy())
    put = grids.loc[[kept]].set_geometry([whole], crs=4326).reset_index(drop=True)
    return store.edit(CODE, "grids", put=put, remove=[gone], commit=Commit(gate=PlanGate.REFUSE))


def state(store) -> tuple:
    layers = store.layers(CODE)
    grids = layers.grids
    return (
        grids.drop(columns="geometry").to_dict("records"),
        [shape.wkt for shape in shapely.normalize(grids.geometry.to_numpy())],
        layers.workers.to_dict("records"),
    )


def test_a_mistaken_merge_is_undone_with_names_and_workers(town):
    before = state(town)
    assert merged(town, NORTH_WEST, SOUTH_WEST) == 3
    plan = town.undo_plan(CODE)
    assert (plan.revision, plan.is_newest, plan.faults) == (3, True, ())
    assert plan.counts["grids"] == {"added": 1, "changed": 1, "removed": 0}
    assert plan.counts["workers"] == {"added": 1, "changed": 0, "removed": 0}
    assert plan.keys["grids"] == [NORTH_WEST, SOUTH_WEST]
    assert town.district(CODE).revision == 3
    assert town.undo(CODE, commit=Commit(actor="li"), based_on=3) == 4
    assert state(town) == before
    log = town.changes(CODE)
    told = f"undo of revision 3 ({log[1].what})"
    assert (log[0].actor, str(log[0].what)) == ("li", told)
    assert len(log) == 4  # history is kept
    assert town.snapshot(CODE, as_of=3)[1].grids["code"].tolist().count(SOUTH_WEST) == 0
    assert town.retired_codes(CODE) == frozenset()


def test_an_earlier_change_is_undone_beside_others(town):
    before = state(town)
    merged(town, NORTH_WEST, SOUTH_WEST)
    merged(town, NORTH_EAST, SOUTH_EAST)
    assert town.undo(CODE, 3) == 5
    grids = town.layers(CODE).grids.set_index("code")
    assert SOUTH_WEST in grids.index
    assert SOUTH_EAST not in grids.index
    assert town.undo(CODE) == 6  # the other one: undos go back step by step
    assert state(town) == before
    with pytest.raises(InputError, match="was undone by revision 5"):
        town.undo(CODE, 3)
    assert town.undo(CODE, 6) == 7  # an undo is undone by its own revision
    assert SOUTH_EAST not in set(town.layers(CODE).grids["code"])
    assert town.undo(CODE) == 8  # and the change that came back by that is undone again
    assert state(town) == before


def test_what_changed_again_is_a_conflict_that_is_named(town):
    merged(town, NORTH_WEST, SOUTH_WEST)
    grids = town.layers(CODE).grids
    named = grids[grids["code"] == NORTH_WEST].assign(name_zh="新名")
    town.edit(CODE, "grids", put=named)
    with pytest.raises(ConflictError, match=f"changed again since, grids {NORTH_WEST}"):
        town.undo(CODE, 3)
    assert town.district(CODE).revision == 4
    assert [town.undo(CODE), town.undo(CODE)] == [5, 6]
    assert SOUTH_WEST in set(town.layers(CODE).grids["code"])


def test_an_earlier_undo_that_would_spoil_the_plan_is_refused(town):
    shapes = town.layers(CODE).grids.set_index("code").geometry
    strip = shapely.box(*lonlat(-9, 150), *lonlat(500, 500))
    left = shapes[SOUTH_WEST].difference(strip)
    for code, shape in (
        (SOUTH_WEST, left),  # 3, by somebody whom nobody asks
        (NORTH_WEST, shapes[NORTH_WEST].union(shapes[SOUTH_WEST]).difference(left)),  # 4
    ):
        grids = town.layers(CODE).grids
        put = grids[grids["code"] == code].set_geometry([shape], crs=4326)
        town.edit(CODE, "grids", put=put.reset_index(drop=True))
    assert len(town.undo_plan(CODE, 3).faults) == 1
    with pytest.raises(ConflictError, match="lie in both"):
        town.undo(CODE, 3)
    assert town.undo(CODE) == 5  # the newest may: the log says that it leaves a gap
    assert "newly at fault" in str(town.changes(CODE)[0].what)
    with pytest.raises(NotFoundError, match="none that can be undone by that number"):
        town.undo(CODE, 99)
    with pytest.raises(RevisionError):
        town.undo(CODE, based_on=1)


def test_what_another_program_wrote_is_undone(town, address):
    before = state(town)
    stranger = Stranger(address)
    half = shapely.box(*lonlat(0, 0), *lonlat(100, 200))
    stranger.run(f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'", shape=half)  # noqa: S608
    assert town.undo(CODE) == 4
    assert state(town) == before


def test_a_boundary_is_undone(town):
    there = town.district(CODE).boundary
    town.set_boundary(CODE, there.buffer(0.001))
    plan = town.undo_plan(CODE)
    assert (plan.district, plan.counts) == (("geom",), {})
    town.undo(CODE)
    assert town.district(CODE).boundary.equals(there)


def test_parents_follow_an_undo_beside_another_edit_of_the_same_parent(town):
    """Two edits in one large grid; the first is undone though its parents changed again."""
    merged(town, NORTH_WEST, SOUTH_WEST)
    grids = town.layers(CODE).grids.set_index("code", drop=False)
    shapes = grids.geometry
    cut = shapely.box(*lonlat(350, -50), *lonlat(500, 500))
    outer = grids.loc[[SOUTH_EAST]].set_geometry([shapes[SOUTH_EAST] - cut], crs=4326)
    for code, rows in ((EAST, cut), (LARGE, cut)):
        smaller = grids.loc[[code]].set_geometry([shapes[code] - rows], crs=4326)
        town.edit(CODE, "grids", put=smaller.reset_index(drop=True))
    town.edit(CODE, "grids", put=outer.reset_index(drop=True))
    town.undo(CODE, 3)
    assert {WEST, SOUTH_WEST} <= set(town.layers(CODE).grids["code"])
