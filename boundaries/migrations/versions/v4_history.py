"""Since when a row holds, the rows of the past, and records of what was done."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import (
    INTEGER,
    district,
    fid,
    geometry,
    integer,
    make,
    one_of,
    text,
)

revision = "0004"
down_revision = "0003"

_DAWN = "1970-01-01"


def upgrade() -> None:
    """Add the columns and make the tables."""
    layers = ("grids", "buildings", "service_points", "walk_edges", "barriers", "gates", "workers")
    for table in ("districts", *layers):
        for column in _since():
            op.add_column(table, column)
    _past("districts", _district_columns())
    _past("grids", _grid_columns(), "code")
    _past("buildings", _building_columns(), "building_id")
    _past("service_points", _service_point_columns(), "point_id")
    _past("walk_edges", _walk_edge_columns(), "edge_id")
    _past("barriers", [*_texts("barrier_id", "kind", "name"), geometry("GEOMETRY")], "barrier_id")
    _past("gates", _gate_columns(), "gate_id")
    _past("workers", _texts("worker_code", "grid_code"), "grid_code")
    _changes_and_lineage()
    _editions()
    _runs()
    _jobs()


def _since() -> list[sa.Column[Any]]:
    return [
        integer("since", "0"),
        sa.Column("valid_from", sa.Date, nullable=False, server_default=_DAWN),
    ]


def _past(table: str, columns: list[sa.Column[Any]], *key: str) -> None:
    until = [integer("until"), sa.Column("valid_to", sa.Date, nullable=False)]
    index = sa.Index(None, "district", *key)
    make(f"past_{table}", fid(), district(), *columns, *_since(), *until, index)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [text(name) for name in names]


def _integers(*names: str) -> list[sa.Column[Any]]:
    return [integer(name) for name in names]


def _flag(name: str, default: sa.sql.elements.False_ | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=default)


def _number(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=False, server_default=sa.text(default))


def _demand_point() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double) for name in ("lon", "lat")]


def _district_columns() -> list[sa.Column[Any]]:
    return [
        *_texts("name_zh", "name_en"),
        sa.Column("epsg", sa.Integer, nullable=False),
        text("origin"),
        text("credits", "[]"),
        text("note", ""),
        text("note_zh", ""),
        geometry("GEOMETRY"),
    ]


def _grid_columns() -> list[sa.Column[Any]]:
    return [
        *_texts("code", "level"),
        sa.Column("parent_code", sa.Text),
        *_texts("name_zh", "name_en", "origin"),
        geometry("GEOMETRY"),
    ]


def _building_columns() -> list[sa.Column[Any]]:
    none = sa.text("0")
    return [
        *_texts("building_id", "name", "use"),
        *_integers("households", "residents", "residents_60plus"),
        sa.Column("residents_under15", INTEGER, nullable=False, server_default=none),
        integer("levels"),
        text("households_source"),
        *_demand_point(),
        geometry("GEOMETRY"),
    ]


def _service_point_columns() -> list[sa.Column[Any]]:
    return [
        *_texts("point_id", "category", "name", "sub", "origin"),
        _number("capacity", "1.0"),
        *_demand_point(),
        geometry("POINT"),
    ]


def _walk_edge_columns() -> list[sa.Column[Any]]:
    return [
        *_integers("edge_id", "u", "v"),
        sa.Column("length_m", sa.Double, nullable=False),
        text("kind"),
        *(_flag(name) for name in ("forward", "backward", "private", "bridge", "tunnel")),
        _flag("crossing", sa.false()),
        _number("climb_m", "0.0"),
        text("name"),
        integer("osm_id"),
        geometry("LINESTRING"),
    ]


def _gate_columns() -> list[sa.Column[Any]]:
    words = _texts("gate_id", "access", "name")
    return [*words, integer("node"), text("opening_hours", ""), geometry("POINT")]


def _changes_and_lineage() -> None:
    make(
        "changes",
        fid(),
        text("district"),
        integer("revision"),
        text("at"),
        sa.Column("valid_from", sa.Date, nullable=False),
        text("actor", ""),
        text("what"),
        *(text(name, "{}") for name in ("counts", "before", "after")),
        sa.UniqueConstraint("district", "revision"),
    )
    make(
        "lineage",
        fid(),
        district(),
        integer("revision"),
        sa.Column("valid_from", sa.Date, nullable=False),
        *_texts("level", "kind", "old_code", "new_code"),
        sa.Column("share", sa.Double, nullable=False),
        one_of("kind", "split", "merge", "move"),
        one_of("level", "large", "medium", "small"),
        sa.UniqueConstraint("district", "revision", "old_code", "new_code"),
    )


def _editions() -> None:
    make(
        "editions",
        fid(),
        district(),
        *_texts("name", "state"),
        integer("revision"),
        sa.Column("dated", sa.Date, nullable=False),
        text("at"),
        text("actor", ""),
        text("note", ""),
        text("sha256"),
        one_of("state", "draft", "published"),
        sa.UniqueConstraint("district", "name"),
    )


def _runs() -> None:
    make(
        "runs",
        fid(),
        text("run"),
        district(),
        integer("revision"),
        *_texts("kind", "at"),
        text("actor", ""),
        *_texts("ingredients", "sha256"),
        sa.UniqueConstraint("run"),
    )
    make(
        "grid_coverage",
        fid(),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.run", ondelete="CASCADE"), nullable=False),
        *_texts("code", "category"),
        *_integers("households", "covered"),
        sa.Column("coverage", sa.Double),
        sa.UniqueConstraint("run", "code", "category"),
    )


def _jobs() -> None:
    make(
        "jobs",
        fid(),
        *_texts("job", "kind", "state"),
        sa.Column("progress", sa.Double, nullable=False, server_default="0"),
        *(text(name, "") for name in ("message", "district", "actor")),
        text("parameters", "{}"),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("content", sa.LargeBinary),
        text("created_at"),
        sa.Column("started_at", sa.Text),
        sa.Column("finished_at", sa.Text),
        text("service", ""),
        sa.Column("beat_at", sa.Text),
        one_of("state", "queued", "running", "done", "failed", "cancelled", "interrupted"),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        sa.UniqueConstraint("job"),
        sa.Index(None, "state"),
    )
