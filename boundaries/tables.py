"""The tables of Lifecircle, declared once for every store.

The columns of the layers are those of :data:`geo.district.COLUMNS`; this module adds what a
database needs besides: the district, keys, checks, references and indices. What differs between
databases is the geometry column, and that lives in :mod:`boundaries.geometry_type`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.types import TypeEngine

from boundaries.geometry_type import Geometry
from geo.district import COLUMNS, KEYS, NEUTRAL, BarrierKind, GateAccess, Level, Origin

SCHEMA_VERSION: Final = 3
"""Grows with every change of the tables below."""

GEOMETRY_COLUMN: Final = "geom"

USES: Final = ("residential", "mixed", "other")
HOUSEHOLDS_SOURCES: Final = ("counted", "estimated", "synthetic")

ALLOWED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "grids": {"level": tuple(Level), "origin": tuple(Origin)},
    "buildings": {"use": USES, "households_source": HOUSEHOLDS_SOURCES},
    "service_points": {"origin": tuple(Origin)},
    "barriers": {"kind": tuple(BarrierKind)},
    "gates": {"access": tuple(GateAccess)},
}
"""Columns that hold one of a few words."""

NOT_NEGATIVE: Final[Mapping[str, tuple[str, ...]]] = {
    "buildings": ("households", "residents", "residents_60plus", "residents_under15", "levels"),
    "service_points": ("capacity",),
    "walk_edges": ("length_m",),
}
"""Columns whose numbers are counts or lengths."""

GEOMETRY_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "grids": ("Polygon", "MultiPolygon"),
    "buildings": ("Point", "Polygon", "MultiPolygon"),
    "service_points": ("Point",),
    "walk_edges": ("LineString",),
    "barriers": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "gates": ("Point",),
}
"""Geometry types each layer may hold; `workers` has none."""

BOUNDARY_KINDS: Final = ("Polygon", "MultiPolygon")

_INTEGER: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "str": Text(),
    "int": _INTEGER,
    "float": Double(),
    "bool": Boolean(),
}
_MADE_UP: Final = ("lon", "lat")
"""Columns a foreign editor may leave empty: they are worked out from the geometry when read."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _fid() -> Column[int]:
    return Column("fid", _INTEGER, primary_key=True, nullable=False)


def _district() -> Column[str]:
    owner = ForeignKey("districts.code", ondelete="CASCADE", onupdate="CASCADE")
    return Column("district", Text, owner, nullable=False)


def _one_of(column: str, words: tuple[str, ...] | type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _column(layer: str, name: str, kind: str) -> Column[Any]:
    optional = kind.endswith("?") or (name in _MADE_UP and layer != "walk_edges")
    neutral = NEUTRAL.get(layer, {}).get(name)
    default = None if neutral is None else _literal(neutral)
    return Column(name, _TYPES[kind.rstrip("?")], nullable=optional, server_default=default)


def _literal(value: str | float) -> TextClause | True_ | False_:
    """Return a value as a default of a column."""
    if isinstance(value, bool):
        return true() if value else false()
    return text(repr(value))


def _geometry_column(layer: str) -> Column[Any]:
    kinds = GEOMETRY_KINDS[layer]
    kind = kinds[0].upper() if len(kinds) == 1 else "GEOMETRY"
    return Column(GEOMETRY_COLUMN, Geometry(kind), nullable=False)


def _references(layer: str) -> list[SchemaItem]:
    """Return references to grids; they wait for the commit, so that grids can be replaced."""
    column = {"grids": "parent_code", "workers": "grid_code"}.get(layer)
    if column is None:
        return []
    there = ["grids.district", "grids.code"]
    return [
        ForeignKeyConstraint(["district", column], there, deferrable=True, initially="DEFERRED")
    ]


def _layer_table(layer: str) -> Table:
    """Declare the table of one layer from its columns in :data:`COLUMNS`."""
    items: list[SchemaItem] = [_fid(), _district()]
    items += [_column(layer, name, kind) for name, kind in COLUMNS[layer].items()]
    if layer in GEOMETRY_KINDS:
        items.append(_geometry_column(layer))
    items.append(UniqueConstraint("district", KEYS[layer]))
    items += [_one_of(name, words) for name, words in ALLOWED.get(layer, {}).items()]
    items += [CheckConstraint(f"{name} >= 0", name=name) for name in NOT_NEGATIVE.get(layer, ())]
    return Table(layer, metadata, *items, *_references(layer), sqlite_autoincrement=True)


districts: Final = Table(
    "districts",
    metadata,
    _fid(),
    Column("code", Text, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("epsg", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("credits", Text, nullable=False, server_default="[]", doc="JSON list of str"),
    Column("note", Text, nullable=False, server_default=""),
    Column("note_zh", Text, nullable=False, server_default=""),
    Column("revision", _INTEGER, nullable=False, server_default="0"),
    Column(GEOMETRY_COLUMN, Geometry("GEOMETRY"), nullable=False),
    _one_of("origin", Origin),
    CheckConstraint("code <> ''", name="code"),
    CheckConstraint("revision >= 0", name="revision"),
    sqlite_autoincrement=True,
)

layers: Final[Mapping[str, Table]] = {layer: _layer_table(layer) for layer in COLUMNS}
"""Table of each layer, in the order of :data:`geo.district.COLUMNS`."""

Index(None, layers["grids"].c.district, layers["grids"].c.parent_code)
Index(None, layers["service_points"].c.district, layers["service_points"].c.category)
Index(None, layers["workers"].c.district, layers["workers"].c.worker_code)

imports: Final = Table(
    "imports",
    metadata,
    _fid(),
    _district(),
    Column("revision", _INTEGER, nullable=False, doc="revision that the import made"),
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False, server_default="", doc="of the file; may be empty"),
    Column("imported_at", Text, nullable=False, doc="UTC, ISO 8601"),
    Column("report", Text, nullable=False, doc="JSON of boundaries.report.ImportReport"),
    Index(None, "district", "revision"),
    sqlite_autoincrement=True,
)

settings: Final = Table(
    "settings",
    metadata,
    _fid(),
    Column("name", Text, nullable=False, unique=True),
    Column("value", Text, nullable=False),
    sqlite_autoincrement=True,
)

SCHEMA_SETTING: Final = "lifecircle_schema"
"""Name of the setting that holds :data:`SCHEMA_VERSION`, and the mark of a store of ours."""
