"""Edits written row by row have the descent of the whole edit, in whatever order they came."""

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from geo.grids.edits.foreign_edits import OPEN_ENDED, row_edits
from geo.grids.succession import successions
from tests.examples import examples
from tests.plans import EPSG, plan, smalls


class Book:
    """What a store keeps of grids that somebody writes row by row."""

    def __init__(self, grids: dict[str, object]) -> None:
        self.now = {code: (1, shape) for code, shape in grids.items()}
        self.past: list[tuple] = []
        self.revision = 1

    def write(self, rows: dict[str, object]) -> int:
        """Write some rows as one revision; None takes one away."""
        self.revision += 1
        for code, shape in rows.items():
            if code in self.now:
                since, old = self.now.pop(code)
                self.past.append((code, since, self.revision, old))
            if shape is not None:
                self.now[code] = (self.revision, shape)
        return self.revision

    def shapes(self) -> dict[str, object]:
        return {code: shape for code, (_, shape) in self.now.items()}

    def told(self, foreign: set[int]) -> list[tuple]:
        """Return the last revision of each edit, and what each grid came from by it."""
        rows = [
            *self.past,
            *((c, since, OPEN_ENDED, shape) for c, (since, shape) in self.now.items()),
        ]
        states = gpd.GeoDataFrame(
            pd.DataFrame(rows, columns=["code", "since", "until", "geometry"]), crs=EPSG
        ).assign(level="small")
        return [
            (edit.revisions[-1], heir.kind, heir.old_code, heir.new_code, round(heir.share, 9))
            for edit in row_edits(states, foreign)
            for heir in edit.successions
        ]


def edit(rng: np.random.Generator, grids: dict[str, object], fresh: str) -> dict[str, object]:
    """Return the rows of a random edit: a split, a merge, a border that moves, a new name."""
    code = sorted(grids)[rng.integers(len(grids))]
    shape = grids[code]
    near = sorted(c for c, g in grids.items() if c != code and shape.intersection(g).length > 5)
    kind = rng.integers(4)
    west, south, east, north = shape.bounds
    x = west + (east - west) * rng.uniform(0.25, 0.75)
    left = shape.intersection(box(west - 1, south - 1, x, north + 1))
    right = shape.intersection(box(x, south - 1, east + 1, north + 1))
    if kind == 0 or not near:
        parts = {code: left, fresh: right}
        return parts if rng.integers(2) else {code: None, fresh + "a": left, fresh + "b": right}
    other = near[rng.integers(len(near))]
    if kind == 1:
        return {code: shape.union(grids[other]), other: None}
    if kind == 2:
        return {code: None, fresh: shape}
    mine = max((left, right), key=lambda part: part.intersection(grids[other]).length)
    return {code: shape.difference(mine), other: grids[other].union(mine)}


@examples(12)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.booleans())
def test_row_by_row_is_as_at_once(seed, count, whole):
    rng = np.random.default_rng(seed)
    small = smalls(plan(seed % 50))
    book = Book(dict(zip(small["code"], small.geometry, strict=True)))
    wanted = []
    for step in range(count):
        before = book.shapes()
        rows = edit(rng, before, f"new{step}")
        names = rng.permutation(list(rows)).tolist()
        for part in [names] if whole else [[name] for name in names]:
            last = book.write({name: rows[name] for name in part})
        old, new = (
            {c: g for c, g in each.items() if c in rows} for each in (before, book.shapes())
        )
        wanted += [(last, *heir[:3], round(heir.share, 9)) for heir in successions(old, new)]
    assert book.told(set(range(2, book.revision + 1))) == wanted


def squares() -> Book:
    """Return three grids in a row, ``a`` ``b`` ``c``, 10 m wide."""
    return Book({name: box(10 * k, 0, 10 * k + 10, 10) for k, name in enumerate("abc")})


def test_what_lies_between_two_edits_is_not_lost():
    book = squares()
    book.write({"a": box(0, 0, 5, 10)})
    book.write({"d": box(5, 0, 10, 10)})
    book.write({"d": None})
    book.write({"b": box(5, 0, 20, 10)})
    assert book.told({2, 3, 4, 5}) == [(3, "split", "a", "d", 0.5), (5, "merge", "d", "b", 1)]


def test_two_edits_at_a_time_are_kept_apart():
    book = squares()
    book.write({"a": None})  # left open
    book.write({"c": box(20, 0, 25, 10)})
    book.write({"e": box(25, 0, 30, 10)})  # this one is finished
    book.write({"e": None})
    book.write({"c": box(20, 0, 30, 10)})
    book.write({"b": box(0, 0, 20, 10)})
    assert book.told(set(range(2, 8))) == [
        (4, "split", "c", "e", 0.5), (6, "merge", "e", "c", 1), (7, "merge", "a", "b", 1),
    ]  # fmt: skip


def test_ground_that_nobody_took_has_no_heir():
    book = squares()
    book.write({"a": None})
    assert book.told({2}) == []
    book.write({"a": box(0, 0, 10, 10)})
    assert book.told({2, 3}) == []


def test_our_change_settles_what_a_foreign_one_left_open():
    book = squares()
    book.write({"a": box(0, 0, 5, 10)})
    book.write({"b": box(5, 0, 20, 10)})  # ours
    assert book.told({2}) == [(3, "move", "a", "b", 0.5)]
    book.write({"b": None, "c": box(5, 0, 30, 10)})  # ours alone: written when it was made
    assert book.told({2}) == [(3, "move", "a", "b", 0.5)]


def test_shapes_that_are_invalid_count_for_what_is_left_of_them():
    book = squares()
    book.write({"a": box(0, 0, 5, 10)})
    book.write({"d": Polygon([(5, 0), (10, 10), (10, 0), (5, 10)])})  # crosses itself
    assert book.told({2, 3}) == [(3, "split", "a", "d", 0.25)]
