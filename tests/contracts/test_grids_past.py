"""Grids over time: which came from which, codes that are not used again, editions of a plan."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy as sa

from boundaries.import_report import ImportReport
from boundaries.store.history.editions import plan_digest
from boundaries.store.interface import Store
from boundaries.store.tables.record_tables import EditionState
from boundaries.store.tables.records import Commit
from geo.errors import ConflictError, EmptyError, InputError, NotFoundError, SchemaError
from geo.grids.succession import SuccessionKind
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from tests.contracts.test_store import assert_layers_equal
from tests.scenes import (
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    square,
    stored,
    tiny_district,
)
from tests.stores import copied_store

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
GRIDS = LAYERS.grids
DATED = date(2026, 3, 1)


def without_workers(address: Path | str) -> Store:
    """Return a new store with the hand-made district; its four small grids are 200 m wide."""
    layers = replace(LAYERS, workers=LAYERS.workers.iloc[:0])
    return copied_store(address, "no_workers", lambda store: store.replace(DISTRICT, layers))


@pytest.fixture
def town(address) -> Iterator[Store]:
    made = without_workers(address)
    yield made
    made.close()


def small(**places: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Return small grids by the end of their code: ``s102`` is 102 in the west."""
    shapes = [square(*place) for place in places.values()]
    codes = [f"{WEST[:-1]}{name[1:]}" for name in places]
    return stored(
        shapes, code=codes, level="small", parent_code=[code[:-2] for code in codes],
        name_zh="新", name_en="New", origin="given",
    )  # fmt: skip


def without(*codes: str) -> pd.DataFrame:
    return GRIDS[~GRIDS["code"].isin(codes)]


def told(store, grid: str | None = None) -> list[tuple]:
    return [
        (each.kind, each.old_code[-3:], each.new_code[-3:], round(each.share, 3))
        for each in store.lineage(CODE, grid)
    ]


def test_a_split_is_told_with_its_shares(town):
    halves = small(s203=(200, 0, 250, 200), s204=(250, 0, 400, 200))
    town.replace_layer(CODE, "grids", pd.concat([without(SOUTH_EAST), halves]))
    split = [(SuccessionKind.SPLIT, "202", "203", 0.25), (SuccessionKind.SPLIT, "202", "204", 0.75)]
    assert told(town) == split
    first = town.lineage(CODE)[0]
    assert (first.revision, first.level) == (2, Level.SMALL)
    assert told(town, SOUTH_EAST) == split
    assert told(town, f"{SOUTH_EAST[:-1]}4") == split[1:]
    assert told(town, NORTH_WEST) == []


def test_a_part_that_leaves_a_grid_is_split_from_it(town):
    parts = small(s202=(200, 0, 300, 200), s203=(300, 0, 400, 200))
    town.edit(CODE, "grids", put=parts)
    assert told(town) == [(SuccessionKind.SPLIT, "202", "203", 0.5)]


def test_a_merge_is_told(town):
    one = small(s103=(0, 0, 200, 400))
    town.edit(CODE, "grids", put=one, remove=[NORTH_WEST, SOUTH_WEST])
    assert told(town) == [
        (SuccessionKind.MERGE, "101", "103", 1),
        (SuccessionKind.MERGE, "102", "103", 1),
    ]


def test_a_grid_that_takes_another_in_goes_on(town):
    town.edit(CODE, "grids", put=small(s101=(0, 0, 200, 400)), remove=[SOUTH_WEST])
    assert told(town) == [(SuccessionKind.MERGE, "102", "101", 1)]


def test_a_border_that_moves_is_told(town):
    parts = small(s101=(0, 240, 200, 400), s102=(0, 0, 200, 240))
    town.edit(CODE, "grids", put=parts)
    assert told(town) == [(SuccessionKind.MOVE, "101", "102", 0.2)]


def test_a_border_drawn_anew_is_no_descent(town):
    parts = small(s101=(0, 200.5, 200, 400), s102=(0, 0, 200, 200.5))
    town.edit(CODE, "grids", put=parts)
    town.edit(CODE, "grids", put=GRIDS[GRIDS["code"] == NORTH_EAST].assign(name_en="Other"))
    assert told(town) == []


def test_a_retired_code_is_not_given_to_another_place(town):
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    with pytest.raises(SchemaError, match=rf"1 x code was retired.*first '{NORTH_EAST}'"):
        town.edit(CODE, "grids", put=small(s201=(200, 200, 300, 400)))
    again = small(s201=(200, 200, 300, 400))
    with pytest.raises(SchemaError, match="retired"):
        town.replace_layer(CODE, "grids", pd.concat([without(NORTH_EAST), again]))
    assert town.district(CODE).revision == 2


def test_a_grid_may_come_back_as_it_was(town):
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    assert town.replace_layer(CODE, "grids", GRIDS) == 3
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    with pytest.raises(SchemaError, match="retired"):
        town.edit(CODE, "grids", put=small(s201=(200, 200, 300, 400)))


def test_codes_of_drawn_grids_are_free(store):
    layers = replace(LAYERS, grids=GRIDS.assign(origin="drawn"), workers=LAYERS.workers.iloc[:0])
    store.replace(DISTRICT, layers)
    store.edit(CODE, "grids", remove=[NORTH_EAST])
    assert store.edit(CODE, "grids", put=small(s201=(200, 200, 300, 400))) == 3


def test_codes_of_an_import_that_was_undone_are_free(town):
    wrong = small(s203=(200, 0, 250, 200))
    commit = Commit(report=ImportReport("wrong.geojson"))
    town.replace_layer(CODE, "grids", pd.concat([GRIDS, wrong]), commit=commit)
    town.undo(CODE)
    right = small(s203=(200, 0, 300, 200))
    assert town.edit(CODE, "grids", put=right) == 4
    town.edit(CODE, "grids", remove=[right["code"].item()])
    with pytest.raises(SchemaError, match="retired"):
        town.edit(CODE, "grids", put=wrong)


def test_an_edit_of_grids_minds_nesting_and_workers(store):
    store.replace(DISTRICT, LAYERS)
    with pytest.raises(SchemaError, match="parent_code is no grid one level up"):
        store.edit(CODE, "grids", remove=[WEST])
    store.edit(CODE, "grids", remove=[NORTH_EAST])
    assert store.counts(CODE)["workers"] == 3
    assert store.changes(CODE)[0].counts["workers"]["removed"] == 1


# --- editions ------------------------------------------------------------------------------------


def test_an_edition_holds_the_grids_of_its_revision(town):
    draft = town.save_edition(
        CODE, "2026 方案", dated=DATED, note="for talks", commit=Commit(actor="li")
    )
    assert (draft.state, draft.revision, draft.dated) == (EditionState.DRAFT, 1, DATED)
    assert (draft.actor, draft.note, draft.sha256) == ("li", "for talks", plan_digest(GRIDS))
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    found, grids = town.edition(CODE, "2026 方案")
    assert found == draft
    assert_layers_equal(Layers(grids=grids), Layers(grids=GRIDS))
    assert town.editions(CODE) == [draft]
    assert town.district(CODE).revision == 2  # a draft is no change of the district


def test_a_draft_may_be_saved_again_and_a_published_edition_never(town):
    town.save_edition(CODE, "plan", dated=DATED)
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    assert town.save_edition(CODE, "plan", dated=DATED).revision == 2
    done = town.publish_edition(CODE, "plan", commit=Commit(actor="wang"))
    assert (done.state, done.revision, done.actor) == (EditionState.PUBLISHED, 2, "wang")
    for call in (
        lambda: town.save_edition(CODE, "plan", dated=DATED),
        lambda: town.publish_edition(CODE, "plan"),
    ):
        with pytest.raises(ConflictError, match="'plan' of 371602 is published and never changes"):
            call()
    assert town.editions(CODE) == [done]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE editions SET note = 'other'",
        "UPDATE editions SET state = 'draft'",
        "DELETE FROM editions",
    ],
)
def test_no_program_changes_a_published_edition(town, statement):
    town.save_edition(CODE, "plan", dated=DATED)
    done = town.publish_edition(CODE, "plan")
    with pytest.raises(sa.exc.DBAPIError, match="a published edition never changes"):  # noqa: SIM117
        with town.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert town.editions(CODE) == [done]


def test_editions_go_with_their_district(town):
    town.save_edition(CODE, "plan", dated=DATED)
    town.publish_edition(CODE, "plan")
    town.delete(CODE)
    town.replace(DISTRICT, LAYERS)
    assert town.editions(CODE) == []


def test_a_past_that_somebody_changed_is_told(town):
    town.save_edition(CODE, "plan", dated=DATED)
    town.edit(CODE, "grids", remove=[NORTH_EAST])
    with town.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE past_grids SET name_zh = 'other'")
    with pytest.raises(ConflictError, match="are not those that were saved"):
        town.edition(CODE, "plan")
    with pytest.raises(ConflictError, match="are not those that were saved"):
        town.publish_edition(CODE, "plan")


def test_what_is_wrong_with_an_edition_is_said(town):
    with pytest.raises(NotFoundError, match=r"edition 'x' of 371602.*\(none\)"):
        town.edition(CODE, "x")
    with pytest.raises(NotFoundError, match=r"\(none\)"):
        town.publish_edition(CODE, "x")
    for name in ("", "a/b", " a", "x" * 101, "a\n"):
        with pytest.raises(InputError, match="wanted 1 to 100 signs"):
            town.save_edition(CODE, name, dated=DATED)
    town.replace(replace(DISTRICT, code="bare"), Layers())
    with pytest.raises(EmptyError, match="has no grids"):
        town.save_edition("bare", "plan", dated=DATED)


def test_the_digest_is_that_of_codes_names_and_shapes():
    assert plan_digest(GRIDS) == plan_digest(GRIDS.iloc[::-1])
    other = GRIDS.assign(name_en=GRIDS["name_en"] + "!")
    assert plan_digest(other) != plan_digest(GRIDS)
    assert plan_digest(GRIDS.iloc[:0]) == hashlib.sha256().hexdigest()


def test_codes_that_nobody_bears_any_more_are_known(town):
    assert town.retired_codes(CODE) == frozenset()
    rest = GRIDS[GRIDS["code"] != NORTH_EAST]
    town.replace_layer(CODE, "grids", rest)
    assert town.retired_codes(CODE) == {NORTH_EAST}
    drawn = rest.assign(origin="drawn")
    town.replace_layer(CODE, "grids", drawn)
    town.replace_layer(CODE, "grids", drawn[drawn["code"] != SOUTH_EAST])
    assert town.retired_codes(CODE) == {NORTH_EAST, SOUTH_EAST}
    town.replace_layer(CODE, "grids", GRIDS)
    assert town.retired_codes(CODE) == frozenset()
    with pytest.raises(NotFoundError):
        town.retired_codes("nowhere")


def test_given_codes_are_told_from_drawn_ones(town):
    drawn = GRIDS.assign(origin="drawn")
    town.replace_layer(CODE, "grids", drawn)
    town.replace_layer(CODE, "grids", drawn[drawn["code"] != SOUTH_EAST])
    assert town.retired_codes(CODE, given_only=True) == {SOUTH_EAST}, "it was given before"


def test_codes_of_an_import_that_was_undone_are_not_retired(town):
    more = pd.concat([GRIDS, small(x103=(0, 400, 200, 500))], ignore_index=True)
    town.replace_layer(CODE, "grids", more, commit=Commit(report=ImportReport("more.geojson")))
    town.undo(CODE)
    assert town.retired_codes(CODE) == frozenset()
