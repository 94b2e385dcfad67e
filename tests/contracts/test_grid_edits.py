"""An edit of some grids is checked with those next to them, and that comes to the whole check."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.store.interface import Store
from boundaries.store.rows import read
from boundaries.store.rows.validate import checked_layer
from geo.errors import LifecircleError, SchemaError
from tests.scenes import EAST, LARGE, NORTH_EAST, NORTH_WEST, SOUTH_WEST, WEST, tiny_district

CODE = "371602"
CODES = (LARGE, WEST, EAST, NORTH_WEST, SOUTH_WEST, NORTH_EAST, f"{WEST}09", "8", f"{EAST}9")
PARENTS = (None, LARGE, WEST, EAST, NORTH_WEST, "7")
PUT = st.tuples(
    st.sampled_from(CODES), st.sampled_from(("large", "medium", "small")), st.sampled_from(PARENTS)
)


def frame_of(put: list[tuple[str, str, str | None]]) -> pd.DataFrame:
    """Return grids to put; their ground does not matter here."""
    one = tiny_district()[1].grids.iloc[[3] * len(put)]
    code, level, parent = zip(*put, strict=True)
    return one.assign(code=code, level=level, parent_code=pd.Series(parent, one.index, object))


def refusal(work) -> str | None:
    try:
        work()
    except SchemaError as error:
        return str(error)
    return None


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PUT, max_size=3, unique_by=lambda row: row[0]), st.sets(st.sampled_from(CODES[:6])))
def test_the_check_of_some_is_that_of_all(store: Store, put, remove):
    store.replace(*tiny_district())
    before = store.layers(CODE).grids
    remove = sorted(remove - {row[0] for row in put})
    named = [*remove, *(row[0] for row in put)]
    kept = before[~before["code"].isin(named)]
    whole = pd.concat([kept, *([frame_of(put)] if put else [])], ignore_index=True)
    wanted = refusal(lambda: checked_layer("grids", whole))
    frame = frame_of(put) if put else None
    got = refusal(lambda: store.edit(CODE, "grids", put=frame, remove=remove))
    assert got == wanted
    if wanted is None:
        stored = store.layers(CODE)
        assert set(stored.grids["code"]) == set(whole["code"])
        small = set(whole.loc[whole["level"] == "small", "code"])
        assert set(stored.workers["grid_code"]) == {
            code for code in tiny_district()[1].workers["grid_code"] if code in small
        }


def test_an_edit_of_one_grid_or_worker_reads_no_other_ground(town: Store, monkeypatch):
    layers = town.layers(CODE)
    read_whole = []

    def noted(base, connection, layer, *rest, **more):
        read_whole.append(layer)
        raise AssertionError("a whole layer was read")

    for place in ("boundaries.store.sql.commit.layer_frame",):
        monkeypatch.setattr(place, noted)
    monkeypatch.setattr(read, "layer_frame", noted)
    town.edit(CODE, "grids", put=layers.grids.iloc[[3]].assign(name_zh="新名"))
    town.edit(CODE, "workers", put=layers.workers.iloc[[0]].assign(worker_code="W9"))
    monkeypatch.undo()
    assert read_whole == []
    assert "新名" in set(town.layers(CODE).grids["name_zh"])


def test_a_worker_of_no_small_grid_is_refused(town: Store):
    workers = town.layers(CODE).workers
    for code in (WEST, "nothing"):
        with pytest.raises(LifecircleError, match="no small grid"):
            town.edit(CODE, "workers", put=workers.iloc[[0]].assign(grid_code=code))
