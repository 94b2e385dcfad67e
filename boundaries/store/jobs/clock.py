"""The clock of the database, by which all moments of jobs are written and judged.

Services of several hosts share a database, and their own clocks need not agree. A file is written
by the services of one host, whose clock is the only one.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection


def now(connection: Connection) -> datetime:
    """Return this moment, UTC; not that at which the transaction began."""
    if connection.dialect.name == "postgresql":
        moment: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """Return a moment as the table has it: ISO 8601, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")


def seconds_between(earlier: str | None, later: datetime) -> float:
    """Return the seconds from a moment of the table to another; infinite if there is none."""
    if earlier is None:
        return float("inf")
    return (later - datetime.fromisoformat(earlier)).total_seconds()
