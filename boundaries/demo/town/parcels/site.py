"""The ground of a town: its superblocks, parcels and courts, and what each becomes."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import ndimage

from boundaries.demo.town.parcels.courts import (
    CourtPlan,
    Courts,
    lay_courts,
    plan_homes,
    with_yards,
)
from boundaries.demo.town.parcels.parcels import (
    DICE,
    InnerStreets,
    Parcels,
    Use,
    fringe_parcels,
    slice_blocks,
)
from boundaries.demo.town.parcels.street_office_areas import Settlement, settle
from boundaries.demo.town.parcels.uses import decide
from boundaries.demo.town.streets.lattice import LandKind, StreetLattice
from boundaries.demo.town.streets.streets import StreetLines, join
from geo.arrays import BoolArray, FloatArray, IntArray

HOUSEHOLDS_PER_BLOCK: Final = 460
"""First guess of what a superblock houses; corrected by what its parcels could really hold."""

FILL: Final = (0.44, 0.53)
"""Share of what all parcels could hold that is built; the rest is everything else a town has."""

_MOST_FULL: Final = 0.8
_ATTEMPTS: Final = 6
_COURT_DICE: Final = 64
_FEWEST_BLOCKS: Final = 3
_PARCELS: Final = 6
"""Most parcels in a superblock."""


@dataclass(frozen=True, slots=True)
class Site:
    """The ground and what is built on it, before anything has a name.

    Attributes
    ----------
    parcels : Parcels
        Those of superblocks, then the water and green beside them.
    plan : CourtPlan
    courts : Courts
    built : ndarray of bool, shape (courts,)
        Which courts have their slab.
    inner : InnerStreets
    hosts : ndarray of int64, shape (parcels,)
        The parcel that a piece of water or green goes with; itself for all others.
    """

    parcels: Parcels
    plan: CourtPlan
    courts: Courts
    built: BoolArray
    inner: InnerStreets
    hosts: IntArray

    def households(self) -> IntArray:
        """Return the households of each parcel, shape (parcels,)."""
        lived = np.where(self.built, self.courts.households, 0)
        return np.bincount(self.courts.parcel, weights=lived, minlength=len(self.parcels)).astype(
            np.int64
        )


def build_site(
    lattice: StreetLattice,
    lines: StreetLines,
    seats: FloatArray,
    wanted: IntArray,
    rng: np.random.Generator,
) -> Site:
    """Settle as many superblocks as the households need and decide what is built.

    Parameters
    ----------
    lattice : StreetLattice
    lines : StreetLines
    seats : ndarray of float64, shape (k, 2)
        Metres.
    wanted : ndarray of int64, shape (k,)
        Households of each street office.
    """
    dice = _Dice(
        slicing=rng.random((lattice.ground().size, DICE)),
        lots=rng.random((lattice.ground().size, 2 * _PARCELS)),
        gardens=rng.random((lattice.ground().size, _COURT_DICE)),
    )
    per_block = float(HOUSEHOLDS_PER_BLOCK)
    for _ in range(_ATTEMPTS):
        blocks = np.maximum(np.ceil(wanted / per_block), _FEWEST_BLOCKS).astype(np.int64)
        ground = _lay(lattice, lines, settle(lattice, seats, blocks), dice)
        room = np.bincount(
            ground.parcels.office[ground.courts.parcel],
            weights=ground.courts.households,
            minlength=len(seats),
        )
        fill = float(wanted.sum() / room.sum())
        if not FILL[0] <= fill <= FILL[1]:
            per_block *= np.sqrt(np.prod(FILL)) / fill
        elif (wanted > _MOST_FULL * room).any():
            per_block *= 0.9
        else:
            break
    parcels = ground.parcels
    urge = dice.lots[parcels.cell, _PARCELS + ground.place]
    use, built = decide(parcels, ground.courts, seats, wanted, urge)
    return _with_fringe(lattice, replace(ground, parcels=parcels.used_as(use)), built)


@dataclass(frozen=True, slots=True)
class _Dice:
    """Random numbers of every cell of the lattice, so that a block is the same in any town."""

    slicing: FloatArray
    lots: FloatArray
    gardens: FloatArray


@dataclass(frozen=True, slots=True)
class _SitePlan:
    """Superblocks sliced into parcels and courts, uses undecided."""

    settled: Settlement
    parcels: Parcels
    place: IntArray  # of each parcel in its superblock
    inner: InnerStreets
    plan: CourtPlan
    courts: Courts


def _lay(lattice: StreetLattice, lines: StreetLines, settled: Settlement, dice: _Dice) -> _SitePlan:
    """Slice the settled superblocks and plan every parcel as if it were for homes."""
    cells = settled.blocks(lattice.ground())
    office = settled.office.ravel()[cells]
    parcels, inner = slice_blocks(lattice, lines, cells, office, dice.slicing[cells])
    place = np.arange(len(parcels)) - np.searchsorted(parcels.cell, parcels.cell)
    plan = plan_homes(parcels, dice.lots[parcels.cell, place])
    shifted = (np.arange(_COURT_DICE)[None] + 11 * place[:, None]) % _COURT_DICE
    courts = lay_courts(parcels, plan, dice.gardens[parcels.cell[:, None], shifted])
    return _SitePlan(
        settled=settled, parcels=parcels, place=place, inner=inner, plan=plan, courts=courts
    )


def _with_fringe(lattice: StreetLattice, ground: _SitePlan, built: BoolArray) -> Site:
    """Add water and green, each going with the nearest parcel of the superblock on its bank."""
    kind, parcels = lattice.ground(), ground.parcels
    cells = ground.settled.fringe(kind)
    host = ground.settled.host.ravel()[cells]
    use = np.where(kind.ravel()[cells] == LandKind.WATER, Use.WATER, Use.PARK)
    fringe = fringe_parcels(lattice, cells, ground.settled.office.ravel()[cells], use)
    centre, shore = parcels.quad.mean(axis=1), fringe.quad.mean(axis=1)
    hosts = np.arange(len(parcels) + len(fringe), dtype=np.int64)
    for number in range(len(cells)):
        some = np.flatnonzero(parcels.cell == host[number])
        away = np.linalg.norm(centre[some] - shore[number], axis=1)
        hosts[len(parcels) + number] = some[int(np.argmin(away))]
    everything = parcels.joined(fringe)
    plan = ground.plan.joined(plan_homes(fringe, np.zeros(len(fringe))))
    return Site(
        parcels=everything,
        plan=with_yards(plan, everything),
        courts=ground.courts,
        built=built,
        inner=ground.inner,
        hosts=hosts,
    )


def used_lines(lattice: StreetLattice, lines: StreetLines, parcels: Parcels) -> BoolArray:
    """Say which lines of the lattice are streets.

    Those around superblocks, the bridges between reached banks, and the roads that join one part of
    town to the next.
    """
    used = np.zeros(len(lines.u), np.bool_)
    beside = parcels.line[(parcels.line >= 0) & (parcels.line < len(lines.u))]
    used[beside] = True
    reached = np.zeros(lattice.inside.size, np.bool_)
    reached[lines.u[used]] = True
    reached[lines.v[used]] = True
    # A bridge is two lines that meet in the middle of the water: both banks must be reached.
    bridge = np.flatnonzero(lines.bridge & lines.allowed)
    bank = np.where(_mid_river(lattice)[lines.u[bridge]], lines.v[bridge], lines.u[bridge])
    middle = np.where(bank == lines.u[bridge], lines.v[bridge], lines.u[bridge])
    arrived = np.bincount(middle, weights=reached[bank], minlength=lattice.inside.size)
    used[bridge[arrived[middle] == 2]] = True  # noqa: PLR2004 - two banks
    return join(lines, used)


def _mid_river(lattice: StreetLattice) -> BoolArray:
    """Say which crossings lie in the middle of a river, flat."""
    middle = np.zeros(lattice.inside.shape, np.bool_)
    middle[:, lattice.jc] = True
    middle[lattice.ic, lattice.jc :] = True
    return middle.ravel()


def households_around(lattice: StreetLattice, site: Site) -> FloatArray:
    """Return the households around each parcel, relative to their mean, shape (parcels,)."""
    people = np.bincount(
        site.parcels.cell, weights=site.households(), minlength=int(np.prod(lattice.shape))
    )
    blurred = ndimage.gaussian_filter(people.reshape(lattice.shape), sigma=0.8, mode="constant")
    around = blurred.ravel()[site.parcels.cell]
    return np.asarray(around / max(float(around.mean()), 1e-9), dtype=np.float64)
