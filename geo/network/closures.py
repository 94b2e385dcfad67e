"""What is closed for a while: the layers of a district when gates and ways are shut."""

from dataclasses import dataclass, replace

import numpy as np

from geo.model.layers import Layers
from geo.model.vocabulary import GateAccess


@dataclass(frozen=True, slots=True)
class Closures:
    """Gates, walk edges and service points that are closed, by their identifiers."""

    gates: frozenset[str] = frozenset()
    edges: frozenset[int] = frozenset()
    points: frozenset[str] = frozenset()


def with_closures(layers: Layers, closures: Closures) -> Layers:
    """Return the layers with gates and ways closed; service points stay as they are.

    At a closed gate every way is cut, and no access leg passes; a closed way is left out. Walking
    times are those of :class:`geo.scenario.edits.CloseGate` and
    :class:`geo.scenario.edits.CloseStreet` for the same gates and edges; a gate on no way is closed
    to access legs alone. Edges keep their identifiers, ends at a closed gate get nodes of their own
    below all others.

    Parameters
    ----------
    layers : Layers
        Any CRS; not changed.
    closures : Closures
        What is not in the district is passed over.

    Notes
    -----
    O(edges + gates).
    """
    gates = layers.gates.copy()
    out = layers.walk_edges["edge_id"].isin(list(closures.edges))
    edges = layers.walk_edges[~out].reset_index(drop=True)
    shut = gates["gate_id"].isin(list(closures.gates)).to_numpy()
    ends = edges[["u", "v"]].to_numpy(np.int64, copy=True)
    node = gates["node"].to_numpy(np.int64, copy=True)
    cut = np.isin(ends, node[shut & (node != 0)])
    fresh = min(int(ends.min(initial=0)), 0) - 1 - np.arange(int(cut.sum()))
    kept = dict(zip(ends[cut].tolist(), fresh.tolist(), strict=True))
    node[shut] = [kept.get(at, at) for at in node[shut].tolist()]
    ends[cut] = fresh
    edges[["u", "v"]] = ends
    gates["node"] = node
    gates.loc[shut, "access"] = GateAccess.CLOSED.value
    return replace(layers, gates=gates, walk_edges=edges)
