"""Nearest point of ten categories for every node within 15 minutes, against four peers.

Every peer gets the same graph and the same sources, ready made. Ours, scipy and networkx work on
the same integer weights, so their answers must be equal; pandana works on 32-bit floats.

Run: ``python -m benchmarks.nearest [place ...]``.
"""

import sys
from collections.abc import Callable, Sequence

import networkx as nx
import numba as nb
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse import csgraph

from benchmarks.measuring import Table, medians
from benchmarks.places import network_of
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT, TICKS_PER_S
from geo.routing.shortest_paths import Seeds, Workspace, arc_tails, search_each

LIMIT_S = 900.0
PLACES = ("Porto", "Malta", "Porto Alegre", "Bincheng (synthetic)")
SOURCES = 60  # of each category
CATEGORIES = 10


@nb.njit(cache=True)
def stream(begin, stop, head, step, states) -> int:
    """Pass over the arcs of the reached states: less cannot be done."""
    total = np.int64(0)
    for state in states:
        for arc in range(begin[state], stop[state]):
            total += step[arc] + head[arc]
    return total


def measure(place: str, network: WalkNetwork, table: Table) -> None:
    """Add the rows of one place."""
    graph = network.graph
    rng = np.random.default_rng(1)
    nodes = [np.sort(rng.choice(len(network.node_id), SOURCES, replace=False)) for _ in range(10)]
    rank = np.arange(SOURCES, dtype=np.int64)
    seeds = [Seeds(graph.public[at].astype(np.uint32), rank) for at in nodes]
    answer: list[tuple[np.ndarray, np.ndarray]] = [(rank, rank)] * CATEGORIES

    def keep(number: int, workspace: Workspace) -> None:
        touched = workspace.touched.copy()
        answer[number] = (touched, workspace.label[touched])

    ticks = (graph.step >> LABEL_SHIFT).astype(np.float64)
    tail = arc_tails(graph)
    # Of parallel edges the shortest counts; a sparse matrix would add them up.
    order = np.lexsort((ticks, graph.head, tail))
    pair = np.stack([tail[order], graph.head[order]])
    first = order[np.append(True, (np.diff(pair) != 0).any(axis=0))]
    arcs = (tail[first], graph.head[first])
    matrix = sp.csr_matrix((ticks[first], arcs), shape=(graph.n_states,) * 2)
    limit = LIMIT_S * TICKS_PER_S

    def by_scipy() -> list[np.ndarray]:
        return [
            csgraph.dijkstra(matrix, indices=s.state, min_only=True, limit=limit) for s in seeds
        ]

    walked = nx.DiGraph()
    walked.add_nodes_from(range(graph.n_states))
    parts = (part.tolist() for part in (*arcs, ticks[first]))
    walked.add_weighted_edges_from(zip(*parts, strict=True))

    def by_networkx() -> list[dict[int, float]]:
        return [
            nx.multi_source_dijkstra_path_length(walked, s.state.tolist(), cutoff=limit)
            for s in seeds
        ]

    workspaces = [Workspace(graph), Workspace(graph)]

    def ours(threads: int) -> None:
        search_each(workspaces[:threads], seeds, keep, limit_s=LIMIT_S)

    ours(1)
    reached = [np.sort(states) for states, _ in answer]
    stream(graph.begin, graph.stop, graph.head, graph.step, reached[0])
    works = {
        "ours, one thread": lambda: ours(1),
        "ours, two threads": lambda: ours(2),
        "scipy dijkstra": by_scipy,
        "streaming bound": lambda: [
            stream(graph.begin, graph.stop, graph.head, graph.step, r) for r in reached
        ],
    }
    slow = {"networkx": by_networkx}
    pandana = _pandana(network, nodes)
    if pandana is None:
        table.notes.append("pandana is not installed here, so its row is missing.")
    else:
        slow["pandana set + query"] = pandana
    taken = medians(works, times=15) | medians(slow, times=5)
    differs = {"scipy dijkstra": 0, "networkx": 0}
    for (states, labels), other, walks in zip(answer, by_scipy(), by_networkx(), strict=True):
        dense = np.full(graph.n_states, np.inf)
        dense[states] = labels >> LABEL_SHIFT
        differs["scipy dijkstra"] += int((dense != other).sum())
        differs["networkx"] += sum(dense[node] != time for node, time in walks.items())
        differs["networkx"] += abs(len(walks) - len(states))
    share = sum(len(r) for r in reached) / (CATEGORIES * graph.n_states)
    best = min(taken["ours, one thread"], taken["ours, two threads"])
    size = f"{place}: {graph.n_states:,} states, {len(network.u):,} edges, {share:.0%} reached"
    for name, seconds in taken.items():
        told = str(differs.get(name, ""))
        table.rows.append([size, name, f"{seconds * 1e3:.2f}", f"{seconds / best:.1f}", told])
        size = ""


def _pandana(network: WalkNetwork, nodes: list[np.ndarray]) -> Callable[[], None] | None:
    """Return pandana's set and query of ten categories, on its own network, or None."""
    try:
        import pandana  # noqa: PLC0415 - a peer that need not be installed
    except ImportError:
        return None
    xy = network.node_xy
    net = pandana.Network(
        pd.Series(xy[:, 0]), pd.Series(xy[:, 1]), pd.Series(network.u), pd.Series(network.v),
        pd.DataFrame({"m": network.length_m}), twoway=True,
    )  # fmt: skip
    reach_m = LIMIT_S * network.profile.speed_m_s
    net.precompute(reach_m)

    def query() -> None:
        for number, at in enumerate(nodes):
            x, y = pd.Series(xy[at, 0]), pd.Series(xy[at, 1])
            net.set_pois(f"c{number}", reach_m, 1, x, y)
            net.nearest_pois(reach_m, f"c{number}", num_pois=1)

    return query


def tables(places: Sequence[str] = PLACES) -> list[Table]:
    """Return the table of the places whose data is here."""
    table = Table(
        "Nearest of ten categories for every node within 15 minutes",
        f"{SOURCES} random sources of each of ten categories; the graph is ready made for all. `x` "
        "is the time relative to ours at its best; `differing` counts labels that are not equal.",
        ["place", "who", "ms", "x", "differing"],
        notes=[
            (
                "The streaming bound is a pass over the arcs of what is reached. A search also "
                "looks up the label at the other end of each arc and keeps a queue, and cannot "
                "foretell how many arcs come next. Arcs packed into 8 bytes, buckets emptied in "
                "batches, and not queueing dead ends were tried and gained nothing."
            ),
            "Two threads share some milliseconds of work; handing it over costs a part of that.",
        ],
    )
    for place in places:
        network = network_of(place)
        if network is None:
            table.notes.append(f"{place}: its data is not here.")
        else:
            measure(place, network, table)
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables(sys.argv[1:] or PLACES)), sep="\n")
