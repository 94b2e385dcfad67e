"""GeoPackage 1.4 schema of a SQLite file, except the tables of the layers.

The texts follow OGC 12-128r19: core tables (annex C) and the R*Tree extension (annex F.3). Triggers
stand in :mod:`boundaries.store.geopackage.triggers`, views in
:mod:`boundaries.store.geopackage.views`.
"""

from collections.abc import Iterator
from typing import Final

import pyproj
from sqlalchemy import Connection, Table

from boundaries.store.geopackage.rtree import is_indexed, rtree_name
from boundaries.store.geopackage.triggers import drop_triggers, make_triggers
from boundaries.store.geopackage.views import drop_views, make_views
from boundaries.store.tables import layer_tables, schema_version
from geo.crs import STORED_EPSG

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


def create(connection: Connection) -> None:
    """Make every table of a new file; the caller holds the transaction."""
    create_core(connection)
    schema_version.make_tables(connection)
    _complete(connection)


def create_core(connection: Connection) -> None:
    """Make what the standard demands of every GeoPackage."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {USER_VERSION}")
    for statement in _CORE:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", list(_reference_systems())
    )


def upgrade(connection: Connection, version: int) -> None:
    """Bring the tables of an older file up to date; the caller holds the transaction.

    Parameters
    ----------
    connection : Connection
    version : int
        Schema of the file, at least 1.
    """
    drop_views(connection)
    drop_triggers(connection)
    schema_version.migrate(connection, version)
    _complete(connection)


def rtree_statement(table: Table) -> str:
    """Return the statement that makes the R*Tree of a table."""
    return f'CREATE VIRTUAL TABLE "{rtree_name(table)}" USING rtree(id, minx, maxx, miny, maxy)'


def _complete(connection: Connection) -> None:
    """Enter what is new into the contents, and what is gone out of it; make triggers and views."""
    run = connection.exec_driver_sql
    existing = {row[0] for row in run("SELECT name FROM sqlite_master")}
    listed = {row[0] for row in run("SELECT table_name FROM gpkg_contents")}
    for name in sorted(listed - existing):
        for book in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
            run(f"DELETE FROM {book} WHERE table_name = ?", (name,))  # noqa: S608 (our names)
    for table in layer_tables.metadata.sorted_tables:
        if table.name not in listed:
            _register(connection, table)
    drop_triggers(connection)
    make_triggers(connection)
    make_views(connection)


def _reference_systems() -> Iterator[tuple[str, int, str, int, str, str]]:
    """Yield the rows the standard demands, and the two systems our data may come in."""
    yield "Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian"
    yield "Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic"
    for epsg in (STORED_EPSG, 4490):
        crs = pyproj.CRS.from_epsg(epsg)
        yield crs.name, epsg, "EPSG", epsg, crs.to_wkt("WKT1_GDAL"), "longitude, latitude, degrees"


def _register(connection: Connection, table: Table) -> None:
    """Enter a table into the GeoPackage contents and give it its index."""
    spatial = layer_tables.has_geometry(table)
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
        kind = getattr(table.c[layer_tables.GEOMETRY_COLUMN].type, "kind", "GEOMETRY")
        connection.exec_driver_sql(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
            (table.name, layer_tables.GEOMETRY_COLUMN, kind, STORED_EPSG),
        )
    if is_indexed(table):
        connection.exec_driver_sql(
            "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
            (table.name, layer_tables.GEOMETRY_COLUMN, _RTREE_PAGE),
        )
        connection.exec_driver_sql(rtree_statement(table))
