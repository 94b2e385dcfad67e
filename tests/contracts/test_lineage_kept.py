"""The lineage of foreign edits is kept until something changes, and filtered from what is kept."""

from contextlib import suppress

import geopandas as gpd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.store.interface import Store
from boundaries.store.open import open_store
from geo.errors import SchemaError
from geo.grids.edits import foreign_edits
from tests.contracts.test_foreign_edits import Stranger
from tests.contracts.test_foreign_lineage import written
from tests.contracts.test_grids_past import CODE, small
from tests.scenes import EAST, NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, tiny_district

EAST_09 = f"{EAST}09"
CODES = sorted((NORTH_WEST, SOUTH_WEST, NORTH_EAST, SOUTH_EAST, EAST_09))
STEP = st.tuples(
    st.sampled_from(CODES),
    st.sampled_from(["draw", "draw", "draw", "remove", "ours", "read"]),
    st.integers(0, 3),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 4),
)
Box = tuple[int, int, int, int]


def drawn(code: str, box: Box) -> gpd.GeoDataFrame:
    """Return a grid on a rectangle of hundreds of metres."""
    x, wide, y, high = (100 * each for each in box)
    return small(**{f"s{code[-3:]}": (x, y, x + wide, y + high)})


def run(store: Store, stranger: Stranger, code: str, what: str, box: Box) -> None:
    """Do one step; a foreign program writes row by row."""
    existing = tuple(store.layers(CODE).grids["code"])
    if what == "ours":
        with suppress(SchemaError):  # a code that was retired, for instance
            store.edit(CODE, "grids", put=drawn(code, box))
    elif what == "draw":
        written(stranger, drawn(code, box), there=existing)
    elif len(existing) > 4:
        stranger.run(
            f"DELETE FROM workers WHERE grid_code = '{code}'",  # noqa: S608
            f"DELETE FROM grids WHERE code = '{code}'",  # noqa: S608
        )


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEP, max_size=8))
def test_what_is_kept_is_what_would_be_worked_out(address: str, store: Store, steps):
    store.replace(*tiny_district())
    stranger = Stranger(address)
    for code, what, *box in steps:
        if what == "read":
            store.lineage(CODE)
        else:
            run(store, stranger, code, what, tuple(box))
    other = open_store(address)
    try:
        whole = other.lineage(CODE)
        assert store.lineage(CODE) == whole
        for code in CODES:
            mine = [each for each in whole if code in (each.old_code, each.new_code)]
            assert store.lineage(CODE, code) == mine
    finally:
        other.close()


def test_nothing_is_worked_out_twice(address: str, town: Store, monkeypatch):
    stranger = Stranger(address)
    run(town, stranger, NORTH_WEST, "draw", (0, 1, 2, 2))
    run(town, stranger, EAST_09, "draw", (1, 1, 2, 2))
    first = town.lineage(CODE)
    assert [each.kind for each in first] == ["split"]
    monkeypatch.setattr(foreign_edits, "_involved", None)
    assert town.lineage(CODE) == first
    assert town.lineage(CODE, NORTH_WEST) == first
    assert town.lineage(CODE, SOUTH_WEST) == []
