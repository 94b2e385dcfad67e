"""Node attributes that concern the ways through them: elevation and street crossings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundaries.readers.osm.scan.extract import Node


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """Facts about nodes.

    Attributes
    ----------
    ids : ndarray of int64, shape (n,)
        Nodes whose height is told, ascending.
    height_m : ndarray of float64, shape (n,)
        Metres above the sea.
    crossings : ndarray of int64, shape (k,)
        Nodes where walkers cross a street.
    marks : dict of int to str
        Node -> how: ``signals``, ``marked`` or ``unmarked``; signals for vehicles count too.
    """

    ids: npt.NDArray[np.int64]
    height_m: npt.NDArray[np.float64]
    crossings: npt.NDArray[np.int64]
    marks: Mapping[int, str]

    def climb_m(
        self, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return the climb from `start` to `end`, metres; 0 unless both elevations are known."""
        if not len(self.ids):
            return np.zeros(len(start))
        heights = []
        for refs in (start, end):
            idx = np.minimum(np.searchsorted(self.ids, refs), len(self.ids) - 1)
            heights.append(np.where(self.ids[idx] == refs, self.height_m[idx], np.nan))
        climb_m: npt.NDArray[np.float64] = np.nan_to_num(heights[1] - heights[0])
        return climb_m


def node_facts(nodes: Iterable[Node]) -> NodeFacts:
    """Read the facts from the tags ``ele`` and ``highway=crossing``; `nodes` ascend by id.

    Examples
    --------
    >>> nodes = [Node(1, {"ele": "10"}, 0, 0), Node(2, {"ele": "12.5 m"}, 0, 0)]
    >>> node_facts(nodes).climb_m(np.array([1]), np.array([2]))
    array([2.5])
    """
    heights = {}
    crossings = []
    marks = {}
    for node in nodes:
        height = _metres(node.tags.get("ele", ""))
        if height is not None:
            heights[node.id] = height
        if node.tags.get("highway") == "crossing":
            crossings.append(node.id)
        if mark := _mark(node.tags):
            marks[node.id] = mark
    return NodeFacts(
        ids=np.fromiter(heights, np.int64, len(heights)),
        height_m=np.fromiter(heights.values(), np.float64, len(heights)),
        crossings=np.array(crossings, np.int64),
        marks=marks,
    )


def _mark(tags: Mapping[str, str]) -> str:
    """Return how walkers cross a street at a node; empty where nothing says that they do.

    Examples
    --------
    >>> _mark({"highway": "crossing", "crossing": "zebra"}), _mark({"crossing": "no"})
    ('marked', '')
    """
    highway, crossing = tags.get("highway"), tags.get("crossing", "")
    if crossing == "no":
        return ""
    signals = crossing == "traffic_signals" or tags.get("crossing:signals") == "yes"
    if highway == "traffic_signals" or (signals and highway == "crossing"):
        return "signals"
    if highway != "crossing":
        return ""
    return "unmarked" if crossing in {"unmarked", "informal"} else "marked"


def _metres(text: str) -> float | None:
    """Return a height in metres, None where the text is none."""
    try:
        metres = float(text.removesuffix("m").strip())
    except ValueError:
        return None
    return metres if np.isfinite(metres) else None
