"""The past: as of every revision what was stored then, as of every day what was true then."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.import_report import ImportReport
from boundaries.store.tables.records import Commit, RevisionError, StaleError
from geo.errors import InputError, NotFoundError
from geo.model.layer_columns import KEYS
from geo.model.layers import District, Layers
from tests.contracts.test_store import assert_layers_equal
from tests.scenes import tiny_district

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
FIRST = date(2024, 1, 1)
CODES = (f"town{n}" for n in count())


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def points(*names: str) -> pd.DataFrame:
    """Return service points p1, p2 ... with these names; an empty name leaves one out."""
    frame = LAYERS.service_points.iloc[: len(names)].assign(name=list(names))
    return frame[frame["name"] != ""]


# --- as of a revision ----------------------------------------------------------------------------

CHOICES = st.lists(st.booleans(), min_size=5, max_size=5)
STEPS = st.one_of(
    st.tuples(st.just("replace"), CHOICES, st.sampled_from(["", "a note"])),
    st.tuples(st.just("layer"), CHOICES, st.sampled_from(["buildings", "service_points"])),
    st.tuples(st.just("import"), CHOICES, st.just("buildings")),
    st.tuples(st.just("edit"), CHOICES, st.sampled_from(["one", "other"])),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("delete"), st.none(), st.none()),
)


class Book:
    """What a store must remember: a district and its layers, for every revision."""

    def __init__(self, store, code: str) -> None:
        self.store, self.code = store, code
        self.states: dict[int, tuple[District, Layers]] = {}
        self.logged = 0
        self.live: list[int] = []

    @property
    def newest(self) -> tuple[District, Layers]:
        return self.states[max(self.states)]

    def expect(self, revision: int, district: District, layers: Layers) -> None:
        """Note a change; where nothing differs there is no revision."""
        if self.states and same(self.newest, (district, layers)):
            assert revision == max(self.states)
            return
        self.logged += 1
        assert revision == self.logged
        self.states[revision] = (replace(district, code=self.code, revision=revision), layers)
        self.live.append(revision)

    def take(self, step: tuple) -> None:
        kind, chosen, word = step
        if kind == "replace" or not self.states:
            self._replace(chosen, word)
        elif kind in {"layer", "import"}:
            self._layer(kind, chosen, word)
        elif kind == "edit":
            self._edit(chosen, word)
        elif kind == "undo":
            self._undo()
        else:
            self.store.delete(self.code)
            self.states.clear()
            self.live.clear()
            self.logged += 1

    def _replace(self, chosen: list[bool] | None, note: str | None) -> None:
        district = replace(DISTRICT, code=self.code, note=note or "")
        layers = replace(LAYERS, service_points=kept(LAYERS.service_points, chosen or [True] * 5))
        self.expect(self.store.replace(district, layers), district, layers)

    def _layer(self, kind: str, chosen: list[bool], layer: str) -> None:
        district, layers = self.newest
        frame = kept(getattr(LAYERS, layer), chosen)
        report = ImportReport("file") if kind == "import" else None
        revision = self.store.replace_layer(self.code, layer, frame, commit=Commit(report=report))
        self.expect(revision, district, replace(layers, **{layer: frame}))

    def _edit(self, chosen: list[bool], word: str) -> None:
        district, layers = self.newest
        put = kept(LAYERS.service_points, chosen).assign(name=word)
        there = layers.service_points
        gone = [key for key in there["point_id"].iloc[:1] if key not in set(put["point_id"])]
        rest = there[~there["point_id"].isin([*gone, *put["point_id"]])]
        whole = pd.concat([rest, put]).sort_values("point_id", ignore_index=True)
        revision = self.store.edit(self.code, "service_points", put=put, remove=gone)
        self.expect(revision, district, replace(layers, service_points=whole))

    def _undo(self) -> None:
        if len(self.live) < 2:  # the first made the district
            with pytest.raises(InputError, match="Got nothing to undo"):
                self.store.undo(self.code)
            return
        self.live.pop()
        district, layers = self.states[self.live[-1]]
        live = list(self.live)
        self.expect(self.store.undo(self.code), district, layers)
        self.live = live

    def check(self) -> None:
        """Ask the store for every revision that there ever was."""
        for revision in range(1, self.logged + 1):
            if revision not in self.states:
                with pytest.raises(NotFoundError):
                    self.store.snapshot(self.code, as_of=revision)
                continue
            district, layers = self.store.snapshot(self.code, as_of=revision)
            assert district == self.states[revision][0]
            assert_layers_equal(layers, self.states[revision][1])
        log = self.store.changes(self.code)
        assert [record.revision for record in log] == list(range(self.logged, 0, -1))


def kept(frame: pd.DataFrame, chosen: list[bool]) -> pd.DataFrame:
    """Return the rows chosen; those that nobody chose about stay."""
    rows = [*chosen, *[True] * (len(frame) - len(chosen))]
    return frame[rows].reset_index(drop=True)


def same(one: tuple[District, Layers], other: tuple[District, Layers]) -> bool:
    if replace(one[0], revision=0) != replace(other[0], revision=0, code=one[0].code):
        return False
    return all(getattr(one[1], f.name).equals(getattr(other[1], f.name)) for f in fields(one[1]))


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=2, max_size=7))
def test_every_revision_is_what_was_stored_then(store, steps):
    book = Book(store, next(CODES))
    for step in steps:
        book.take(step)
    book.check()


def test_a_revision_to_come_was_not_stored(town):
    for revision in (0, 2, -1):
        with pytest.raises(NotFoundError, match=f"not stored as of {revision}.*lifecircle log"):
            town.snapshot(CODE, as_of=revision)


# --- as of a day ---------------------------------------------------------------------------------

COMMITS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from("abc-"), st.sampled_from(["p1", "p2"])),
    max_size=8,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(commits=COMMITS)
def test_on_every_day_the_last_word_about_it_holds(store, commits):
    """What is told later holds from its day on, whatever was told before of the days after it."""
    code, told = next(CODES), []
    store.replace(replace(DISTRICT, code=code), Layers(), commit=Commit(valid_from=day(0)))
    for n, name, key in commits:
        there = set(store.layers(code).service_points["point_id"])
        commit = Commit(valid_from=day(n))
        if name != "-":
            row = LAYERS.service_points[LAYERS.service_points["point_id"] == key]
            if name == dict(told_now(told)).get(key):
                continue  # the same again is no change
            store.edit(code, "service_points", put=row.assign(name=name), commit=commit)
        elif key in there:
            store.edit(code, "service_points", remove=[key], commit=commit)
        else:
            continue
        told.append((n, key, name))
    for n in range(8):
        wanted = {key: name for since, key, name in told if since <= n}
        frame = store.snapshot(code, as_of=day(n))[1].service_points
        assert frame["point_id"].is_unique
        found = dict(zip(frame["point_id"], frame["name"], strict=True))
        assert found == {key: name for key, name in wanted.items() if name != "-"}


def told_now(told: list[tuple[int, str, str]]) -> list[tuple[str, str]]:
    return [(key, name) for _, key, name in told]


def test_a_change_that_reaches_back_ends_what_was_true_before(store):
    store.replace(DISTRICT, replace(LAYERS, service_points=points("one")), commit=Commit(
        valid_from=day(10)))  # fmt: skip
    store.edit(CODE, "service_points", put=points("two"), commit=Commit(valid_from=day(20)))
    store.edit(CODE, "service_points", put=points("back"), commit=Commit(valid_from=day(15)))

    def name(n: int) -> str:
        return store.snapshot(CODE, as_of=day(n))[1].service_points["name"].item()

    assert [name(n) for n in (10, 14, 15, 19, 20, 400)] == ["one", "one", *["back"] * 4]
    spans = [(v.content["name"], v.valid_from, v.valid_to) for v in
             store.versions(CODE, "service_points", "p1")]  # fmt: skip
    assert spans == [
        ("back", day(15), None),
        ("two", day(20), day(15)),
        ("one", day(10), day(15)),
    ]
    assert store.snapshot(CODE, as_of=2)[1].service_points["name"].item() == "two"


def test_a_removed_feature_that_comes_back_earlier_has_one_row_a_day(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=day(0)))
    store.edit(CODE, "gates", remove=["g1"], commit=Commit(valid_from=day(20)))
    store.edit(
        CODE, "gates", put=LAYERS.gates.assign(name="new"), commit=Commit(valid_from=day(10))
    )
    for n, wanted in ((9, "南门"), (10, "new"), (19, "new"), (20, "new")):
        assert store.snapshot(CODE, as_of=day(n))[1].gates["name"].tolist() == [wanted]


def test_the_district_itself_has_a_past(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=day(10)))
    wide = DISTRICT.boundary.buffer(0.001)
    store.set_boundary(CODE, wide, commit=Commit(valid_from=day(20)))
    assert store.district(CODE, as_of=1).boundary == DISTRICT.boundary
    assert store.district(CODE, as_of=day(19)) == replace(DISTRICT, revision=1)
    assert store.district(CODE, as_of=day(20)) == replace(DISTRICT, boundary=wide, revision=2)
    with pytest.raises(NotFoundError, match="not stored as of 2024-01-10"):
        store.district(CODE, as_of=day(9))


def test_a_district_is_as_old_as_the_oldest_that_is_known_of_it(store):
    store.replace(DISTRICT, Layers())
    store.replace_layer(CODE, "grids", LAYERS.grids, commit=Commit(valid_from=day(0)))
    district, layers = store.snapshot(CODE, as_of=day(3))
    assert district.revision == 2
    assert (len(layers.grids), len(layers.buildings)) == (7, 0)


def test_a_day_means_the_last_change_before_it(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=day(10)))
    store.edit(CODE, "service_points", put=points("two"), commit=Commit(valid_from=day(20)))
    assert store.moment(CODE, 1) == 1
    assert store.moment(CODE, 2) is None
    assert store.moment(CODE, day(10)) == store.moment(CODE, day(19)) == day(10)
    assert store.moment(CODE, day(20)) is store.moment(CODE, day(500)) is None
    with pytest.raises(NotFoundError):
        store.moment(CODE, day(9))
    with pytest.raises(NotFoundError):
        store.moment(CODE, 3)
    with pytest.raises(InputError, match="still to come"):
        store.moment(CODE, date(2999, 1, 1))


def test_a_change_is_not_true_from_a_day_to_come(store):
    tomorrow = datetime.now(UTC).date() + timedelta(days=3)
    with pytest.raises(InputError, match="wanted today or a day before"):
        store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=tomorrow))
    assert store.districts() == []


# --- the log -------------------------------------------------------------------------------------


def test_the_log_tells_who_what_when_before_and_after(store):
    store.replace(DISTRICT, LAYERS, commit=Commit("first", actor="zhang"))
    commit = Commit(actor="li", valid_from=day(3))
    store.edit(CODE, "gates", put=LAYERS.gates.assign(access="closed"), commit=commit)
    store.edit(CODE, "service_points", remove=["p5"])
    gone, edited, first = store.changes(CODE)
    assert (first.revision, first.actor, str(first.what)) == (1, "zhang", "first")
    assert first.counts["buildings"] == {"added": 6, "changed": 0, "removed": 0}
    assert first.at.endswith("+00:00")
    assert (edited.actor, str(edited.what), edited.valid_from) == ("li", "gates changed", day(3))
    assert edited.counts == {"gates": {"added": 0, "changed": 1, "removed": 0}}
    assert edited.before == {"gates": {"g1": {"access": "private"}}}
    assert edited.after == {"gates": {"g1": {"access": "closed"}}}
    assert gone.before["service_points"]["p5"]["name"] == "日间照料中心"
    assert gone.before["service_points"]["p5"]["geom"].startswith("POINT (118.00")
    assert gone.after == {}
    assert [c.revision for c in store.changes(CODE, limit=1)] == [3]
    assert [c.revision for c in store.changes(CODE, after=1)] == [3, 2]
    assert store.changes(CODE, after=3) == []


def test_the_log_outlives_the_district(town):
    town.delete(CODE, commit=Commit(actor="wang"))
    gone, made = town.changes(CODE)
    assert (gone.revision, gone.actor, str(gone.what)) == (2, "wang", "district deleted")
    assert gone.counts["buildings"] == {"added": 0, "changed": 0, "removed": 6}
    assert made.revision == 1
    with pytest.raises(NotFoundError):
        town.changes("nowhere")


def test_versions_are_the_states_of_one_feature(town):
    town.edit(CODE, "service_points", put=points("new"))
    town.edit(CODE, "service_points", remove=["p1"])
    town.edit(CODE, "service_points", put=points("again"))
    spans = [(v.content["name"], v.since, v.until) for v in
             town.versions(CODE, "service_points", "p1")]  # fmt: skip
    assert spans == [("again", 4, None), ("new", 2, 3), ("四季面馆", 1, 2)]
    assert town.versions(CODE, "service_points", "p9") == []
    assert [v.since for v in town.versions(CODE, "walk_edges", 1)] == [1]
    with pytest.raises(InputError, match="'roads'"):
        town.versions(CODE, "roads", "1")


# --- edits of features ---------------------------------------------------------------------------


def test_an_edit_of_what_somebody_else_changed_is_refused(town):
    seen = {"p1": 1, "p2": 1}
    assert town.edit(CODE, "service_points", put=points("mine"), expected={"p1": 1}) == 2
    with pytest.raises(StaleError, match=r"p1 \(now of revision 2\)") as caught:
        town.edit(CODE, "service_points", put=points("late", "late"), expected=seen)
    assert (caught.value.layer, caught.value.now) == ("service_points", {"p1": 2})
    town.edit(CODE, "service_points", remove=["p2"], expected={"p2": 1})
    with pytest.raises(StaleError, match=r"p2 \(gone\)") as caught:
        town.edit(CODE, "service_points", put=points("x", "y"), expected={"p1": 2, "p2": 1})
    assert caught.value.now == {"p2": None}
    with pytest.raises(StaleError, match=r"p1 \(now of revision 2\)"):
        town.edit(CODE, "service_points", put=points("new"), expected={"p1": None})
    assert town.district(CODE).revision == 3
    assert town.layers(CODE).service_points["name"].tolist()[0] == "mine"


def test_only_a_feature_that_is_there_is_removed(town):
    with pytest.raises(NotFoundError, match="point_id p9, p8 to remove"):
        town.edit(CODE, "service_points", remove=["p9", "p1", "p8"])
    assert town.counts(CODE)["service_points"] == 5


def test_a_change_beside_leaves_a_feature_as_old_as_it_is(town):
    town.replace_layer(CODE, "service_points", points("四季面馆", "changed"))
    since = {key: town.versions(CODE, "service_points", key)[0].since for key in ("p1", "p2")}
    assert since == {"p1": 1, "p2": 2}


# --- undo ----------------------------------------------------------------------------------------


def imported(store, layer: str, frame: pd.DataFrame, *, valid_from: date | None = None) -> int:
    commit = Commit("import", report=ImportReport("file.csv"), valid_from=valid_from)
    return store.replace_layer(CODE, layer, frame, commit=commit)


def test_an_import_is_undone_as_of_its_day(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=day(0)))
    imported(store, "service_points", points("wrong"), valid_from=day(10))
    assert store.undo(CODE, commit=Commit(actor="li"), based_on=2) == 3
    assert_layers_equal(store.layers(CODE), LAYERS)
    for n in (5, 10, 15, 400):
        assert_layers_equal(store.snapshot(CODE, as_of=day(n))[1], LAYERS)
    assert store.snapshot(CODE, as_of=2)[1].service_points["name"].tolist() == ["wrong"]
    newest = store.changes(CODE)[0]
    assert (newest.actor, str(newest.what)) == ("li", "undo of the import of file.csv")
    assert [(record.revision, record.undone) for record in store.imports(CODE)] == [(2, 3)]


def test_what_was_undone_is_not_undone_again(town):
    imported(town, "service_points", points("wrong"))
    town.undo(CODE)
    with pytest.raises(InputError, match="was undone by revision 3"):
        town.undo(CODE, 2)
    with pytest.raises(InputError, match="Got nothing to undo: revision 1 made 371602"):
        town.undo(CODE)
    imported(town, "service_points", points("wrong again"))
    assert town.undo(CODE) == 5


def test_an_import_that_made_the_district_is_undone_by_deleting_it(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(report=ImportReport("town.osm")))
    assert store.undo(CODE) == 0
    assert store.districts() == []
    assert str(store.changes(CODE)[0].what) == "undo of the import of town.osm"
    assert store.replace(DISTRICT, LAYERS) == 3


def test_an_import_before_other_changes_is_undone_alone(town):
    imported(town, "service_points", points("new"))
    town.edit(CODE, "gates", remove=["g1"])
    assert town.undo(CODE, 2) == 4
    layers = town.layers(CODE)
    assert layers.service_points.equals(LAYERS.service_points)
    assert layers.gates.empty
    assert [(record.revision, record.undone) for record in town.imports(CODE)] == [(2, 4)]


def test_undo_and_delete_mind_the_revision(store):
    store.replace(DISTRICT, LAYERS, commit=Commit(report=ImportReport("town.osm")))
    for call in (store.undo, store.delete):
        with pytest.raises(RevisionError, match="at revision 1, no longer at 7"):
            call(CODE, based_on=7)
    assert store.district(CODE).revision == 1


def test_keys_name_every_layer():
    assert set(KEYS) == {field.name for field in fields(Layers)}
