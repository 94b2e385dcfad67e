"""Triggers of a GeoPackage that keep its history when *others* edit.

An edit by QGIS, GDAL or plain SQL makes a revision of the district, is told in the log, and leaves
the row as it was in the past. A demand point that no longer fits its geometry is cleared, to be
worked out again.

SQLite cannot tell which rows are edited together: each is a revision of its own, and what was one
edit of grids is put together when it is read (:mod:`geo.grids.edits.foreign_edits`).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Boolean, Double, Table

from boundaries.store.geopackage.trigger_templates import create_triggers
from boundaries.store.history.change_log import DELETED, EDITED
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.row_rules import in_sql
from geo.messages import Message
from geo.model.layer_columns import COLUMNS, KEYS, has_demand_point

_TODAY: Final = "date('now')"
_NOW: Final = "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"
_TIME: Final = (
    f"max({_NOW}, coalesce((SELECT at FROM changes WHERE district = {{code}} "  # noqa: S608 (ours)
    "ORDER BY revision DESC LIMIT 1), ''))"
)
"""Never before the last change of the district: a clock may have been set back."""

_LOG: Final = f"""INSERT INTO changes (
  district, revision, at, valid_from, what, "foreign", counts, "before", "after"
) SELECT code, revision, {_TIME.format(code="code")}, {_TODAY}, '{EDITED}', 1"""
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
  SELECT RAISE(ABORT, {keeps_code});
END""",
    "history_districts_delete": """AFTER DELETE ON districts
  WHEN NOT EXISTS (SELECT 1 FROM changes WHERE district = OLD.code AND revision > OLD.revision)
BEGIN
  INSERT INTO changes (district, revision, at, valid_from, what, "foreign")
    VALUES (OLD.code, OLD.revision + 1, {now}, {today}, '{deleted}', 1);
  {orphans}
END""",
}


def history_triggers(table: Table) -> Iterator[tuple[str, str]]:
    """Yield name and statement of the triggers of history of a table; most tables have none."""
    if table.name in layer_tables.layers:
        yield from create_triggers(_LAYER_TRIGGERS, _layer_words(table))
    if table is layer_tables.districts:
        yield from create_triggers(_DISTRICT_TRIGGERS, _district_words(table))


def _layer_words(table: Table) -> dict[str, str]:
    name, past = table.name, layer_tables.past[table.name]
    kept = [column.name for column in past.c if column.name in table.c and column.name != "fid"]
    content = ["district", *COLUMNS[name]]
    if layer_tables.has_geometry(table):
        content.append(layer_tables.GEOMETRY_COLUMN)
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
        "deleted": DELETED,
        "keeps_code": in_sql(Message("row_rules.code_of_district")),
        "grow": _GROW,
        "today": _TODAY,
        "now": _TIME.format(code="OLD.code"),
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
    value, kind = f'{row}."{name}"', table.c[name].type
    if isinstance(kind, Boolean):
        return f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
    if isinstance(kind, Double):  # JSON has no infinity
        return f"CASE WHEN abs({value}) > 1e300 THEN 'null' ELSE json_quote({value}) END"
    return f"json_quote({value})"
