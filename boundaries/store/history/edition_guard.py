"""Triggers that protect a published edition, also from programs that write the database themselves.

An edition goes with its district, and only with it.
"""

from collections.abc import Sequence
from typing import Final

from boundaries.store.tables.record_tables import EditionState
from boundaries.store.tables.row_rules import in_sql
from geo.messages import Message

_SAYS: Final = in_sql(Message("row_rules.published_edition"))
_PUBLISHED: Final = f"OLD.state = '{EditionState.PUBLISHED}'"
_DISTRICT: Final = "EXISTS (SELECT 1 FROM districts WHERE code = OLD.district)"
_SQLITE: Final = (
    f"""CREATE TRIGGER editions_published_update BEFORE UPDATE ON editions WHEN {_PUBLISHED}
BEGIN SELECT RAISE(ABORT, {_SAYS}); END""",
    f"""CREATE TRIGGER editions_published_delete BEFORE DELETE ON editions
  WHEN {_PUBLISHED} AND {_DISTRICT}
BEGIN SELECT RAISE(ABORT, {_SAYS}); END""",
)
_POSTGRESQL: Final = (
    f"""CREATE OR REPLACE FUNCTION lifecircle_keep_published() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF {_PUBLISHED} AND (TG_OP = 'UPDATE' OR {_DISTRICT}) THEN
    RAISE integrity_constraint_violation USING MESSAGE = {_SAYS};
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$""",
    """CREATE TRIGGER editions_published BEFORE UPDATE OR DELETE ON editions
FOR EACH ROW EXECUTE FUNCTION lifecircle_keep_published()""",
)


def statements(dialect: str) -> Sequence[str]:
    """Return what makes the triggers in ``sqlite`` or ``postgresql``."""
    return {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[dialect]
