"""Layer tables, declared once for both stores.

The columns of the layers are those of :data:`geo.model.layers.COLUMNS`; this module adds district,
keys, checks, references, indices and validity. Only the geometry column differs between databases
(:mod:`boundaries.store.tables.geometry_type`).

A layer's table holds the current rows. A changed or deleted row moves to ``past_<layer>``, so that
a district can be read as of any revision and date. Logs and records are in
:mod:`boundaries.store.tables.record_tables`.
"""

from collections.abc import Iterable, Mapping
from importlib import resources
from types import EllipsisType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

from boundaries.store.tables.geometry_type import Geometry
from geo.model.columns import Column as LayerColumn
from geo.model.columns import Value
from geo.model.layers import COLUMNS, KEYS, Origin

_SCRIPTS: Final = resources.files("boundaries.migrations.versions")
SCHEMA_VERSION: Final = sum(script.name.startswith("v") for script in _SCRIPTS.iterdir())
"""Number of the newest script of :mod:`boundaries.migrations`: each change of the tables, of the
triggers and of the views has one."""

GEOMETRY_COLUMN: Final = "geom"
GEOMETRY_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "grids": ("Polygon", "MultiPolygon"),
    "buildings": ("Point", "Polygon", "MultiPolygon"),
    "service_points": ("Point",),
    "walk_edges": ("LineString",),
    "barriers": ("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "gates": ("Point",),
}
"""Geometry types each layer may hold; :data:`geo.model.layers.TABLES` have none."""

BOUNDARY_KINDS: Final = ("Polygon", "MultiPolygon")
INTEGER: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "str": Text(),
    "int": INTEGER,
    "float": Double(),
    "bool": Boolean(),
}
DAWN: Final = "1970-01-01"
"""First day of validity of a row whose own is unknown."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _fid() -> Column[int]:
    return Column("fid", INTEGER, primary_key=True, nullable=False)


def _district() -> Column[str]:
    owner = ForeignKey("districts.code", ondelete="CASCADE", onupdate="CASCADE")
    return Column("district", Text, owner, nullable=False)


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return the constraint that a column holds one of `words`."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _column(column: LayerColumn) -> Column[Any]:
    return Column(
        column.name,
        _TYPES[column.kind],
        nullable=column.nullable or column.derived,
        server_default=_literal(column.neutral),
    )


def _literal(value: Value | EllipsisType | None) -> TextClause | True_ | False_ | None:
    """Return a value as a default of a column; None where there is none."""
    if value is None or value is ...:
        return None
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
    referred = ["grids.district", "grids.code"]
    return [
        ForeignKeyConstraint(["district", column], referred, deferrable=True, initially="DEFERRED")
    ]


def _since() -> list[Column[Any]]:
    """Return the columns with the first revision and day of validity."""
    return [
        Column("since", INTEGER, nullable=False, server_default="0"),
        Column("valid_from", Date, nullable=False, server_default=DAWN),
    ]


def _until() -> list[Column[Any]]:
    """Return the columns with the first revision and day after the validity."""
    return [
        Column("until", INTEGER, nullable=False),
        Column("valid_to", Date, nullable=False),
    ]


def _content(layer: str) -> list[SchemaItem]:
    """Return the columns of a layer's frame."""
    items: list[SchemaItem] = [_column(column) for column in COLUMNS[layer].values()]
    if layer in GEOMETRY_KINDS:
        items.append(_geometry_column(layer))
    return items


def _layer_table(layer: str) -> Table:
    """Declare the table of one layer from its columns in :data:`COLUMNS`."""
    items: list[SchemaItem] = [_fid(), _district(), *_content(layer), *_since()]
    items.append(UniqueConstraint("district", KEYS[layer]))
    columns = COLUMNS[layer].values()
    items += [one_of(column.name, column.words) for column in columns if column.words]
    items += [
        CheckConstraint(f"{column.name} >= {column.at_least:g}", name=column.name)
        for column in columns
        if column.at_least is not None
    ]
    table = Table(layer, metadata, *items, *_references(layer), sqlite_autoincrement=True)
    _spatial(table)
    return table


def _past_table(layer: str) -> Table:
    """Declare the table of the past rows of a layer."""
    items: list[SchemaItem] = [_fid(), _district(), *_content(layer), *_since(), *_until()]
    key = Index(None, "district", KEYS[layer])
    return Table(f"past_{layer}", metadata, *items, key, sqlite_autoincrement=True)


def _spatial(table: Table) -> None:
    """Add the spatial index of PostGIS; a GeoPackage has its R*Tree."""
    if GEOMETRY_COLUMN not in table.c:
        return
    geometry = table.c[GEOMETRY_COLUMN]
    Index(None, geometry, postgresql_using="gist").ddl_if(dialect="postgresql")
    valid = CheckConstraint(f"ST_IsValid({GEOMETRY_COLUMN})", name="valid")
    table.append_constraint(valid.ddl_if(dialect="postgresql"))


def _district_columns() -> list[Column[Any]]:
    """Return the attribute columns of a district."""
    return [
        Column("name_zh", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("epsg", Integer, nullable=False),
        Column("origin", Text, nullable=False),
        Column("credits", Text, nullable=False, server_default="[]", doc="JSON list of str"),
        Column("note", Text, nullable=False, server_default=""),
        Column("note_zh", Text, nullable=False, server_default=""),
        Column(GEOMETRY_COLUMN, Geometry("GEOMETRY"), nullable=False),
    ]


districts: Final = Table(
    "districts",
    metadata,
    _fid(),
    Column("code", Text, nullable=False, unique=True),
    Column("revision", INTEGER, nullable=False, server_default="0"),
    *_district_columns(),
    *_since(),
    one_of("origin", Origin),
    CheckConstraint("code <> ''", name="code"),
    CheckConstraint("revision >= 0", name="revision"),
    sqlite_autoincrement=True,
)


_spatial(districts)


past_districts: Final = Table(
    "past_districts",
    metadata,
    _fid(),
    _district(),
    *_district_columns(),
    *_since(),
    *_until(),
    Index(None, "district"),
    sqlite_autoincrement=True,
)
layers: Final[Mapping[str, Table]] = {layer: _layer_table(layer) for layer in COLUMNS}
"""Table of each layer, in the order of :data:`geo.model.layers.COLUMNS`."""

past: Final[Mapping[str, Table]] = {layer: _past_table(layer) for layer in COLUMNS}
"""Table of the past rows of each layer."""


Index(None, layers["grids"].c.district, layers["grids"].c.parent_code)


Index(None, layers["service_points"].c.district, layers["service_points"].c.category)


Index(None, layers["workers"].c.district, layers["workers"].c.worker_code)


Index(None, layers["organisations"].c.district, layers["organisations"].c.grid_code)
