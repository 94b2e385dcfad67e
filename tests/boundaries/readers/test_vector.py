"""Files of the user's: every row is accepted, repaired with a word, or rejected with a reason."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from shapely import MultiPoint, Point, Polygon

from boundaries.column_names import COLUMN_NAMES
from boundaries.import_report import told_counts
from boundaries.readers.aliases import COLUMN_ALIASES
from boundaries.readers.files.limits import MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_FREE_BYTES
from boundaries.readers.files.unpack import Budget
from boundaries.readers.shapes import FAR_M
from boundaries.readers.vector import read_layer
from geo.errors import CrsError, EmptyError, FileFormatError, InputError, NotFoundError, SchemaError
from geo.messages import speaking
from geo.model.layer_columns import COLUMNS
from tests.reports import told
from tests.scenes import (
    EAST,
    EPSG,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    square,
    tiny_district,
    xy,
)
from tests.shared import SHARED, needs_shared

DISTRICT, LAYERS = tiny_district()


def houses(*shapes, crs=EPSG, **columns) -> gpd.GeoDataFrame:
    columns = {"households": [5] * len(shapes), **columns}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def geojson(tmp_path, frame: gpd.GeoDataFrame) -> Path:
    path = tmp_path / "in.geojson"
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    return path


def features(tmp_path, *shapes, **columns) -> Path:
    """Write GeoJSON with coordinates exactly as they are."""
    path = tmp_path / "in.geojson"
    rows = [
        {
            "type": "Feature",
            "properties": {"households": 5} | {k: v[i] for k, v in columns.items()},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def table(tmp_path, text: str, encoding="utf-8") -> Path:
    path = tmp_path / "in.csv"
    path.write_bytes(text.encode(encoding))
    return path


def read(path, layer="buildings", **options):
    frame, report = read_layer(path, layer, district=DISTRICT, **options)
    columns = [*COLUMNS[layer], "geometry"] if layer in COLUMNS else None
    assert columns is None or frame.columns.tolist() == columns
    assert frame.crs.to_epsg() == 4326
    assert report.read == report.accepted + len(report.rejected)
    return frame, report


# --- what the district's document asks of service points -----------------------------------------


def test_columns_that_may_be_unknown_are_read_under_chinese_names(tmp_path):
    lon, lat = lonlat(100, 100)
    path = table(
        tmp_path,
        "类别,经度,纬度,收费方式,服务项目,服务品牌,加盟商户,开放时间,联系电话,建筑面积,服务范围,运营主体\n"
        f"catering,{lon},{lat},无偿,生活照料;配餐,暖心食堂,是,Mo-Su 08:00-18:00,0543-3123456,"
        "3000㎡,全区,居委会\n"
        f"catering,{lon},{lat + 1e-4},,,,否,,,,,\n"
        f"catering,{lon},{lat + 2e-4},看情况,,,或许,,138 0000 1234,-3,全市,\n",
    )
    frame, report = read(path, "service_points")
    names = ["fee_class", "items", "brand", "member", "opening_hours", "phone", "floor_area_m2",
             "scope", "operator"]  # fmt: skip
    rows = frame[names].astype(object).where(frame[names].notna(), None).to_numpy().tolist()
    assert rows == [
        ["free", "生活照料;配餐", "暖心食堂", True, "Mo-Su 08:00-18:00", "0543-3123456", 3000.0,
         "district", "居委会"],
        [None, None, None, False, *[None] * 5],
        [None] * 9,
    ]  # fmt: skip
    assert {
        text: n for text, n in told_counts(report.repaired).items() if "left unknown" in text
    } == {
        "fee_class (收费方式) is not one of free (无偿), low (低偿), paid (有偿); left unknown": 1,
        "member (加盟商户) is not true (是) or false (否); left unknown": 1,
        "phone (联系电话) is not the number of an office, no mobile number: that may be a "
        "person's; left unknown": 1,
        "floor_area_m2 (建筑面积) is not a number from 0 on; left unknown": 1,
        "scope (服务范围) is not one of community (社区), district (区); left unknown": 1,
    }


def test_open_grounds_are_areas_of_a_known_use(tmp_path):
    lon, lat = lonlat(0, 0)
    area, dot = (shapely.box(lon, lat, lon + side, lat + side) for side in (3e-3, 1e-4))
    uses = ["公园绿地", "field", "荒地", ""]
    shapes = [area, dot, area, area]
    frame, report = read(features(tmp_path, *shapes, 用地性质=uses, 地块名称=list("甲乙丙丁")),
                         "open_grounds")  # fmt: skip
    assert frame[["kind", "name"]].to_numpy().tolist() == [["park", "甲"], ["field", "乙"]]
    assert frame["ground_id"].is_unique
    assert [str(row) for row, _ in report.rejected] == ["row 3", "row 4"]
    assert "park, institution, works, field, compound" in str(report.rejected[0][1])
    assert "below 50,000 m²: no grid of its own" in told_counts(report.notes)


ORGANISATIONS = (
    "组织名称,角色,类别,网格编码,人数,协议日期,共驻共建协议,经度,纬度\n"
    f"一社区总支,总支,总支,{LARGE},12,,,118.0,37.4\n"
    f"某银行支行,,驻区单位,{WEST};{EAST},,2026-01-31,共用会议室,,\n"
    f"志愿队,,志愿者队伍,{NORTH_WEST},35,2026-02-30,,999,37\n"
    f"谁知道,,别的,{NORTH_WEST},-1,,,,\n"
)


def test_organisations_get_a_row_for_each_grid_they_serve(tmp_path):
    frame, report = read_layer(table(tmp_path, ORGANISATIONS), "organisations", district=DISTRICT)
    assert frame.columns.tolist() == list(COLUMNS["organisations"])
    known = frame.drop(columns="link_id").astype(object)
    assert known.where(known.notna(), None).to_numpy().tolist() == [
        [
            "一社区总支",
            "general_branch",
            "general_branch",
            LARGE,
            None,
            12,
            None,
            None,
            118.0,
            37.4,
        ],
        [
            "某银行支行",
            None,
            "resident_unit",
            WEST,
            None,
            None,
            "2026-01-31",
            "共用会议室",
            None,
            None,
        ],
        [
            "某银行支行",
            None,
            "resident_unit",
            EAST,
            None,
            None,
            "2026-01-31",
            "共用会议室",
            None,
            None,
        ],
        ["志愿队", None, "volunteer_team", NORTH_WEST, None, 35, None, None, None, None],
    ]
    assert frame["link_id"].is_unique
    assert told(report.rejected) == [("row 4", "no role and no kind that is known")]
    assert told_counts(report.repaired) == {
        "agreed_on (协议日期) is not a day as 2026-01-31; left unknown": 1,
        "lon, lat is no place in degrees; left unknown": 1,
    }
    assert (report.read, report.accepted) == (4, 3)


def test_organisations_of_a_file_of_points_stand_there(tmp_path):
    point = Point(xy(100, 100))
    path = geojson(tmp_path, gpd.GeoDataFrame(
        {"id": ["o1"], "name": ["居委会"], "kind": ["居委会"], "grid_codes": [f"{WEST}、{EAST}"]},
        geometry=[point], crs=EPSG))  # fmt: skip
    frame, _ = read_layer(path, "organisations", district=DISTRICT)
    assert frame["link_id"].tolist() == [f"o1/{WEST}", f"o1/{EAST}"]
    assert np.allclose(frame[["lon", "lat"]], lonlat(100, 100), atol=1e-6)


# --- formats ------------------------------------------------------------------------------------


def test_geojson(tmp_path):
    path = tmp_path / "b.geojson"
    LAYERS.buildings.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=15)
    frame, report = read(path)
    assert frame["building_id"].tolist() == ["b1", "b2", "b3", "b4", "b5", "b6"]
    assert frame["households"].tolist() == [1, 2, 4, 8, 16, 0]
    assert frame["use"].tolist()[2] == "mixed"
    assert set(frame["households_source"]) == {"counted"}
    assert np.allclose(frame["lon"], LAYERS.buildings["lon"], atol=1e-9)
    assert (report.read, report.accepted, told(report.rejected), told_counts(report.repaired)) == (
        6,
        6,
        [],
        {},
    )


def test_geopackage_takes_the_layer_of_the_name(tmp_path):
    path = tmp_path / "all.gpkg"
    LAYERS.buildings.to_file(path, layer="buildings")
    LAYERS.grids.to_file(path, layer="grids")
    frame, _ = read(path, "grids")
    assert frame["code"].tolist() == LAYERS.grids["code"].tolist()
    with pytest.raises(FileFormatError, match=r"2 layers \(buildings, grids\).*service_points"):
        read(path, "service_points")


def test_geopackage_of_one_layer_of_any_name(tmp_path):
    path = tmp_path / "one.gpkg"
    LAYERS.buildings.to_file(path, layer="export 2026")
    assert len(read(path)[0]) == 6


_CHINESE = gpd.GeoDataFrame(
    {"楼栋名称": ["滨河社区1号楼", "滨河社区2号楼"], "总户数": [12, 24], "60岁以上人口": [3, 4]},
    geometry=[square(10, 10, 20, 20), square(30, 10, 40, 20)],
    crs=EPSG,
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("cpg", ["right", "none", "wrong"])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_chinese_shapefiles_with_right_wrong_and_no_code_page(tmp_path, encoding, cpg):
    path = tmp_path / "楼栋.shp"
    pyogrio.write_dataframe(_CHINESE, path, encoding=encoding)
    page = path.with_suffix(".cpg")
    if cpg == "none":
        page.unlink()
    elif cpg == "wrong":
        page.write_text({"GBK": "UTF-8", "UTF-8": "GBK"}[encoding])
    frame, report = read(path)
    assert frame["name"].tolist() == ["滨河社区1号楼", "滨河社区2号楼"]
    assert frame["households"].tolist() == [12, 24]
    assert frame["residents_60plus"].tolist() == [3, 4]  # its name was cut at ten bytes
    assert ("text read as gb18030" in told_counts(report.notes)) == (encoding == "GBK")
    assert frame.geometry.to_crs(EPSG).area.tolist() == pytest.approx([100, 100], abs=1e-3)


def zipped(tmp_path, *names) -> Path:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            folder = tmp_path / name
            folder.mkdir()
            pyogrio.write_dataframe(
                _CHINESE.iloc[:, [0, 1, 3]], folder / f"{name}.shp", encoding="GBK"
            )
            for part in folder.iterdir():
                archive.write(part, f"data/{part.name}")
    return path


def test_zipped_shapefile(tmp_path):
    frame, _ = read(zipped(tmp_path, "houses"))
    assert frame["name"].tolist() == ["滨河社区1号楼", "滨河社区2号楼"]


def test_zip_with_two_shapefiles_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="holds 2 layers"):
        read(zipped(tmp_path, "one", "two"))


@pytest.mark.parametrize(
    ("packed", "unpacked", "words"),
    [
        (30 << 20, 2 << 30, None),
        (30 << 20, (2 << 30) + 1, "in.zip unpacks to more than 2 GiB"),
        (1 << 20, 100 << 20, None),
        (1 << 20, (100 << 20) + 1, "in.zip has 1,048,576 bytes and unpacks to more than 100 times"),
        (9, 64 << 20, None),  # a small file may be all blanks
        (9, (64 << 20) + 1, "in.zip has 9 bytes and unpacks to more than 100 times"),
    ],
)
def test_what_a_file_may_unpack_to(packed, unpacked, words):
    assert (MAX_UNPACKED_BYTES, MAX_RATIO, RATIO_FREE_BYTES) == (2 << 30, 100, 64 << 20)
    budget = Budget("in.zip", packed)
    budget.spend(unpacked - 1)
    if words is None:
        budget.spend(1)
    else:
        with pytest.raises(FileFormatError, match=words):
            budget.spend(1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_with_degrees(tmp_path, encoding, separator):
    lon, lat = lonlat(50, 50)
    rows = [["名称", "经度", "纬度", "户数(户)"], ["一号楼", str(lon), str(lat), "１２"]]
    path = table(tmp_path, "\n".join(separator.join(row) for row in rows), encoding)
    frame, report = read(path)
    assert frame[["name", "households", "lon", "lat"]].to_numpy().tolist() == [
        ["一号楼", 12, lon, lat]
    ]
    assert ("text read as gb18030" in told_counts(report.notes)) == encoding.startswith("gb")


def test_csv_with_metres_is_where_a_single_zone_puts_it(tmp_path):
    x, y = xy(50, 50)
    path = table(tmp_path, f"id,X坐标,Y坐标,households\nb1,{x},{y},3\n")
    frame, _ = read(path, crs=EPSG)
    assert frame.to_crs(EPSG).geometry.iloc[0].distance(Point(x, y)) < 1e-3
    found, report = read(path)
    assert found.geometry.iloc[0].equals(frame.geometry.iloc[0])
    understood = next(each for each in report.understood if each.aspect == "frame")
    assert "EPSG:4548" in str(understood.how)
    far = table(tmp_path, f"id,X坐标,Y坐标,households\nb1,{x + 20_000},{y},3\n")
    with pytest.raises(CrsError, match=r"in.csv does not say in which CRS .*--crs EPSG:4490"):
        read(far)


def test_csv_with_well_known_text(tmp_path):
    shape = square(10, 10, 20, 20).wkt
    path = table(tmp_path, f'id;wkt;households\nb1;"{shape}";3\nb2;nonsense;4\n')
    frame, report = read(path, crs="EPSG:4548")
    assert frame.geometry.geom_type.tolist() == ["Polygon"]
    assert told(report.rejected) == [("row 2 (b2)", "no geometry")]


def test_csv_numbers_that_are_none_are_rejected(tmp_path):
    lon, lat = lonlat(50, 50)
    path = table(tmp_path, f"id,lon,lat,households\na,{lon},{lat},1\nb,?,{lat},1\nc,{lon},,1\n")
    _, report = read(path)
    assert told(report.rejected) == [("row 2 (b)", "no geometry"), ("row 3 (c)", "no geometry")]


# --- what cannot be read ------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "zip"])
def test_damaged_files_are_one_clear_error(tmp_path, suffix):
    path = tmp_path / f"in.{suffix}"
    path.write_bytes(b"this is not what it says")
    with pytest.raises(FileFormatError, match=rf"in.{suffix} cannot be read as what its name says"):
        read(path)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(NotFoundError, match="There is no file"):
        read(tmp_path / "no.geojson")
    path = tmp_path / "in.pdf"
    path.touch()
    with pytest.raises(FileFormatError, match=r"Got in.pdf; wanted a file that ends in .geojson"):
        read(path)
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(FileFormatError, match=r"Got folder\.gpkg"):
        read(tmp_path / "folder.gpkg")


def test_text_in_no_known_encoding_is_refused(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("名,lon,lat\n滨,1,2\n".encode() + "滨城".encode("gbk") + b"\xff\xff,1,2\n")
    with pytest.raises(FileFormatError, match="not in the encoding of the rest"):
        read(path)


def test_a_ragged_csv_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="cannot be read as a CSV table"):
        read(table(tmp_path, "lon,lat\n1,2\n1,2,3,4\n"))


def test_a_csv_without_places_is_refused(tmp_path):
    with pytest.raises(SchemaError, match=r"columns id, households; wanted lon and lat \(or 经度"):
        read(table(tmp_path, "id,households\n1,2\n"))


@pytest.mark.parametrize("text", ["", "lon,lat,households\n"])
def test_an_empty_csv_is_one_clear_error(tmp_path, text):
    with pytest.raises(EmptyError, match=r"in\.csv (is empty|has no rows)"):
        read(table(tmp_path, text))


def test_no_rows_is_an_error(tmp_path):
    with pytest.raises(EmptyError, match=r"in.geojson has no rows; wanted buildings"):
        read(features(tmp_path))


def test_all_rows_rejected_is_an_error(tmp_path):
    with pytest.raises(EmptyError, match=r"All 2 rows .* first \(row 1\) because: no geometry"):
        read(features(tmp_path, None, None))


@pytest.mark.parametrize(
    ("layer", "column"),
    [("grids", "code"), ("buildings", "households"), ("service_points", "category")],
)
def test_a_missing_column_is_named_with_what_there_is(tmp_path, layer, column):
    path = geojson(
        tmp_path, gpd.GeoDataFrame({"colour": ["red"]}, geometry=[square(0, 0, 9, 9)], crs=EPSG)
    )
    with pytest.raises(SchemaError, match=rf"has the columns colour; wanted {column} \(or "):
        read(path, layer)


def test_an_unknown_layer_is_named():
    with pytest.raises(InputError, match="Got layer 'roads'; wanted one of boundary, grids"):
        read("x.geojson", "roads")


# --- coordinates --------------------------------------------------------------------------------


def test_cgcs2000_degrees_are_taken_as_they_are(tmp_path):
    path = tmp_path / "in.gpkg"
    houses(Point(118.00123456789, 37.38), crs=4490).to_file(path)
    assert read(path)[0].geometry.iloc[0] == Point(118.00123456789, 37.38)


def test_a_projected_file_lands_in_its_place(tmp_path):
    path = tmp_path / "in.shp"
    houses(Point(xy(50, 210)), crs=EPSG).to_file(path)
    there = read(path)[0].to_crs(EPSG).geometry.iloc[0]
    assert there.distance(Point(xy(50, 210))) < 1e-3


def test_a_shapefile_without_prj_is_where_a_single_zone_puts_it(tmp_path):
    path = tmp_path / "in.shp"
    houses(Point(xy(50, 210)), crs=EPSG).to_file(path)
    path.with_suffix(".prj").unlink()
    assert read(path)[0].geometry.equals(read(path, crs=4548)[0].geometry)
    houses(Point(xy(50, 90_210)), crs=EPSG).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="does not say in which CRS"):
        read(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_an_undefined_geopackage_of_degrees_is_read_as_such(tmp_path):
    path = tmp_path / "in.gpkg"
    houses(Point(118.0005, 37.3805), crs=None).to_file(path)
    found, report = read(path)
    assert found.geometry.iloc[0].equals(Point(118.0005, 37.3805))
    assert [each.sure for each in report.understood] == ["likely", "likely"]


def test_a_declared_crs_goes_before_the_files_own(tmp_path):
    path = tmp_path / "in.gpkg"
    houses(Point(xy(50, 210)), crs=4547).to_file(path)
    frame, report = read(path, crs=EPSG)
    assert frame.to_crs(EPSG).geometry.iloc[0].distance(Point(xy(50, 210))) < 1e-3
    assert any(note.startswith("read as CGCS2000") for note in told_counts(report.notes))


def test_nonsense_as_crs_is_refused(tmp_path):
    with pytest.raises(CrsError, match="Got the CRS 'EPSG:x'"):
        read(features(tmp_path, Point(118, 37.38)), crs="EPSG:x")


@pytest.mark.parametrize("epsg", [4610, 4214, 2382, 2436])
def test_old_chinese_datums_are_refused(tmp_path, epsg):
    with pytest.raises(CrsError, match="without control points"):
        read(features(tmp_path, Point(118, 37.38)), crs=epsg)


def test_swapped_degrees_are_swapped_back(tmp_path):
    lon, lat = lonlat(50, 50)
    frame, report = read(features(tmp_path, Point(lat, lon), Point(lon, lat), id=["a", "b"]))
    assert frame["lon"].tolist() == [lon, lon]
    assert told_counts(report.repaired) == {"longitude and latitude swapped back": 1}


def test_swapped_metres_are_swapped_back(tmp_path):
    x, y = xy(50, 50)
    path = table(tmp_path, f"id,x,y,households\nb1,{y},{x},3\n")
    frame, report = read(path, crs=EPSG)
    assert frame.to_crs(EPSG).geometry.iloc[0].distance(Point(x, y)) < 1e-3
    assert told_counts(report.repaired) == {"longitude and latitude swapped back": 1}


def test_places_that_are_none_are_rejected(tmp_path):
    good = Point(lonlat(50, 50))
    path = features(
        tmp_path,
        good,
        Point(0, 0),
        Point(10, 50),
        Point(500, 500),
        None,
        Point(),
        id=list("abcdef"),
    )
    frame, report = read(path)
    assert frame["building_id"].tolist() == ["a"]
    assert dict(told(report.rejected)) == {
        "row 2 (b)": "the coordinates are (0, 0), which is no place",
        "row 3 (c)": "lies 8038 km from the district 371602",
        "row 4 (d)": "(500, 500) is no longitude and latitude",
        "row 5 (e)": "no geometry",
        "row 6 (f)": "no geometry",
    }


def test_coordinates_that_are_no_numbers_are_rejected(tmp_path):
    path = table(tmp_path, 'id;wkt;households\nb1;"POINT (nan 37)";3\nb2;"POINT (118 37.38)";3\n')
    _, report = read(path, crs=4326)
    assert told(report.rejected) == [("row 1 (b1)", "a coordinate is not a number")]


@pytest.mark.parametrize(
    ("bounds", "repaired"),
    [
        ((179, 89, 180, 90), False),
        ((-180, -90, -179, -89), False),
        ((179, 9, 180.001, 10), None),
        ((-180.001, 9, -179, 10), None),
        ((9, 89, 10, 90.001), True),  # a latitude that could be a longitude
        ((99, 89, 100, 90.001), None),
        ((99, -90.001, 100, -89), None),
    ],
)
def test_degrees_end_at_180_and_90(tmp_path, bounds, repaired):
    path = features(tmp_path, shapely.box(*bounds))
    if repaired is None:
        with pytest.raises(EmptyError, match="is no longitude and latitude"):
            read_layer(path, "boundary", district=None)
    else:
        frame, report = read_layer(path, "boundary", district=None)
        west, south, east, north = bounds
        wanted = (south, west, north, east) if repaired else bounds
        assert frame.geometry.iloc[0].bounds == wanted
        assert bool(told_counts(report.repaired)) is repaired


@pytest.mark.parametrize(("more_m", "stays"), [(-1, True), (1, False)])
def test_a_place_farther_than_anybody_walks_is_rejected(tmp_path, more_m, stays):
    assert FAR_M == 50_000
    _, south, east, north = DISTRICT.boundary.bounds
    lat = (south + north) / 2
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(east, lat, 90, FAR_M + more_m)
    path = features(tmp_path, Point(lonlat(50, 50)), Point(lon, lat), id=["a", "b"])
    frame, report = read(path)
    assert len(frame) == 1 + stays
    assert [reason for _, reason in told(report.rejected)] == (
        [] if stays else ["lies 50 km from the district 371602"]
    )


def test_a_place_just_outside_stays(tmp_path):
    assert len(read(features(tmp_path, Point(118.5, 37.38)))[0]) == 1  # 44 km
    with pytest.raises(EmptyError, match="lies 53 km from the district"):
        read(features(tmp_path, Point(118.6, 37.38)))


# --- geometry -----------------------------------------------------------------------------------


def test_the_third_dimension_is_dropped_and_counted(tmp_path):
    lon, lat = lonlat(50, 50)
    frame, report = read(features(tmp_path, Point(lon, lat, 30)))
    assert not frame.has_z.any()
    assert told_counts(report.repaired) == {"third dimension dropped": 1}


def test_a_bow_tie_becomes_two_triangles_and_its_area_is_named(tmp_path):
    tie = Polygon([xy(0, 0), xy(10, 10), xy(10, 0), xy(0, 10)])
    frame, report = read(geojson(tmp_path, houses(tie, id=["tie"])))
    assert frame.to_crs(EPSG).area.iloc[0] == pytest.approx(50, abs=0.01)
    assert told_counts(report.repaired) == {"invalid polygon made valid": 1}
    assert "row 1 (tie): made valid, area 0.0 -> 50.0 m2" in told_counts(report.notes)


def test_a_polygon_without_area_is_rejected(tmp_path):
    flat = Polygon([(118, 37.38), (118.001, 37.38), (118, 37.38)])
    _, report = read(features(tmp_path, flat, Point(118, 37.38)))
    assert told(report.rejected) == [("row 1", "the polygon encloses no area")]


def test_types_of_geometry(tmp_path):
    lon, lat = lonlat(50, 50)
    line = shapely.LineString([(lon, lat), (lon + 0.001, lat)])
    one, two = MultiPoint([(lon, lat)]), MultiPoint([(lon, lat), (lon, lat + 0.001)])
    frame, report = read(features(tmp_path, line, one, two))
    assert frame.geom_type.tolist() == ["Point"]
    assert told_counts(report.repaired) == {"collection of one point turned into the point": 1}
    assert told(report.rejected) == [
        ("row 1", "a LineString, wanted a point or a polygon"),
        ("row 3", "a MultiPoint, wanted a point or a polygon"),
    ]


def test_the_demand_point_lies_inside_an_l_shape(tmp_path):
    shape = square(0, 0, 40, 40).difference(square(5, 5, 40, 40))
    frame, _ = read(geojson(tmp_path, houses(shape)))
    assert frame.geometry.iloc[0].contains(Point(frame["lon"].iloc[0], frame["lat"].iloc[0]))


# --- buildings ----------------------------------------------------------------------------------


def test_households_must_be_whole_numbers(tmp_path):
    lon, lat = lonlat(50, 50)
    counts = ["12", "", "-1", "2.5", "many", "1,200", "３６户", "0"]
    lines = [f'{i},{lon},{lat},"{n}"' for i, n in enumerate(counts)]
    frame, report = read(table(tmp_path, "\n".join(["id,lon,lat,户数", *lines])))
    assert frame["households"].tolist() == [12, 1200, 36, 0]
    assert told(report.rejected) == [
        ("row 2 (1)", "no households"),
        ("row 3 (2)", "households (户数) '-1' is no whole number from 0 on"),
        ("row 4 (3)", "households (户数) '2.5' is no whole number from 0 on"),
        ("row 5 (4)", "households (户数) 'many' is no whole number from 0 on"),
    ]
    with speaking("zh"):
        assert told(report.rejected)[1] == ("第 3 行（2）", "户数“-1”不是非负整数")
        assert "未给出人口（residents），按 0 存储" in told_counts(report.notes)


def test_every_column_of_a_file_has_a_name_in_chinese(tmp_path):
    brought = [names for layer, names in COLUMN_ALIASES.items() if layer != "boundary"]
    assert {column for names in brought for column in names} == set(COLUMN_NAMES)
    lon, lat = lonlat(50, 50)
    path = table(tmp_path, f"id,lon,lat,hh,rs\n1,{lon},{lat},3,\n1,{lon},{lat},4,x")
    _, report = read(path)
    with speaking("zh"):
        assert told(report.rejected) == [("第 2 行（1）", "楼栋编号（id）“1”在第 1 行已出现")]


@pytest.mark.parametrize(
    ("text", "stored"), [("0", 0), ("1000000000", 10**9), ("1000000001", 0), ("1e300", 0),
                         ("-1", 0), ("0.5", 0), ("1.0", 1), ("inf", 0), ("nan", 0)],
)  # fmt: skip
def test_a_count_is_a_whole_number_up_to_a_billion(tmp_path, text, stored):
    lon, lat = lonlat(50, 50)
    frame, report = read(
        table(tmp_path, f"id,lon,lat,households,residents\n1,{lon},{lat},3,{text}")
    )
    assert frame["residents"].tolist() == [stored]
    good = text in {"0", "1000000000", "1.0"}
    assert bool(told_counts(report.repaired)) is not good
    path = table(tmp_path, f"id,lon,lat,households\n1,{lon},{lat},3\n2,{lon},{lat},{text}")
    frame, report = read(path)
    assert frame["households"].tolist() == [3, stored][: 1 + good]
    assert len(report.rejected) == 1 - good


@pytest.mark.parametrize(
    ("text", "stored"), [("0", 0), ("0.5", 0.5), ("1000000000", 1e9), ("1000000000.5", 1),
                         ("-0.5", 1), ("inf", 1)],
)  # fmt: skip
def test_a_capacity_is_a_number_up_to_a_billion(tmp_path, text, stored):
    lon, lat = lonlat(50, 50)
    path = table(tmp_path, f"id,lon,lat,category,capacity\n1,{lon},{lat},medical,{text}")
    frame, report = read(path, "service_points")
    assert frame["capacity"].tolist() == [stored]
    assert bool(told_counts(report.repaired)) is (float(text) != stored)


def test_optional_columns_get_defaults_that_are_counted(tmp_path):
    frame, report = read(
        geojson(tmp_path, houses(Point(xy(5, 5)), Point(xy(9, 5)), residents=[9, -1]))
    )
    row = frame.iloc[1]
    assert row[["residents", "residents_60plus", "levels", "name", "use"]].tolist() == [
        0,
        0,
        0,
        "",
        "residential",
    ]
    assert told_counts(report.repaired) == {"residents is no whole number from 0 on, 0 stored": 1}
    assert told_counts(report.notes)["levels not given, 0 stored"] == 2
    assert told_counts(report.notes)["building_id not given, made from the row"] == 2


def test_made_up_ids_depend_on_nothing_but_the_row(tmp_path):
    a, b = houses(Point(xy(5, 5))), houses(Point(xy(9, 5)))
    one = read(geojson(tmp_path, pd.concat([a, b])))[0]
    other = read(geojson(tmp_path, pd.concat([b, a])))[0]
    assert one["building_id"].is_unique
    assert one["building_id"].tolist() == other["building_id"].tolist()[::-1]


def test_duplicates_are_rejected_and_named(tmp_path):
    twice = houses(Point(xy(5, 5)), Point(xy(9, 5)), Point(xy(9, 9)), id=["a", "b", "a"])
    frame, report = read(geojson(tmp_path, twice))
    assert frame["building_id"].tolist() == ["a", "b"]
    assert told(report.rejected) == [("row 3 (a)", "building_id (id) a stands already in row 1")]


def test_uses_in_chinese(tmp_path):
    frame, report = read(
        geojson(
            tmp_path,
            houses(*[Point(xy(i, 5)) for i in range(4)], 用途=["住宅", "商住两用", "学校", None]),
        )
    )
    assert frame["use"].tolist() == ["residential", "mixed", "other", "residential"]
    assert told_counts(report.repaired) == {"unknown use taken as other": 1}
    assert told_counts(report.notes)["use not given, residential assumed"] == 1


def test_what_is_synthetic_stays_labelled(tmp_path):
    given = houses(
        *[Point(xy(i, 5)) for i in range(4)], households_source=["synthetic", "estimated", "", "?"]
    )
    frame, report = read(geojson(tmp_path, given))
    assert frame["households_source"].tolist() == ["synthetic", "estimated", "counted"]
    assert told(report.rejected) == [
        ("row 4", "households_source '?' is none of counted, estimated, synthetic")
    ]
    frame, _ = read(geojson(tmp_path, SMALL.assign(origin="drawn")), "grids")
    assert set(frame["origin"]) == {"drawn"}


def test_unused_columns_are_named(tmp_path):
    _, report = read(geojson(tmp_path, houses(Point(xy(5, 5)), colour=["red"])))
    assert told_counts(report.notes)["columns not used: colour"] == 1


# --- service points -----------------------------------------------------------------------------


REFUSED = (
    "category 'casino' is not in the standard bincheng-2026; accepted: 餐饮 catering, "
    "家政 household, 医疗 medical, 养老 elderly, 购物 shopping, 维修 repair, "
    "洗染美发 personal, 快递邮政 post, 托育教育 education, 文体健身 leisure, "
    "公共服务 public, 其他设施 amenity; or one of their kinds, as 早餐店 breakfast"
)


def test_categories_by_id_chinese_and_english_name(tmp_path):
    lon, lat = lonlat(50, 50)
    words = ["catering", "医疗卫生", "Daily Shopping", "REPAIRS", "casino", ""]
    lines = [f"{i}号,{lon},{lat},{word}" for i, word in enumerate(words)]
    frame, report = read(
        table(tmp_path, "\n".join(["店名,lng,lat,类别", *lines])), "service_points"
    )
    assert frame["category"].tolist() == ["catering", "medical", "shopping", "repair"]
    assert frame["name"].tolist() == ["0号", "1号", "2号", "3号"]
    assert frame["point_id"].is_unique
    assert set(frame["origin"]) == {"given"}
    assert told(report.rejected) == [
        ("row 5", REFUSED),
        ("row 6", "no category"),
    ]


@pytest.mark.parametrize(
    ("told", "category", "kind"),
    [
        ("餐饮,,川味馆", "catering", ""),
        ("家政,,", "household", ""),
        ("药店,,同仁堂", "medical", "pharmacy"),
        ("医疗,,彭李社区卫生服务站", "medical", "health_station"),
        ("医疗,药店,彭李社区卫生服务站", "medical", "pharmacy"),
        ("快递邮政（含缴费）,,", "post", ""),
        ("post,ATM机,", "amenity", "atm"),
        ("post_fin,amenity=atm,", "amenity", "atm"),
        ("edu_culture,,胜利小学", "education", "primary_school"),
        ("edu_culture,,中海公园", "amenity", "park"),
        ("托育教育与文体,文化活动室,", "leisure", "culture_room"),
        ("政务与公共便民,,北门公厕", "amenity", "toilets"),
        ("public,,北门公厕", "public", ""),
        ("公厕,,", "amenity", "toilets"),
        ("shopping,自行起的名,", "shopping", "自行起的名"),
        ("090601,,", "medical", "pharmacy"),
    ],
)
def test_short_names_kinds_and_what_was_are_read(tmp_path, told, category, kind):
    lon, lat = lonlat(50, 50)
    text = f"类别,小类,店名,lng,lat\n{told},{lon},{lat}"
    frame, report = read(table(tmp_path, text), "service_points")
    assert frame[["category", "sub"]].to_numpy().tolist() == [[category, kind]]
    assert (told_counts(report.notes).get(f"{kind} (amenity: counts in no category)") == 1) is (
        category == "amenity"
    )


def test_a_decision_that_the_file_does_not_say_is_reported(tmp_path):
    lon, lat = lonlat(50, 50)
    rows = ["post,银行,a", "shopping,银行,b", "edu_culture,,c", "edu_culture,,d公园"]
    text = "\n".join(["类别,小类,店名,lng,lat", *(f"{row},{lon},{lat}" for row in rows)])
    frame, report = read(table(tmp_path, text), "service_points")
    assert frame["category"].tolist() == ["amenity", "amenity", "education", "amenity"]
    assert told_counts(report.repaired) == {
        "kind bank belongs to amenity, not to the category given: kind taken": 2,
        "category that was split, and no kind is told: first of its parts taken": 1,
    }


def test_the_id_of_a_row_follows_from_what_the_file_says(tmp_path):
    lon, lat = lonlat(50, 50)
    told = [f"医疗,,彭李社区卫生服务站,{lon},{lat}", f"medical,,彭李社区卫生服务站,{lon},{lat}"]
    ids = {
        read(table(tmp_path, f"类别,小类,店名,lng,lat\n{row}"), "service_points")[0]["point_id"][0]
        for row in told
    }
    assert len(ids) == 1


def test_an_area_becomes_a_point_inside_it(tmp_path):
    park = gpd.GeoDataFrame({"category": ["park"]}, geometry=[square(0, 0, 9, 9)], crs=EPSG)
    frame, report = read(geojson(tmp_path, park), "service_points")
    assert frame.geom_type.tolist() == ["Point"]
    assert told_counts(report.repaired) == {"area turned into a point inside it": 1}


# --- grids --------------------------------------------------------------------------------------

SMALL = LAYERS.grids[LAYERS.grids["level"] == "small"]


def test_levels_and_parents_follow_from_the_code(tmp_path):
    path = geojson(tmp_path, LAYERS.grids[["code", "geometry"]])
    frame, report = read(path, "grids")
    assert frame[["code", "level", "parent_code"]].equals(
        LAYERS.grids[["code", "level", "parent_code"]]
    )
    assert frame["name_zh"].tolist() == frame["code"].tolist()
    assert told_counts(report.notes)["level not given, taken from the code"] == 7


def test_missing_parents_are_the_union_of_their_children(tmp_path):
    frame, report = read(geojson(tmp_path, SMALL[["code", "geometry"]]), "grids")
    assert frame["code"].tolist() == [
        NORTH_WEST,
        SOUTH_WEST,
        NORTH_EAST,
        SOUTH_EAST,
        WEST,
        EAST,
        LARGE,
    ]
    assert frame["parent_code"].tolist() == [WEST, WEST, EAST, EAST, LARGE, LARGE, None]
    by_code = frame.set_index("code").geometry
    assert (
        by_code[WEST].symmetric_difference(by_code[[NORTH_WEST, SOUTH_WEST]].union_all()).is_empty
    )
    assert (report.read, report.accepted) == (4, 4)
    assert told_counts(report.notes)["medium grids not given, made from their children"] == 2
    assert told_counts(report.notes)["large grids not given, made from their children"] == 1


def test_codes_that_a_table_made_numbers_are_text_again(tmp_path):
    frame = SMALL[["code", "geometry"]].assign(网格编码=[float(c) for c in SMALL["code"]])
    frame, _ = read(geojson(tmp_path, frame.drop(columns="code")), "grids")
    assert frame["code"].tolist()[:4] == SMALL["code"].tolist()


def test_chinese_columns_and_levels(tmp_path):
    given = LAYERS.grids.rename(
        columns={"code": "网格编码", "parent_code": "上级网格", "name_zh": "网格名称"}
    ).assign(level=["大", "中网格", "小", "小网格", "二级", "3", "SMALL"])
    frame, _ = read(geojson(tmp_path, given.rename(columns={"level": "网格级别"})), "grids")
    assert frame[["code", "level", "name_zh"]].equals(LAYERS.grids[["code", "level", "name_zh"]])


def test_other_codes_with_the_plain_scheme(tmp_path):
    codes = ["malta-001", "malta-001-1", "malta-001-1-01"]
    shapes = [square(0, 0, 9, 9)] * 3
    path = geojson(tmp_path, gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=EPSG))
    frame, _ = read_layer(path, "grids", district=replace(DISTRICT, code="malta"))
    assert frame["level"].tolist() == ["large", "medium", "small"]
    assert frame["parent_code"].tolist() == [None, "malta-001", "malta-001-1"]


def test_grids_that_cannot_be_placed_in_the_hierarchy_are_rejected(tmp_path):
    rows = [
        (LARGE, "large", None, square(0, 0, 9, 9)),
        ("", "small", None, square(0, 0, 9, 9)),
        ("37160200100", None, None, square(0, 0, 9, 9)),
        ("371602001001109", "tiny", None, square(0, 0, 9, 9)),
        ("371602001001108", "small", "999", square(0, 0, 9, 9)),
        ("3716020010017", "medium", None, Point(xy(0, 0))),
        (LARGE, "large", None, square(9, 9, 19, 19)),
        ("37160200100110155", "small", "371602001001101", square(0, 0, 9, 9)),
    ]
    code, level, parent, shapes = (list(part) for part in zip(*rows, strict=True))
    columns = {"code": code, "level": level, "parent_code": parent}
    _, report = read(
        geojson(tmp_path, gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)), "grids"
    )
    assert dict(told(report.rejected)) == {
        "row 2": "no code",
        "row 3 (37160200100)": "no level, and the code 37160200100 has none of 12, 13 or 15 digits",
        "row 4 (371602001001109)": "level 'tiny' is none of large, medium, small",
        "row 5 (371602001001108)": "the code does not start with its parent's, 999",
        "row 6 (3716020010017)": "a Point, wanted a polygon",
        "row 7 (371602001001)": "code 371602001001 stands already in row 1",
    }


# --- boundary -----------------------------------------------------------------------------------


def test_polygons_of_a_boundary_are_joined(tmp_path):
    halves = gpd.GeoDataFrame(
        {"名称": ["试点区", "其余"]},
        geometry=[square(0, 0, 200, 400), square(200, 0, 400, 400)],
        crs=EPSG,
    )
    frame, report = read(geojson(tmp_path, halves), "boundary")
    assert len(frame) == 1
    assert frame["name_zh"].iloc[0] == "试点区"
    assert frame.to_crs(EPSG).area.iloc[0] == pytest.approx(160_000, rel=1e-6)
    assert (report.read, report.accepted) == (2, 2)


@needs_shared
def test_the_real_outline():
    path = SHARED / "data" / "binzhou-boundary" / "bincheng_371602_epsg4490.geojson"
    frame, report = read_layer(path, "boundary", district=None, crs=4490)
    assert frame["name_zh"].tolist() == ["滨城区"]
    bounds = [round(side, 4) for side in frame.total_bounds]
    assert bounds == [117.7834, 37.2033, 118.17, 37.609]
    area_m2, _ = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(frame.geometry.iloc[0])
    assert abs(area_m2) / 1e6 == pytest.approx(1042.54, abs=0.01)
    assert (report.read, report.accepted, told(report.rejected)) == (1, 1, [])


@pytest.mark.parametrize(
    "name", ["children", "儿童", "0-14岁", "０－１４岁人口(人)", "residents_under15"]
)
def test_children_under_many_names(tmp_path, name):
    lon, lat = lonlat(50, 50)
    lines = [f"{i},{lon},{lat},9,{n}" for i, n in enumerate(["3", "", "-2"])]
    frame, report = read(table(tmp_path, "\n".join([f"id,lon,lat,户数,{name}", *lines])))
    assert frame["residents_under15"].tolist() == [3, 0, 0]
    column = "residents_under15" + (f" ({name})" if name != "residents_under15" else "")
    assert told_counts(report.notes)[f"{column} not given, 0 stored"] == 1
    assert told_counts(report.repaired) == {f"{column} is no whole number from 0 on, 0 stored": 1}


@pytest.mark.parametrize("name", ["capacity", "容量", "床位数(张)", "座位", "学位数", "Beds"])
def test_capacity_under_many_names(tmp_path, name):
    lon, lat = lonlat(50, 50)
    given = ["40", "2.5", "", "many", "-1", "120张", "0"]
    lines = [f"{i},{lon},{lat},medical,{n}" for i, n in enumerate(given)]
    path = table(tmp_path, "\n".join([f"id,lon,lat,category,{name}", *lines]))
    frame, report = read(path, "service_points")
    assert frame["capacity"].tolist() == [40, 2.5, 1, 1, 1, 120, 0]
    assert told_counts(report.notes)["capacity not given, 1 stored"] == 1
    assert told_counts(report.repaired) == {"capacity is no number from 0 on, 1 stored": 2}


def test_a_file_that_does_not_speak_of_capacity(tmp_path):
    lon, lat = lonlat(50, 50)
    path = table(tmp_path, f"id,lon,lat,category\n1,{lon},{lat},medical")
    frame, report = read(path, "service_points")
    assert frame["capacity"].tolist() == [1]
    assert not any("capacity" in note for note in told_counts(report.notes))
