"""Layer tables, declared once for both stores.

The columns of the layers are those of :data:`geo.model.layer_columns.COLUMNS`; this module adds
district, keys, checks, references, indices and validity. Only the geometry column differs between
databases (:mod:`boundaries.store.tables.geometry_type`).

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

from boundaries.store.tables.geometry_type import PROMOTED, Geometry
from geo.model.columns import Column as LayerColumn
from geo.model.columns import Value
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.vocabulary import Origin

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
    "open_grounds": ("Polygon", "MultiPolygon"),
    "entrances": ("Point",),
}
"""Geometry types each layer may hold; :data:`geo.model.layer_columns.TABLES` have none."""

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


def _column(column: LayerColumn, *, is_past: bool) -> Column[Any]:
    nullable = column.nullable or column.derived
    default = _literal(column.neutral if is_past or nullable else column.start)
    if is_past or nullable or default is None:
        kind = _TYPES[column.kind]
        return Column(column.name, kind, nullable=nullable, server_default=default)
    return filled(column.name, _TYPES[column.kind], default)


def filled(
    name: str, kind: TypeEngine[Any], default: str | TextClause | True_ | False_
) -> Column[Any]:
    """Return a column that is never missing and that another program may leave empty.

    QGIS writes NULL for what nobody filled in. SQLite then takes the default; PostGIS has a trigger
    for it.
    """
    return Column(
        name, kind, nullable=False, server_default=default, sqlite_on_conflict_not_null="REPLACE"
    )


def _literal(value: Value | EllipsisType | None) -> TextClause | True_ | False_ | None:
    """Return a value as a default of a column; None where there is none."""
    if value is None or value is ...:
        return None
    if isinstance(value, bool):
        return true() if value else false()
    return text(repr(value))


def kinds_of(table_name: str) -> tuple[str, ...]:
    """Return the geometry types of a table of a layer, of the districts or of their past."""
    return GEOMETRY_KINDS.get(table_name.removeprefix("past_"), BOUNDARY_KINDS)


def _geometry_column(table_name: str) -> Column[Any]:
    kinds = kinds_of(table_name)
    kind = kinds[0].upper() if len(kinds) == 1 else "GEOMETRY"
    if kinds == BOUNDARY_KINDS:
        kind = PROMOTED
    return Column(GEOMETRY_COLUMN, Geometry(kind), nullable=False)


def has_geometry(table: Table) -> bool:
    """Return whether a table has a geometry column."""
    return GEOMETRY_COLUMN in table.c


def is_promoted(table: Table) -> bool:
    """Return whether a table holds single polygons as collections of one."""
    return has_geometry(table) and kinds_of(table.name) == BOUNDARY_KINDS


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
    return [filled("since", INTEGER, "0"), filled("valid_from", Date(), DAWN)]


def _was_since() -> list[Column[Any]]:
    """Return the same of a past row, which no other program adds."""
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


def _content(layer: str, *, is_past: bool) -> list[SchemaItem]:
    """Return the columns of a layer's frame."""
    columns = COLUMNS[layer].values()
    items: list[SchemaItem] = [_column(column, is_past=is_past) for column in columns]
    if layer in GEOMETRY_KINDS:
        items.append(_geometry_column(layer))
    return items


def _layer_table(layer: str) -> Table:
    """Declare the table of one layer from its columns in :data:`COLUMNS`."""
    items: list[SchemaItem] = [
        _fid(), _district(), *_content(layer, is_past=False), *_since(),
    ]  # fmt: skip
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
    items: list[SchemaItem] = [
        _fid(), _district(), *_content(layer, is_past=True), *_was_since(), *_until(),
    ]  # fmt: skip
    key = Index(None, "district", KEYS[layer])
    table = Table(f"past_{layer}", metadata, *items, key, sqlite_autoincrement=True)
    if is_promoted(table):
        _of_kind(table)
    return table


def _spatial(table: Table) -> None:
    """Add the spatial index of PostGIS; a GeoPackage has its R*Tree."""
    if not has_geometry(table):
        return
    geometry = table.c[GEOMETRY_COLUMN]
    Index(None, geometry, postgresql_using="gist").ddl_if(dialect="postgresql")
    valid = CheckConstraint(f"ST_IsValid({GEOMETRY_COLUMN})", name="valid")
    table.append_constraint(valid.ddl_if(dialect="postgresql"))
    _of_kind(table)


def _of_kind(table: Table) -> None:
    """Let PostGIS hold only the kinds of a table, and ``geometry_columns`` name a single one.

    That view takes the kind from a constraint that compares ``geometrytype`` by ``=``, so one that
    allows several must not.
    """
    kinds = [kind.upper() for kind in kinds_of(table.name)]
    if len(kinds) == 1:
        return  # the type of the column says it
    wanted = f"= '{PROMOTED}'" if is_promoted(table) else f"~ '^({'|'.join(kinds)})$'"
    kind = CheckConstraint(f"geometrytype({GEOMETRY_COLUMN}) {wanted}", name="geometry")
    table.append_constraint(kind.ddl_if(dialect="postgresql"))


def _district_columns(*, is_past: bool) -> list[Column[Any]]:
    """Return the attribute columns of a district."""
    texts = [
        Column(name, Text, nullable=False, server_default=default)
        if is_past
        else filled(name, Text(), default)
        for name, default in (("credits", "[]"), ("note", ""), ("note_zh", ""), ("settings", "{}"))
    ]
    return [
        Column("name_zh", Text, nullable=False),
        Column("name_en", Text, nullable=False),
        Column("epsg", Integer, nullable=False),
        Column("origin", Text, nullable=False),
        *texts,
        _geometry_column("districts"),
    ]


districts: Final = Table(
    "districts",
    metadata,
    _fid(),
    Column("code", Text, nullable=False, unique=True),
    filled("revision", INTEGER, "0"),
    *_district_columns(is_past=False),
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
    *_district_columns(is_past=True),
    *_was_since(),
    *_until(),
    Index(None, "district"),
    sqlite_autoincrement=True,
)


_of_kind(past_districts)


layers: Final[Mapping[str, Table]] = {layer: _layer_table(layer) for layer in COLUMNS}
"""Table of each layer, in the order of :data:`geo.model.layer_columns.COLUMNS`."""

past: Final[Mapping[str, Table]] = {layer: _past_table(layer) for layer in COLUMNS}
"""Table of the past rows of each layer."""


Index(None, layers["grids"].c.district, layers["grids"].c.parent_code)


Index(None, layers["service_points"].c.district, layers["service_points"].c.category)


Index(None, layers["workers"].c.district, layers["workers"].c.worker_code)


Index(None, layers["organisations"].c.district, layers["organisations"].c.grid_code)
