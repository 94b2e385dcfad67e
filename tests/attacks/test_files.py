"""Files that name other files, addresses and pipelines, or cost more than they are worth."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyogrio
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.jobs.processes import process
from api.settings import read_settings
from boundaries.import_report import told_counts
from boundaries.readers.files.formats import GDAL_DRIVERS, LAYER_FORMATS, OSM_FORMATS
from boundaries.readers.files.gdal import restrict_gdal
from boundaries.readers.osm import read_osm
from boundaries.readers.point_table import PointFormat, read_point_file, read_points
from boundaries.readers.vector import read_layer
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from geo.crs import STORED_EPSG, project_geometry
from geo.errors import LifecircleError, NotFoundError
from geo.grids.checks.plan_check import check_grids
from tests.api.serving import serving
from tests.api.until import over, until
from tests.attacks import hostile_files as hostile
from tests.attacks.canary import SECRET, Canary
from tests.attacks.hostile_files import Make, geopackage, raw, shapefile, text, zipped
from tests.attacks.readers import pbf_seeds
from tests.contracts.forking import ForkedJob
from tests.reports import told
from tests.scenes import EPSG, lonlat, tiny_district, tiny_store

DISTRICT, _ = tiny_district()
CODE = DISTRICT.code


def refusal(path: Path, **options: object) -> str:
    """Return the sentence with which a file of buildings is refused."""
    with pytest.raises(LifecircleError) as caught:
        read_layer(path, "buildings", district=DISTRICT, **options)
    return str(caught.value)


def sentence(said: str, words: str) -> bool:
    """Return whether an answer is the expected one: one line, and nothing of the secret."""
    return words in said and "\n" not in said and SECRET not in said and len(said) < 700


NOT_THIS = "cannot be read as what its name says"
MARKUP = {
    "vrt": hostile.VRT,
    "vrt-url": hostile.VRT_URL,
    "wfs": hostile.WFS,
    "raster-vrt": hostile.RASTER_VRT,
    "gml": hostile.GML,
    "kml": hostile.KML,
}
ENDINGS = ("gpkg", "geojson", "json", "shp", "zip", "csv", "txt")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("markup", MARKUP)
def test_markup_under_an_accepted_name(folder: Path, bird: Canary, markup: str, ending: str):
    path = text(f"in.{ending}", MARKUP[markup])(folder, bird)
    assert sentence(refusal(path), f"in.{ending} {NOT_THIS} (it does not begin as ")
    assert bird.untouched()


@pytest.mark.parametrize(
    "ending",
    ["vrt", "ods", "db", "xml", "gpx",
     "dxf", "gdbtable", "gdalg.json.txt.wfs", "pmtiles", "7z", "rar", "shp.zip.tar"],
)  # fmt: skip
def test_another_ending_is_refused_unread(folder: Path, bird: Canary, ending: str):
    path = text(f"in.{ending}", hostile.VRT)(folder, bird)
    bird.watch(path)
    said = refusal(path)
    assert sentence(said, f"Got in.{ending}; wanted a file that ends in .geojson, .json, .gpkg")
    assert bird.untouched()


FILES: dict[str, tuple[Make, str]] = {
    "pipeline": (text("in.geojson", hostile.PIPELINE), "its type is 'gdal_streamed_alg'"),
    "pipeline-url": (text("in.gdalg.json", hostile.PIPELINE_URL), "its type is 'gdal_streamed"),
    "pipeline-gpkg": (text("in.gpkg", hostile.PIPELINE), "a GeoPackage does, but as JSON"),
    "address-as-content": (text("in.geojson", "/vsicurl/{url}"), "not begin as GeoJSON does"),
    "database-as-content": (text("in.gpkg", "PG:host=127.0.0.1 dbname=x"), "not begin as a Geo"),
    "esri-json": (
        text("in.json", hostile.ESRI_JSON),
        "The CRS of in.json names a file of its own (grids=/etc/passwd",
    ),
    "vrt-as-kml": (text("in.kml", hostile.VRT), "there is no placemark in it"),
    "entities-in-kml": (
        text("in.kml", '<!DOCTYPE kml [<!ENTITY a SYSTEM "{path}">]><kml>&a;</kml>'),
        "it has a DOCTYPE, which is not read",
    ),
    "mapinfo-view": (
        text("in.tab", '!table\n!version 100\nOpen Table "{path}" Hide\nCreate View in As x'),
        "is no table of its own, but a view",
    ),
    "mapinfo-picture": (
        text("in.tab", '!table\n!version 300\nDefinition Table\n File "{path}"\n Type "RASTER"'),
        "is no table of its own, but a view",
    ),
    "mapinfo-seamless": (
        text("in.tab", f'{hostile.TAB}begin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n'),
        "a seamless table",
    ),
    "mapinfo-alone": (text("in.tab", hostile.TAB), "comes without its .dat, .map, .id"),
    "mapinfo-mif-alone": (text("in.mif", hostile.MIF), "comes without its .mid"),
    "mapinfo-of-blanks": (text("in.mif", "Version 300" + "\n \t" * 60_000), "it is damaged"),
    "gml-of-links": (text("in.gml", hostile.GML), "there is no feature in it"),
    "gml-entities": (
        text("in.gml", '<!DOCTYPE a [<!ENTITY b SYSTEM "{path}">]><a>&b;</a>'),
        "it has a DOCTYPE, which is not read",
    ),
    "gml-shape-elsewhere": (text("in.gml", hostile.gml('xlink:href="{url}"', "")), "no geometry"),
    "gml-crs-elsewhere": (
        text("in.gml", hostile.gml('srsName="{url}"', "<pos>118 37.4</pos>")),
        "Nothing is fetched from elsewhere",
    ),
    "gml-crs-of-a-file": (
        text("in.gml", hostile.gml('srsName="+init={path}:x"', "<pos>118 37.4</pos>")),
        "Nothing is fetched from elsewhere",
    ),
    "gml-deep": (text("in.gml", "<member>" + "<a>" * 9_000), "nested"),
    "parquet-of-rubbish": (raw("in.parquet", b"PAR1" + bytes(90) + b"PAR1"), NOT_THIS),
    "flatgeobuf-of-rubbish": (raw("in.fgb", b"fgb\x03fgb\x00" + b"\xff" * 90), NOT_THIS),
    "topo-json": (text("in.json", hostile.TOPO_JSON), "its type is 'Topology'"),
    "crs-link": (
        text("in.geojson", hostile.crs_member("link", href="{url}", type="esriwkt")),
        "Nothing is fetched from elsewhere",
    ),
    "crs-url": (text("in.geojson", hostile.crs_member("url", url="{url}")), "Nothing is fetched"),
    "crs-of-a-geometry": (
        text("in.geojson", hostile.collection().replace('"Point",', f'"Point", {hostile.LINK},')),
        "Nothing is fetched from elsewhere",
    ),
    "crs-twice": (text("in.geojson", hostile.two_crs()), ""),
    "crs-name-of-a-file": (
        text("in.geojson", hostile.crs_member("name", name="+init={path}:x")),
        "wanted the name of one that PROJ knows",
    ),
    "crs-name-of-an-address": (
        text("in.geojson", hostile.crs_member("name", name="{url}")),
        "wanted the name of one that PROJ knows",
    ),
    "crs-nobody-knows": (
        text("in.geojson", hostile.crs_member("name", name="EPSG:999999")),
        "wanted the name of one that PROJ knows",
    ),
    "deep-json": (text("in.geojson", '{"a":' + hostile.deep("[", "]") + "}"), "is not JSON"),
    "wide-json": (text("in.geojson", hostile.wide_geojson()), "has 8,000 columns; wanted at most"),
    "json-in-two": (text("in.geojson", hostile.collection() * 2), "is not JSON (Extra data"),
    "spatialite-view": (
        hostile.spatialite("DROP TABLE buildings", f"CREATE VIEW buildings {hostile.ENDLESS}"),
        "in.sqlite holds 0 layers",
    ),
    "spatialite-endless-crs": (
        hostile.spatialite(
            "DROP TABLE spatial_ref_sys",
            "CREATE VIEW spatial_ref_sys AS WITH RECURSIVE n(srid) AS (SELECT 1 UNION ALL SELECT "
            "srid + 1 FROM n) SELECT srid, 'epsg' AS auth_name, 1 AS auth_srid FROM n",
        ),
        "it has no tables geometry_columns and spatial_ref_sys",
    ),
    "spatialite-view-called-a-table": (
        hostile.spatialite(
            "UPDATE sqlite_master SET sql = 'CREATE VIEW buildings ENDLESS' "
            "WHERE name = 'buildings'".replace("ENDLESS", hostile.ENDLESS)
        ),
        "",
    ),
    "spatialite-computed": (
        hostile.spatialite("ALTER TABLE buildings ADD COLUMN x AS (zeroblob(900000000))"),
        "x",
    ),
    "spatialite-crs-of-a-file": (
        hostile.spatialite(
            "UPDATE spatial_ref_sys SET auth_name = '', srtext = '+proj=longlat +nadgrids={path}'"
        ),
        "names a file of its own (grids=",
    ),
    "spatialite-of-nothing": (
        hostile.spatialite("UPDATE buildings SET geom = X'0001' || zeroblob(60)"),
        "",
    ),
    "endless-view": (
        geopackage(
            f"CREATE VIEW v {hostile.ENDLESS}",
            hostile.LIST_VIEW,
            hostile.PLACE_VIEW,
            hostile.UNLIST_TABLE,
        ),
        "in.gpkg holds 0 layers (; v are views, which are not read)",
    ),
    "view-of-the-name-asked-for": (
        geopackage(
            "UPDATE gpkg_contents SET table_name = 'other' WHERE table_name = 'buildings'",
            "UPDATE gpkg_geometry_columns SET table_name = 'other'",
            "ALTER TABLE buildings RENAME TO other",
            f"CREATE VIEW buildings {hostile.ENDLESS}",
            hostile.LIST_VIEW.replace("'v'", "'buildings'"),
            hostile.PLACE_VIEW.replace("'v'", "'buildings'"),
        ),
        "buildings are views, which are not read",
    ),
    "view-in-place-of-a-table-of-the-standard": (
        geopackage(
            "DROP TABLE gpkg_ogr_contents",
            "CREATE VIEW gpkg_ogr_contents AS WITH RECURSIVE n(feature_count) AS (SELECT 1 UNION "
            "ALL SELECT feature_count + 1 FROM n) SELECT 'buildings' AS table_name, * FROM n",
        ),
        "has a view called 'gpkg_ogr_contents'; wanted plain tables",
    ),
    "view-that-loads-code": (
        geopackage("CREATE VIEW layer_styles AS SELECT load_extension('{path}') AS f_table_name"),
        "has a view called 'layer_styles'; wanted plain tables",
    ),
    "view-that-calls-itself-a-table": (
        geopackage(
            f"CREATE VIEW v {hostile.ENDLESS}",
            hostile.LIST_VIEW,
            hostile.PLACE_VIEW,
            "UPDATE sqlite_master SET type = 'table' WHERE name = 'v'",
        ),
        "in.gpkg cannot be read as what its name says",
    ),
    "view-of-another-name": (
        geopackage(
            f"CREATE VIEW layer_styles {hostile.ENDLESS}",
            "UPDATE sqlite_master SET name = 'harmless' WHERE name = 'layer_styles'",
        ),
        "in.gpkg cannot be read as what its name says",
    ),
    "virtual-table-behind-a-remark": (
        geopackage(
            "INSERT INTO sqlite_master VALUES ('table', 'secret', 'secret', 0, "
            "'CREATE/**/VIRTUAL/**/TABLE secret USING fts5(x)')",
        ),
        "the schema of 'secret' is not as SQLite writes it",
    ),
    "virtual-table": (
        geopackage("CREATE VIRTUAL TABLE words USING fts5(word)"),
        "has a virtual table called 'words'; wanted plain tables",
    ),
    "virtual-table-of-gdal": (
        geopackage(
            "INSERT INTO sqlite_master VALUES ('table', 'secret', 'secret', 0, "
            "'CREATE VIRTUAL TABLE secret USING VirtualOGR(\"{path}\")')"
        ),
        "has a virtual table called 'secret'; wanted plain tables",
    ),
    "computed-column": (
        geopackage("ALTER TABLE buildings ADD COLUMN x TEXT AS (hex(zeroblob(99999999)))"),
        "has the column 'x' in 'buildings', which is computed; wanted plain values",
    ),
    "default-that-fills-every-row": (
        geopackage(f"ALTER TABLE buildings ADD COLUMN x TEXT DEFAULT '{'x' * 100_000}'"),
        "has the column 'x' in 'buildings', which has a default that fills every row",
    ),
    "crs-of-a-geopackage": (
        geopackage(
            f"UPDATE gpkg_spatial_ref_sys SET definition = '{hostile.GRIDS_WKT}'"  # noqa: S608
        ),
        "The CRS of in.gpkg names a file of its own",
    ),
    "pages-twice": (hostile.pages_twice, "it is damaged"),
    "cut-short": (
        lambda folder, bird: raw("cut.gpkg", geopackage()(folder, bird).read_bytes()[:20_000])(
            folder, bird
        ),
        "cut.gpkg cannot be read as what its name says",
    ),
    "schema-that-is-none": (
        geopackage("UPDATE sqlite_master SET sql = 'CREATE TABLE' WHERE name = 'buildings'"),
        "malformed database schema",
    ),
    "changes-beside": (hostile.wal_beside, "in.gpkg-wal holds changes to it"),
    "grids-of-a-projection": (
        shapefile(hostile.projection(hostile.GRIDS_WKT)),
        "The CRS of in.shp names a file of its own",
    ),
    "init-of-a-projection": (
        shapefile(hostile.projection(hostile.INIT_WKT)),
        "The CRS of in.shp names a file of its own",
    ),
    "projection-in-a-zip": (
        zipped(shapefile(hostile.projection(hostile.GRIDS_WKT))),
        "The CRS of in.zip names a file of its own",
    ),
    "large-projection": (
        shapefile(hostile.projection('GEOGCS["' + "x" * 100_000)),
        "its .prj has more than 64 KiB",
    ),
    "records-twice": (shapefile(hostile.records_twice), "its records lie over one another"),
    "cells-of-a-shapefile": (shapefile(hostile.wide_dbf), "wanted at most 50,000,000 cells"),
    "no-dbf": (
        shapefile(lambda shp, bird: shp.with_suffix(".dbf").unlink()),
        "in.shp comes without its .dbf; wanted the files .shp, .shx, .dbf together",
    ),
    "no-shx": (shapefile(lambda shp, bird: shp.with_suffix(".shx").unlink()), "without its .shx"),
    "vrt-as-shp-in-a-zip": (
        zipped(shapefile(lambda shp, bird: text("in.shp", hostile.VRT)(shp.parent, bird))),
        "in.zip cannot be read as what its name says (its .shp does not begin as a shapefile does)",
    ),
    "vrt-alone-in-a-zip": (zipped(text("in.shp", hostile.VRT)), "without its .shx, .dbf"),
    "columns-of-a-csv": (
        text("in.csv", ",".join(f"c{n}" for n in range(5_000)) + "\n1\n"),
        "in.csv has 5,000 columns; wanted at most 1,000",
    ),
    "cells-of-a-csv": (
        text("in.csv", ",".join(f"c{n}" for n in range(999)) + "\n" * 60_000),
        "wanted at most 50,000,000 cells",
    ),
    "header-of-a-csv": (text("in.csv", '"' + "x" * 200_000), "cannot be read as a CSV table"),
    "no-text-at-all": (raw("in.csv", b"lon,lat\n\0\0\xff\xff"), "neither UTF-8 nor GB18030"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_is_refused_in_one_sentence(folder: Path, bird: Canary, case: str):
    make, words = FILES[case]
    path = make(folder, bird)
    before = path.read_bytes()
    if case == "crs-twice":  # the second one holds, and the first is not given to GDAL
        assert len(read_layer(path, "buildings", district=DISTRICT)[0]) == 1
    else:
        assert sentence(refusal(path), words)
    assert bird.untouched()
    assert path.read_bytes() == before


@pytest.mark.parametrize("case", ["pipeline", "crs-link", "endless-view", "projection-in-a-zip"])
def test_the_command_line_refuses_with_the_same_sentence(
    folder: Path, bird: Canary, tmp_path: Path, case: str
):
    db = tmp_path / "own.gpkg"
    tiny_store(db)
    make, words = FILES[case]
    arguments = ["--db", str(db), "load", "buildings", str(make(folder, bird))]
    result = CliRunner().invoke(app, [*arguments, "--district", CODE], catch_exceptions=False)
    assert result.exit_code == 2
    assert sentence(result.stderr.strip().splitlines()[-1], words)
    assert open_store(db).district(CODE).revision == 1
    assert bird.untouched()


@pytest.mark.parametrize(
    "name",
    ["/vsicurl/{url}", "{url}", "/vsizip//vsicurl/{url}", "/vsimem/in.geojson", "PG:dbname=x.gpkg",
     "GPKG:in.gpkg", "WFS:{url}", "/vsistdin/?x.geojson"],
)  # fmt: skip
def test_a_name_that_is_no_path_names_no_file(bird: Canary, name: str):
    with pytest.raises(NotFoundError, match="There is no file"):
        read_layer(name.replace("{url}", bird.url), "buildings", district=DISTRICT)
    assert bird.untouched()


@pytest.mark.parametrize(
    "crs",
    ["+init={path}:x", "+proj=longlat +ellps=WGS84 +nadgrids={path}", "{path}", "{url}",
     "+proj=longlat +geoidgrids={path} +type=crs",
     "+proj=pipeline +step +proj=hgridshift +grids={path}", hostile.GRIDS_WKT],
)  # fmt: skip
def test_a_crs_that_is_asked_for_names_no_file(folder: Path, bird: Canary, crs: str):
    path = text("in.geojson", hostile.collection())(folder, bird)
    filled = crs.replace("{path}", str(bird.path)).replace("{url}", bird.url)
    assert sentence(refusal(path, crs=filled), "wanted one that PROJ knows, for instance EPSG:4490")
    assert bird.untouched()


def test_files_that_lie_beside_are_not_opened(folder: Path, bird: Canary):
    """Those by whose names GDAL would look for indices, encodings, types and styles."""
    shapefile()(folder, bird)
    names = ["in.qix", "in.sbn", "in.sbx", "in.idm", "in.ind", "in.qml", "in.shp.xml",
             "in.aux.xml", "in.shp.aux.xml", "table.csvt", "table.prj", "table.vrt",
             "in.vrt"]  # fmt: skip
    for name in names:
        (folder / name).write_text(hostile.VRT.replace("{path}", str(bird.path)))
    lon, lat = lonlat(50, 50)
    (folder / "table.csv").write_text(f"households,lon,lat\n5,{lon},{lat}\n")
    bird.watch(bird.path, *(folder / name for name in names))
    assert len(read_layer(folder / "in.shp", "buildings", district=DISTRICT)[0]) == 2
    assert len(read_layer(folder / "table.csv", "buildings", district=DISTRICT)[0]) == 1
    assert bird.untouched()


def test_views_and_triggers_beside_a_layer_are_not_run(folder: Path, bird: Canary):
    make = geopackage(
        f"CREATE VIEW v {hostile.ENDLESS}",
        hostile.LIST_VIEW,
        hostile.PLACE_VIEW,
        "CREATE TRIGGER eager AFTER INSERT ON buildings BEGIN DELETE FROM buildings; END",
    )
    path = make(folder, bird)
    before = path.read_bytes()
    assert len(read_layer(path, "buildings", district=DISTRICT)[0]) == 1
    assert path.read_bytes() == before
    assert sorted(each.name for each in folder.iterdir()) == ["in.gpkg"]


def test_a_store_of_our_own_is_opened_and_its_tables_can_be_loaded(tmp_path: Path):
    """With its views and triggers: they are there, and are not run."""
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    frame, _ = read_layer(path, "grids", district=DISTRICT)
    assert len(frame) == len(open_store(path).layers(CODE).grids) == 7


def test_gdal_has_no_other_driver_and_no_network(folder: Path, bird: Canary):
    restrict_gdal()
    assert pyogrio.list_drivers().keys() == GDAL_DRIVERS
    drivers = {str(each.reader) for each in (*LAYER_FORMATS, *OSM_FORMATS)} | {"ESRIJSON"}
    assert pyogrio.list_drivers().keys() <= drivers
    path = text("in.geojson", hostile.crs_member("link", href="{url}"))(folder, bird)
    assert len(pyogrio.read_dataframe(path)) == 1  # by GDAL itself, which would ask for the CRS
    assert bird.asked == []
    for name in ("/vsicurl/" + bird.url, bird.url):
        with pytest.raises(pyogrio.errors.DataSourceError):
            pyogrio.read_dataframe(name)
    assert bird.asked == []


def test_a_ring_that_is_not_closed_is_closed_and_counted(folder: Path, bird: Canary):
    corners = [lonlat(x, y) for x, y in ((0, 0), (50, 0), (50, 50), (0, 50))]
    rings = {"type": "Polygon", "coordinates": [corners]}
    shapes = [
        rings,
        {**rings, "coordinates": [[*corners, corners[0]]]},
        {**rings, "coordinates": [corners[:1]]},
    ]
    features = [
        {"type": "Feature", "properties": {"id": f"h{n}", "households": 5}, "geometry": shape}
        for n, shape in enumerate(shapes)
    ]
    path = text("in.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    frame, report = read_layer(path(folder, bird), "buildings", district=DISTRICT)
    assert frame.geometry.iloc[0].equals(frame.geometry.iloc[1])
    assert told_counts(report.repaired) == {"ring closed where it began": 1}
    assert told(report.rejected) == [("row 3 (h2)", "no geometry")]
    wkt = "POLYGON ((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"
    table = text("in.csv", f'households;wkt\n5;"{wkt}"\n')(folder, bird)
    again, report = read_layer(table, "buildings", district=DISTRICT, crs=4326)
    assert again.geometry.iloc[0].equals(frame.geometry.iloc[0])
    assert told_counts(report.repaired) == {"ring closed where it began": 1}


def test_one_bad_grid_among_good_ones_is_named_and_switches_no_rule_off(folder: Path, bird: Canary):
    def ring(x: float, y: float, width: float, height: float) -> list:
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
        return [[lonlat(*corner) for corner in corners]]

    parts = [ring(0, 0, 100, 100), ring(300, 300, 100, 100)]
    grids = {
        "371602001001101": {"type": "MultiPolygon", "coordinates": parts},
        "371602001001102": {"type": "Polygon", "coordinates": ring(50, 0, 100, 100)},
        "371602001001103": {"type": "Polygon", "coordinates": ring(200, 0, 0, 100)},
        "滨城-x": {"type": "Polygon", "coordinates": ring(200, 200, 50, 50)},
        "371602001001999999": {"type": "Polygon", "coordinates": ring(200, 0, 50, 50)},
        "": {"type": "GeometryCollection", "geometries": []},
    }
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape}
        for code, shape in grids.items()
    ]
    path = text("in.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    frame, report = read_layer(path(folder, bird), "grids", district=DISTRICT)
    assert {row.split(" ")[1] for row, _ in told(report.rejected)} == {"3", "4", "5", "6"}
    assert "encloses no area" in dict(told(report.rejected))["row 3 (371602001001103)"]
    faults = check_grids(frame.to_crs(EPSG), district=project_geometry(
        DISTRICT.boundary, STORED_EPSG, EPSG))  # fmt: skip
    assert {str(fault.rule) for fault in faults} >= {"overlap", "gap"}


# --- OpenStreetMap -------------------------------------------------------------------------------

OSM_FILES: dict[str, tuple[Make, str]] = {
    "entities": (text("in.osm", hostile.ENTITIES), "XML entities are not supported"),
    "entity-of-a-file": (text("in.osm", hostile.EXTERNAL), "XML entities are not supported"),
    "dtd-elsewhere": (text("in.osm", hostile.EXTERNAL_DTD), "holds no walkable way"),
    "vrt": (text("in.osm", hostile.VRT), "is not OpenStreetMap data"),
    "vrt-as-pbf": (text("in.osm.pbf", hostile.VRT), "OpenStreetMap PBF does, but as XML"),
    "pbf-bomb": (raw("in.pbf", hostile.pbf_bomb), "unpacks to more than 100 times as many"),
    "pbf-cut-short": (
        raw("in.pbf", lambda: hostile.pbf_bomb()[:9_000]),
        "a blob is not whole",
    ),
    "pbf-of-a-word-with-a-zero-byte": (  # it led osmium out of its memory
        raw("in.pbf", lambda: pbf_seeds()[0].replace(b"clinic", b"cli\0ic")),
        "a word holds a zero byte",
    ),
    "ids-that-are-none": (
        text("in.osm", "<osm version='0.6'><node id='99999999999999999999'/></osm>"),
        "illegal id",
    ),
    "long-word": (
        text("in.osm", f"<osm version='0.6'><way id='1'><tag k='{'k' * 9999}'/></way></osm>"),
        "tag key is too long",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OSM_FILES)
def test_a_hostile_extract_is_refused_in_one_sentence(folder: Path, bird: Canary, case: str):
    make, words = OSM_FILES[case]
    with pytest.raises(LifecircleError) as caught:
        read_osm(make(folder, bird), code=CODE, standard=load_standard())
    assert sentence(str(caught.value), words)
    assert bird.untouched()


# --- tables of points ----------------------------------------------------------------------------


def arrow(columns: dict[str, pa.Array], **options: object) -> bytes:
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def arrow_bomb() -> bytes:
    """Return 400 MB of zeros in 20 KB or so."""
    zeros = pa.array(np.zeros(25_000_000))
    return arrow({"lon": zeros, "lat": zeros}, compression="zstd")


POINTS: dict[str, tuple[PointFormat, bytes, str]] = {
    "arrow-bomb": (PointFormat.ARROW, b"", "unpacks to more than 100 times as many"),
    "arrow-of-nothing": (
        PointFormat.ARROW,
        arrow({"lon": pa.nulls(90_000_000), "lat": pa.nulls(90_000_000)}),
        "has 90,000,000 rows of 2 columns",
    ),
    "arrow-nested": (
        PointFormat.ARROW,
        arrow({"lon": pa.array([[1.0]]), "lat": pa.array([1.0])}),
        "has the columns lon, which are not plain",
    ),
    "arrow-one-long-word-in-every-row": (
        PointFormat.ARROW,
        arrow(
            {
                "lon": pa.nulls(2_000),
                "lat": pa.nulls(2_000),
                "name": pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(2_000, np.int32)), ["x" * 100_000]
                ),
            }
        ),
        "unpacks to more than 100 times as many",
    ),
    "arrow-of-views": (
        PointFormat.ARROW,
        arrow({"lon": pa.nulls(1), "lat": pa.array(["x"], pa.string_view())}),
        "has the columns lat, which are not plain",
    ),
    "arrow-cut-short": (
        PointFormat.ARROW,
        arrow({"lon": pa.array([1.0]), "lat": pa.array([1.0])})[:-100],
        "cannot be read as Arrow",
    ),
    "json-deep": (PointFormat.JSON, hostile.deep("[", "]").encode(), "is not JSON"),
    "json-wide": (
        PointFormat.JSON,
        json.dumps([{f"c{n}": 1} for n in range(5_000)]).encode(),
        "has 5,000 columns; wanted at most 1,000",
    ),
    "csv-wide": (
        PointFormat.CSV,
        (",".join(f"c{n}" for n in range(5_000)) + "\n1\n").encode(),
        "has 5,000 columns; wanted at most 1,000",
    ),
}


@pytest.mark.parametrize("case", POINTS)
def test_a_hostile_table_of_points_is_refused_in_one_sentence(case: str):
    kind, data, words = POINTS[case]
    with pytest.raises(LifecircleError) as caught:
        read_points(data or arrow_bomb(), kind)
    assert sentence(str(caught.value), words)


@pytest.mark.parametrize("ending", ["csv", "json", "arrow", "gpkg", "geojson", "zip"])
def test_a_file_of_points_is_no_other_file(folder: Path, bird: Canary, ending: str):
    path = text(f"in.{ending}", hostile.VRT)(folder, bird)
    with pytest.raises(LifecircleError, match="cannot be read as what its name says"):
        read_point_file(path)
    assert bird.untouched()


# --- through HTTP --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a service that takes changes."""
    path = tmp_path_factory.mktemp("attacks") / "tiny.gpkg"
    tiny_store(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "start_child", ForkedJob)
        made = create_app(read_settings(db=str(path), editable=True))
        with serving(made, minding_jobs=True) as opened:
            yield opened
        made.state.jobs.table.store.close()


@pytest.mark.parametrize(
    ("case", "name"),
    [("vrt-as-shp-in-a-zip", "in.zip"), ("crs-link", "in.geojson"), ("endless-view", "in.gpkg")],
)
def test_an_import_through_http_fails_with_the_same_sentence(
    client: httpx.Client, folder: Path, bird: Canary, case: str, name: str
):
    make, words = FILES[case]
    asked = {"layer": "buildings", "filename": name}
    url = f"/districts/{CODE}/imports"
    answer = client.post(url, params=asked, content=make(folder, bird).read_bytes())
    assert answer.status_code == 202
    job = until(client, answer.json()["job"], over)
    assert (job["state"], job["error"]["status"]) == ("failed", 400)
    assert sentence(job["error"]["detail"], words)
    assert bird.untouched()
    assert client.get(f"/districts/{CODE}").json()["revision"] == 1
