"""The schemes of grid codes as data."""

import pytest
from shapely import box

from boundaries.standards.code_schemes import code_schemes, load_scheme, scheme_followed
from geo.errors import InputError, NotFoundError
from geo.grids.codes import is_valid, level_of, number, parent_of, scheme_of
from geo.model.vocabulary import Level


def test_the_data_say_what_is_built_in():
    assert load_scheme("cn15", "371602") == scheme_of("371602")
    assert load_scheme("plain", "malta") == scheme_of("malta")
    assert {about["verified"] for about in code_schemes().values()} == {"text", "unverified"}
    assert all(about["source"] and about["zh"] and about["en"] for about in code_schemes().values())


@pytest.mark.parametrize(
    ("id_", "prefix", "code", "level", "parent"),
    [
        ("cn20", "010203", "010203371602001005", Level.LARGE, None),
        ("cn20", "010203", "0102033716020010053", Level.MEDIUM, "010203371602001005"),
        ("cn20", "010203", "01020337160200100537", Level.SMALL, "0102033716020010053"),
        ("stat12", "", "371602001601", Level.LARGE, None),
        ("stat12", "", "37160200160112", Level.MEDIUM, "371602001601"),
        ("stat12", "", "37160200160112345", Level.SMALL, "37160200160112"),
    ],
)
def test_levels_and_parents(id_, prefix, code, level, parent):
    scheme = load_scheme(id_, "371602", prefix=prefix)
    assert level_of(code, scheme) is level
    assert parent_of(code, scheme) == parent
    assert not is_valid(code, load_scheme(id_, "371603", prefix=prefix))
    if level is not Level.LARGE:  # a large grid alone may be of several
        assert scheme_followed([code], "371602") == scheme


def test_twenty_digits_are_numbered():
    scheme = load_scheme("cn20", "371602", prefix="010203")
    (large,) = number([box(0, 0, 1, 1)], ["371602"], level=Level.LARGE, scheme=scheme)
    assert large == "010203371602000001"
    assert number(
        [box(0, 0, 1, 1), box(0, 1, 1, 2)], [large] * 2, level=Level.MEDIUM, scheme=scheme
    ).tolist() == [large + "2", large + "1"]


def test_which_scheme_a_plan_follows():
    assert scheme_followed(["371602001001", "3716020010011"], "371602").id == "cn15"
    assert scheme_followed(["malta-001"], "malta").id == "plain"
    assert scheme_followed(["371602001001", "B7"], "371602") is None
    assert scheme_followed([], "371602").id == "cn15"


def test_what_does_not_fit_is_named():
    with pytest.raises(NotFoundError, match="cn15, cn20, stat12, plain"):
        load_scheme("cn99", "371602")
    with pytest.raises(InputError, match="wanted 6 digits"):
        load_scheme("cn15", "malta")
    with pytest.raises(InputError, match="prefix '1' for code scheme cn20"):
        load_scheme("cn20", "371602", prefix="1")
    with pytest.raises(InputError, match="wanted 0 digits"):
        load_scheme("cn15", "371602", prefix="1")
