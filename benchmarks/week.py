"""The week of a town, against one coverage run of the same town.

Run: ``python -m benchmarks week``.
"""

import statistics
import time
from dataclasses import replace

import numpy as np

from api.parameters import DEFAULT_PROFILE, CoverageQuestion
from api.snapshot.district import Snapshot
from api.week.answers import compute_week
from benchmarks.measuring import Table
from benchmarks.places import STANDARD
from boundaries.demo import bincheng
from geo.model.layers import Layers

HOUSEHOLDS, TURNS = 175_000, 3
POINT_HOURS = (
    "", "24/7", "Mo-Su 08:00-22:00", "Mo-Fr 08:30-17:30", "Mo-Fr 09:00-12:00,13:30-17:00",
    "Mo-Sa 07:00-19:00", "06:00-10:00,16:00-20:00", "Mo-Su 06:30-20:00",
)  # fmt: skip
GATE_HOURS = ("", "", "", "06:00-22:00", "05:30-23:00", "Mo-Fr 07:00-19:00")
"""Hours that are given to points and gates by a seeded draw; the town itself has few."""


def with_hours(layers: Layers) -> Layers:
    """Return the layers with hours of points and gates."""
    rng = np.random.default_rng(7)
    points = layers.service_points.assign(
        opening_hours=rng.choice(POINT_HOURS, len(layers.service_points))
    )
    gates = layers.gates.assign(opening_hours=rng.choice(GATE_HOURS, len(layers.gates)))
    return replace(layers, service_points=points, gates=gates)


def tables() -> list[Table]:
    """Return the table."""
    district, plain = bincheng(households=HOUSEHOLDS, street=None)
    layers, question = with_hours(plain), CoverageQuestion()
    Snapshot(district, layers, STANDARD).times(DEFAULT_PROFILE)  # compiles kernels
    runs, weeks = [], []
    for _ in range(TURNS):
        snapshot = Snapshot(district, layers, STANDARD)
        _ = snapshot.metric, snapshot.members
        began = time.perf_counter()
        snapshot.coverage("small", question)
        middle = time.perf_counter()
        found = compute_week(snapshot, question, None)
        runs.append(middle - began)
        weeks.append(time.perf_counter() - middle)
    run_s, week_s = statistics.median(runs), statistics.median(weeks)
    table = Table(
        "The 168 hours of a week",
        f"A town of {HOUSEHOLDS:,} households ({len(layers.buildings):,} buildings, "
        f"{len(layers.service_points):,} points of {len(STANDARD.categories)} categories, "
        f"{len(layers.gates):,} gates), eight kinds of hours of points and four of gates by a "
        f"seeded draw. One run compiles the network, snaps, searches and sums; medians of {TURNS}.",
        ["what", "s", "x"],
    )
    table.rows.append(["one coverage run", f"{run_s:.2f}", "1.0"])
    states = f"the week: {found.networks} networks, {found.coverage.searches} searches"
    table.rows.append([states, f"{week_s:.2f}", f"{week_s / run_s:.1f}"])
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
