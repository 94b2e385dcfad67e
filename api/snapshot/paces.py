"""Paces: what coverage would be if the same minutes were walked at other speeds.

Texts differ on how far a walk of 15 minutes is (GB 50180-2018: 800 to 1,000 m), and the figure
moves with it. Walking times are inverse to speed, so one search answers for every speed: a slower
walker within the threshold is this walker within a shorter one.
"""

from typing import Final

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from geo.model.standard import Profile, Standard
from geo.routing.walking_time import HORIZON_S

QUARTER_HOUR: Final = 15.0
"""A pace is named by the metres in so many minutes."""


def paces(snapshot: Snapshot, question: CoverageQuestion) -> list[Json]:
    """Return the district's coverage at each pace that the standard compares, slowest first.

    The walker's own rules for slopes and steps stay. Empty for one who waits at crossings, since a
    wait is as long at any speed, as stairs and lifts are. A pace is left out if it would need times
    beyond the horizon.

    Parameters
    ----------
    snapshot : Snapshot
        With the gates and service points that the question counts.
    question : CoverageQuestion
    """
    walker = snapshot.profile(question.profile)
    if walker.waits or walker.at_crossings or question.floors:
        return []
    longest_s = 60 * max(snapshot.thresholds(question).values())
    rows = []
    for pace_m, speed_m_s in _compared(snapshot.standard):
        pace = speed_m_s / walker.speed_m_s
        if pace * longest_s <= HORIZON_S:
            total = snapshot.coverage("district", question, pace=pace)
            rows.append(_row(snapshot, records(total)[0], pace_m=pace_m))
    return rows


def _compared(standard: Standard) -> list[tuple[float, float]]:
    """Return metres in 15 minutes and speed of the walkers that are compared, slowest first."""
    walkers = [profile for profile in standard.profiles if profile.id in standard.compared]
    return sorted({_pace(walker) for walker in walkers})


def _pace(walker: Profile) -> tuple[float, float]:
    return round(walker.metres(QUARTER_HOUR), 2), walker.speed_m_s


def _row(snapshot: Snapshot, total: Json, *, pace_m: float) -> Json:
    names = [category.id for category in snapshot.standard.categories]
    return {
        "pace_m": pace_m,
        **{name: total[name] for name in ("covered_all", "coverage_all", "count_mean")},
        "categories": {
            name: {"covered": total[f"covered_{name}"], "coverage": total[f"coverage_{name}"]}
            for name in names
        },
    }
