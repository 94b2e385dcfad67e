"""Triggers of a GeoPackage that refuse a row in words, before a constraint does so without any.

The rules are those of :mod:`boundaries.store.tables.row_rules`. Nothing of ours runs when SQLite
commits, so a grid must be there before those inside it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from sqlalchemy import Table

from boundaries.store.geopackage.trigger_templates import create_triggers
from boundaries.store.tables import layer_tables, row_rules
from boundaries.store.tables.row_rules import RowRule
from geo.crs import STORED_EPSG
from geo.model.layer_columns import COLUMNS

_REFUSING: Final = "SELECT CASE {cases} END;"
_RULE_TRIGGERS: Final = {
    "rules_{t}_insert": """BEFORE INSERT ON "{t}"
BEGIN
  {inserting}
END""",
    "rules_{t}_update": """BEFORE UPDATE OF {columns} ON "{t}"
BEGIN
  {updating}
END""",
}
_SHAPE_TRIGGER: Final = {
    "rules_{t}_shape": """BEFORE UPDATE OF "geom" ON "{t}"
BEGIN
  {shaping}
END"""
}
_GRID_TRIGGERS: Final = {
    "rules_grids_delete": """BEFORE DELETE ON grids
BEGIN
  {deleting}
END""",
    "rules_grids_with_workers": """AFTER DELETE ON grids
BEGIN
  DELETE FROM workers WHERE district = OLD.district AND grid_code = OLD.code;
END""",
    "rules_grids_renamed": """AFTER UPDATE OF code ON grids WHEN NEW.code <> OLD.code
BEGIN
  UPDATE workers SET grid_code = NEW.code
    WHERE district = OLD.district AND grid_code = OLD.code;
  UPDATE organisations SET grid_code = NEW.code
    WHERE district = OLD.district AND grid_code = OLD.code;
END""",
}
"""A grid takes its workers along; organisations outlive the plan, and follow a new code only."""

_FLAGS: Final = "substr(hex(substr(NEW.geom, 4, 1)), {}, 1)"
_WKB: Final = (
    f"hex(substr(NEW.geom, CASE WHEN {_FLAGS.format(2)} < '2' THEN 9 WHEN {_FLAGS.format(2)} < '4' "
    f"THEN 41 WHEN {_FLAGS.format(2)} < '8' THEN 57 ELSE 73 END, 5))"
)
"""Byte order and type of the well-known binary, behind a header of any length."""

_TYPE: Final = (
    "(SELECT CASE WHEN wkb LIKE '01%' THEN substr(wkb, 3, 2) ELSE substr(wkb, 9, 2) END FROM "  # noqa: S608 (ours)
    f"(SELECT {_WKB} AS wkb))"
)
"""Lowest byte of that type; no two types and dimensions share one."""

_TYPES: Final = (
    "Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
)  # fmt: skip
"""Types of well-known binary, by their number."""

_DIMENSIONS: Final = (0, 1000, 2000, 3000)  # two, with Z, with M, with both
_SYSTEMS: Final = (STORED_EPSG, 4490, 0, -1)  # 0 and -1 say nothing


def rule_triggers(table: Table) -> Iterator[tuple[str, str]]:
    """Yield name and statement of the triggers that refuse a row of a layer or a district."""
    name = table.name
    written, updated, shapes = _rules_of(table)
    columns = [*COLUMNS.get(name, ("code", "name_zh", "name_en", "epsg", "origin"))]
    if name in layer_tables.layers:
        columns.append("district")
    words = {
        "t": name,
        "inserting": _refusing([*written, *shapes]),
        "updating": _refusing([*written, *updated]),
        "shaping": _refusing(shapes),
        "deleting": _refusing([row_rules.NO_CHILDREN_LEFT]),
        "columns": ", ".join(f'"{column}"' for column in columns),
    }
    yield from create_triggers(_RULE_TRIGGERS, words)
    if shapes:
        yield from create_triggers(_SHAPE_TRIGGER, words)
    if name == "grids":
        yield from create_triggers(_GRID_TRIGGERS, words)


def _rules_of(table: Table) -> tuple[list[RowRule], list[RowRule], list[RowRule]]:
    """Return the rules of a row that is written, those of a change, and those of its shape."""
    name = table.name
    shapes = []
    if layer_tables.has_geometry(table):
        shapes.append(row_rules.shape_rule(name, _wrong_shape(table)))
    if table is layer_tables.districts:
        return [*row_rules.district_rules()], [], shapes
    written = [*row_rules.value_rules(name, typed=False)]
    if name == "workers":
        written.append(row_rules.WORKER_HAS_GRID)
    updated = []
    if name == "grids":
        updated = [row_rules.CHILDREN_KEEP_PARENT, row_rules.WORKERS_KEEP_GRID]
        written.append(row_rules.PARENT_IS_THERE)
    return written, updated, shapes


def _refusing(rules: Iterable[RowRule]) -> str:
    cases = " ".join(f"WHEN {rule.broken} THEN RAISE(ABORT, {rule.says})" for rule in rules)
    return _REFUSING.format(cases=cases)


def _wrong_shape(table: Table) -> str:
    """Return whether a shape is no GeoPackage binary of the kinds of its table, or is elsewhere.

    Whether it is valid SQLite cannot say: that is looked at when the row is read.
    """
    kinds = [_TYPES.index(kind) for kind in layer_tables.kinds_of(table.name)]
    types = {f"'{(kind + more) % 256:02X}'" for kind in kinds for more in _DIMENSIONS}
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    systems = {f"'{_header(epsg, order)}'" for epsg in _SYSTEMS for order in orders}
    return (
        "typeof(NEW.geom) <> 'blob' OR substr(NEW.geom, 1, 2) <> X'4750' "
        f"OR {_FLAGS.format(1)} IN ('1', '3', '5', '7') "
        f"OR hex(substr(NEW.geom, 5, 4)) NOT IN ({', '.join(sorted(systems))}) "
        f"OR {_TYPE} NOT IN ({', '.join(sorted(types))}) "
        "OR ST_MinX(NEW.geom) < -180 OR ST_MaxX(NEW.geom) > 180 "
        "OR ST_MinY(NEW.geom) < -90 OR ST_MaxY(NEW.geom) > 90"
    )


def _header(epsg: int, order: Literal["little", "big"]) -> str:
    return epsg.to_bytes(4, order, signed=True).hex().upper()
