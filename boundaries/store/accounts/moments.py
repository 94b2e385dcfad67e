"""Moments as the account tables keep them: UTC, ISO 8601, to the second."""

from datetime import UTC, datetime, timedelta


def now() -> str:
    """Return this moment."""
    return after(timedelta())


def after(span: timedelta) -> str:
    """Return the moment that is `span` from now."""
    return (datetime.now(UTC) + span).isoformat(timespec="seconds")
