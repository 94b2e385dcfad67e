"""Views and styles in a GeoPackage, listed as layers so that QGIS and GDAL find them."""

from typing import Final

from sqlalchemy import Connection

from boundaries.store.history.change_log import told_by_triggers
from boundaries.store.tables.views import IS_MESSAGE, STYLE_NAME, STYLES, VIEWS, qml
from geo.crs import STORED_EPSG

_STYLES_TABLE: Final = f"""CREATE TABLE IF NOT EXISTS {STYLES} (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT,
  "useAsDefault" BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
_WHAT: Final = (
    f"CASE {told_by_triggers()} WHEN {IS_MESSAGE} AND json_valid(changes.what) "
    "THEN coalesce(json_extract(changes.what, '$.text'), changes.what) ELSE changes.what END"
)
_FID: Final = "OGC_FID"
"""By this name GDAL knows the column that tells the rows of a view apart."""


def make_views(connection: Connection) -> None:
    """Make the views, enter them into the GeoPackage contents, and add their styles."""
    run = connection.exec_driver_sql
    run(_STYLES_TABLE)
    _register(connection, STYLES, "QGIS's own table of styles", spatial=False)
    for view in VIEWS:
        run(f"CREATE VIEW {view.name} AS {view.query.format(fid=_FID, what=_WHAT)}")
        _register(connection, view.name, view.about, spatial=bool(view.kind))
        if view.kind:
            run(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
                (view.name, view.kind, STORED_EPSG),
            )
        if view.style:
            run(
                f"INSERT INTO {STYLES} (f_table_catalog, f_table_schema, f_table_name, "  # noqa: S608
                'f_geometry_column, "styleName", "styleQML", "useAsDefault", description, owner) '
                "VALUES ('', '', ?, 'geom', ?, ?, 1, ?, '')",
                (view.name, STYLE_NAME, qml(view), view.about),
            )


def drop_views(connection: Connection) -> None:
    """Take the views and their own styles away; the styles that people made stay."""
    run = connection.exec_driver_sql
    styled = run("SELECT 1 FROM sqlite_master WHERE name = ?", (STYLES,)).first() is not None
    for view in VIEWS:
        run(f"DROP VIEW IF EXISTS {view.name}")
        run("DELETE FROM gpkg_geometry_columns WHERE table_name = ?", (view.name,))
        run("DELETE FROM gpkg_contents WHERE table_name = ?", (view.name,))
        if styled:
            run(
                f'DELETE FROM {STYLES} WHERE f_table_name = ? AND "styleName" = ?',  # noqa: S608
                (view.name, STYLE_NAME),
            )


def _register(connection: Connection, name: str, about: str, *, spatial: bool) -> None:
    """Enter a table or view into the contents."""
    connection.exec_driver_sql(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (name, "features" if spatial else "attributes", name, about,
         STORED_EPSG if spatial else None),
    )  # fmt: skip
