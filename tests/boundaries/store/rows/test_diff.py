"""What the log says of a change, value by value, and from how many rows on it is silent."""

import pytest

from boundaries.store.rows.diff import MOST_NAMED, Difference, Stored, changed_values, difference


def rows(count):
    """Return rows of the layer ``workers``: worker, grid, name and telephone of the post."""
    return [("w", f"g{number:03d}", None, None) for number in range(count)]


def named_row(worker, grid):
    return {"worker_code": worker, "grid_code": grid, "post_name": None, "phone": None}


@pytest.mark.parametrize(("count", "named"), [(100, True), (101, False)])
def test_a_hundred_rows_are_named_and_one_more_is_not(count, named):
    assert MOST_NAMED == 100
    added = Difference(added=rows(count))
    assert changed_values({"workers": added}, list) == (
        (
            {},
            {"workers": {grid: named_row("w", grid) for _, grid, *_ in rows(count)}},
        )
        if named
        else ({}, {})
    )


@pytest.mark.parametrize(("added", "named"), [(40, True), (41, False)])
def test_added_changed_and_removed_rows_count_alike(added, named):
    stored = [Stored(number, 1, row) for number, row in enumerate(rows(60))]
    new = [("v", *rest) for _, *rest in rows(30)]
    new += [("w", f"h{n}", None, None) for n in range(added)]
    found = difference("workers", stored, new)
    assert found.counts == {"added": added, "changed": 30, "removed": 30}
    before, after = changed_values({"workers": found}, list)
    assert bool(before) is bool(after) is named
    if named:
        assert before["workers"]["g000"] == {"worker_code": "w"}
        assert after["workers"]["g000"] == {"worker_code": "v"}
        assert before["workers"]["g059"] == named_row("w", "g059")
        assert (len(before["workers"]), len(after["workers"])) == (60, 70)
