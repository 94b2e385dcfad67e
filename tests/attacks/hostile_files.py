"""Files made to read what is not theirs, or to cost more than they are worth."""

import gzip
import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from shapely import Point, to_wkb

from tests.attacks.canary import Canary
from tests.scenes import lonlat

Make = Callable[[Path, Canary], Path]
"""Writes a file into a folder and returns it."""

MEBI = 1 << 20


def good(crs: int = 4326) -> gpd.GeoDataFrame:
    """Return one building in the hand-made district."""
    home = gpd.GeoDataFrame({"households": [5]}, geometry=[Point(lonlat(50, 50))], crs=4326)
    return home.to_crs(crs)


def text(name: str, content: str) -> Make:
    """Write text in which ``{path}`` and ``{url}`` are those of the canary."""

    def make(folder: Path, canary: Canary) -> Path:
        filled = content.replace("{path}", str(canary.path)).replace("{url}", canary.url)
        (folder / name).write_text(filled, "utf-8")
        return folder / name

    return make


def raw(name: str, content: bytes | Callable[[], bytes]) -> Make:
    def make(folder: Path, canary: Canary) -> Path:
        (folder / name).write_bytes(content() if callable(content) else content)
        return folder / name

    return make


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{path}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
VRT_URL = VRT.replace("{path}", "/vsicurl/{url}")
WFS = "<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"
RASTER_VRT = (
    '<VRTDataset rasterXSize="1" rasterYSize="1"><SourceFilename>{path}</SourceFilename>'
    "</VRTDataset>"
)
GML = (
    '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="x {url}"><gml:featureMember xlink:href="{url}"/></gml:FeatureCollection>'
)


def gml(of_shape: str, inside: str) -> str:
    """Return GML of one building whose shape has an attribute and content."""
    shape = f"<shape><Point {of_shape}>{inside}</Point></shape>"
    row = f"<house><households>5</households>{shape}</house>"
    return f'<c xmlns:xlink="http://www.w3.org/1999/xlink"><member>{row}</member></c>'


KML = '<?xml version="1.0"?><kml><NetworkLink><Link><href>{url}</href></Link></NetworkLink></kml>'
PIPELINE = json.dumps(
    {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {path} ! write x"}
)
PIPELINE_URL = PIPELINE.replace("{path}", "/vsicurl/{url}")
TAB = (
    "!table\n!version 300\n!charset Neutral\n\nDefinition Table\n"
    '  Type NATIVE Charset "Neutral"\n  Fields 1\n    id Char (9) ;\n'
)
MIF = 'Version 300\nCharset "Neutral"\nColumns 1\n  id Char(9)\nData\n\nPoint 118 37.4\n'
ESRI_JSON = (
    '{"geometryType":"esriGeometryPoint","spatialReference":{"wkt":"+proj=longlat '
    '+nadgrids=/etc/passwd"},"features":[{"attributes":{"households":5},'
    '"geometry":{"x":118,"y":37.38}}]}'
)
TOPO_JSON = '{"type":"Topology","objects":{},"arcs":[]}'


def collection(**members: object) -> str:
    """Return GeoJSON of one building with more members of the collection."""
    feature = {
        "type": "Feature",
        "properties": {"households": 5},
        "geometry": {"type": "Point", "coordinates": lonlat(50, 50)},
    }
    return json.dumps({"type": "FeatureCollection", **members, "features": [feature]})


def crs_member(kind: str, **properties: object) -> str:
    return collection(crs={"type": kind, "properties": properties})


LINK = '"crs": {"type": "link", "properties": {"href": "{url}", "type": "esriwkt"}}'


def two_crs() -> str:
    """Return GeoJSON with a second CRS that a parser may take in place of the first."""
    one = crs_member("link", href="{url}", type="esriwkt")
    return one[:-1] + ', "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}'


def deep(opening: str, closing: str, times: int = 200_000) -> str:
    return opening * times + closing * times


def wide_geojson(rows: int = 8_000) -> str:
    """Return features of which each has a property of its own: as many columns as rows."""
    features = [
        {"type": "Feature", "properties": {f"p{n}": 1}, "geometry": None} for n in range(rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


# --- GeoPackages ---------------------------------------------------------------------------------


def geopackage(*statements: str, crs: int = 4326, name: str = "in.gpkg") -> Make:
    """Write a GeoPackage of one building, then run SQL on it."""

    def make(folder: Path, canary: Canary) -> Path:
        path = folder / name
        good(crs).to_file(path, layer="buildings")
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                filled = statement.replace("{path}", str(canary.path)).replace("{url}", canary.url)
                connection.execute(filled)
        connection.close()
        return path

    return make


ENDLESS = (
    "AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) "
    "SELECT fid, NULL AS geom, 5 AS households FROM n"
)
LIST_VIEW = (
    "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) "
    "VALUES ('v', 'features', 'a view', 4326)"
)
PLACE_VIEW = "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POINT', 4326, 0, 0)"
UNLIST_TABLE = "DELETE FROM gpkg_contents WHERE table_name = 'buildings'"


SPATIALITE = (
    "CREATE TABLE spatial_ref_sys (srid INTEGER, auth_name TEXT, auth_srid INTEGER, srtext TEXT)",
    "INSERT INTO spatial_ref_sys VALUES (4326, 'epsg', 4326, '')",
    "CREATE TABLE geometry_columns (f_table_name TEXT, f_geometry_column TEXT, srid INTEGER)",
    "INSERT INTO geometry_columns VALUES ('buildings', 'geom', 4326)",
    "CREATE TABLE buildings (fid INTEGER PRIMARY KEY, geom BLOB, households INTEGER)",
)


def spatialite(*statements: str) -> Make:
    """Write a SpatiaLite database of one building, then run SQL on it."""

    def make(folder: Path, canary: Canary) -> Path:
        path = folder / "in.sqlite"
        place = b"\0\1" + struct.pack("<i4d", 4326, 0, 0, 0, 0) + b"\x7c"
        place += to_wkb(Point(lonlat(50, 50)))[1:] + b"\xfe"
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for statement in SPATIALITE:
                connection.execute(statement)
            connection.execute("INSERT INTO buildings VALUES (1, ?, 5)", (place,))
            for statement in statements:
                connection.execute(statement.replace("{path}", str(canary.path)))
        connection.close()
        return path

    return make


def wal_beside(folder: Path, canary: Canary) -> Path:
    path = geopackage()(folder, canary)
    path.with_name("in.gpkg-wal").write_bytes(b"changes")
    return path


def pages_twice(folder: Path, canary: Canary) -> Path:
    """Let two branches of the tree of a table lead to the same page: it is read twice."""
    path = geopackage(
        "CREATE TABLE many(fid INTEGER PRIMARY KEY, geom BLOB, households TEXT)",
        "INSERT INTO many SELECT value, NULL, hex(zeroblob(900)) FROM "
        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 20) "
        "SELECT value FROM n)",
    )(folder, canary)
    with sqlite3.connect(path) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'many'"
        ).fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    page = (root - 1) * size
    assert content[page] == 5  # an inner page of a table
    first, second = struct.unpack_from(">HH", content, page + 12)
    content[page + first : page + first + 4] = content[page + second : page + second + 4]
    path.write_bytes(content)
    return path


# --- shapefiles ----------------------------------------------------------------------------------


def shapefile(change: Callable[[Path, Canary], None] = lambda shp, canary: None) -> Make:
    """Write a shapefile of two buildings, then change its parts."""

    def make(folder: Path, canary: Canary) -> Path:
        path = folder / "in.shp"
        frame = gpd.GeoDataFrame(
            {"households": [5, 6]},
            geometry=[Point(lonlat(50, 50)), Point(lonlat(60, 50))],
            crs=4326,
        )
        frame.to_file(path)
        change(path, canary)
        return path

    return make


def zipped(make: Make, name: str = "in.zip") -> Make:
    """Pack what a maker leaves in its folder."""

    def packed(folder: Path, canary: Canary) -> Path:
        inner = folder / "inner"
        inner.mkdir()
        make(inner, canary)
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(inner.iterdir()):
                archive.write(part, part.name)
        return folder / name

    return packed


def projection(wkt: str) -> Callable[[Path, Canary], None]:
    def change(shp: Path, canary: Canary) -> None:
        shp.with_suffix(".prj").write_text(wkt.replace("{path}", str(canary.path)))

    return change


DATUM = 'DATUM["D",SPHEROID["WGS 84",6378137,298.257223563]{more}]'
GEOGRAPHIC = f'GEOGCS["a",{DATUM},PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
GRIDS_WKT = GEOGRAPHIC.replace("{more}", ',EXTENSION["PROJ4_GRIDS","{path}"]')
INIT_WKT = (
    f'PROJCS["b",{GEOGRAPHIC.replace("{more}", "")},PROJECTION["custom_proj4"],UNIT["metre",1],'
    'EXTENSION["PROJ4","+init={path}:x"]]'
)


def records_twice(shp: Path, canary: Canary) -> None:
    """Let the index name the first record 100,000 times."""
    shx = shp.with_suffix(".shx")
    content = shx.read_bytes()
    repeated = content[:100] + content[100:108] * 100_000
    length = struct.pack(">i", len(repeated) // 2)
    shx.write_bytes(repeated[:24] + length + repeated[28:])


def wide_dbf(shp: Path, canary: Canary) -> None:
    """Declare 255 columns and index 300,000 shapes that are not there: 76 million cells."""
    names = b"".join(b"c%-10d" % n + b"C" + bytes(4) + b"\x01" + bytes(15) for n in range(255))
    head = struct.pack("<B3BIHH", 3, 126, 1, 1, 0, 32 + len(names) + 1, 256) + bytes(20)
    shp.with_suffix(".dbf").write_bytes(head + names + b"\r")
    content = shp.with_suffix(".shx").read_bytes()[:100] + struct.pack(">ii", 0, 0) * 300_000
    length = struct.pack(">i", len(content) // 2)
    shp.with_suffix(".shx").write_bytes(content[:24] + length + content[28:])


# --- archives ------------------------------------------------------------------------------------


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], name: str = "in.zip") -> Make:
    def make(folder: Path, canary: Canary) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as packed:
            for member, content in members:
                packed.writestr(member, content)
        return folder / name

    return make


def parts(folder: Path, canary: Canary) -> list[tuple[str, bytes]]:
    """Return the files of a good shapefile."""
    inner = folder / "parts"
    inner.mkdir()
    shapefile()(inner, canary)
    return [(part.name, part.read_bytes()) for part in sorted(inner.iterdir())]


def with_parts(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Make:
    """Pack a good shapefile and one member more."""

    def make(folder: Path, canary: Canary) -> Path:
        return archive(*parts(folder, canary), *members)(folder, canary)

    return make


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info, target.encode()


def encrypted(folder: Path, canary: Canary) -> Path:
    """Set the flag that says that members are encrypted."""
    path = with_parts()(folder, canary)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    return path


def zeros(mebibytes: int) -> bytes:
    """Return zeros as raw deflate, made in no time: one mebibyte packed, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(bytes(MEBI)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first * mebibytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def zip_bomb(member: str, mebibytes: int, declared: int) -> Make:
    """Put a member into an archive of a good shapefile in place of the one of that name."""

    def make(folder: Path, canary: Canary) -> Path:
        others = [part for part in parts(folder, canary) if part[0] != member]
        path = archive(*others, (member, b"x"))(folder, canary)
        content, packed = bytearray(path.read_bytes()), zeros(mebibytes)
        name = member.encode()
        start = content.index(
            b"PK\x03\x04", content.rindex(name, 0, content.index(b"PK\x01\x02")) - 40
        )
        listed = content.index(b"PK\x01\x02")
        content = content[:start]
        local = struct.pack(
            "<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), declared, len(name), 0
        )
        body = local + name + packed
        directory = bytearray(path.read_bytes()[listed:])
        entry = directory.rindex(name) - 46
        struct.pack_into("<H", directory, entry + 10, 8)
        struct.pack_into("<II", directory, entry + 20, len(packed), declared)
        end = directory.rindex(b"PK\x05\x06")
        struct.pack_into("<I", directory, end + 16, start + len(body))
        path.write_bytes(bytes(content) + body + bytes(directory))
        return path

    return make


def gzip_bomb(mebibytes: int) -> bytes:
    """Return gzip of an OpenStreetMap file that goes on with blanks."""
    head = gzip.compress(b"<osm version='0.6'>")
    return head + b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + zeros(mebibytes) + bytes(8)


def long_listing(folder: Path, canary: Canary) -> Path:
    """List 20,000 members of no content: two megabytes of names."""
    names = [(f"{n:0100d}.txt", b"") for n in range(20_000)]
    return archive(*names)(folder, canary)


# --- OpenStreetMap -------------------------------------------------------------------------------


def varint(number: int) -> bytes:
    piece, rest = number & 0x7F, number >> 7
    return bytes([piece | 0x80]) + varint(rest) if rest else bytes([piece])


def blob(kind: bytes, content: bytes, declared: int) -> bytes:
    """Return a block of a PBF file that declares to unpack to `declared` bytes."""
    packed = zlib.compress(content)
    body = b"\x10" + varint(declared) + b"\x1a" + varint(len(packed)) + packed
    head = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def pbf_bomb() -> bytes:
    """Return 64 blocks of 32 MiB of nothing each: 2 GiB of 2 MB."""
    header = b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes"
    block = blob(b"OSMData", bytes(32 * MEBI), 32 * MEBI)
    return blob(b"OSMHeader", header, len(header)) + block * 64


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    + ']><osm version="0.6"><node id="1" lat="1" lon="1"><tag k="name" v="&a19;"/></node></osm>'
)
EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY secret SYSTEM "file://{path}">]>'
    '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="name" v="&secret;"/></node></osm>'
)
EXTERNAL_DTD = (
    '<?xml version="1.0"?><!DOCTYPE osm SYSTEM "{url}"><osm version="0.6">'
    '<node id="1" lat="37.38" lon="118"/></osm>'
)
