"""The floors of one building: from which it is too far to a category, and what a lift would do."""

from dataclasses import replace

import numpy as np

from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from geo.accessibility.floors import Floors, floors_of
from geo.routing.walking_time import threshold_s
from geo.scenario.explain import Cause, Explanation


def with_floors(
    why: Explanation, snapshot: Snapshot, question: CoverageQuestion
) -> tuple[Explanation, Json | None]:
    """Return an explanation that knows from which floor it is too far, and the figures of that.

    Parameters
    ----------
    why : Explanation
        From the door.
    snapshot : Snapshot
        As asked.
    question : CoverageQuestion

    Returns
    -------
    why : Explanation
        Its cause is ``floors`` where the door is within the threshold and a floor is not.
    by_floor : dict or None
        None where dwellings do not count by floor.
    """
    floors = snapshot.floors_asked(question)
    if floors is None:
        return why, None
    buildings = snapshot.layers.buildings
    row = int((buildings["building_id"] == why.building_id).to_numpy().argmax())
    limit_s = threshold_s(why.minutes)
    within, households, floor, down_s = _of_building(floors, row, why.time_s, limit_s)
    beyond = float(households[~within].sum())
    with_lift = floors_of(buildings.iloc[[row]], snapshot.profile(question.profile), lifts=True)
    lifted, lifted_households, *_ = _of_building(with_lift, 0, why.time_s, limit_s)
    lived = households > 0
    if why.cause is Cause.COVERED and beyond:
        first = int(floor[lived & ~within][0])
        why = replace(why, cause=Cause.FLOORS, subject=str(first))
    return why, {
        "storeys": int(buildings["levels"].iloc[row]) if floors.known[row] else None,
        "lift": bool(floors.lift[row]),
        "lift_known": bool(floors.lift_known[row]),
        "households": float(households.sum()),
        "beyond": beyond,
        "from_floor": int(floor[lived & ~within][0]) if beyond else None,
        "top_floor": int(floor[lived][-1]) if lived.any() else None,
        "down_s": round(float(down_s[lived][-1]), 2) if lived.any() else None,
        "lift_gains": float(lifted_households[lifted].sum()) - float(households[within].sum()),
    }


def _of_building(
    floors: Floors, row: int, door_s: float, limit_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return of a building's floors: within, households, number, seconds down to the door."""
    here = floors.building == row
    down_s = floors.time_s[here]
    within = np.round(door_s + down_s, 2) <= limit_s
    return within, floors.counts["households"][here], floors.floor[here], down_s
