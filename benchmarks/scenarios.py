"""One what-if edit, the district re-scored: incremental against a full run, bit for bit.

Run: ``python -m benchmarks.scenarios``.
"""

from dataclasses import replace

import numpy as np

from benchmarks.measuring import Table, medians
from benchmarks.places import ADULT, layers_of, network_of, random_buildings, random_points
from geo.accessibility.coverage import Times, nearest_times
from geo.errors import LifecircleError
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import AddPoint, AddStreet, ClosePoint, CloseStreet, Edit, MovePoint
from geo.scenario.engine import WhatIfEngine
from tests.oracles.edited import edited_layers

BUILDINGS, CATEGORIES, EACH, EDITS = 100_000, 20, 500, 150


def edits_of(engine: WhatIfEngine, rng: np.random.Generator) -> list[Edit]:
    """Return random edits that the district accepts."""
    points = engine.layers.service_points
    streets = engine.layers.walk_edges["edge_id"].to_numpy()
    edits: list[Edit] = []
    while len(edits) < EDITS:
        at = points.iloc[int(rng.integers(len(points)))]
        lon, lat = float(at["lon"]), float(at["lat"])
        name, category = str(at["point_id"]), str(rng.choice(engine.categories))
        edit: Edit = [
            AddPoint(f"{name}-new", category, lon + 0.001, lat),
            ClosePoint(name),
            MovePoint(name, lon + 0.002, lat),
            CloseStreet(int(rng.choice(streets))),
            AddStreet(((lon, lat), (lon + 0.001, lat + 0.0005))),
        ][len(edits) % 5]
        try:
            engine.resolver.resolve([edit])
        except LifecircleError:
            continue
        edits.append(edit)
    return edits


def tables() -> list[Table]:
    """Return the table."""
    table = Table(
        "One what-if edit, the whole district re-scored",
        f"Porto's streets, {BUILDINGS:,} made-up buildings, {CATEGORIES} categories of {EACH} "
        f"points; {EDITS} random edits, a fifth each of adding, closing and moving a point, "
        "closing and adding a street. A full run compiles the network and walks from every home.",
        ["work", "ms, median", "ms, 95th percentile", "x a full run"],
    )
    base = layers_of("Porto")
    if base is None:
        table.notes.append("Porto's data is not here.")
        return [table]
    categories = [f"c{number:02d}" for number in range(CATEGORIES)]
    layers = replace(
        base,
        buildings=random_buildings(base, BUILDINGS),
        service_points=random_points(base, categories, EACH),
    )
    network = network_of("Porto")
    snapped = snap_layers(layers, network, categories)
    engine = WhatIfEngine(layers, snapped, nearest_times(snapped))
    edits = edits_of(engine, np.random.default_rng(5))
    for edit in edits[:10]:
        engine.times(engine.scenario([edit]))
    taken = [
        medians({"": lambda edit=edit: engine.times(engine.scenario([edit]))}, times=1)[""]
        for edit in edits
    ]

    def full(edit: Edit) -> Times:
        edited = edited_layers(engine.resolver, [edit])
        compiled = compile_network(edited, ADULT)
        return nearest_times(snap_layers(edited, compiled, categories), threads=2)

    whole = medians({"full": lambda: full(edits[3])}, times=5)["full"]
    differing = 0
    for edit in edits[:10]:
        differing += (
            engine.times(engine.scenario([edit])).time_s.tobytes() != full(edit).time_s.tobytes()
        )
    p50, p95 = np.percentile(np.array(taken) * 1e3, [50, 95])
    table.rows.append(
        [
            "incremental",
            f"{p50:.1f}",
            f"{p95:.1f}",
            f"{whole * 1e3 / p50:.0f} (p95: {whole * 1e3 / p95:.0f})",
        ]
    )
    table.rows.append(["full run, two threads", f"{whole * 1e3:.0f}", "", "1"])
    table.notes.append(f"Edits whose times differ in any bit from a full run: {differing} of 10.")
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
