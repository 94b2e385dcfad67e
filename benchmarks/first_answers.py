"""The first coverage and the first what-if of a profile: what a service works before it is warm.

Each turn begins with a new snapshot of one district, whose network is compiled and kept on disk.
The order is that of a session: coverage, one edit, k nearest, an isochrone.

Run: ``python -m benchmarks.first_answers``.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from api.parameters import DEFAULT_PROFILE
from api.snapshot.district import Snapshot
from api.snapshot.warm_up import answer_once
from benchmarks.measuring import Table
from benchmarks.places import STANDARD
from boundaries.demo import bincheng
from geo.routing.od_pairs import pairs_within
from geo.scenario.edits import ClosePoint

HOUSEHOLDS, TURNS = 175_000, 7


def works(snapshot: Snapshot) -> dict[str, Callable[[], object]]:
    """Return what is asked of a new snapshot, in order."""
    network = snapshot.network(DEFAULT_PROFILE)
    around = shapely.get_coordinates(network.geometry[0].interpolate(0.5, normalized=True))[0]
    point = str(snapshot.layers.service_points["point_id"].iloc[0])
    category = STANDARD.categories[0].id
    return {
        "coverage": lambda: snapshot.times(DEFAULT_PROFILE),
        "what-if": lambda: snapshot.what_if(DEFAULT_PROFILE).scenario([ClosePoint(point)]),
        "k nearest": lambda: pairs_within(
            snapshot.snapped(DEFAULT_PROFILE), category=category, limit_s=900.0
        ),
        "isochrone": lambda: snapshot.isochrones(DEFAULT_PROFILE).around(around, [15]),
        "reasons of points": lambda: snapshot.snapped(DEFAULT_PROFILE).point_reason,
    }


def tables() -> list[Table]:
    """Return the table."""
    district, layers = bincheng(households=HOUSEHOLDS, street=None)
    taken: dict[str, list[float]] = {}
    held: dict[str, int] = {}
    with TemporaryDirectory() as folder:
        answer_once(Snapshot(district, layers, STANDARD, cache=Path(folder)))  # compiles kernels
        for _ in range(TURNS):
            snapshot = Snapshot(district, layers, STANDARD, cache=Path(folder))
            snapshot.network(DEFAULT_PROFILE)
            for name, work in works(snapshot).items():
                began = time.perf_counter()
                work()
                taken.setdefault(name, []).append(time.perf_counter() - began)
                held[name] = snapshot.held_bytes()
    table = Table(
        "First answers of a profile",
        f"A town of {HOUSEHOLDS:,} households ({len(layers.buildings):,} buildings, "
        f"{len(layers.service_points):,} points, {len(STANDARD.categories)} categories); each of "
        f"{TURNS} turns asks a new snapshot, in this order; its network is read from disk before. "
        "Held: arrays and layers of the snapshot after the answer.",
        ["first", "ms, median", "MB held"],
    )
    for name, seconds in taken.items():
        table.rows.append(
            [name, f"{statistics.median(seconds) * 1e3:.1f}", f"{held[name] / 1e6:.1f}"]
        )
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
