"""Grids out of their band, drawn anew exactly with those around them, and beats that follow."""

import numpy as np

from geo.arrays import IntArray
from geo.geometry.polygonize import connected_labels
from geo.partition.optimise.exact_cover import STEPS, CoverSearch, Surroundings
from geo.partition.optimise.recombination import Graph


def left_overs(
    members: IntArray, small: IntArray, households: IntArray, band: tuple[int, int]
) -> list[int]:
    """Return the small grids with households out of the band that are not one building."""
    names, which = np.unique(small[members], return_inverse=True)
    load = np.bincount(which, weights=households[members]).astype(np.int64)
    most = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(most, which, households[members])
    bad = (load > 0) & ((load < band[0]) | (load > band[1])) & (most <= band[1])
    return [int(name) for name in names[bad]]


def redraw_left_overs(
    members: IntArray,
    labels: tuple[IntArray, IntArray],
    graph: Graph,
    households: IntArray,
    band: tuple[int, int],
    *,
    steps: int = STEPS,
) -> bool:
    """Draw left-overs of a region anew where that puts all around them in the band.

    Parameters
    ----------
    members : ndarray of int64
        Atoms of the region, ascending.
    labels : tuple of ndarray of int64, shape (n,)
        Small grid and beat of each atom, changed in place.
    graph, households : as the kernels take them
    band : tuple of int
        Least and most households of a grid.
    steps : int
        See :func:`geo.partition.optimise.exact_cover.cover`.

    Returns
    -------
    bool
        Whether anything was drawn anew.
    """
    small, beat = labels
    changed = False
    for grid in left_overs(members, small, households, band):
        around = Surroundings(members, small, graph, households)
        if grid not in around.atoms or band[0] <= around.load[grid] <= band[1]:
            continue  # drawn anew with another one
        answer = around.solve(grid, band, steps=steps)
        if isinstance(answer, CoverSearch):
            continue
        changed = True
        groups: dict[int, list[int]] = {}
        for atom, number in answer.items():
            groups.setdefault(number, []).append(atom)
        for group in groups.values():
            small[group] = min(group)
            names, which = np.unique(beat[group], return_inverse=True)
            beat[group] = names[np.argmax(np.bincount(which, weights=households[group]))]
    if changed:
        _connect(members, beat, graph)
    return changed


def proven(
    members: IntArray, small: IntArray, graph: Graph, households: IntArray, band: tuple[int, int]
) -> IntArray:
    """Return the left-overs that no drawing of them and all around them puts in the band."""
    around = Surroundings(members, small, graph, households)
    found = [
        grid
        for grid in left_overs(members, small, households, band)
        if around.solve(grid, band) is CoverSearch.NONE
    ]
    return np.array(found, dtype=np.int64)


def _connect(members: IntArray, beat: IntArray, graph: Graph) -> None:
    """Make a beat of each connected part of a beat."""
    start, beside, _, _ = graph
    source = np.repeat(members, start[members + 1] - start[members])
    target = np.concatenate([beside[start[atom] : start[atom + 1]] for atom in members.tolist()])
    same = beat[source] == beat[target]
    ends = np.searchsorted(members, np.column_stack([source[same], target[same]]))
    part = connected_labels(len(members), ends)
    lowest = np.unique(part, return_index=True)[1]
    beat[members] = members[lowest[part]]
