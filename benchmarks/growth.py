"""How cost and memory grow with the network: synthetic street grids of 10,000 to 2,000,000 edges.

Each size is compiled and searched; the fitted exponent says how time grows (1 = linear). What a
compiled network and a search take of memory is seen from outside, in a process of its own.

Run: ``python -m benchmarks.growth [largest number of edges]``.
"""

import ctypes
import gc
import multiprocessing
import resource
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from benchmarks.lattices import BENDS, BLOCK_M, lattice
from benchmarks.measuring import Table, medians
from benchmarks.places import ADULT
from geo.network.compile import WalkNetwork, compile_network
from geo.routing.shortest_paths import Seeds, Workspace

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000)
RESIDENT = (100_000, 1_000_000)
NODES_PER_SOURCE = 500
WHOLE_S, BOUNDED_S = 7_200.0, 900.0
MB = 1e6


def sources(network: WalkNetwork) -> Seeds:
    """Return random sources, so many that every node is near one."""
    nodes = len(network.node_id)
    rng = np.random.default_rng(1)
    at = np.sort(rng.choice(nodes, nodes // NODES_PER_SOURCE, replace=False))
    return Seeds(network.graph.public[at].astype(np.uint32), np.arange(len(at)))


def measured(edges: int) -> dict[str, float]:
    """Return the seconds of each work on a street grid of about so many edges."""
    layers = lattice(edges)
    network = compile_network(layers, ADULT)
    workspace, seeds = Workspace(network.graph), sources(network)
    middle = network.graph.public[[len(network.node_id) // 2]].astype(np.uint32)
    one = Seeds(middle, np.zeros(1, np.int64))
    taken = medians({"compile": lambda: compile_network(layers, ADULT)})
    taken |= medians({"whole": lambda: workspace.search(seeds, limit_s=WHOLE_S)}, times=15)
    if len(workspace.touched) != network.graph.n_states:
        raise SystemExit("A search of the whole graph did not reach all of it.")
    taken |= medians({"bounded": lambda: workspace.search(one, limit_s=BOUNDED_S)}, times=15)
    return taken | {"edges": len(network.u)}


def arrays(value: object, seen: set[int] | None = None) -> Iterator[np.ndarray]:
    """Yield the arrays that a value holds, each once."""
    seen = set() if seen is None else seen
    if isinstance(value, np.ndarray):
        if id(value) not in seen:
            seen.add(id(value))
            yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from arrays(each, seen)
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays(getattr(value, field.name), seen)


def resident_mb() -> float:
    """Return what this process holds in memory, after giving back what it does not need."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / MB


def resident(edges: int) -> dict[str, float]:
    """Return what a compiled network of about so many edges takes; for a fresh process."""
    Workspace(compile_network(lattice(100), ADULT).graph)
    before = resident_mb()
    network = compile_network(lattice(edges), ADULT)
    compiled = resident_mb()
    workspace = Workspace(network.graph)
    workspace.search(sources(network), limit_s=WHOLE_S)
    searched = resident_mb()
    return {
        "edges": len(network.u),
        "arrays": sum(array.nbytes for array in arrays(network)) / MB,
        "network": compiled - before,
        "with a search": searched - before,
    }


def curve(sizes: Sequence[int]) -> Table:
    """Return the table of times."""
    table = Table(
        "Cost over the size of the network",
        f"Synthetic street grids, blocks of {BLOCK_M:.0f} m, {BENDS + 2} vertices an edge. "
        "Compiled from layers in memory; searched whole (nearest of a random source per "
        f"{NODES_PER_SOURCE} nodes, for every node); and from one node within "
        f"{BOUNDED_S / 60:.0f} minutes.",
        ["edges", "compile, s", "µs an edge", "whole search, ms", "ns an edge", "one bounded, ms"],
    )
    taken = [measured(size) for size in sizes]
    for row in taken:
        n, compile_s, whole_s = row["edges"], row["compile"], row["whole"]
        table.rows.append(
            [
                f"{n:,.0f}",
                f"{compile_s:.3f}",
                f"{compile_s / n * 1e6:.2f}",
                f"{whole_s * 1e3:.2f}",
                f"{whole_s / n * 1e9:.1f}",
                f"{row['bounded'] * 1e3:.3f}",
            ]
        )
    if len(taken) > 1:
        told = ", ".join(
            f"{what} {exponent(taken, key):.2f}"
            for what, key in (("compile", "compile"), ("whole search", "whole"))
        )
        table.notes.append(f"Fitted exponent, time ~ edges^p: {told} (1 = linear).")
        table.notes.append(
            "No step of either is worse than n log n; what a search touches of a small network "
            "fits in the processor's cache, that of a large one does not, so an edge costs more."
        )
    return table


def exponent(taken: Sequence[dict[str, float]], key: str) -> float:
    """Return p of the power law that fits best."""
    logs = np.log([[row["edges"], row[key]] for row in taken])
    return float(np.polyfit(*logs.T, 1)[0])


def memory(sizes: Sequence[int]) -> Table:
    """Return the table of memory."""
    table = Table(
        "Memory of a compiled network",
        "The same street grids, each in a process of its own: what the process grew by, with the "
        "network and nothing else, and with a search of the whole of it; and the arrays in it.",
        ["edges", "network, MB", "bytes an edge", "of it arrays, MB", "with a search, MB"],
    )
    context = multiprocessing.get_context("spawn")
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            told = pool.submit(resident, size).result()
        table.rows.append(
            [
                f"{told['edges']:,.0f}",
                f"{told['network']:.0f}",
                f"{told['network'] * MB / told['edges']:.0f}",
                f"{told['arrays']:.0f}",
                f"{told['with a search']:.0f}",
            ]
        )
    return table


def tables(largest: int = SIZES[-1]) -> list[Table]:
    """Return both tables, up to a number of edges."""
    return [
        curve([size for size in SIZES if size <= largest]),
        memory([size for size in RESIDENT if size <= largest]),
    ]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables(*map(int, sys.argv[1:]))), sep="\n")
