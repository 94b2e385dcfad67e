"""Addresses are taken apart as the table beside says, whoever wrote them."""

import csv
from pathlib import Path

import pytest

from boundaries.readers.households.addresses import Address, KnownPlaces, parsed_address

KNOWN = KnownPlaces({"滨城区"}, {"凤凰", "春晖"}, {"春晖", "春晖名苑", "万达1区"})
with (Path(__file__).parent / "addresses.csv").open(encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["address"])
def test_an_address_is_taken_apart(case):
    whole = bool(case["is_building"])
    parts = Address(*(case[name] for name in Address._fields))
    assert parsed_address(case["address"], KNOWN, is_building=whole) == parts
