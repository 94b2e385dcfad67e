"""Walk edges cut into pieces at places along them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.ops import substring

from geo.arrays import IntArray

SHARED: Final = ("length_m", "climb_m")
ONCE: Final = ("crossing",)
"""Columns, where there, whose value is shared out among pieces, and those that the first keeps."""

AT_ENDS: Final = ("crossing_u", "crossing_v")
"""Columns, where there, that tell of the node at the start and at the end, and of none between."""


@dataclass(frozen=True, slots=True, order=True)
class Split:
    """A place where an edge is cut.

    Attributes
    ----------
    row : int
        Position of the edge in its frame.
    offset_m : float
        Along its geometry, metres; strictly inside it.
    before, after : int
        Nodes at the end of the piece that comes first and at the start of the next; the same node
        where walkers may go on.
    """

    row: int
    offset_m: float
    before: int
    after: int


def split_edges(edges: gpd.GeoDataFrame, splits: Sequence[Split]) -> gpd.GeoDataFrame:
    """Return the edges with some of them cut into pieces.

    The first piece keeps the ``edge_id``; the others get fresh ones above the highest, in order of
    edge and place. What belongs to the whole (:data:`SHARED`) is shared out in proportion to the
    geometry, what is met once (:data:`ONCE`) stays with the first piece.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, metric.
    splits : sequence of Split
        In any order; no two at one place of an edge.

    Returns
    -------
    GeoDataFrame
        Columns as before, pieces in the place of their edge, index 0..n-1.
    """
    if not splits:
        return edges.reset_index(drop=True)
    edge_id = edges["edge_id"].to_numpy(np.int64)
    ordered = sorted(splits, key=lambda s: (edge_id[s.row], s.offset_m))
    repeats = np.ones(len(edges), np.int64)
    np.add.at(repeats, [split.row for split in ordered], 1)
    first = np.cumsum(repeats) - repeats
    out = edges.iloc[np.repeat(np.arange(len(edges)), repeats)].reset_index(drop=True)
    changed = [
        name for name in ("edge_id", "u", "v", *SHARED, *ONCE, *AT_ENDS) if name in out.columns
    ]
    columns = {name: out[name].to_numpy().copy() for name in changed}
    geometry = np.asarray(out.geometry.array, object).copy()
    fresh = int(edge_id.max()) + 1
    at = 0
    while at < len(ordered):
        row = ordered[at].row
        of_row = ordered[at : at + repeats[row] - 1]
        at += len(of_row)
        start, line = int(first[row]), geometry[first[row]]
        end_node = int(columns["v"][start])
        bounds = [0.0, *(split.offset_m for split in of_row), line.length]
        for number, (low, high) in enumerate(pairwise(bounds)):
            here = start + number
            geometry[here] = substring(line, low, high)
            for name in columns.keys() & set(SHARED):
                columns[name][here] *= (high - low) / line.length
            if number:
                columns["edge_id"][here], fresh = fresh, fresh + 1
                columns["u"][here] = of_row[number - 1].after
                for name in columns.keys() & set(ONCE):
                    columns[name][here] = False
            _clear_inner_ends(columns, here, is_first=not number, is_last=number == len(of_row))
            columns["v"][here] = of_row[number].before if number < len(of_row) else end_node
    return with_columns(out, columns, geometry)


def _clear_inner_ends(
    columns: Mapping[str, npt.NDArray[Any]], piece: int, *, is_first: bool, is_last: bool
) -> None:
    """Let a piece tell only of nodes that are ends of the whole."""
    for name, is_end in zip(AT_ENDS, (is_first, is_last), strict=True):
        if name in columns and not is_end:
            columns[name][piece] = ""


def with_columns(
    frame: gpd.GeoDataFrame, columns: Mapping[str, npt.NDArray[Any]], geometry: npt.NDArray[Any]
) -> gpd.GeoDataFrame:
    """Return the frame with these columns and this geometry in place of its own."""
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(**columns)
    return gpd.GeoDataFrame(table, geometry=geometry, crs=frame.crs)


def fresh_nodes(edges: gpd.GeoDataFrame, n: int) -> IntArray:
    """Return `n` negative node ids that no edge uses yet, falling from the lowest one."""
    lowest = min(0, int(edges["u"].min()), int(edges["v"].min())) if len(edges) else 0
    return lowest - 1 - np.arange(n, dtype=np.int64)
