"""A district as of a moment: gates that are closed then by their opening hours count as closed."""

from datetime import datetime

from api.formats.aliases import Json
from api.snapshot.district import Snapshot
from boundaries.readers.opening_hours import WEEKDAYS, closed_gates


def at_moment(snapshot: Snapshot, at: datetime | None) -> tuple[Snapshot, Json | None]:
    """Return the district at a local time, and what an answer says of its gates.

    Returns
    -------
    snapshot : Snapshot
        The same where no gate is closed by its hours, or no time is asked for.
    told : dict or None
        None where no time is asked for: then hours count for nothing.
    """
    if at is None:
        return snapshot, None
    found = closed_gates(snapshot.layers.gates, at)
    told = {
        "at": at.isoformat(timespec="minutes"),
        "weekday": WEEKDAYS[at.weekday()],
        "with_hours": found.timed,
        "closed": sorted(found.closed),
        "unreadable": list(found.unreadable),
    }
    return snapshot.with_gates_closed(found.closed), told
