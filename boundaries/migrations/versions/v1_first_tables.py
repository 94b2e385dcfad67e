"""The first tables: districts, their layers, imports."""

import sqlalchemy as sa

from boundaries.migrations.pieces import (
    district,
    drawn,
    fid,
    geometry,
    integer,
    make,
    not_negative,
    one_of,
    text,
)

revision = "0001"
down_revision = None

_ORIGINS = ("given", "osm", "drawn", "synthetic")
_GRIDS = ["grids.district", "grids.code"]


def upgrade() -> None:
    """Make the tables."""
    _districts()
    _grids()
    _buildings()
    _service_points()
    _walk_edges()
    _barriers()
    _gates()
    _workers()
    _records()


def _layer(name: str, key: str, *items: sa.schema.SchemaItem, drawn_as: str = "") -> None:
    shape = [geometry(drawn_as)] if drawn_as else []
    columns = [item for item in items if isinstance(item, sa.Column)]
    others = [item for item in items if not isinstance(item, sa.Column)]
    unique = sa.UniqueConstraint("district", key)
    make(name, fid(), district(), *columns, *shape, unique, *others)
    if drawn_as:
        drawn(name)


def _to_grid(column: str) -> sa.ForeignKeyConstraint:
    mine = ["district", column]
    return sa.ForeignKeyConstraint(mine, _GRIDS, deferrable=True, initially="DEFERRED")


def _demand_point() -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double) for name in ("lon", "lat")]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _districts() -> None:
    make(
        "districts",
        fid(),
        text("code"),
        text("name_zh"),
        text("name_en"),
        sa.Column("epsg", sa.Integer, nullable=False),
        text("origin"),
        text("credits", "[]"),
        text("note", ""),
        integer("revision", "0"),
        geometry("GEOMETRY"),
        sa.UniqueConstraint("code"),
        one_of("origin", *_ORIGINS),
        sa.CheckConstraint("code <> ''", name="code"),
        not_negative("revision"),
    )
    drawn("districts")


def _grids() -> None:
    _layer(
        "grids",
        "code",
        text("code"),
        text("level"),
        sa.Column("parent_code", sa.Text),
        text("name_zh"),
        text("name_en"),
        text("origin"),
        one_of("level", "large", "medium", "small"),
        one_of("origin", *_ORIGINS),
        _to_grid("parent_code"),
        sa.Index(None, "district", "parent_code"),
        drawn_as="GEOMETRY",
    )


def _buildings() -> None:
    counts = ("households", "residents", "residents_60plus", "levels")
    _layer(
        "buildings",
        "building_id",
        text("building_id"),
        text("name"),
        text("use"),
        *(integer(name) for name in counts),
        text("households_source"),
        *_demand_point(),
        one_of("use", "residential", "mixed", "other"),
        one_of("households_source", "counted", "estimated", "synthetic"),
        *(not_negative(name) for name in counts),
        drawn_as="GEOMETRY",
    )


def _service_points() -> None:
    words = ("point_id", "category", "name", "sub", "origin")
    _layer(
        "service_points",
        "point_id",
        *(text(name) for name in words),
        *_demand_point(),
        one_of("origin", *_ORIGINS),
        sa.Index(None, "district", "category"),
        drawn_as="POINT",
    )


def _walk_edges() -> None:
    flags = ("forward", "backward", "private", "bridge", "tunnel")
    _layer(
        "walk_edges",
        "edge_id",
        *(integer(name) for name in ("edge_id", "u", "v")),
        sa.Column("length_m", sa.Double, nullable=False),
        text("kind"),
        *(_flag(name) for name in flags),
        text("name"),
        integer("osm_id"),
        not_negative("length_m"),
        drawn_as="LINESTRING",
    )


def _barriers() -> None:
    kinds = one_of("kind", "wall", "river", "railway")
    words = [text(name) for name in ("barrier_id", "kind", "name")]
    _layer("barriers", "barrier_id", *words, kinds, drawn_as="GEOMETRY")


def _gates() -> None:
    words = [text(name) for name in ("gate_id", "access", "name")]
    kinds = one_of("access", "open", "private", "closed")
    _layer("gates", "gate_id", *words, integer("node"), kinds, drawn_as="POINT")


def _workers() -> None:
    posts = sa.Index(None, "district", "worker_code")
    words = [text(name) for name in ("worker_code", "grid_code")]
    _layer("workers", "grid_code", *words, _to_grid("grid_code"), posts)


def _records() -> None:
    make(
        "imports",
        fid(),
        district(),
        integer("revision"),
        text("source"),
        text("sha256", ""),
        text("imported_at"),
        text("report"),
        sa.Index(None, "district", "revision"),
    )
    make("settings", fid(), text("name"), text("value"), sa.UniqueConstraint("name"))
