"""Large grids, small grids and beats, medium grids: drawn one after the other from the ground."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geo.arrays import BoolArray, IntArray
from geo.geometry.merge_regions import Target
from geo.grids.codes import CodeScheme
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.partition.atoms.band import Band
from geo.partition.atoms.cut_lines import Rank
from geo.partition.atoms.enclosures import enclosures
from geo.partition.atoms.open_ground import merged_ground
from geo.partition.atoms.parents import large_grids, medium_grids
from geo.partition.atoms.weights import Weights
from geo.partition.barrier_guard import parted, taken_apart, walled_off
from geo.partition.ground import DrawingGround
from geo.partition.search import Groups, Watch, search
from geo.partition.smoothing import smoothed
from geo.partition.workers import beats_of_whole_grids, with_open_ground

_REDRAWN: Final = 3
"""Times that what barriers separate is drawn anew before it is only taken apart."""

_TAKEN_APART: Final = 4


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, as labels of each atom.

    Attributes
    ----------
    levels : mapping of Level to ndarray of int64
        Large, medium and small grid, nested.
    beat : ndarray of int64
        Of whole small grids, -1 for none.
    enclosure, region : ndarray of int64
        What no small grid and no beat reaches beyond.
    proven : ndarray of bool
        Whether its small grid is out of the band and nothing around it can be drawn otherwise.
    """

    levels: Mapping[Level, IntArray]
    beat: IntArray
    enclosure: IntArray
    region: IntArray
    proven: BoolArray


@dataclass(frozen=True, slots=True)
class Question:
    """How to draw.

    Attributes
    ----------
    scheme : CodeScheme
        How many grids a parent can hold.
    bands : tuple of Band
        Households of a small grid and of a beat.
    weights, targets : Weights, mapping by Level
        What the search weighs, sizes of parents to aim at.
    seed, threads : int
    watch : callable
    """

    scheme: CodeScheme
    bands: tuple[Band, Band]
    weights: Weights
    targets: Mapping[Level, Target]
    seed: int
    threads: int
    watch: Watch


@dataclass(frozen=True, slots=True)
class _Areas:
    """What grids stay inside of, as labels of each home."""

    blocks: IntArray
    large: IntArray
    enclosure: IntArray
    fixed: BoolArray  # kept small grids


def draw(ground: DrawingGround, layers: Layers, question: Question) -> Drawing:
    """Draw grids and beats; what barriers separate is drawn anew, and at last taken apart."""
    areas = _areas(ground, question)
    groups = _searched(ground, areas, question, turn=0)
    medium, finest = _finished(ground, groups, areas, question)
    whole: set[bytes] = set()
    among = ~areas.fixed[ground.home]
    found = parted(ground, finest, layers, among, whole)
    for turn in range(1, _REDRAWN + 1):
        if found is None:
            break
        ground = walled_off(ground, found)
        again = np.zeros(len(areas.large), dtype=np.bool_)
        again[ground.home[(found.side >= 0) & (ground.atoms.households > 0)]] = True
        groups = _searched(ground, areas, question, turn=turn, former=groups, again=again)
        medium, finest = _finished(ground, groups, areas, question)
        found = parted(ground, finest, layers, among, whole)
    for _ in range(_TAKEN_APART):
        if found is None:
            break
        finest = taken_apart(ground, finest, medium[ground.home], found)
        found = parted(ground, finest, layers, among, whole)
    beat = with_open_ground(ground.homes, groups, areas.large)[ground.home]
    levels = {Level.LARGE: areas.large, Level.MEDIUM: medium}
    return Drawing(
        {**{k: each[ground.home] for k, each in levels.items()}, Level.SMALL: finest},
        beats_of_whole_grids(beat, finest, ground.atoms.households),
        areas.enclosure[ground.home],
        groups.region[ground.home],
        groups.proven[ground.home],
    )


def _areas(ground: DrawingGround, question: Question) -> _Areas:
    """Return blocks, large grids of them, and enclosures inside these."""
    homes, kept, band = ground.homes, ground.kept_of, question.bands[0]
    fixed = kept[Level.SMALL] >= 0
    most = question.scheme.capacity(Level.SMALL)
    blocks = enclosures(
        homes, band, fixed=fixed, most=None if most is None else most - most // 10,
        below=Rank.SMALL_STREET, within=kept[Level.MEDIUM],
    )  # fmt: skip
    target = question.targets[Level.LARGE]
    large = large_grids(homes, blocks, kept=kept[Level.LARGE], target=target)
    area = np.unique(np.column_stack([large, kept[Level.MEDIUM]]), axis=0, return_inverse=True)[1]
    enclosure = enclosures(homes, band, fixed=fixed, within=area.ravel())
    return _Areas(blocks, large, enclosure, fixed)


def _searched(
    ground: DrawingGround,
    areas: _Areas,
    question: Question,
    *,
    turn: int,
    former: Groups | None = None,
    again: BoolArray | None = None,
) -> Groups:
    """Return small grids and beats; on a second turn only those of some large grids are new."""
    return search(
        ground.homes, areas.enclosure, areas.large, bands=question.bands,
        weights=question.weights, seed=question.seed + turn,
        watch=_unwatched if turn else question.watch, threads=question.threads,
        former=former, again=again,
    )  # fmt: skip


def _unwatched(_: float) -> None:
    """Tell nobody how far a second search is."""


def _finished(
    ground: DrawingGround, groups: Groups, areas: _Areas, question: Question
) -> tuple[IntArray, IntArray]:
    """Return the medium grid of each home, and the small grid of each atom."""
    homes, kept = ground.homes, ground.kept_of[Level.MEDIUM]
    target = question.targets[Level.MEDIUM]
    target = replace(target, most=question.scheme.capacity(Level.MEDIUM))
    most = question.scheme.capacity(Level.SMALL)
    medium = medium_grids(
        homes, areas.blocks, groups.small, areas.large, kept=kept, target=target,
        most=None if most is None else most - most // 20,  # barriers may take some apart
    )  # fmt: skip
    small = merged_ground(homes, groups.small, medium, most=most, named=ground.named)
    finest = smoothed(
        ground.atoms, small[ground.home], medium[ground.home], movable=ground.movable,
        crossing=question.weights.crossing,
    )  # fmt: skip
    return medium, finest
