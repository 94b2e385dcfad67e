"""What other programs do to grids has the lineage that our own commands would have written."""

# ruff: noqa: S608 - the statements of a stranger are made of our own codes

from pathlib import Path

import geopandas as gpd
import pytest

from boundaries.store.interface import Store
from geo.grids.succession import SuccessionKind
from tests.contracts.test_foreign_edits import Stranger, today
from tests.contracts.test_grids_past import (
    CODE,
    GRIDS,
    small,
    town,
    without_workers,
)
from tests.scenes import NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST

__all__ = ["town"]  # a fixture

COLUMNS = "district, code, level, parent_code, name_zh, name_en, origin, geom"
Told = list[tuple[str, str, str, str, float]]
EAST_03, EAST_04 = (f"{SOUTH_EAST[:-1]}{n}" for n in (3, 4))


@pytest.fixture
def stranger(address: str, town: Store) -> Stranger:
    return Stranger(address)


@pytest.fixture
def ours(tmp_path: Path) -> Store:
    """Return another store of the same district, which only our own commands change."""
    return without_workers(tmp_path / "ours.gpkg")


def told(store: Store, grid: str | None = None) -> Told:
    return [
        (each.level, each.kind, each.old_code, each.new_code, round(each.share, 9))
        for each in store.lineage(CODE, grid)
    ]


def written(
    stranger: Stranger,
    rows: gpd.GeoDataFrame,
    *,
    remove: tuple[str, ...] = (),
    there: tuple[str, ...] = (),
) -> None:
    """Write rows of grids as a foreign program does, one transaction each."""
    for code in remove:
        stranger.run(f"DELETE FROM grids WHERE code = '{code}'")
    for row in rows.itertuples():
        statement = f"UPDATE grids SET geom = ? WHERE code = '{row.code}'"
        if row.code not in there:
            statement = (
                f"INSERT INTO grids ({COLUMNS}) SELECT code, '{row.code}', 'small', "
                f"'{row.parent_code}', '新', 'New', 'given', ? FROM districts"
            )
        stranger.run(statement, shape=row.geometry)


HALVES = small(s202=(200, 0, 300, 200), s203=(300, 0, 400, 200))


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_foreign_split_is_told_like_ours(town, ours, stranger, order):
    ours.edit(CODE, "grids", put=HALVES)
    written(stranger, HALVES.iloc[order], there=(SOUTH_EAST,))
    assert told(town) == told(ours) == [("small", "split", SOUTH_EAST, EAST_03, 0.5)]
    (row,) = town.lineage(CODE)
    assert (row.revision, row.valid_from) == (3, today())
    assert told(town) == told(ours)  # reading again tells nothing twice
    assert told(town, NORTH_WEST) == []
    assert told(town, EAST_03) == told(town)


def test_a_foreign_split_into_new_grids_is_told_like_ours(town, ours, stranger):
    parts = small(s203=(200, 0, 250, 200), s204=(250, 0, 400, 200))
    ours.edit(CODE, "grids", put=parts, remove=[SOUTH_EAST])
    written(stranger, parts, remove=(SOUTH_EAST,))
    assert told(town) == told(ours)
    assert [row[1:4] for row in told(town)] == [
        ("split", SOUTH_EAST, EAST_03), ("split", SOUTH_EAST, EAST_04),
    ]  # fmt: skip


@pytest.mark.parametrize("first", ["grown", "gone"])
def test_a_foreign_merge_is_told_like_ours(town, ours, stranger, first):
    one = small(s101=(0, 0, 200, 400))
    ours.edit(CODE, "grids", put=one, remove=[SOUTH_WEST])
    if first == "gone":
        written(stranger, one, remove=(SOUTH_WEST,), there=(NORTH_WEST,))
    else:
        written(stranger, one, there=(NORTH_WEST,))
        stranger.run(f"DELETE FROM grids WHERE code = '{SOUTH_WEST}'")
    assert told(town) == told(ours) == [("small", "merge", SOUTH_WEST, NORTH_WEST, 1)]


def test_foreign_edits_one_after_the_other_are_not_mixed(town, ours, stranger):
    whole = small(s202=(200, 0, 400, 200))
    ours.edit(CODE, "grids", put=HALVES)
    ours.edit(CODE, "grids", put=whole, remove=[EAST_03])
    ours.edit(CODE, "grids", put=small(s203=(300, 0, 400, 200)).assign(code=EAST_04),
              remove=[])  # fmt: skip
    written(stranger, HALVES, there=(SOUTH_EAST,))
    written(stranger, whole, remove=(EAST_03,), there=(SOUTH_EAST,))
    assert told(town) == told(ours)[:2]
    assert [kind for _, kind, *_ in told(town)] == [SuccessionKind.SPLIT, SuccessionKind.MERGE]


def test_our_edits_among_foreign_ones_are_told_once(town, stranger):
    written(stranger, HALVES, there=(SOUTH_EAST,))
    town.edit(CODE, "grids", put=small(s101=(0, 0, 200, 400)), remove=[SOUTH_WEST])
    stranger.run(f"UPDATE grids SET name_en = 'Other' WHERE code = '{NORTH_EAST}'")
    found = told(town)
    assert [row[1:4] for row in found] == [
        ("split", SOUTH_EAST, EAST_03), ("merge", SOUTH_WEST, NORTH_WEST),
    ]  # fmt: skip
    assert [row.revision for row in town.lineage(CODE)] == [3, 4]


def test_our_edit_settles_what_a_foreign_one_left_open(town, stranger):
    written(stranger, HALVES.iloc[:1], there=(SOUTH_EAST,))  # half of its ground is nobody's
    assert told(town) == []
    heir = small(s201=(200, 200, 400, 400)).geometry.union(HALVES.geometry.iloc[1])
    put = GRIDS[GRIDS["code"] == NORTH_EAST].set_geometry(list(heir), crs=4326)
    town.edit(CODE, "grids", put=put)
    assert told(town) == [("small", "move", SOUTH_EAST, NORTH_EAST, pytest.approx(0.5, abs=1e-5))]
    assert town.lineage(CODE)[0].revision == 3
    written(stranger, small(s203=(0, 400, 200, 500)))  # on ground that no grid had
    assert len(told(town)) == 1


def test_a_new_code_is_a_new_grid_with_the_old_ones_ground(town, ours, stranger):
    ours.edit(CODE, "grids", put=GRIDS[GRIDS["code"] == SOUTH_EAST].assign(code=EAST_03),
              remove=[SOUTH_EAST])  # fmt: skip
    stranger.run(f"UPDATE grids SET code = '{EAST_03}' WHERE code = '{SOUTH_EAST}'")
    assert told(town) == told(ours) == [("small", "merge", SOUTH_EAST, EAST_03, 1)]


def test_lineage_reads_the_mark_of_a_change_and_not_its_words(town, stranger):
    written(stranger, HALVES, there=(SOUTH_EAST,))
    found = told(town)
    stranger.run("UPDATE changes SET what = 'something else' WHERE \"foreign\"")
    assert told(town) == found
    assert len(found) == 1
    stranger.run("UPDATE changes SET \"foreign\" = false, what = 'edited in another program'")
    assert told(town) == []


def test_what_is_no_edit_of_ground_has_no_lineage(town, stranger):
    stranger.run("UPDATE grids SET name_en = 'Other'")
    stranger.run("UPDATE gates SET access = 'closed'")
    stranger.run(f"DELETE FROM grids WHERE code = '{SOUTH_WEST}'")
    assert told(town) == []


class TestOnAServer:
    """A server knows transactions: each is an edit of its own."""

    @pytest.fixture
    def address(self, postgis):
        url = postgis.new_database()
        yield url
        postgis.drop(url)

    def test_one_transaction_is_one_edit(self, town, stranger):
        stranger.run(
            f"INSERT INTO grids ({COLUMNS}) SELECT district, '{EAST_03}', level, parent_code, "
            f"'', '', 'given', geom FROM grids WHERE code = '{SOUTH_EAST}'",
            f"UPDATE grids SET geom = ST_Intersection(geom, ?) WHERE code = '{EAST_03}'",
            f"UPDATE grids g SET geom = ST_Difference(g.geom, o.geom) FROM grids o "
            f"WHERE g.code = '{SOUTH_EAST}' AND o.code = '{EAST_03}'",
            shape=HALVES.geometry.iloc[1],
        )
        ((level, kind, old, new, share),) = told(town)
        assert (level, kind, old, new) == ("small", "split", SOUTH_EAST, EAST_03)
        assert share == pytest.approx(0.5, abs=1e-6)
        assert [row.revision for row in town.lineage(CODE)] == [2]


def test_a_code_that_a_foreign_program_gave_again_is_retired(town, stranger):
    stranger.run(f"DELETE FROM grids WHERE code = '{NORTH_EAST}'")
    assert town.retired_codes(CODE) == {NORTH_EAST}
    written(stranger, small(s201=(400, 0, 600, 200)))
    assert NORTH_EAST in town.layers(CODE).grids["code"].tolist()
    assert town.retired_codes(CODE) == town.retired_codes(CODE, given_only=True) == {NORTH_EAST}
    assert town.retired_codes(CODE, as_of=1) == frozenset()
    assert town.retired_codes(CODE, as_of=2) == {NORTH_EAST}
    assert town.retired_codes(CODE, as_of=today()) == {NORTH_EAST}
    written(stranger, small(s201=(200, 200, 400, 399)), there=(NORTH_EAST,))
    assert town.retired_codes(CODE) == {NORTH_EAST}, "it is still that other grid, moved"
    stranger.run(f"DELETE FROM grids WHERE code = '{NORTH_EAST}'")
    written(stranger, small(s201=(200, 200, 400, 398)))
    assert town.retired_codes(CODE) == frozenset(), "the first came back to its place"
