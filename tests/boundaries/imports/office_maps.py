"""Files of geographic programs, of the truth of :mod:`tests.boundaries.imports.office_files`."""

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
import pyogrio
import shapely

from tests.boundaries.imports.office_files import HALF, HOUSEHOLDS, IDS, NAMES, OfficeFile, shifted

Write = Callable[[Path], Path]


def houses(frame: str = "WGS84", crs: int = 4490) -> gpd.GeoDataFrame:
    """Return outlines of all buildings with their columns in Chinese."""
    lon, lat = shifted(frame)
    shapes = [shapely.box(x - HALF, y - HALF, x + HALF, y + HALF)
              for x, y in zip(lon, lat, strict=True)]  # fmt: skip
    columns = {"编号": IDS, "楼栋名称": NAMES, "户数": HOUSEHOLDS.astype("int32")}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


@cache
def _written(name: str, driver: str, crs: int, encoding: str = "") -> Path:
    """Return a file, or folder, that GDAL wrote."""
    path = Path(mkdtemp(), name)
    options = {"ENCODING": encoding} if encoding else {}
    pyogrio.write_dataframe(houses(crs=4490).to_crs(crs), path, driver=driver, **options)
    return path


def _copied(name: str, driver: str, crs: int, encoding: str = "") -> Write:
    return lambda _: _written(name, driver, crs, encoding)


def _text(name: str, content: str, encoding: str = "utf-8") -> Write:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


def _zipped(name: str, parts: dict[str, bytes]) -> Write:
    def write(folder: Path) -> Path:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        path = folder / name
        path.write_bytes(sink.getvalue())
        return path

    return write


def _zipped_geodatabase(folder: Path) -> Path:
    made = _written("a.gdb", "OpenFileGDB", 4490)
    parts = {f"数据/a.gdb/{part.name}": part.read_bytes() for part in made.iterdir()}
    return _zipped("a.zip", parts)(folder)


_SPATIALITE = """
    CREATE TABLE spatial_ref_sys (srid INTEGER PRIMARY KEY, auth_name TEXT, auth_srid INTEGER,
        ref_sys_name TEXT, proj4text TEXT, srtext TEXT);
    INSERT INTO spatial_ref_sys VALUES (4490, 'epsg', 4490, '', '', '');
    CREATE TABLE geometry_columns (f_table_name TEXT, f_geometry_column TEXT,
        geometry_type INTEGER, srid INTEGER);
    CREATE TABLE "房屋" ("编号" TEXT, "楼栋名称" TEXT, "户数" INTEGER, shape BLOB);
    INSERT INTO geometry_columns VALUES ('房屋', 'shape', 6, 4490);
    CREATE VIEW spatial_ref_sys_all AS SELECT * FROM spatial_ref_sys;
"""


def _spatialite(crs: int) -> Write:
    """Give what writes a database as SpatiaLite does: views, and shapes of several parts."""

    def write(folder: Path) -> Path:
        path, frame = folder / "a.sqlite", houses().to_crs(crs)
        rows = [(*row[:3], _blob(row[3], crs)) for row in frame.itertuples(index=False)]
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_SPATIALITE.replace("4490", str(crs)))
            connection.executemany('INSERT INTO "房屋" VALUES (?, ?, ?, ?)', rows)
            connection.commit()
        return path

    return write


def _blob(shape: shapely.Polygon, srid: int) -> bytes:
    """Return a shape of one part as SpatiaLite stores it."""
    head = b"\0\1" + struct.pack("<i4d", srid, *shape.bounds) + b"\x7c"
    return head + struct.pack("<II", 6, 1) + b"\x69" + shapely.to_wkb(shape)[1:] + b"\xfe"


def _zipped_tab(folder: Path) -> Path:
    made = _written("a.tab", "MapInfo File", 4490, "CP936").parent
    parts = {f"房屋/a{part.suffix.upper()}": part.read_bytes() for part in made.iterdir()}
    return _zipped("a.zip", parts)(folder)


def kml(*, typed: bool, folders: int = 1, encoding: str = "UTF-8") -> str:
    """Return KML with a folder of placemarks a street; columns with a schema or without."""
    marks = [""] * folders
    for row, shape in enumerate(houses().geometry):
        ring = " ".join(f"{x:.9f},{y:.9f},0" for x, y in shape.exterior.coords)
        said = {"编号": IDS[row], "户数": HOUSEHOLDS[row]}
        one = '<SimpleData name="{}">{}</SimpleData>'
        one = one if typed else '<Data name="{}"><value>{}</value></Data>'
        data = "".join(one.format(*each) for each in said.items())
        inside = f'<SchemaData schemaUrl="#s">{data}</SchemaData>' if typed else data
        marks[row % folders] += (
            f"<Placemark><name>{NAMES[row]}</name><ExtendedData>{inside}</ExtendedData><Polygon>"
            f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
            f"</outerBoundaryIs></Polygon></Placemark>"
        )
    body = "".join(f"<Folder><name>街道{n}</name>{part}</Folder>" for n, part in enumerate(marks))
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


def gml(crs: int, name: str, *, north_first: bool, encoding: str = "UTF-8") -> str:
    """Return GML as a feature service gives it."""
    features = ""
    for row, shape in enumerate(houses().to_crs(crs).geometry):
        xy = [pair[::-1] if north_first else pair for pair in shape.exterior.coords]
        places = " ".join(f"{a:.9f} {b:.9f}" for a, b in xy)
        ring = f"<gml:LinearRing><gml:posList>{places}</gml:posList></gml:LinearRing>"
        area = f"<gml:Polygon><gml:exterior>{ring}</gml:exterior></gml:Polygon>"
        member = f"<gml:surfaceMember>{area}</gml:surfaceMember>"
        said = {"编号": IDS[row], "楼栋名称": NAMES[row], "户数": HOUSEHOLDS[row]}
        features += (
            f'<wfs:member><a:房屋 gml:id="h{row}">'
            + "".join(f"<a:{key}>{value}</a:{key}>" for key, value in said.items())
            + f'<a:shape><gml:MultiSurface srsName="{name}">{member}</gml:MultiSurface></a:shape>'
            + "</a:房屋></wfs:member>"
        )
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    spaces = 'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"'
    return f'{head}<wfs:FeatureCollection {spaces} xmlns:a="a">{features}</wfs:FeatureCollection>'


def esri_json() -> str:
    """Return a feature set as an ArcGIS server gives it."""
    shapes = houses()
    features = [
        {"attributes": {"编号": IDS[n], "楼栋名称": NAMES[n], "户数": int(HOUSEHOLDS[n])},
         "geometry": {"rings": [[list(xy) for xy in shape.exterior.coords]]}}
        for n, shape in enumerate(shapes.geometry)
    ]  # fmt: skip
    return json.dumps({"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4490},
                       "features": features}, ensure_ascii=False)  # fmt: skip


def maps() -> Iterator[OfficeFile]:
    """Give files by format."""
    for crs in (4490, 4548):
        yield OfficeFile(f"fgb-{crs}", _copied("a.fgb", "FlatGeobuf", crs))
        yield OfficeFile(f"gdb-{crs}", _copied("a.gdb", "OpenFileGDB", crs))
        for ending in ("tab", "mif"):
            write = _copied(f"a.{ending}", "MapInfo File", crs, "CP936")
            yield OfficeFile(f"mapinfo-{ending}-{crs}", write)
        yield OfficeFile(f"spatialite-{crs}", _spatialite(crs))
    yield OfficeFile("mapinfo-zip", _zipped_tab)
    yield OfficeFile("gdb-zip", _zipped_geodatabase)
    yield OfficeFile("gdb-no-such-layer", _zipped_geodatabase, ("files.no_such_part",),
                     {"part": "网格"})  # fmt: skip
    for typed in (True, False):
        yield OfficeFile(f"kml-{typed}", _text("a.kml", kml(typed=typed, folders=1 + typed)))
    urn, address = "urn:ogc:def:crs:EPSG::", "http://www.opengis.net/def/crs/EPSG/0/"
    for crs, told, first in (
        (4490, f"{urn}4490", True),
        (4548, f"{address}4548", True),
        (4548, "EPSG:4548", False),
    ):
        content = gml(crs, told, north_first=first)
        yield OfficeFile(f"gml-{crs}-{first}", _text("a.gml", content))
    content = gml(4490, f"{urn}4490", north_first=True, encoding="GB2312")
    yield OfficeFile("gml-gbk", _text("a.gml", content, "gbk"))
    gbk = kml(typed=False, encoding="GB2312")
    yield OfficeFile("kml-gbk", _text("a.kml", gbk, "gbk"))
    inside = {"doc.kml": kml(typed=False, folders=3).encode(), "files/icon.png": b"\x89PNG"}
    yield OfficeFile("kmz", _zipped("a.kmz", inside))
    yield OfficeFile("kmz-without", _zipped("a.kmz", {"x.txt": b"x"}), ("files.several_documents",))
    lines = "\n".join(json.dumps(each, ensure_ascii=False)
                      for each in json.loads(houses(crs=4326).to_json())["features"])  # fmt: skip
    yield OfficeFile("geojsonl", _text("a.geojsonl", lines))
    sequence = "".join(f"\x1e{each}\n" for each in lines.split("\n"))
    yield OfficeFile("geojsons", _text("a.geojsons", sequence))
    yield OfficeFile("esri-json", _text("a.json", esri_json()))

    def parquet(folder: Path) -> Path:
        path = folder / "a.parquet"
        houses().to_parquet(path)
        return path

    def table(folder: Path) -> Path:
        path = folder / "a.parquet"
        lon, lat = shifted("GCJ-02")
        frame = houses().drop(columns="geometry").assign(gcj_lng=lon, gcj_lat=lat)
        frame.to_parquet(path)
        return path

    yield OfficeFile("geoparquet", parquet)
    yield OfficeFile("parquet-table", table)
