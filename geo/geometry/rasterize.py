"""A uniform raster over polygons: for each cell, who fills it and whose ring passes (Numba).

Built for :mod:`geo.geometry.point_in_polygon`. Rings are thickened by a share of a cell far above
any rounding error, so a cell that no ring touches truly lies on one side of each polygon. Rows of
arrays are copied number by number: array expressions would triple the time to compile.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IndexArray, IntArray
from geo.geometry.orientation import OUTSIDE, side_of_rings

NOBODY: Final = -1
"""Mark of a cell that no polygon touches."""

MANY: Final = -2
"""Mark of a cell whose points have to be tested one by one."""

_PAD: Final = 1e-4
"""Share of a cell by which edges are thickened."""


@nb.njit(cache=True)
def cell_of(at: float, origin: float, per_metre: float, n: int) -> int:
    """Return the row or column of a coordinate; monotone, which the raster relies on."""
    return min(max(int((at - origin) * per_metre), 0), n - 1)


@nb.njit(cache=True)
def _span(
    edges: FloatArray, e: int, row: int, frame: tuple[float, ...], columns: int
) -> tuple[int, int]:
    """Return the first and last column that an edge may touch in a row."""
    west, south, _, _, size = frame
    x1, y1, x2, y2 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
    one, two = x1, x2
    if y1 != y2:
        below = (south + row * size - _PAD * size - y1) / (y2 - y1)
        above = (south + (row + 1) * size + _PAD * size - y1) / (y2 - y1)
        one = x1 + (x2 - x1) * min(max(below, 0.0), 1.0)
        two = x1 + (x2 - x1) * min(max(above, 0.0), 1.0)
    pad = _PAD * size
    left = cell_of(min(one, two) - pad, west, 1.0 / size, columns)
    return left, cell_of(max(one, two) + pad, west, 1.0 / size, columns)


@nb.njit(cache=True)
def edges_of(at: FloatArray, ring: IntArray, polygon_of_ring: IntArray) -> Any:  # noqa: ANN401
    """Return the edges of rings, lower end first, and the polygon of each."""
    edges = np.empty((len(at), 4), np.float64)
    owner = np.empty(len(at), np.int64)
    n = 0
    for k in range(1, len(at)):
        if ring[k] == ring[k - 1]:
            low, high = (k - 1, k) if at[k - 1, 1] <= at[k, 1] else (k, k - 1)
            edges[n, 0], edges[n, 1] = at[low, 0], at[low, 1]
            edges[n, 2], edges[n, 3] = at[high, 0], at[high, 1]
            owner[n] = polygon_of_ring[ring[k]]
            n += 1
    return edges[:n], owner[:n]


@nb.njit(cache=True)
def slots_of(
    edges: FloatArray,
    polygon_of_edge: IntArray,
    polygons: int,
    frame: tuple[float, ...],
    shape: tuple[int, int],
) -> Any:  # noqa: ANN401 (tuples of arrays, typed where they are stored)
    """Sort the edges into slots; return (edges, starts) and (polygon, row, columns) of slots."""
    rows, columns = shape
    south, per_metre = frame[1], 1.0 / frame[4]
    low = np.full(polygons, rows, np.int32)
    high = np.full(polygons, -1, np.int32)
    edge_rows = np.empty((len(edges), 2), np.int32)
    for e in range(len(edges)):
        edge_rows[e, 0] = cell_of(edges[e, 1], south, per_metre, rows)
        edge_rows[e, 1] = cell_of(edges[e, 3], south, per_metre, rows)
        low[polygon_of_edge[e]] = min(low[polygon_of_edge[e]], edge_rows[e, 0])
        high[polygon_of_edge[e]] = max(high[polygon_of_edge[e]], edge_rows[e, 1])
    total = 0
    for polygon in range(polygons):
        total += max(high[polygon] - low[polygon] + 1, 0)
    slot_polygon = np.empty(total, np.int32)
    slot_row = np.empty(total, np.int32)
    shift = np.zeros(polygons, np.int32)  # slot minus row
    slot = 0
    for polygon in range(polygons):
        shift[polygon] = slot - low[polygon]
        for row in range(low[polygon], high[polygon] + 1):
            slot_polygon[slot], slot_row[slot] = polygon, row
            slot += 1
    start = np.zeros(total + 1, np.int32)
    for e in range(len(edges)):
        edge_rows[e, 0] += shift[polygon_of_edge[e]]  # rows become slots
        edge_rows[e, 1] += shift[polygon_of_edge[e]]
        for slot in range(edge_rows[e, 0], edge_rows[e, 1] + 1):
            start[slot + 1] += 1
    for slot in range(total):
        start[slot + 1] += start[slot]
    slot_edges = np.empty((start[total], 4), np.float64)
    slot_columns = np.empty((start[total], 2), np.int32)  # that each edge may touch
    filled = start[:-1].copy()
    for e in range(len(edges)):
        for slot in range(edge_rows[e, 0], edge_rows[e, 1] + 1):
            at = filled[slot]
            slot_edges[at, 0], slot_edges[at, 1] = edges[e, 0], edges[e, 1]
            slot_edges[at, 2], slot_edges[at, 3] = edges[e, 2], edges[e, 3]
            left, right = _span(edges, e, slot_row[slot], frame, columns)
            slot_columns[at, 0] = left
            slot_columns[at, 1] = right
            filled[slot] += 1
    return (slot_edges, start), (slot_polygon, slot_row, slot_columns)


@nb.njit(cache=True)
def cells_of(
    slots: tuple[FloatArray, IndexArray],
    places: tuple[IndexArray, IndexArray, IndexArray],
    frame: tuple[float, ...],
    shape: tuple[int, int],
) -> Any:  # noqa: ANN401 (a tuple of arrays, typed where it is stored)
    """Return what each cell holds: its one polygon, and the start and list of its entries."""
    columns = shape[1]
    west, south, _, _, size = frame
    edges, slot_start = slots
    slot_polygon, slot_row, slot_columns = places
    left = np.full(len(slot_polygon), columns, np.int32)
    right = np.full(len(slot_polygon), -1, np.int32)
    most = 0
    for slot in range(len(slot_polygon)):
        for k in range(slot_start[slot], slot_start[slot + 1]):
            left[slot] = min(left[slot], slot_columns[k, 0])
            right[slot] = max(right[slot], slot_columns[k, 1])
        most += max(right[slot] - left[slot] + 1, 0)  # a slot between two parts has no edges
    at_cell = np.empty(most, np.int32)
    entry_of = np.empty(most, np.int32)
    stamp = np.full(columns, -1, np.int32)
    n = 0
    for slot in range(len(slot_polygon)):
        for k in range(slot_start[slot], slot_start[slot + 1]):
            for column in range(slot_columns[k, 0], slot_columns[k, 1] + 1):
                stamp[column] = slot
        y = south + (slot_row[slot] + 0.5) * size
        filled = False
        fresh = True  # no ring since the last ring cell, so the side must be found out
        for column in range(left[slot], right[slot] + 1):
            ring = stamp[column] == slot
            if ring:
                fresh = True
            elif fresh:
                x = west + (column + 0.5) * size
                side = side_of_rings(x, y, edges, slot_start[slot], slot_start[slot + 1])
                filled = side != OUTSIDE
                fresh = False
            if ring or filled:
                at_cell[n] = slot_row[slot] * columns + column
                entry_of[n] = 2 * slot + (1 if ring else 0)
                n += 1
    return _sort_by_cell(at_cell[:n], entry_of[:n], slot_polygon, shape[0] * columns)


@nb.njit(cache=True)
def _sort_by_cell(
    at_cell: IndexArray, entry_of: IndexArray, slot_polygon: IndexArray, cells: int
) -> Any:  # noqa: ANN401 (a tuple of arrays, typed where it is stored)
    """Sort entries by cell, keeping their order, and name the polygons that fill a cell alone."""
    start = np.zeros(cells + 1, np.int32)
    only = np.full(cells, NOBODY, np.int32)
    for k in range(len(at_cell)):
        cell = at_cell[k]
        start[cell + 1] += 1
        alone = only[cell] == NOBODY and not entry_of[k] & 1
        only[cell] = slot_polygon[entry_of[k] >> 1] if alone else MANY
    for cell in range(cells):
        start[cell + 1] += start[cell]
    entries = np.empty(len(at_cell), np.int32)
    filled = start[:-1].copy()
    for k in range(len(at_cell)):
        entries[filled[at_cell[k]]] = entry_of[k]
        filled[at_cell[k]] += 1
    return only, start, entries
