"""Drawing grids and beats on neighbourhoods whose answer is known."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries.demo.bincheng_district import bincheng
from geo.errors import CrsError, InputError, NotFoundError
from geo.grids.assign import assign, demand_xy
from geo.grids.codes import is_valid, number_of, scheme_of
from geo.model.layers import conform_layer
from geo.model.vocabulary import Level
from geo.partition.atoms.band import BEAT_BAND, MOST, SMALL_BAND, Band
from geo.partition.outputs.grid_frame import grid_frame
from geo.partition.pipeline import partition
from tests.geo.partition.partition_scene import CODE, box, lattice, line, neighbourhood
from tests.towns import CORNER, EPSG

ROW = box(0, 0, 160, 20)


def smalls(result):
    return result.grids[result.grids["level"] == "small"]


def loads(result, layers):
    """Households of each small grid that has any, ascending."""
    own = assign(result.grids, *demand_xy(layers.buildings).T, nearest=False)["small"]
    return sorted(layers.buildings["households"].groupby(own.to_numpy()).sum().tolist())


def check(result, boundary, layers):
    """Hold what holds of every drawing."""
    for level in Level:
        shapes = result.grids[result.grids["level"] == level].geometry.to_numpy()
        assert (shapely.get_type_id(shapes) == 3).all()
        assert shapely.coverage_is_valid(shapes)
        union = shapely.union_all(shapes)
        assert shapely.area(shapely.symmetric_difference(union, boundary)) < 1e-3
    parents = result.grids.set_index("code").geometry
    for level in ("small", "medium"):
        some = result.grids[result.grids["level"] == level]
        for parent, own in some.groupby("parent_code"):
            assert shapely.coverage_union_all(own.geometry.to_numpy()).equals(parents[parent])
    shapes = smalls(result).geometry.to_numpy()
    footprints = layers.buildings.geometry.to_numpy()
    building, grid = shapely.STRtree(shapes).query(footprints, predicate="intersects")
    inside = shapely.area(shapely.intersection(footprints[building], shapes[grid])) > 0.01
    assert (np.bincount(building[inside], minlength=len(footprints)) == 1).all()
    assert result.report.one_part
    assert result.faults == ()
    assert result.report.households == layers.buildings["households"].sum()


def test_a_row_of_eight_houses_becomes_two_halves():
    layers = neighbourhood(lattice(8, 1), [10] * 8)
    result = partition(ROW, layers, code=CODE)
    check(result, ROW, layers)
    assert loads(result, layers) == [40, 40]
    assert shapely.area(smalls(result).geometry.to_numpy()) == pytest.approx([1600, 1600], abs=1)
    assert result.grids["code"].tolist() == [
        "371602000001", "3716020000011", "371602000001101", "371602000001102",
    ]  # fmt: skip
    assert result.workers["worker_code"].tolist() == ["371602000001W01"] * 2
    assert result.roster["households"].tolist() == [80]
    assert result.report.compactness["p50"] == pytest.approx(np.pi * 80 * 20 / 100**2, abs=1e-3)


def test_who_stand_on_two_sides_of_a_wall_are_never_one_grid():
    layers = neighbourhood(lattice(4, 1), [10] * 4, walls=[line((40, -1), (40, 21))])
    area = box(0, 0, 80, 20)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert loads(result, layers) == [20, 20]
    assert result.report.reasons == {"too_few_households": 2}
    assert result.report.beats_out_of_band == 1  # one worker for both: there is a gate


def test_few_households_cross_a_street_but_no_river():
    street = [("residential", [(40, 0), (40, 20)])]
    layers = neighbourhood(lattice(4, 1), [10] * 4, streets=street)
    area = box(0, 0, 80, 20)
    assert loads(partition(area, layers, code=CODE), layers) == [40]
    enough = neighbourhood(
        lattice(8, 1), [10] * 8, streets=[("residential", [(100, 0), (100, 20)])]
    )
    result = partition(ROW, enough, code=CODE)
    assert loads(result, enough) == [30, 50]  # nobody has to cross
    river = neighbourhood(lattice(4, 1), [10] * 4, water=[line((40, -1), (40, 21))])
    result = partition(area, river, code=CODE)
    assert loads(result, river) == [20, 20]
    assert result.report.workers == 2


def test_what_counting_forbids_is_told():
    layers = neighbourhood(lattice(5, 1), [11] * 5)
    result = partition(box(0, 0, 100, 20), layers, code=CODE)
    assert result.report.reasons == {"no_number_fits": result.report.out_of_band}
    tower = neighbourhood(lattice(4, 1), [70, 10, 10, 10])
    result = partition(box(0, 0, 80, 20), tower, code=CODE)
    assert loads(result, tower) == [30, 70]
    assert result.report.reasons == {"buildings_too_large": 1}
    assert result.report.faults.loc[0, ["kind", "households"]].tolist() == ["grid", 70]


def test_a_street_through_a_house_runs_around_it():
    layers = neighbourhood(lattice(8, 1), [10] * 8, streets=[("residential", [(70, 0), (70, 20)])])
    result = partition(ROW, layers, code=CODE)
    check(result, ROW, layers)
    assert sum(loads(result, layers)) == 80


def test_houses_that_overlap_or_stand_in_one_place_stay_together():
    places = [*lattice(4, 1), (12, 10), (32, 12)]
    layers = neighbourhood(places, [10] * 6)
    area = box(0, 0, 80, 20)
    result = partition(area, layers, code=CODE)
    own = assign(result.grids, *demand_xy(layers.buildings).T, nearest=False)["small"]
    assert own[0] == own[4]
    assert own[1] == own[5]
    assert sum(loads(result, layers)) == 60


def test_a_house_outside_is_named():
    layers = neighbourhood([*lattice(4, 1), (500, 500)], [10] * 5)
    result = partition(box(0, 0, 80, 20), layers, code=CODE)
    assert result.report.outside == ("b004",)
    assert result.report.households == 40


def test_nobody_lives_here():
    layers = neighbourhood(lattice(2, 1), [0, 0])
    area = box(0, 0, 400, 400)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert (result.report.workers, result.report.empty) == (0, 1)
    assert len(result.workers) == 0


def test_ground_without_homes_belongs_to_the_grid_of_its_block():
    layers = neighbourhood(lattice(4, 1), [10] * 4)
    area = box(0, 0, 600, 400)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert loads(result, layers) == [40]
    assert (result.report.in_band, result.report.empty) == (1, 0)


def test_an_empty_block_goes_whole_to_its_neighbour_and_a_park_is_a_grid_of_its_own():
    """Four houses, a block of 0.3 ha where nobody lives, and one of 6 ha."""
    streets = [("residential", [(80, 0), (80, 200)]), ("residential", [(95, 0), (95, 200)])]
    layers = neighbourhood(lattice(4, 1), [10] * 4, streets=streets)
    area = box(0, 0, 395, 200)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    areas = sorted(shapely.area(smalls(result).geometry.to_numpy()).round().tolist())
    assert areas == [95 * 200, 300 * 200]
    assert (result.report.in_band, result.report.empty) == (1, 1)


def test_an_empty_block_does_not_cross_a_wall():
    """The strip between the wall and the street goes with those across the street."""
    streets = [("residential", [(100, -1), (100, 201)])]
    wall = line((85, -1), (85, 201))
    layers = neighbourhood(
        [*lattice(4, 1), *((x + 110, y) for x, y in lattice(4, 1))], [10] * 8,
        walls=[wall], streets=streets,
    )  # fmt: skip
    area = box(0, 0, 200, 200)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    areas = shapely.area(smalls(result).geometry.to_numpy()).round().tolist()
    assert sorted(areas) == [85 * 200, 115 * 200]


def test_a_building_over_the_band_is_a_grid_of_its_own():
    layers = neighbourhood(lattice(7, 1), [10, 10, 10, 70, 10, 10, 10])
    area = box(0, 0, 140, 20)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert loads(result, layers) == [30, 30, 70]
    assert result.report.reasons == {"buildings_too_large": 1}


def test_what_no_drawing_puts_in_its_band_is_told_as_proven():
    """25, 30 and 25 households in a row: 80 are two grids by counting, but not these."""
    layers = neighbourhood(lattice(3, 1), [25, 30, 25])
    result = partition(box(0, 0, 60, 20), layers, code=CODE)
    assert set(result.report.reasons) == {"nothing_around_fits"}


def test_a_border_ends_on_the_street_wherever_that_runs():
    """Slanting streets move by parts of a millimetre when they are noded; borders reach them."""
    houses = [(20 + 25 * i, 30 + 10 * i) for i in range(8)]
    street = ("residential", [(-7.3, 41.17), (260.9, 148.41)])
    layers = neighbourhood(houses, [35] * 8, streets=[street])
    area = box(0, 0, 240, 160)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert loads(result, layers) == [35] * 8


def test_a_wall_that_ends_in_mid_block_separates_no_homes():
    """The wall bounds no face; only the outline of a grid would shut one side off."""
    walls = [line((40, -1), (40, 21)), line((-1, 25), (30, 25))]
    layers = neighbourhood(lattice(8, 2), [10] * 16, walls=walls)
    area = box(0, 0, 160, 40)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)


def test_beats_are_whole_small_grids_and_few():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    area = box(0, 0, 120, 80)
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert result.report.out_of_band == 0
    assert result.report.beats_out_of_band == 0
    assert result.roster["households"].tolist() == [120, 120]
    assert sorted(result.workers["grid_code"]) == sorted(smalls(result)["code"])


def test_a_worker_keeps_the_beat_that_is_known_best():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    area = box(0, 0, 120, 80)
    first = partition(area, layers, code=CODE)
    renamed = first.workers.assign(
        worker_code=first.workers["worker_code"].map(
            {"371602000001W01": "zhang", "371602000001W02": "li"}
        )
    )
    again = partition(area, replace(layers, grids=first.grids, workers=renamed), code=CODE)
    assert sorted(again.roster["worker_code"]) == ["li", "zhang"]
    assert (again.roster["kept_households"] == again.roster["households"]).all()


def test_same_seed_same_bytes_on_any_number_of_threads():
    wide, tall = 10, 8
    river = [line((100, -5), (100, 165)), line((-5, 80), (205, 80))]
    layers = neighbourhood(lattice(wide, tall), [10, 12, 11, 11, 0] * 16, water=river)
    area = box(0, 0, 200, 160)
    first = partition(area, layers, code=CODE, seed=4)
    second = partition(area, layers, code=CODE, seed=4, threads=3)
    assert first.report.workers >= 4
    assert first.grids.to_wkb().equals(second.grids.to_wkb())
    assert first.workers.equals(second.workers)


def test_locked_grids_stay_and_their_codes_are_not_given_again():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    area = box(0, 0, 120, 80)
    first = partition(area, layers, code=CODE)
    names = smalls(first)["code"].tolist()
    kept = {names[2]}
    again = partition(area, replace(layers, grids=first.grids), code=CODE, seed=9, locked=kept)
    check(again, area, layers)
    old, new = (r.grids.set_index("code").geometry[names[2]] for r in (first, again))
    assert shapely.hausdorff_distance(old, new) < 2e-4
    assert again.grids["code"].is_unique
    assert again.report.out_of_band == 0
    with pytest.raises(NotFoundError, match="'nowhere'"):
        partition(area, layers, code=CODE, locked={"nowhere"})


@pytest.mark.parametrize(
    ("code", "used", "ending", "expected"),
    [
        ("371602", {1, 2}, {3, 4, 5, 6, 7, 8}, [3, 9]),  # the scheme ends at 9
        ("371602", {2}, {3}, [1, 4]),
        ("malta", set(range(1, 9)), {9}, [10, 11]),  # this one does not end
    ],
)
def test_numbers_of_present_grids_are_given_again_only_where_there_are_no_others(
    code, used, ending, expected
):
    scheme = scheme_of(code)
    of = "371602000001" if code == "371602" else "malta-001"
    own, last = ({f"{of}{scheme.separator}{n}" for n in some} for some in (used, ending))
    levels = {Level.LARGE: [0, 0], Level.MEDIUM: [0, 1], Level.SMALL: [0, 1]}
    grids, _ = grid_frame(
        np.array([box(0, 0, 9, 9), box(9, 0, 18, 9)], object), np.arange(2),
        {level: np.array(groups) for level, groups in levels.items()}, scheme,
        used=own, ending=last,
    )  # fmt: skip
    medium = grids.loc[grids["level"] == "medium", "code"]
    assert [number_of(each, scheme) for each in medium] == expected


def test_a_locked_large_grid_is_an_area():
    layers = neighbourhood(lattice(8, 4), [10] * 32)
    left, right = box(0, 0, 100, 80), box(100, 0, 160, 80)
    area = box(0, 0, 160, 80)
    first = partition(area, layers, code=CODE)
    large = first.grids[first.grids["level"] == "large"]
    two = large.iloc[[0, 0]].assign(
        code=["371602001001", "371602001002"], name_zh=["东", "西"], geometry=[left, right]
    )
    again = partition(
        area, replace(layers, grids=two.reset_index(drop=True)), code=CODE, locked=set(two["code"])
    )
    check(again, area, layers)
    held = again.grids[again.grids["level"] == "large"]
    assert held["name_zh"].tolist() == ["东", "西"]
    assert shapely.area(held.geometry.to_numpy()) == pytest.approx([8000, 4800], abs=0.1)
    assert again.report.out_of_band == 0


def test_the_caller_watches_and_stops_it():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    seen = []
    partition(box(0, 0, 120, 80), layers, code=CODE, watch=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        partition(box(0, 0, 120, 80), layers, code=CODE, watch=stop)


def test_what_cannot_be_drawn_is_refused():
    layers = neighbourhood(lattice(4, 1), [10] * 4)
    with pytest.raises(InputError, match="boundary"):
        partition(line((0, 0), (1, 1)), layers, code=CODE)
    degrees = replace(layers, buildings=layers.buildings.to_crs(4326))
    with pytest.raises(CrsError):
        partition(box(0, 0, 80, 20), degrees, code=CODE)
    with pytest.raises(InputError, match="band"):
        Band(50, 30, 40)
    Band(10_000, MOST - 10_000, 12_000)
    with pytest.raises(InputError, match=r"10000 to 22768 .* together at most 32767"):
        Band(10_000, MOST - 9_999, 12_000)  # sums would not fit 16 bits


def test_counting():
    assert [n for n in range(1, 400) if not SMALL_BAND.allows(n)] == [
        *range(1, 30), *range(51, 60),
    ]  # fmt: skip
    assert [n for n in range(80, 1000) if not BEAT_BAND.allows(n)] == [*range(121, 160)]


@st.composite
def blocks(draw):
    """Houses of ten households, some of none, in a lattice with gaps, cut by walls and streets."""
    columns, rows = draw(st.integers(3, 7)), draw(st.integers(2, 5))
    places = lattice(columns, rows)
    wall = draw(st.none() | st.integers(1, columns - 1))
    street = draw(st.none() | st.integers(1, rows - 1))
    gone = draw(st.sets(st.integers(0, len(places) - 1), max_size=4))
    places = [place for i, place in enumerate(places) if i not in gone]
    walls = [line((20 * wall, -1), (20 * wall, 20 * rows + 1))] if wall else []
    streets = [("residential", [(0, 20 * street), (20 * columns, 20 * street)])] if street else []
    empty = draw(st.sets(st.integers(0, len(places) - 1), max_size=4))
    households = [10 * (i not in empty) for i in range(len(places))]
    layers = neighbourhood(places, households, walls=walls, streets=streets)
    return box(0, 0, 20 * columns, 20 * rows), layers, wall


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(blocks())
def test_every_drawing_keeps_the_rules(case):
    area, layers, wall = case
    result = partition(area, layers, code=CODE)
    check(result, area, layers)
    assert "not_found" not in result.report.reasons
    assert all(is_valid(code, scheme_of(CODE)) for code in result.grids["code"])
    own = assign(result.grids, *demand_xy(layers.buildings).T, nearest=False)["small"]
    if wall:
        east = demand_xy(layers.buildings)[:, 0] > CORNER[0] + 20 * wall
        assert not set(own[east]) & set(own[~east])
    held = result.roster["households"].sum()
    assert held == layers.buildings["households"].sum()


def test_a_synthetic_town():
    district, layers = bincheng(households=8_000, street="371602001", seed=3)
    layers = layers.to_metric(district.epsg)
    outline = gpd.GeoSeries([district.boundary], crs=4326).to_crs(district.epsg).iloc[0]
    result = partition(outline, layers, code=CODE)
    report = result.report
    shapes = smalls(result).geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(outline.area, rel=1e-8)
    assert report.one_part
    assert (report.outside, report.out_of_band) == ((), 0)
    assert report.beats_out_of_band <= 3  # of about 80; a larger town has 98 % in the band
    assert report.workers <= 1.02 * report.standard_workers
    assert report.compactness["p50"] >= 0.70
    assert report.compactness["p10"] >= 0.55
    own = assign(result.grids, *demand_xy(layers.buildings).T, nearest=False)["small"].to_numpy()
    walls = layers.barriers[layers.barriers["kind"] == "wall"].geometry
    rings = np.array([shapely.Polygon(wall.coords) for wall in walls])
    inside = layers.buildings.representative_point().to_numpy()
    building, ring = shapely.STRtree(rings).query(inside, predicate="within")
    behind = np.full(len(inside), -1)
    behind[building] = ring
    lived = layers.buildings["households"].to_numpy() > 0
    sides = pd.Series(behind[lived]).groupby(own[lived]).nunique()
    assert (sides == 1).all()  # no grid on two sides of a wall
    grids = np.asarray(smalls(result).geometry)
    footprints = layers.buildings.geometry.to_numpy()
    building, grid = shapely.STRtree(grids).query(footprints, predicate="intersects")
    cut = shapely.area(shapely.intersection(footprints[building], grids[grid])) > 0.05
    assert (np.bincount(building[cut]) == 1).all()


def test_a_superblock_with_more_grids_than_there_are_numbers_is_several_medium_grids():
    layers = neighbourhood(lattice(12, 11), [40] * 132)
    result = partition(box(0, 0, 240, 220), layers, code=CODE)
    small = result.grids[result.grids["level"] == "small"]
    assert len(small) == 132  # two houses of 40 are too many for one grid
    assert small.groupby("parent_code").size().max() <= 99
    assert result.grids["level"].value_counts()["medium"] == 2
    assert result.report.one_part


def test_a_locked_grid_keeps_the_building_that_its_outline_goes_around():
    area = box(0, 0, 120, 80)
    places = [*(each for each in lattice(6, 4) if each not in {(50, 50), (70, 50)}), (63, 40)]
    street = [("residential", [(60, 0), (60, 80)])]  # through the last house, which is a face then
    layers = neighbourhood(places, [6] * len(places), streets=street)
    own = shapely.union_all([box(0, 0, 60, 80), box(58, 35, 68, 45)])
    kept = f"{CODE}000001101"
    rows = [
        (f"{CODE}000001", "large", None, area),
        (f"{CODE}0000011", "medium", f"{CODE}000001", area),
        (kept, "small", f"{CODE}0000011", own),
        (f"{CODE}000001102", "small", f"{CODE}0000011", shapely.difference(area, own)),
    ]
    frame = gpd.GeoDataFrame(rows, columns=["code", "level", "parent_code", "geometry"])
    grids = frame.set_crs(layers.buildings.crs).assign(name_zh="", name_en="", origin="drawn")
    grids = conform_layer("grids", grids)
    drawn = partition(area, replace(layers, grids=grids), code=CODE, locked={kept})
    after = drawn.grids.set_index("code").geometry[kept]
    assert shapely.symmetric_difference(after, own).area < 0.1


def grounds(*rows: tuple[str, str, shapely.Polygon]) -> gpd.GeoDataFrame:
    """Return the layer ``open_grounds`` from kinds, names and shapes."""
    frame = gpd.GeoDataFrame(rows, columns=["kind", "name", "geometry"], crs=EPSG)
    return conform_layer("open_grounds", frame.assign(ground_id=[f"g{i}" for i in frame.index]))


def test_a_park_is_one_named_grid_whatever_lanes_run_through_it():
    area = box(0, 0, 420, 400)
    park = box(120, 0, 420, 400)
    streets = [
        ("residential", [(120, 0), (120, 400)]),
        ("service", [(120, 200), (420, 200)]),
        ("track", [(270, 0), (270, 400)]),
    ]
    layers = neighbourhood(lattice(6, 4), [10] * 24, streets=streets)
    layers = replace(layers, open_grounds=grounds(("park", "人民公园", park)))
    drawn = partition(area, layers, code=CODE)
    (own,) = drawn.grids[drawn.grids["name_zh"] == "人民公园"].itertuples()
    assert own.level == "small"
    assert shapely.symmetric_difference(own.geometry, park).area < 1.0
    assert drawn.faults == ()


def test_ground_without_a_name_is_called_by_its_use_and_its_outline_is_a_border():
    area = box(0, 0, 520, 200)
    field = box(200, 0, 520, 200)  # no street runs between it and the homes
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    layers = replace(layers, open_grounds=grounds(("field", "", field)))
    drawn = partition(area, layers, code=CODE)
    (own,) = drawn.grids[drawn.grids["name_zh"].str.startswith("农田")].itertuples()
    assert own.name_en.startswith("Fields ")
    assert shapely.symmetric_difference(own.geometry, field).area < 1.0


def test_small_ground_and_ground_with_homes_have_no_name_of_their_own():
    area = box(0, 0, 120, 80)
    some = grounds(("park", "人民公园", box(0, 0, 20, 20)), ("works", "厂", area))
    layers = replace(neighbourhood(lattice(6, 4), [10] * 24), open_grounds=some)
    drawn = partition(area, layers, code=CODE)
    assert set(drawn.grids["name_zh"]) & {"人民公园", "厂"} == set()
    assert drawn.report.out_of_band == 0
