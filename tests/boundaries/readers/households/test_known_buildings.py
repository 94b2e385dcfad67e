"""A building is found by any way to write its address, and no other one is taken in its place."""

import re
from dataclasses import replace

import pytest

from boundaries.readers.households.known_buildings import KnownBuildings
from tests.boundaries.imports import office_files as office

NAMES = [
    *(f"紫荆公寓{n}号楼" for n in range(1, 9)),
    *(f"燕东园{n}号楼" for n in (1, 2, 3, 10, 12, 20)),
    "燕东园小楼3号楼", "14号楼东", "14号楼西", "3号楼", "南2楼", "西南7", "红楼", "15食堂", "东1楼",
    "渤海七路568号",
]  # fmt: skip
NUMERALS = {1: "一", 2: "二", 3: "三", 10: "十", 12: "十二", 20: "二十"}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def written(name):
    """Yield ways to write the address of a building."""
    yield name
    if parts := re.fullmatch(r"(\D*)(\d+)号楼", name):
        place, n = parts[1], int(parts[2])
        yield from (f"{place}{n}栋", f"{place}{n:02d}#", f"{place}{n}幢2单元301室")
        yield from (f"{place}{n}-2-301", name.translate(WIDE), f"滨州市滨城区市中街道{name}")
        yield f"{place}{NUMERALS.get(n, n)}号楼"


def known(names):
    homes = office.LAYERS.buildings.head(len(names)).assign(name=names)
    return KnownBuildings(office.DISTRICT, replace(office.LAYERS, buildings=homes))


def test_every_building_is_found_by_every_way_to_write_it():
    buildings = known(NAMES)
    for row, name in enumerate(NAMES):
        for text in written(name):
            assert buildings.find(buildings.parsed(text)) == row, text


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_building_that_is_not_there_no_other_is_taken(first):
    buildings = known(NAMES[first::2])
    for name in NAMES[1 - first :: 2]:
        for text in written(name):
            assert not isinstance(buildings.find(buildings.parsed(text)), int), text


def test_a_part_of_a_building_is_not_the_whole():
    buildings = known(["14号楼东", "3号楼"])
    for text in ("14号楼", "14号楼西", "3号楼东侧"):
        assert not isinstance(buildings.find(buildings.parsed(text)), int), text
