"""What the district's document asks of service points, each unknown until somebody says it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TEXTS = ("items", "brand", "opening_hours", "phone", "operator")
_WORDS = {"fee_class": ("free", "low", "paid"), "scope": ("community", "district")}


def upgrade() -> None:
    """Add the columns to the points there are and those of the past."""
    for table in ("service_points", "past_service_points"):
        for name in _TEXTS:
            op.add_column(table, sa.Column(name, sa.Text))
        op.add_column(table, sa.Column("member", sa.Boolean))
    for name, words in _WORDS.items():
        check = f"{name} IN ({', '.join(repr(word) for word in words)})"
        _add(name, sa.Text(), check)
    _add("floor_area_m2", sa.Double(), "floor_area_m2 >= 0")


def _add(name: str, kind: sa.types.TypeEngine[Any], check: str) -> None:
    """Add a column whose values the points there are must fit."""
    named = sa.CheckConstraint(check, name=op.f(f"ck_service_points_{name}"))
    op.add_column("service_points", sa.Column(name, kind, named))
    op.add_column("past_service_points", sa.Column(name, kind))
