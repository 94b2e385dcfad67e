"""Codes stay: new ones were never used before, and nothing is numbered anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ConflictError, InputError
from geo.grids.code_allocation import free_codes
from geo.grids.codes import is_valid, parent_of, scheme_of
from geo.model.vocabulary import Level

CN = scheme_of("371602")
MEDIUM = "3716020010011"


def free(count, used, parent=MEDIUM, level=Level.SMALL, scheme=CN):
    return free_codes(parent, count, level=level, scheme=scheme, used=used)


@given(st.sets(st.integers(1, 99)), st.integers(0, 99))
def test_never_a_code_that_was_used(numbers, count):
    used = {f"{MEDIUM}{n:02d}" for n in numbers}
    if count > 99 - len(used):
        with pytest.raises(ConflictError, match="no numbers left"):
            free(count, used)
        return
    found = free(count, used)
    assert len(set(found)) == count
    assert not used & set(found)
    assert all(is_valid(code, CN, Level.SMALL) and parent_of(code, CN) == MEDIUM for code in found)
    after = [int(code[-2:]) for code in found]
    if count and max(numbers, default=0) + count <= 99:
        assert after == list(
            range(max(numbers, default=0) + 1, max(numbers, default=0) + 1 + count)
        )


def test_holes_are_taken_only_at_the_end():
    assert free(2, [MEDIUM + "98", MEDIUM + "01"]) == [MEDIUM + "99", MEDIUM + "02"]


def test_codes_of_others_do_not_count():
    assert free(1, ["371602001001205", "371602001001", "x"]) == [MEDIUM + "01"]


def test_numbers_that_widen_have_no_end():
    used = [f"malta-001-1-{n:02d}" for n in range(1, 100)]
    assert free(1, used, "malta-001-1", scheme=scheme_of("malta")) == ["malta-001-1-100"]
    assert free(1, [], "malta-001", Level.MEDIUM, scheme_of("malta")) == ["malta-001-1"]


def test_only_under_a_parent_one_level_up():
    with pytest.raises(InputError, match="one level up"):
        free(1, [], "371602001001")
    with pytest.raises(InputError, match="one level up"):
        free(1, [], "371602", Level.LARGE)
