"""The street lines of the lattice: which there are, what they are called, which are bridges."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse import csgraph

from boundaries.demo.town.streets.lattice import StreetLattice
from boundaries.demo.town.streets.names import chinese_number
from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray

WALL_BACK_M: Final = {"primary": 32.0, "secondary": 26.0, "tertiary": 20.0, "residential": 13.0}
"""From the centre line of a street back to the wall or building line behind its shops."""

_KNOWN_COST: Final = 0.05
"""Cost of a street that exists, as a share of one that must be made, when places are joined."""


@dataclass(frozen=True, slots=True)
class StreetLines:
    """All lines that could be streets: first those from west to east, then from south to north.

    Attributes
    ----------
    u, v : ndarray of int64, shape (m,)
        Flat index of the crossing at each end.
    start, end : ndarray of float64, shape (m, 2)
    allowed, bridge : ndarray of bool, shape (m,)
        `allowed` is false in the water (but for a bridge) and outside the district.
    kind, name : ndarray of str, shape (m,)
    """

    u: IntArray
    v: IntArray
    start: FloatArray
    end: FloatArray
    allowed: BoolArray
    bridge: BoolArray
    kind: ObjectArray
    name: ObjectArray


def street_lines(lattice: StreetLattice) -> StreetLines:
    """Name and classify every line of the lattice."""
    nx, ny = lattice.nodes.shape[:2]
    index = np.arange(nx * ny, dtype=np.int64).reshape(nx, ny)
    u = np.concatenate([index[:-1].ravel(), index[:, :-1].ravel()])
    v = np.concatenate([index[1:].ravel(), index[:, 1:].ravel()])
    nodes, inside = lattice.nodes.reshape(-1, 2), lattice.inside.ravel()
    row_dry, row_bridge = _rows(lattice)
    column_dry, column_bridge = _columns(lattice)
    bridge = np.concatenate([row_bridge.ravel(), column_bridge.ravel()])
    dry = np.concatenate([row_dry.ravel(), column_dry.ravel()])
    row_name, row_kind = _row_words(lattice)
    column_name, column_kind = _column_words(lattice)
    name = np.concatenate([np.tile(row_name, nx - 1), np.repeat(column_name, ny - 1)])
    kind = np.concatenate([np.tile(row_kind, nx - 1), np.repeat(column_kind, ny - 1)])
    name[bridge] = name[bridge] + "大桥"
    kind[bridge] = "primary"
    return StreetLines(
        u=u,
        v=v,
        start=nodes[u],
        end=nodes[v],
        allowed=(dry | bridge) & inside[u] & inside[v],
        bridge=bridge,
        kind=kind,
        name=name,
    )


def _rows(lattice: StreetLattice) -> tuple[BoolArray, BoolArray]:
    """Say which pieces of the row lines are dry, and which are bridges, shape (nx - 1, ny)."""
    nx, ny = lattice.nodes.shape[:2]
    dry = np.ones((nx - 1, ny), np.bool_)
    dry[:, lattice.jc] = False
    dry[lattice.ic - 1 : lattice.ic + 1, lattice.jc + 1 :] = False
    bridge = np.zeros_like(dry)
    row = np.arange(ny, dtype=np.int64)
    crossing = lattice.small_bridge(row) & (row > lattice.jc)
    bridge[lattice.ic - 1 : lattice.ic + 1, :] = crossing
    return dry, bridge


def _columns(lattice: StreetLattice) -> tuple[BoolArray, BoolArray]:
    """Say which pieces of the column lines are dry, and which are bridges, shape (nx, ny - 1)."""
    nx, ny = lattice.nodes.shape[:2]
    dry = np.ones((nx, ny - 1), np.bool_)
    dry[lattice.ic] = False
    dry[:, lattice.jc - 1 : lattice.jc + 1] = False
    bridge = np.zeros_like(dry)
    column = np.arange(nx, dtype=np.int64)
    crossing = lattice.large_bridge(column) & (np.abs(column - lattice.ic) > 1)
    bridge[:, lattice.jc - 1 : lattice.jc + 1] = crossing[:, None]
    return dry, bridge


def _kinds(step: IntArray, crossing: BoolArray) -> ObjectArray:
    """Say how large each line is: every third one is primary, and so is what leads to a bridge."""
    kind = np.where(step % 3 == 0, "primary", np.where(step % 3 == 1, "tertiary", "secondary"))
    return np.where(crossing, "primary", kind).astype(object)


def _row_words(lattice: StreetLattice) -> tuple[ObjectArray, ObjectArray]:
    step = np.arange(len(lattice.y), dtype=np.int64) - lattice.jc - 1
    name = np.array([_numbered("黄河", int(n), "黄河南") for n in step], dtype=object)
    kind = _kinds(step, lattice.small_bridge(step + lattice.jc + 1) & (step > 0))
    name[lattice.jc - 1], name[lattice.jc + 1] = "滨河南路", "滨河北路"
    kind[[lattice.jc - 1, lattice.jc + 1]] = "secondary"
    return name, kind


def _column_words(lattice: StreetLattice) -> tuple[ObjectArray, ObjectArray]:
    step = np.arange(len(lattice.x), dtype=np.int64) - lattice.ic - 1
    name = np.array([_numbered("渤海", int(n) + 7, "渤海西") for n in step], dtype=object)
    kind = _kinds(step + 1, lattice.large_bridge(step + lattice.ic + 1))
    name[lattice.ic - 1], name[lattice.ic + 1] = "徒骇河西路", "徒骇河东路"
    kind[[lattice.ic - 1, lattice.ic + 1]] = "secondary"
    return name, kind


def _numbered(word: str, number: int, before_first: str) -> str:
    if number > 0:
        return f"{word}{chinese_number(number)}路"
    return f"{before_first}{chinese_number(1 - number)}路"


def join(lines: StreetLines, used: BoolArray) -> BoolArray:
    """Add the fewest lines that make one connected network of the `used` ones.

    Cost: one shortest-path search over the lattice per island.
    """
    used = used.copy()
    n_nodes = int(max(lines.u.max(), lines.v.max())) + 1
    length = np.linalg.norm(lines.end - lines.start, axis=1)
    while True:
        touched = np.unique(np.concatenate([lines.u[used], lines.v[used]]))
        graph = sp.coo_matrix(
            (length[used], (lines.u[used], lines.v[used])), shape=(n_nodes, n_nodes)
        )
        island = csgraph.connected_components(graph, directed=False)[1]
        size = np.bincount(island[touched])
        main = int(size.argmax())
        others = touched[island[touched] != main]
        if not len(others):
            return used
        cost = np.where(used, length * _KNOWN_COST, length)
        roads = sp.coo_matrix(
            (cost[lines.allowed], (lines.u[lines.allowed], lines.v[lines.allowed])),
            shape=(n_nodes, n_nodes),
        ).tocsr()
        start = int(touched[island[touched] == main][0])
        away, before = csgraph.dijkstra(
            roads, directed=False, indices=start, return_predecessors=True
        )
        target = int(others[np.argmin(away[others])])
        if not np.isfinite(away[target]):
            return used
        used |= _path(lines, before, target, n_nodes)


def _path(
    lines: StreetLines, before: npt.NDArray[np.int32], target: int, n_nodes: int
) -> BoolArray:
    """Return the lines of the shortest path that ends at `target`."""
    chain = [target]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    ends = np.sort(np.column_stack([chain[:-1], chain[1:]]), axis=1)
    key = np.minimum(lines.u, lines.v) * n_nodes + np.maximum(lines.u, lines.v)
    return np.isin(key, ends[:, 0] * n_nodes + ends[:, 1]) & lines.allowed
