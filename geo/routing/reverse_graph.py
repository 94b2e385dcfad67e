"""The search graph turned around: from an origin outwards, in the direction of the walk.

:class:`geo.network.search_graph.SearchGraph` points against the walk, which answers "from where is
this place reached". "What is reached from here" needs every arc the other way.
"""

from dataclasses import replace

import numpy as np

from geo.network.search_graph import SearchGraph
from geo.routing.shortest_paths import arc_tails


def reversed_graph(graph: SearchGraph) -> SearchGraph:
    """Return the graph with every arc turned around.

    States, and which of them a place enters by, stay as they are; the stages are passed in the
    order of the walk: private at its start, public, private at its end.

    Parameters
    ----------
    graph : SearchGraph
        Arcs that no row holds any more are left out.

    Returns
    -------
    SearchGraph
        Its rows lie one behind another.
    """
    tail = arc_tails(graph)
    held = np.flatnonzero(tail >= 0)
    order = held[np.lexsort((graph.edge[held], graph.step[held], tail[held], graph.head[held]))]
    first = np.searchsorted(graph.head[order], np.arange(graph.n_states + 1)).astype(np.uint32)
    return replace(
        graph,
        begin=first[:-1],
        stop=first[1:],
        head=tail[order].astype(np.uint32),
        step=graph.step[order],
        edge=graph.edge[order],
    )
