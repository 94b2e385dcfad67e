"""Files as offices hand them over, generated from one truth, each with what is right about it.

The truth is a made-up quarter in the district 371602: buildings with names and households, streets
around them. No file is from anywhere.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.gcj02 import to_bd09, to_gcj02
from geo.model.layers import District, Layers, conform_layer, with_demand_point
from tests.scenes import tiny_district

WEST, SOUTH, EAST, NORTH = 117.96, 37.34, 118.06, 37.42
DISTRICT: District = replace(
    tiny_district()[0], code="371602", boundary=shapely.box(WEST, SOUTH, EAST, NORTH), epsg=4548
)
N = 24
_RNG = np.random.default_rng(11)
LON = _RNG.uniform(118.0, 118.03, N).round(7)
LAT = _RNG.uniform(37.365, 37.385, N).round(7)
NAMES = [f"春晖名苑{i // 6 + 1}号楼{i % 6 + 1}单元" for i in range(N)]
TRADITIONAL = [f"陽光嘉園{i + 1}號院" for i in range(N)]
HOUSEHOLDS = _RNG.integers(7, 60, N)
IDS = [f"b{i:06d}" for i in range(N)]
HALF = 6e-5  # degrees: houses of some 10 m


def _layers() -> Layers:
    houses = [shapely.box(x - HALF, y - HALF, x + HALF, y + HALF)
              for x, y in zip(LON, LAT, strict=True)]  # fmt: skip
    frame = gpd.GeoDataFrame(
        {
            "building_id": [f"w{i}" for i in range(N)],
            "name": "", "use": "residential", "households": 0, "residents": 0,
            "residents_60plus": 0, "levels": 3, "households_source": "estimated",
        },
        geometry=houses, crs=4326,
    )  # fmt: skip
    return replace(
        tiny_district()[1], buildings=conform_layer("buildings", with_demand_point(frame))
    )


LAYERS = _layers()


def shifted(frame: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the places in a frame, with seven decimals as services give them."""
    convert = {"WGS84": lambda x, y: (x, y), "GCJ-02": to_gcj02, "BD-09": to_bd09}[frame]
    lon, lat = convert(LON, LAT)
    return lon.round(7), lat.round(7)


@dataclass(frozen=True)
class OfficeFile:
    """A file and what is right: it comes in whole, or is refused by a message.

    Attributes
    ----------
    name : str
    write : callable
        Writes it into a folder and returns its path.
    refused : tuple of str
        Codes of messages of which one is right; empty if the file must come in.
    options : dict
        For `read_layer`.
    left_out : int
        Rows that are named and not stored.
    """

    name: str
    write: Callable[[Path], Path]
    refused: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    left_out: int = 0
    names: tuple[str, ...] = tuple(NAMES)


def table_of(lon_head: str, lat_head: str, frame: str, names: list[str] = NAMES) -> pd.DataFrame:
    lon, lat = shifted(frame)
    return pd.DataFrame(
        {"楼栋编号": IDS, "楼栋名称": names, "户数": HOUSEHOLDS, lon_head: lon, lat_head: lat}
    ).astype("str")


def text_of(
    table: pd.DataFrame, separator: str = ",", *, titles: int = 0, total: bool = False
) -> str:
    lines = [["滨城区楼栋户数统计表"], ["填表单位：某街道办", "", "2026-11-20"]][:titles]
    lines = [line + [""] * (len(table.columns) - len(line)) for line in lines]
    lines += [list(table.columns), *table.to_numpy().tolist()]
    if total:
        place = table.iloc[0, 3:].tolist()
        lines.append(["", "合计", str(HOUSEHOLDS.sum()), *place])
    return "\n".join(separator.join(line) for line in lines) + "\n"


def _csv(name: str, content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"{name}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


_HEADS = {
    "plain": ("经度", "纬度", "WGS84"),
    "wgs84": ("经度(WGS84)", "纬度(WGS84)", "WGS84"),
    "gcj02": ("经度（GCJ-02）", "纬度（GCJ-02）", "GCJ-02"),
    "amap": ("高德经度", "高德纬度", "GCJ-02"),
    "gcj": ("gcj_lng", "gcj_lat", "GCJ-02"),
    "mars": ("火星坐标经度", "火星坐标纬度", "GCJ-02"),
    "baidu": ("百度经度", "百度纬度", "BD-09"),
    "bd09": ("lng_bd09", "lat_bd09", "BD-09"),
}
_ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "utf-16")


def pairs() -> Iterator[OfficeFile]:
    """Give every frame with every encoding, with and without titles, totals and separators."""
    for i, (head, encoding, titles) in enumerate(product(_HEADS, _ENCODINGS, (0, 2))):
        lon, lat, frame = _HEADS[head]
        separator, total = ",;\t|"[i % 4], bool(i % 3)
        text = text_of(table_of(lon, lat, frame), separator, titles=titles, total=total)
        name = f"{head}-{encoding}-{titles}-{'total' if total else 'bare'}-{i % 4}"
        yield OfficeFile(name, _csv(name, text, encoding), left_out=int(total))


def tables() -> Iterator[OfficeFile]:
    """Give tables with one peculiarity each."""
    plain = table_of("经度", "纬度", "WGS84")
    for frame in ("GCJ-02", "BD-09"):
        table = table_of("经度", "纬度", frame)
        yield OfficeFile(f"undeclared-{frame}", _csv("a", text_of(table)),
                         ("reading.fits_other_frame",))  # fmt: skip
        yield OfficeFile(f"told-{frame}", _csv("a", text_of(table)), options={"crs": frame})
        for column in ("坐标系", "坐标类型", "crs"):
            said = table.assign(**{column: frame})
            yield OfficeFile(f"column-{column}-{frame}", _csv("a", text_of(said)))
        both = table.rename(columns={"经度": "lng", "纬度": "lat"})
        both = both.assign(lng_wgs84=plain["经度"], lat_wgs84=plain["纬度"])
        yield OfficeFile(f"two-pairs-{frame}", _csv("a", text_of(both)))
        pair = table.assign(坐标=table["经度"] + " " + table["纬度"]).drop(columns=["经度", "纬度"])
        named = pair.rename(columns={"坐标": "高德坐标" if frame == "GCJ-02" else "百度坐标"})
        yield OfficeFile(f"one-cell-{frame}", _csv("a", text_of(named)))
    rows = np.array(["GCJ-02", "WGS84", "百度"])[np.arange(N) % 3]
    each = {"GCJ-02": shifted("GCJ-02"), "WGS84": shifted("WGS84"), "百度": shifted("BD-09")}
    mixed = plain.assign(
        经度=[str(each[f][0][i]) for i, f in enumerate(rows)],
        纬度=[str(each[f][1][i]) for i, f in enumerate(rows)],
        坐标系=rows,
    )
    yield OfficeFile("frame-by-row", _csv("a", text_of(mixed)))
    for said in ("北京54", "地方坐标系", "西安80"):
        table = table_of(f"经度({said})", f"纬度({said})", "WGS84")
        yield OfficeFile(f"unknown-{said}", _csv("a", text_of(table)), ("reading.unknown_frame",))
        table = plain.assign(坐标系=said)
        yield OfficeFile(f"column-{said}", _csv("a", text_of(table)), ("reading.unknown_frame",))
    swapped = plain.rename(columns={"经度": "纬度", "纬度": "经度"})
    yield OfficeFile("swapped", _csv("a", text_of(swapped)))
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    full = plain.assign(
        经度=[t.translate(wide) for t in plain["经度"]],
        户数=[t.translate(wide) for t in plain["户数"]],
    )
    yield OfficeFile("full-width", _csv("a", text_of(full)))
    for form in (
        "{d}°{m}′{s:.4f}″",
        "{d}度{m}分{s:.4f}秒",
        "{d}° {m}' {s:.4f}\"",
        "{d}:{m}:{s:.4f}",
    ):
        table = plain.assign(经度=[_dms(x, form) for x in LON], 纬度=[_dms(y, form) for y in LAT])
        text = "\n".join(
            "\t".join(row) for row in [list(table.columns), *table.to_numpy().tolist()]
        )
        yield OfficeFile(f"dms-{form}", _csv("a", text.replace('"', "″")))
    for unit, name in ((10_000, "seconds"), (1, "minutes")):
        packed = plain.assign(
            经度=[_packed(x, unit) for x in LON], 纬度=[_packed(y, unit) for y in LAT]
        )
        yield OfficeFile(f"packed-{name}", _csv("a", text_of(packed)), ("reading.packed_degrees",))
    sub = plain.assign(楼栋编号=[""] * N)
    yield OfficeFile("no-ids", _csv("a", text_of(sub)))


def _dms(value: float, form: str) -> str:
    minutes = (value % 1) * 60
    return form.format(d=int(value), m=int(minutes), s=(minutes % 1) * 60)


def _packed(value: float, unit: int) -> str:
    minutes = (value % 1) * 60
    seconds = (minutes % 1) * 60
    return f"{(int(value) + int(minutes) / 100 + seconds / 10_000) * unit:.9f}"


def metres() -> Iterator[OfficeFile]:
    """Give tables of metres in the zones that offices use."""
    for epsg, right in ((4548, False), (4527, True), (4549, True), (4528, True), (4498, True)):
        to_metres = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
        x, y = to_metres.transform(LON, LAT)
        for head in (("x", "y"), ("Y坐标", "X坐标")):
            table = table_of("经度", "纬度", "WGS84").drop(columns=["经度", "纬度"])
            table = table.assign(
                **{head[0]: x.round(3).astype(str), head[1]: y.round(3).astype(str)}
            )
            refused = () if right else ("reading.several_crs_fit",)
            name = f"metres-{epsg}-{head[0]}"
            yield OfficeFile(name, _csv("a", text_of(table)), refused)
            plain = table.rename(columns={"Y坐标": "x", "X坐标": "y"})
            told = {"crs": f"EPSG:{epsg}"}
            yield OfficeFile(f"{name}-told", _csv("a", text_of(plain)), options=told)


def _named(names: list[str]) -> str:
    return text_of(table_of("经度", "纬度", "WGS84", names))


def texts() -> Iterator[OfficeFile]:
    """Give tables whose text is in another encoding, or was lost before."""
    plain = text_of(table_of("经度", "纬度", "WGS84"))
    lost = [n.encode().decode("gb18030", "ignore") for n in NAMES]
    garbled = text_of(table_of("经度", "纬度", "WGS84", lost))
    yield OfficeFile("utf8-as-gbk", _csv("a", garbled), ("reading.garbled",))
    latin = [n.encode().decode("latin-1").replace("\x85", "") for n in NAMES]
    yield OfficeFile("utf8-as-latin1", _csv("a", _named(latin)),
                     ("reading.garbled",))  # fmt: skip
    accents = [n.encode("gbk").decode("latin-1") for n in NAMES]
    yield OfficeFile("gbk-as-latin1", _csv("a", _named(accents)),
                     ("reading.garbled",))  # fmt: skip
    broken = [n[:-1] + "\ufffd" for n in NAMES]
    yield OfficeFile("replaced", _csv("a", text_of(table_of("经度", "纬度", "WGS84", broken))),
                     ("reading.garbled",))  # fmt: skip
    lines = plain.encode().split(b"\n")
    lines[4] = plain.split("\n")[4].encode("gbk")
    yield OfficeFile("mixed", _csv("a", b"\n".join(lines)), ("reading.mixed_encodings",))
    table = table_of("lon", "lat", "WGS84", TRADITIONAL)
    table.columns = ["building_id", "name", "households", "lon", "lat"]
    big5 = text_of(table)
    yield OfficeFile("big5", _csv("a", big5, "big5"), ("reading.perhaps_big5",))
    yield OfficeFile("big5-told", _csv("a", big5, "big5"), options={"encoding": "BIG5"},
                     names=tuple(TRADITIONAL))  # fmt: skip


_PRJ = {
    "cgcs2000": pyproj.CRS(4490), "wgs84": pyproj.CRS(4326), "gk117": pyproj.CRS(4548),
    "gk39": pyproj.CRS(4527), "gk120": pyproj.CRS(4549), "utm50": pyproj.CRS(32650),
}  # fmt: skip
_OLD = {
    "krasovsky": "+proj=tmerc +lon_0=117 +x_0=500000 +a=6378245 +rf=298.3 +units=m +type=crs",
    "xian80": "+proj=tmerc +lon_0=117 +x_0=500000 +a=6378140 +rf=298.257 +units=m +type=crs",
    "clarke": "+proj=longlat +a=6378206.4 +b=6356583.8 +type=crs",
}


def shapefiles() -> Iterator[OfficeFile]:
    """Give shapefiles of outlines by projection, by declared encoding, and cut values."""
    for name, crs in _PRJ.items():
        for encoding in ("gbk", "utf-8"):
            yield OfficeFile(f"shp-{name}-{encoding}", _shp(crs, encoding))
    for frame in ("GCJ-02", "BD-09"):
        yield OfficeFile(f"shp-{frame}-under-wgs84", _shp(_PRJ["wgs84"], "gbk", frame),
                         ("reading.fits_other_frame",))  # fmt: skip
        yield OfficeFile(f"shp-{frame}-told", _shp(_PRJ["wgs84"], "gbk", frame),
                         options={"crs": frame})  # fmt: skip
    for name, crs in _OLD.items():
        yield OfficeFile(f"shp-{name}", _shp(pyproj.CRS(crs), "utf-8"),
                         ("reading.unsure_datum", "reading.unsure_ellipsoid"))  # fmt: skip
    cut = tuple(name.encode()[:20].decode(errors="ignore") for name in NAMES)
    yield OfficeFile("shp-cut", _shp(_PRJ["cgcs2000"], "utf-8", width=20), names=cut)
    yield OfficeFile("shp-prefix", _shp(_PRJ["gk39"], "gbk", prj=_PRJ["gk117"]))
    yield OfficeFile("shp-wrong-zone", _shp(_PRJ["gk120"], "gbk", prj=_PRJ["gk117"]),
                     ("reading.declared_crs_off",))  # fmt: skip
    yield OfficeFile("shp-no-prj-degrees", _shp(_PRJ["cgcs2000"], "gbk", prj=None))
    yield OfficeFile("shp-no-prj-metres", _shp(_PRJ["gk117"], "gbk", prj=None),
                     ("reading.several_crs_fit",))  # fmt: skip
    yield OfficeFile("shp-big5", _shp(_PRJ["cgcs2000"], "big5", names=TRADITIONAL),
                     names=tuple(TRADITIONAL))  # fmt: skip


def _shp(
    crs: pyproj.CRS, encoding: str, frame: str = "WGS84", *, prj: object = ..., width: int = 60,
    names: list[str] = NAMES,
) -> Callable[[Path], Path]:  # fmt: skip
    def write(folder: Path) -> Path:
        lon, lat = shifted(frame)
        houses = [shapely.box(x - HALF, y - HALF, x + HALF, y + HALF)
                  for x, y in zip(lon, lat, strict=True)]  # fmt: skip
        shapes = gpd.GeoSeries(houses, crs=4326)
        shapes = (
            shapes.to_crs(crs) if crs.to_epsg() not in {4326, 4490} and crs.is_projected else shapes
        )
        path = folder / "g.shp"
        gpd.GeoDataFrame({"a": range(N)}, geometry=shapes.to_numpy(), crs=crs).to_file(path)
        _dbf(path.with_suffix(".dbf"), encoding, names, width)
        path.with_suffix(".cpg").write_text({"gbk": "GBK", "big5": "BIG5"}.get(encoding, "UTF-8"))
        told = crs if prj is ... else prj
        path.with_suffix(".prj").unlink(missing_ok=True)
        if told is not None:
            path.with_suffix(".prj").write_text(told.to_wkt("WKT1_ESRI"))
        return path

    return write


def _dbf(path: Path, encoding: str, names: list[str], width: int) -> None:
    """Write a DBF by hand, whose values are cut at the width of their column."""
    columns = [("ID", 10, IDS), ("NAME", width, names), ("HH", 6, [str(h) for h in HOUSEHOLDS])]
    record = 1 + sum(size for _, size, _ in columns)
    head = bytes([3, 126, 11, 30]) + N.to_bytes(4, "little")
    head += (32 + 32 * len(columns) + 1).to_bytes(2, "little") + record.to_bytes(2, "little")
    body = head + bytes(20)
    for name, size, _ in columns:
        body += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
    body += b"\r"
    for row in range(N):
        body += b" "
        for _, size, values in columns:
            body += values[row].encode(encoding)[:size].ljust(size, b" ")
    path.write_bytes(body + b"\x1a")


def geojsons() -> Iterator[OfficeFile]:
    """Give GeoJSON files with what their writers get wrong."""
    for name, member, frame in (
        ("plain", None, "WGS84"), ("4490", "urn:ogc:def:crs:EPSG::4490", "WGS84"),
        ("gcj", "GCJ-02", "GCJ-02"), ("bd", "BD09", "BD-09"),
    ):  # fmt: skip
        yield OfficeFile(f"geojson-{name}", _geojson(member, frame))
    yield OfficeFile("geojson-unclosed", _geojson(None, "WGS84", closed=False))
    yield OfficeFile("geojson-undeclared-gcj", _geojson(None, "GCJ-02"),
                     ("reading.fits_other_frame",))  # fmt: skip


def _geojson(member: str | None, frame: str, *, closed: bool = True) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        lon, lat = shifted(frame)
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)])[: 5 if closed else 4]
        document: dict[str, object] = {"type": "FeatureCollection", "features": [
            {"type": "Feature",
             "properties": {"id": IDS[i], "name": NAMES[i], "户数": int(HOUSEHOLDS[i])},
             "geometry": {"type": "Polygon", "coordinates":
                          [(corners * HALF + (lon[i], lat[i])).tolist()]}}
            for i in range(N)
        ]}  # fmt: skip
        if member:
            document["crs"] = {"type": "name", "properties": {"name": member}}
        path = folder / "g.geojson"
        path.write_text(json.dumps(document, ensure_ascii=False))
        return path

    return write


def office_files() -> list[OfficeFile]:
    """Return all files, each with a name of its own."""
    makers = (pairs, tables, metres, texts, shapefiles, geojsons)
    return [each for maker in makers for each in maker()]
