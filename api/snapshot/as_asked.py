"""The variant of a district that a question needs: walker, gates at a moment, own points."""

from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.variants import with_gates_closed, with_own_points, with_walker
from boundaries.readers.opening_hours import WEEKDAYS, closed_gates, parse_moment


def as_asked(snapshot: Snapshot, question: CoverageQuestion) -> tuple[Snapshot, Json | None]:
    """Return the district with the walker, gates and service points that a question counts.

    Returns
    -------
    snapshot : Snapshot
        The same where the walker is of the standard, no gate is closed by its hours and neighbours'
        points count.
    gates_at : dict or None
        What an answer says of the gates; None where no time is asked for: then hours count for
        nothing.
    """
    snapshot, gates_at = with_walker(snapshot, question), None
    if question.at is not None:
        moment = parse_moment(question.at)
        gates = closed_gates(snapshot.layers.gates, moment)
        gates_at = {
            "at": moment.isoformat(timespec="minutes"),
            "weekday": WEEKDAYS[moment.weekday()],
            "with_hours": gates.timed,
            "closed": sorted(gates.closed),
            "unreadable": list(gates.unreadable),
        }
        snapshot = with_gates_closed(snapshot, gates.closed)
    return with_own_points(snapshot) if question.own_points else snapshot, gates_at
