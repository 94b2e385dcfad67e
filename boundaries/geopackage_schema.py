"""What makes a SQLite file a GeoPackage 1.4, beside the tables themselves.

The texts follow OGC 12-128r19: core tables (annex C), the R*Tree extension (annex F.3) with its
triggers as the standard spells them, so that QGIS and GDAL keep the index right when *they* edit.
Triggers of our own make such an edit visible: the revision of the district grows, and a demand
point that no longer fits its geometry is cleared, to be worked out again.
"""

from collections.abc import Iterator
from typing import Any, Final

import pyproj
from sqlalchemy import Column, Connection, Table, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateColumn

from boundaries import record_tables, tables
from geo.crs import STORED_EPSG
from geo.district import NEUTRAL

APPLICATION_ID: Final = 0x47504B47
"""``GPKG`` in ASCII, at byte 68 of the file."""

USER_VERSION: Final = 10400

_CORE: Final = (
    """CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
)""",
    """CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
)""",
    """CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
)""",
    """CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
)""",
)

_RTREE_PAGE: Final = "http://www.geopackage.org/spec140/#extension_rtree"

# {t} table, {r} its R*Tree; the conditions and the missing numbers are the standard's.
_RTREE_TRIGGERS: Final = {
    "{r}_insert": """AFTER INSERT ON "{t}"
  WHEN (NEW."geom" NOT NULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN
  INSERT OR REPLACE INTO "{r}" VALUES (NEW."fid", {box});
END""",
    "{r}_update2": """AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN
  DELETE FROM "{r}" WHERE id = OLD."fid";
END""",
    "{r}_update4": """AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom"))
BEGIN
  DELETE FROM "{r}" WHERE id IN (OLD."fid", NEW."fid");
END""",
    "{r}_update5": """AFTER UPDATE ON "{t}"
  WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
BEGIN
  DELETE FROM "{r}" WHERE id = OLD."fid";
  INSERT OR REPLACE INTO "{r}" VALUES (NEW."fid", {box});
END""",
    "{r}_update6": """AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
    AND (OLD."geom" NOTNULL AND NOT ST_IsEmpty(OLD."geom"))
BEGIN
  UPDATE "{r}" SET minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"),
    miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom") WHERE id = NEW."fid";
END""",
    "{r}_update7": """AFTER UPDATE OF "geom" ON "{t}"
  WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom"))
    AND (OLD."geom" ISNULL OR ST_IsEmpty(OLD."geom"))
BEGIN
  INSERT INTO "{r}" VALUES (NEW."fid", {box});
END""",
    "{r}_delete": """AFTER DELETE ON "{t}" WHEN OLD."geom" NOT NULL
BEGIN
  DELETE FROM "{r}" WHERE id = OLD."fid";
END""",
}
_BOX: Final = 'ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")'

_GROW: Final = "UPDATE districts SET revision = revision + 1 WHERE code"
_LAYER_TRIGGERS: Final = {
    "revision_{t}_insert": f"""AFTER INSERT ON "{{t}}" BEGIN {_GROW} = NEW.district; END""",
    "revision_{t}_update": f"""AFTER UPDATE ON "{{t}}"
BEGIN {_GROW} IN (OLD.district, NEW.district); END""",
    "revision_{t}_delete": f"""AFTER DELETE ON "{{t}}" BEGIN {_GROW} = OLD.district; END""",
}
_DEMAND_POINT_TRIGGER: Final = {
    "demand_point_{t}": """AFTER UPDATE OF "geom" ON "{t}"
  WHEN NEW."geom" IS NOT OLD."geom" AND NEW.lon IS OLD.lon AND NEW.lat IS OLD.lat
BEGIN
  UPDATE "{t}" SET lon = NULL, lat = NULL WHERE fid = NEW.fid;
END""",
}
_DISTRICT_TRIGGER: Final = {
    "revision_{t}_update": """AFTER UPDATE OF
  name_zh, name_en, epsg, origin, credits, note, note_zh, geom ON "{t}"
  WHEN NEW.revision = OLD.revision
BEGIN
  UPDATE districts SET revision = revision + 1 WHERE fid = NEW.fid;
END""",
}


def rtree_name(table: Table) -> str:
    """Return the name of the R*Tree of a table with geometry."""
    return f"rtree_{table.name}_{tables.GEOMETRY_COLUMN}"


def has_geometry(table: Table) -> bool:
    """Return whether a table has a geometry column."""
    return tables.GEOMETRY_COLUMN in table.c


def is_indexed(table: Table) -> bool:
    """Return whether a table has an R*Tree; the past is read by key and revision."""
    return has_geometry(table) and (table.name in tables.layers or table is tables.districts)


def rtree_statement(table: Table) -> str:
    """Return the statement that makes the R*Tree of a table."""
    return f'CREATE VIRTUAL TABLE "{rtree_name(table)}" USING rtree(id, minx, maxx, miny, maxy)'


def triggers(table: Table) -> Iterator[tuple[str, str]]:
    """Yield name and statement of every trigger of a table."""
    bodies: dict[str, str] = {}
    if is_indexed(table):
        bodies |= _RTREE_TRIGGERS
    if table.name in tables.layers:
        bodies |= _LAYER_TRIGGERS
        if "lon" in table.c:
            bodies |= _DEMAND_POINT_TRIGGER
    if table is tables.districts:
        bodies |= _DISTRICT_TRIGGER
    words = {"t": table.name, "r": rtree_name(table), "box": _BOX}
    for name, body in bodies.items():
        full = name.format(**words)
        yield full, f'CREATE TRIGGER "{full}" {body.format(**words)}'


def create(connection: Connection) -> None:
    """Make every table of a new file; the caller holds the transaction."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {USER_VERSION}")
    for statement in _CORE:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", list(_reference_systems())
    )
    tables.metadata.create_all(connection)
    for table in tables.metadata.sorted_tables:
        _register(connection, table)
    connection.execute(
        tables.settings.insert(),
        {"name": tables.SCHEMA_SETTING, "value": str(tables.SCHEMA_VERSION)},
    )


def upgrade(connection: Connection, version: int) -> None:
    """Bring the tables of an older file up to date; the caller holds the transaction.

    Parameters
    ----------
    connection : Connection
    version : int
        Schema of the file, at least 1.
    """
    there = set(inspect(connection).get_table_names())
    for since, column in _added_columns():
        if version < since:
            connection.exec_driver_sql(_added_column(column))
    tables.metadata.create_all(connection)
    for table in tables.metadata.sorted_tables:
        if table.name not in there:
            _register(connection, table)
    for name, statement in triggers(tables.districts):
        connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"')
        connection.exec_driver_sql(statement)
    connection.execute(
        tables.settings.update().where(tables.settings.c.name == tables.SCHEMA_SETTING),
        {"value": str(tables.SCHEMA_VERSION)},
    )


def _added_columns() -> Iterator[tuple[int, Column[Any]]]:
    """Yield each column that came after schema 1, with the schema that gave it."""
    yield 2, tables.districts.c.note_zh
    for layer, columns in NEUTRAL.items():
        yield from ((3, tables.layers[layer].c[name]) for name in columns)
    for table in (*tables.layers.values(), tables.districts):
        yield from ((4, table.c[name]) for name in ("since", "valid_from"))
    yield 4, record_tables.imports.c.undone


def _added_column(column: Column[Any]) -> str:
    """Return the statement that adds a column with its default and its check to an older table."""
    table = column.table.name
    spec = CreateColumn(column).compile(dialect=sqlite.dialect())
    check = ""
    if column.name in tables.NOT_NEGATIVE.get(table, ()):
        check = f" CONSTRAINT ck_{table}_{column.name} CHECK ({column.name} >= 0)"
    return f"ALTER TABLE {table} ADD COLUMN {spec}{check}"


def _reference_systems() -> Iterator[tuple[str, int, str, int, str, str]]:
    """Yield the rows the standard demands, and the two systems our data may come in."""
    yield "Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian"
    yield "Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic"
    for epsg in (STORED_EPSG, 4490):
        crs = pyproj.CRS.from_epsg(epsg)
        yield crs.name, epsg, "EPSG", epsg, crs.to_wkt("WKT1_GDAL"), "longitude, latitude, degrees"


def _register(connection: Connection, table: Table) -> None:
    """Enter a table into the GeoPackage contents and give it its index and triggers."""
    spatial = has_geometry(table)
    connection.exec_driver_sql(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
        (
            table.name,
            "features" if spatial else "attributes",
            table.name,
            STORED_EPSG if spatial else None,
        ),
    )
    if spatial:
        kind = getattr(table.c[tables.GEOMETRY_COLUMN].type, "kind", "GEOMETRY")
        connection.exec_driver_sql(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
            (table.name, tables.GEOMETRY_COLUMN, kind, STORED_EPSG),
        )
    if is_indexed(table):
        connection.exec_driver_sql(
            "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
            (table.name, tables.GEOMETRY_COLUMN, _RTREE_PAGE),
        )
        connection.exec_driver_sql(rtree_statement(table))
    for _, statement in triggers(table):
        connection.exec_driver_sql(statement)
