"""Levels, hours, lanes of ways, lifts, entrances, open grounds, and settings of a district."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import (
    INTEGER,
    district,
    drawn,
    fid,
    geometry,
    integer,
    is_postgresql,
    make,
    one_of,
    text,
)

revision = "0015"
down_revision = "0014"

_KINDS = ("main", "yes", "staircase", "home", "shop", "service", "gate", "outline", "garage",
          "emergency", "exit")  # fmt: skip


def upgrade() -> None:
    """Add the columns to what there is and to what is past."""
    for past in ("", "past_"):
        for table in ("walk_edges", "barriers"):
            _add(past, table, "level", INTEGER, sa.text("0"))
        _add(past, "walk_edges", "gated", sa.Boolean(), sa.false())
        for name in ("opening_hours", "crossing_u", "crossing_v"):
            _add(past, "walk_edges", name, sa.Text(), "")
        _add(past, "walk_edges", "lanes", INTEGER, sa.text("0"))
        _add(past, "walk_edges", "one_way", sa.Boolean(), sa.false())
        _add(past, "districts", "settings", sa.Text(), "{}")
        op.add_column(f"{past}buildings", sa.Column("lift", sa.Boolean))
        _set_levels(f"{past}walk_edges")
    checks = [one_of("kind", *_KINDS), one_of("access", "open", "private", "closed")]
    unique = sa.UniqueConstraint("district", "entrance_id")
    make("entrances", fid(), district(), *_entrances(""), *checks, unique)
    drawn("entrances")
    until = sa.Column("until", INTEGER, nullable=False)
    valid_to = sa.Column("valid_to", sa.Date, nullable=False)
    key = sa.Index(None, "district", "entrance_id")
    make("past_entrances", fid(), district(), *_entrances("past_"), until, valid_to, key)
    _open_grounds()


def _entrances(past: str) -> list[sa.Column[Any]]:
    return [
        text("entrance_id"),
        *(sa.Column(name, sa.Text) for name in ("building_id", "point_id")),
        _filled(past, "kind", sa.Text(), None if past else "yes"),
        _filled(past, "access", sa.Text(), None if past else "open"),
        _filled(past, "name", sa.Text(), None if past else ""),
        geometry("POINT"),
        _filled(past, "since", INTEGER, "0"),
        _filled(past, "valid_from", sa.Date(), "1970-01-01"),
    ]


def _filled(past: str, name: str, kind: Any, default: Any) -> sa.Column[Any]:  # noqa: ANN401
    """Return a column that is never missing; of a current row other programs leave it empty."""
    filled: dict[str, Any] = {} if past else {"sqlite_on_conflict_not_null": "REPLACE"}
    return sa.Column(name, kind, nullable=False, server_default=default, **filled)


def _add(past: str, table: str, name: str, kind: Any, default: Any) -> None:  # noqa: ANN401
    op.add_column(f"{past}{table}", _filled(past, name, kind, default))


def _set_levels(table: str) -> None:
    """Put bridges that are there above the ground, and tunnels below it."""
    edges = sa.table(table, sa.column("bridge"), sa.column("tunnel"), sa.column("level"))
    for flag, level in (("bridge", 1), ("tunnel", -1)):
        op.execute(edges.update().where(edges.c[flag].is_(sa.true())).values(level=level))


def _open_grounds() -> None:
    day = sa.Date
    make(
        "open_grounds", fid(), district(), text("ground_id"), text("kind"),
        _filled("", "name", sa.Text(), ""), geometry("MULTIPOLYGON"),
        _filled("", "since", INTEGER, "0"), _filled("", "valid_from", day(), "1970-01-01"),
        sa.UniqueConstraint("district", "ground_id"),
        one_of("kind", "park", "institution", "works", "field", "compound"),
    )  # fmt: skip
    drawn("open_grounds")
    make(
        "past_open_grounds", fid(), district(), text("ground_id"), text("kind"), text("name"),
        geometry("MULTIPOLYGON"), integer("since", "0"),
        sa.Column("valid_from", day, nullable=False, server_default="1970-01-01"),
        integer("until"), sa.Column("valid_to", day, nullable=False),
        sa.Index(None, "district", "ground_id"),
    )  # fmt: skip
    for table in ("open_grounds", "past_open_grounds"):
        if is_postgresql():
            named = op.f(f"ck_{table}_geometry")
            op.create_check_constraint(named, table, "geometrytype(geom) = 'MULTIPOLYGON'")
