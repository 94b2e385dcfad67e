"""Triggers of a GeoPackage: they keep its index and its history right when *others* edit.

Those of the R*Tree are the standard's (OGC 12-128r19, annex F.3). Those of our own take care that
an edit by QGIS, GDAL or plain SQL makes a revision of the district, is told in the log, and leaves
the row as it was in the past. A demand point that no longer fits its geometry is cleared, to be
worked out again. SQLite cannot tell which rows are edited together: each is a revision of its own,
and what was one edit of grids is put together when it is read
(:mod:`geo.grids.edits.foreign_edits`).

Our own bulk writes set the triggers of a layer aside (:mod:`boundaries.store.geopackage.rows`).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Boolean, Connection, Table

from boundaries.store.history import edition_guard
from boundaries.store.history.change_log import EDITED
from boundaries.store.tables import layer_tables, record_tables
from geo.model.layers import COLUMNS, KEYS, has_demand_point

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
_TODAY: Final = "date('now')"
_NOW: Final = "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"
_LOG: Final = f"""INSERT INTO changes (
  district, revision, at, valid_from, what, "foreign", counts, "before", "after"
) SELECT code, revision, {_NOW}, {_TODAY}, '{EDITED}', 1"""
_GROW: Final = "UPDATE districts SET revision = revision + 1 WHERE code"


# {k} key, {c} columns of both the layer and its past, {old.c} the same of the row as it was,
# {same} whether nothing changed, {lost} what clears a demand point that its geometry left behind.
_LAYER_TRIGGERS: Final = {
    "history_{t}_insert": """AFTER INSERT ON "{t}"
BEGIN
  {grow} = NEW.district;
  UPDATE "{t}" SET valid_from = {today},
    since = coalesce((SELECT revision FROM districts WHERE code = NEW.district), 0)
    WHERE fid = NEW.fid;
  {log}, {added}, '{}', {new} FROM districts WHERE code = NEW.district;
END""",
    "history_{t}_update": """AFTER UPDATE OF {watched} ON "{t}" WHEN NOT ({same})
BEGIN
  {grow} IN (OLD.district, NEW.district);
  INSERT INTO "past_{t}" ({c}, "until", valid_to) SELECT {old.c}, revision, {today}
    FROM districts WHERE code = OLD.district;
  UPDATE "{t}" SET valid_from = {today}{lost},
    since = coalesce((SELECT revision FROM districts WHERE code = NEW.district), 0)
    WHERE fid = NEW.fid;
  {log}, {moved}, {old_differing}, {new_differing}
    FROM districts WHERE code IN (OLD.district, NEW.district);
END""",
    "history_{t}_delete": """AFTER DELETE ON "{t}"
BEGIN
  {grow} = OLD.district;
  INSERT INTO "past_{t}" ({c}, "until", valid_to) SELECT {old.c}, revision, {today}
    FROM districts WHERE code = OLD.district;
  {log}, {removed}, {old}, '{}' FROM districts WHERE code = OLD.district;
END""",
}
_DISTRICT_TRIGGERS: Final = {
    "history_districts_insert": """AFTER INSERT ON districts WHEN NEW.revision = 0
BEGIN
  UPDATE districts SET valid_from = {today},
    revision = 1 + coalesce((SELECT max(revision) FROM changes WHERE district = NEW.code), 0),
    since = 1 + coalesce((SELECT max(revision) FROM changes WHERE district = NEW.code), 0)
    WHERE fid = NEW.fid;
  {log}, '{}', '{}', '{}' FROM districts WHERE fid = NEW.fid;
END""",
    "history_districts_update": """AFTER UPDATE OF {watched} ON districts
  WHEN NEW.revision = OLD.revision AND NOT ({same})
BEGIN
  INSERT INTO past_districts (district, {c}, "until", valid_to)
    VALUES (OLD.code, {old.c}, OLD.revision + 1, {today});
  UPDATE districts SET revision = OLD.revision + 1, since = OLD.revision + 1, valid_from = {today}
    WHERE fid = NEW.fid;
  {log}, '{}', '{}', '{}' FROM districts WHERE fid = NEW.fid;
END""",
    "history_districts_code": """BEFORE UPDATE OF code ON districts WHEN NEW.code <> OLD.code
BEGIN
  SELECT RAISE(ABORT, 'the code of a district cannot be changed; load it under the new code');
END""",
    "history_districts_delete": """AFTER DELETE ON districts
  WHEN NOT EXISTS (SELECT 1 FROM changes WHERE district = OLD.code AND revision > OLD.revision)
BEGIN
  INSERT INTO changes (district, revision, at, valid_from, what, "foreign")
    VALUES (OLD.code, OLD.revision + 1, {now}, {today}, 'deleted in another program', 1);
  {orphans}
END""",
}


def rtree_name(table: Table) -> str:
    """Return the name of the R*Tree of a table with geometry."""
    return f"rtree_{table.name}_{layer_tables.GEOMETRY_COLUMN}"


def has_geometry(table: Table) -> bool:
    """Return whether a table has a geometry column."""
    return layer_tables.GEOMETRY_COLUMN in table.c


def is_indexed(table: Table) -> bool:
    """Return whether a table has an R*Tree; the past is read by key and revision."""
    return has_geometry(table) and (
        table.name in layer_tables.layers or table is layer_tables.districts
    )


def triggers(table: Table) -> Iterator[tuple[str, str]]:
    """Yield name and statement of every trigger of a table."""
    if is_indexed(table):
        words = {"t": table.name, "r": rtree_name(table), "box": _BOX}
        yield from _filled(_RTREE_TRIGGERS, words)
    if table.name in layer_tables.layers:
        yield from _filled(_LAYER_TRIGGERS, _layer_words(table))
    if table is layer_tables.districts:
        yield from _filled(_DISTRICT_TRIGGERS, _district_words(table))
    if table is record_tables.editions:
        for statement in edition_guard.statements("sqlite"):
            yield statement.split()[2], statement


def make_triggers(connection: Connection) -> None:
    """Make the triggers of all tables."""
    for table in layer_tables.metadata.sorted_tables:
        for _, statement in triggers(table):
            connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Take away the triggers of all tables, also those of an older Lifecircle."""
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    for name, table in connection.exec_driver_sql(query).fetchall():
        ours = name.startswith(("rtree_", "history_", "revision_", "demand_point_", "editions_"))
        if ours and table in layer_tables.metadata.tables:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _filled(bodies: dict[str, str], words: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, body in bodies.items():
        full, text = name, body
        for word, value in words.items():
            full = full.replace(f"{{{word}}}", value)
            text = text.replace(f"{{{word}}}", value)
        yield full, f'CREATE TRIGGER "{full}" {text}'


def _layer_words(table: Table) -> dict[str, str]:
    name, past = table.name, layer_tables.past[table.name]
    kept = [column.name for column in past.c if column.name in table.c and column.name != "fid"]
    content = ["district", *COLUMNS[name], *([layer_tables.GEOMETRY_COLUMN] * has_geometry(table))]
    return {
        **_words(content, kept),
        "lost": _lost(table),
        "added": _counts(name, "added"),
        "removed": _counts(name, "removed"),
        "moved": f"CASE WHEN OLD.district = NEW.district THEN {_counts(name, 'changed')} "
        f"WHEN code = OLD.district THEN {_counts(name, 'removed')} "
        f"ELSE {_counts(name, 'added')} END",
        "new": _row_json(table, "NEW"),
        "old": _row_json(table, "OLD"),
        "new_differing": _row_json(table, "NEW", than="OLD"),
        "old_differing": _row_json(table, "OLD", than="NEW"),
        "t": name,
    }


def _district_words(table: Table) -> dict[str, str]:
    kept = [column.name for column in layer_tables.past_districts.c if column.name in table.c]
    kept.remove("fid")
    content = [name for name in kept if name not in ("since", "valid_from")]
    owned = [
        *layer_tables.layers,
        *(f"past_{name}" for name in layer_tables.layers),
        "past_districts",
    ]
    owned += [t.name for t in (record_tables.imports, record_tables.lineage)]
    owned += [t.name for t in (record_tables.editions, record_tables.runs)]
    orphans = [f'DELETE FROM "{name}" WHERE district = OLD.code;' for name in owned]  # noqa: S608
    orphans.append("DELETE FROM grid_coverage WHERE run NOT IN (SELECT run FROM runs);")
    return {**_words(content, kept), "orphans": "\n  ".join(orphans)}


def _words(content: Iterable[str], kept: Iterable[str]) -> dict[str, str]:
    """Return the words that all triggers of history share."""
    same = " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in content)
    return {
        "same": same,
        "watched": ", ".join(f'"{name}"' for name in content),
        "old.c": ", ".join(f'OLD."{name}"' for name in kept),
        "c": ", ".join(f'"{name}"' for name in kept),
        "log": _LOG,
        "grow": _GROW,
        "today": _TODAY,
        "now": _NOW,
    }


def _lost(table: Table) -> str:
    """Return the assignments that clear a demand point whose geometry moved without it."""
    if not has_demand_point(table.name):
        return ""
    moved = "NEW.geom IS NOT OLD.geom AND NEW.lon IS OLD.lon AND NEW.lat IS OLD.lat"
    return "".join(f", {c} = CASE WHEN {moved} THEN NULL ELSE {c} END" for c in ("lon", "lat"))


def _counts(layer: str, what: str) -> str:
    numbers = ", ".join(f'"{w}": {int(w == what)}' for w in ("added", "changed", "removed"))
    return f"""'{{"{layer}": {{{numbers}}}}}'"""


def _row_json(table: Table, row: str, *, than: str | None = None) -> str:
    """Return the expression for the values of a row as JSON: all, or those that differ.

    Without the geometry, which SQLite cannot write as text; the table of the past has it.
    """
    parts = " UNION ALL ".join(
        f"SELECT '\"{name}\": ' || {_json(table, row, name)} AS part"
        + (f' WHERE {row}."{name}" IS NOT {than}."{name}"' if than else "")
        for name in COLUMNS[table.name]
    )
    values = f"coalesce((SELECT group_concat(part, ', ') FROM ({parts})), '')"  # noqa: S608
    key = f'json_quote(CAST({row}."{KEYS[table.name]}" AS TEXT))'
    return f"""'{{"{table.name}": {{' || {key} || ': {{' || {values} || '}}}}}}'"""


def _json(table: Table, row: str, name: str) -> str:
    if isinstance(table.c[name].type, Boolean):
        return f"""CASE {row}."{name}" WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"""
    return f'json_quote({row}."{name}")'
