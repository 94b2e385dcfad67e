"""R*Tree of a table with geometry: its name, and the triggers that keep it (OGC 12-128r19, F.3)."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Table

from boundaries.store.geopackage.trigger_templates import create_triggers
from boundaries.store.tables import layer_tables

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


def rtree_name(table: Table) -> str:
    """Return the name of the R*Tree of a table with geometry."""
    return f"rtree_{table.name}_{layer_tables.GEOMETRY_COLUMN}"


def is_indexed(table: Table) -> bool:
    """Return whether a table has an R*Tree; the past is read by key and revision."""
    return layer_tables.has_geometry(table) and (
        table.name in layer_tables.layers or table is layer_tables.districts
    )


def rtree_triggers(table: Table) -> Iterator[tuple[str, str]]:
    """Yield name and statement of the triggers that keep the R*Tree of a table."""
    words = {"t": table.name, "r": rtree_name(table), "box": _BOX}
    yield from create_triggers(_RTREE_TRIGGERS, words)
