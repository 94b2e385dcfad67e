"""Search small grids and beats, region by region, so that a caller can watch and stop it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

import numpy as np

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.geometry.polygonize import connected_labels
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.cut_lines import Rank
from geo.partition.atoms.weights import Weights
from geo.partition.optimise import local_search, recombination
from geo.partition.optimise.left_overs import proven, redraw_left_overs

Watch = Callable[[float], None]
"""Called with the share of the work that is done, 0..1; what it raises ends the work."""

_BEGINNINGS: Final = 8
_TRIES_PER_BEAT: Final = 30
_KICKS_PER_BEAT: Final = 0.5
_STREAM: Final = 1_000_003


@dataclass(frozen=True, slots=True)
class Groups:
    """Small grid and beat of each atom, named after the lowest of their atoms.

    Attributes
    ----------
    small, beat : ndarray of int64, shape (n,)
        `beat` is -1 on open ground.
    region : ndarray of int64, shape (n,)
        What no beat reaches beyond.
    proven : ndarray of bool, shape (n,)
        Atoms of small grids out of the band that no drawing of them and of all that touch them puts
        in it.
    """

    small: IntArray
    beat: IntArray
    region: IntArray
    proven: BoolArray


def search(
    atoms: Atoms,
    enclosure: IntArray,
    large: IntArray,
    *,
    bands: tuple[Band, Band],
    weights: Weights,
    seed: int,
    watch: Watch,
    threads: int = 1,
    former: Groups | None = None,
    again: BoolArray | None = None,
) -> Groups:
    """Group atoms into small grids, and small grids into beats.

    Parameters
    ----------
    atoms : Atoms
    enclosure, large : ndarray of int64, shape (n,)
        A small grid stays inside one of the first, a beat inside one of the second.
    bands : tuple of Band
        Of small grids and of beats.
    weights : Weights
    seed : int
        The same seed gives the same groups, whatever else is in the district.
    watch : callable
    threads : int
        The groups do not depend on it.
    former, again : Groups, ndarray of bool, shape (n,), optional
        Groups that stay as they are but for regions with an atom that is to be grouped again.
    """
    n = len(atoms.households)
    graph, region, whole = _graph(atoms, enclosure, large, bands[0].high)
    measures = (atoms.households, atoms.area_m2, atoms.perimeter_m)
    rules = _rules(bands, weights)
    small_band = (bands[0].low, bands[0].high)
    labels = (whole, np.where(atoms.built, np.arange(n), -1))
    inhabited, halls = _parts(atoms, region)
    for members in halls:  # nobody there needs a worker
        labels[1][members] = -1
    if former is not None and again is not None:
        redrawn = np.isin(region, np.unique(region[again]))
        for label, drawn in zip(labels, (former.small, former.beat), strict=True):
            label[~redrawn] = drawn[~redrawn]
        inhabited = [members for members in inhabited if redrawn[members[0]]]
    rooms: SimpleQueue[local_search.Workspace] = SimpleQueue()
    for _ in range(threads):
        rooms.put(local_search.workspace(n))

    def draw(members: IntArray) -> None:
        room = rooms.get()
        state = np.array([_start(seed, members, atoms)], dtype=np.uint64)
        shared = members, labels, graph, measures, rules, room
        recombination.draw_initial(*shared, _BEGINNINGS, state)
        recombination.improve(*shared, _TRIES_PER_BEAT, state)
        if redraw_left_overs(members, labels, graph, atoms.households, small_band):
            recombination.improve(*shared, 0, state)  # for the beats
        local_search.converge(*shared)
        local_search.refine(*shared, _KICKS_PER_BEAT, state)
        rooms.put(room)

    done, total = 0, max(sum(len(members) for members in inhabited), 1)
    with ThreadPoolExecutor(threads) as pool:
        try:
            for members, _ in zip(inhabited, pool.map(draw, inhabited), strict=True):
                done += len(members)
                watch(done / total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    is_proven = np.zeros(n, dtype=np.bool_)
    for members in _parts(atoms, region)[0]:
        some = proven(members, labels[0], graph, atoms.households, small_band)
        is_proven |= np.isin(labels[0], some)
    return Groups(labels[0], labels[1], region, is_proven)


def _parts(atoms: Atoms, region: IntArray) -> tuple[list[IntArray], list[IntArray]]:
    """Return the built atoms of each region where somebody lives, and of each where nobody does.

    The largest come first, so that no thread begins with one when all others are done.
    """
    built = np.flatnonzero(atoms.built)
    order = built[np.argsort(region[built], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(region[order])) + 1) if len(order) else []
    parts.sort(key=lambda members: (-len(members), int(members[0])))
    lived_in = [bool(atoms.households[members].any()) for members in parts]
    inhabited = [members for members, lived in zip(parts, lived_in, strict=True) if lived]
    return inhabited, [members for members, lived in zip(parts, lived_in, strict=True) if not lived]


def _rules(bands: tuple[Band, Band], weights: Weights) -> tuple[recombination.Rule, ...]:
    """Return the rules of small grids and beats as the kernels take them."""
    small, beat = bands
    kinds = recombination.BEAT_ONLY + 1
    cut, crossing = np.zeros(kinds), np.zeros(kinds)
    cut[: Rank.SMALL_STREET] = weights.cut
    crossing[: len(weights.crossing)] = weights.crossing
    beat_cut = np.full(kinds, float(weights.beat_cut))
    return (
        (
            small.low, small.high, 1.0, float(weights.shape), cut, crossing, 0.0,
            recombination.BEAT_ONLY - 1,
        ),
        (
            beat.low, beat.high, 0.6, float(weights.beat_shape), beat_cut, np.zeros(kinds),
            float(weights.beat),
            recombination.BEAT_ONLY,
        ),
    )  # fmt: skip


def _start(seed: int, members: IntArray, atoms: Atoms) -> int:
    """Return where a region's random numbers begin; it depends on nothing outside the region."""
    region_key = int(atoms.households[members].sum()) * _STREAM + len(members)
    return (seed * _STREAM + region_key * 7919) % 2**63


def _graph(
    atoms: Atoms, enclosure: IntArray, large: IntArray, most: int
) -> tuple[recombination.Graph, IntArray, IntArray]:
    """Return the borders that a beat may reach across, and the regions they connect.

    The last array names, for each atom, the lowest that a small grid could reach from it.
    """
    one, two = atoms.pairs.T
    crossable: BoolArray = (atoms.rank <= Rank.WALL) & atoms.built[one] & atoms.built[two]
    crossable &= large[one] == large[two]
    pairs = atoms.pairs[crossable]
    inside = (enclosure[pairs[:, 0]] == enclosure[pairs[:, 1]]) & (
        atoms.rank[crossable] < Rank.WALL
    )
    # A building with more households than a small grid may have is one by itself.
    inside &= (atoms.households[pairs] <= most).all(axis=1)
    kind = np.where(inside, atoms.rank[crossable], recombination.BEAT_ONLY).astype(np.int64)
    n = len(enclosure)
    part = connected_labels(n, pairs[inside])
    lowest = np.unique(part, return_index=True)[1]
    return (
        _rows(pairs, atoms.length_m[crossable], kind, n),
        connected_labels(n, pairs),
        lowest[part],
    )


def _rows(some: IntArray, length_m: FloatArray, kind: IntArray, n: int) -> recombination.Graph:
    """Return borders by atom, each in both directions."""
    source = np.concatenate([some[:, 0], some[:, 1]])
    target = np.concatenate([some[:, 1], some[:, 0]])
    order = np.lexsort((target, source))
    start = np.searchsorted(source[order], np.arange(n + 1)).astype(np.int64)
    return (
        start,
        np.ascontiguousarray(target[order]),
        np.concatenate([length_m, length_m])[order],
        np.concatenate([kind, kind])[order],
    )
