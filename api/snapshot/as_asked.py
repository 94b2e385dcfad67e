"""The variant of a district that a question needs: walker, what is open then, own points."""

from typing import Final

from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.variants import with_closed, with_own_points, with_walker
from boundaries.readers.opening_hours import (
    TIMED_LAYERS,
    WEEKDAYS,
    DistrictHours,
    LayerHours,
    district_hours,
    parse_moment,
)

NAMED: Final = 100
"""Most things of a layer that an answer names as closed or unreadable; it counts all of them."""


def as_asked(snapshot: Snapshot, question: CoverageQuestion) -> tuple[Snapshot, Json | None]:
    """Return the district with the walker, gates, ways and points that a question counts.

    Returns
    -------
    snapshot : Snapshot
        The same where the walker is of the standard, nothing is closed by its hours and neighbours'
        points count.
    hours_at : dict or None
        What an answer says of opening hours; None where no time is asked for: then hours count for
        nothing.
    """
    snapshot, hours_at = with_walker(snapshot, question), None
    if question.at is not None:
        hours = district_hours(snapshot.layers, [parse_moment(question.at)])
        hours_at = hours_note(hours)
        snapshot = with_closed(snapshot, hours.closures())
    return with_own_points(snapshot) if question.own_points else snapshot, hours_at


def hours_note(hours: DistrictHours) -> Json:
    """Return what an answer says of opening hours at the first of their moments."""
    moment = hours.moments[0]
    layers = {layer: _layer_note(getattr(hours, layer)) for layer in TIMED_LAYERS}
    at, weekday = moment.isoformat(timespec="minutes"), WEEKDAYS[moment.weekday()]
    return {"at": at, "weekday": weekday, "assumed": "open", **layers}


def _layer_note(hours: LayerHours) -> Json:
    closed = hours.closed_ids()
    unreadable = sorted(hours.ids[hours.unreadable].tolist())
    return {
        "rows": len(hours.ids),
        "with_hours": len(hours.timed),
        "closed": len(closed),
        "unreadable": len(unreadable),
        "closed_ids": [str(each) for each in closed[:NAMED]],
        "unreadable_ids": [str(each) for each in unreadable[:NAMED]],
    }
