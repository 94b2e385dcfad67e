"""Gates closed for a while: the layers of a district as they are when some gates are shut."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from geo.model.layers import Layers
from geo.model.vocabulary import GateAccess


def with_closed_gates(layers: Layers, gate_ids: Collection[str]) -> Layers:
    """Return the layers with gates closed: every way is cut there, and no access leg passes.

    Walking times are those of :class:`geo.scenario.edits.CloseGate` for the same gates; a gate on
    no way is closed to access legs alone. Edges keep their identifiers, ends at a closed gate get
    nodes of their own below all others.

    Parameters
    ----------
    layers : Layers
        Any CRS; not changed.
    gate_ids : collection of str
        Those that are no gate of the district are passed over.

    Notes
    -----
    O(edges + gates).
    """
    gates, edges = layers.gates.copy(), layers.walk_edges.copy()
    shut = gates["gate_id"].isin(list(gate_ids)).to_numpy()
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
