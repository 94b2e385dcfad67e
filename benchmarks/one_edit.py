"""What one edit costs the next reader: coverage after a point moved among a million edges.

The same is asked of a service that renews its snapshot by the difference, and of one that has to
read the district whole, as after a restart. Networks that are compiled come from disk in both.

Run: ``python -m benchmarks.one_edit [edges]``.
"""

import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely

from api.parameters import CoverageQuestion
from api.snapshot.cache import Snapshots
from benchmarks.lattices import CORNER, EPSG, lattice
from benchmarks.measuring import Table
from benchmarks.places import STANDARD, random_buildings, random_points
from boundaries.store.open import open_store
from geo.crs import project_geometry
from geo.model.layers import District, Layers, with_demand_point
from geo.model.vocabulary import Origin

EDGES, BUILDINGS, EACH, TURNS = 1_000_000, 100_000, 60, 5


def town(edges: int) -> tuple[District, Layers]:
    """Return a district of one lattice of streets."""
    streets = lattice(edges)
    metric = Layers(
        walk_edges=streets.walk_edges,
        barriers=streets.barriers,
        gates=streets.gates,
        buildings=random_buildings(streets, BUILDINGS),
        service_points=random_points(streets, [c.id for c in STANDARD.categories], EACH),
    )
    stored = {
        name: getattr(metric, name).to_crs(4326)
        for name in ("walk_edges", "buildings", "service_points")
    }
    box = shapely.box(*streets.walk_edges.total_bounds)
    district = District(
        code="lattice", name_zh="方格", name_en="Lattice", epsg=EPSG,
        boundary=project_geometry(box, EPSG, 4326), origin=Origin.SYNTHETIC,
    )  # fmt: skip
    return district, Layers(**stored).conformed()


def seconds(snapshots: Snapshots, code: str) -> float:
    """Return how long the figures of a district take."""
    began = time.perf_counter()
    snapshots.current(code).coverage("district", CoverageQuestion())
    snapshots.current(code).network_hash("adult")
    return time.perf_counter() - began


def tables(edges: int = EDGES) -> list[Table]:
    """Return the table."""
    district, layers = town(edges)
    taken: dict[str, list[float]] = {"renewed": [], "read whole": []}
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "town.gpkg", create=True)
        store.replace(district, layers)
        cache = Path(folder) / "cache"
        kept = Snapshots(store, STANDARD, cache=cache)
        seconds(kept, district.code)
        points = layers.service_points
        for turn in range(TURNS):
            row = points.iloc[[turn]]
            place = shapely.Point(CORNER[0] + 500 + 40 * turn, CORNER[1] + 700)
            moved = row.set_geometry([project_geometry(place, EPSG, 4326)], crs=4326)
            store.edit(district.code, "service_points", put=with_demand_point(moved))
            taken["renewed"].append(seconds(kept, district.code))
            fresh = Snapshots(store, STANDARD, cache=cache)
            taken["read whole"].append(seconds(fresh, district.code))
            a, b = (each.current(district.code).times("adult") for each in (kept, fresh))
            np.testing.assert_array_equal(a.time_s, b.time_s)
        store.close()
    median = {name: statistics.median(each) for name, each in taken.items()}
    return [
        Table(
            "One edit, then coverage",
            f"A lattice of {len(layers.walk_edges):,} edges, {len(layers.buildings):,} buildings "
            f"and {len(points):,} service points in a GeoPackage; one point moves, and coverage of "
            f"the district is asked. {TURNS} turns; both give the same times.",
            ["the snapshot is", "s, median", "ratio"],
            [
                [name, f"{each:.2f}", f"{median['read whole'] / each:.0f}x"]
                for name, each in median.items()
            ],
        )
    ]


if __name__ == "__main__":
    for each in tables(*map(int, sys.argv[1:])):
        print(each.markdown())
