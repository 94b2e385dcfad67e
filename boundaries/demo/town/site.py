"""The ground of a town: its superblocks, parcels and courts, and what each becomes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from boundaries.demo.town.courts import Courts, Plan, lay_courts, plan_homes, with_yards
from boundaries.demo.town.lattice import Ground, Lattice
from boundaries.demo.town.parcels import (
    DICE,
    InnerStreets,
    Parcels,
    Use,
    fringe_parcels,
    slice_blocks,
)
from boundaries.demo.town.quads import BoolArray, FloatArray, IntArray
from boundaries.demo.town.settle import Settlement, settle
from boundaries.demo.town.streets import StreetLines, join
from boundaries.demo.town.uses import decide

HOUSEHOLDS_PER_BLOCK: Final = 560
"""First guess of what a superblock houses; corrected by what its parcels could really hold."""

FILL: Final = (0.38, 0.5)
"""Share of what all parcels could hold that is built; the rest is everything else a town has."""

_MOST_FULL: Final = 0.8
_ATTEMPTS: Final = 6
_COURT_DICE: Final = 64


@dataclass(frozen=True, slots=True)
class Site:
    """The ground and what is built on it, before anything has a name.

    Attributes
    ----------
    parcels : Parcels
        Those of superblocks, then the water and green beside them.
    plan : Plan
    courts : Courts
    built : ndarray of bool, shape (courts,)
        Which courts have their slab.
    inner : InnerStreets
    hosts : ndarray of int64, shape (parcels,)
        The parcel that a piece of water or green goes with; itself for all others.
    """

    parcels: Parcels
    plan: Plan
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
    lattice: Lattice,
    lines: StreetLines,
    seats: FloatArray,
    wanted: IntArray,
    rng: np.random.Generator,
) -> Site:
    """Settle as many superblocks as the households need and decide what is built.

    Parameters
    ----------
    lattice : Lattice
    lines : StreetLines
    seats : ndarray of float64, shape (k, 2)
        Metres.
    wanted : ndarray of int64, shape (k,)
        Households of each street office.
    """
    ground = lattice.ground()
    dice = rng.random((ground.size, DICE))
    lots = rng.random((ground.size, 8))
    gardens = rng.random((ground.size, _COURT_DICE))
    per_block = float(HOUSEHOLDS_PER_BLOCK)
    for _ in range(_ATTEMPTS):
        blocks = np.maximum(np.ceil(wanted / per_block), 3).astype(np.int64)
        settled = settle(lattice, seats, blocks)
        cells = settled.blocks(ground)
        parcels, inner = slice_blocks(
            lattice, lines, cells, settled.office.ravel()[cells], dice[cells]
        )
        # A parcel's numbers are those of its superblock, shifted by its place in it.
        place = np.arange(len(parcels)) - np.searchsorted(parcels.cell, parcels.cell)
        plan = plan_homes(parcels, lots[parcels.cell, place])
        shifted = (np.arange(_COURT_DICE)[None] + 11 * place[:, None]) % _COURT_DICE
        courts = lay_courts(parcels, plan, gardens[parcels.cell[:, None], shifted])
        room = np.bincount(
            parcels.office[courts.parcel], weights=courts.households, minlength=len(seats)
        )
        fill = float(wanted.sum() / room.sum())
        enough = bool((wanted <= _MOST_FULL * room).all()) or bool((blocks <= 3).all())  # noqa: PLR2004
        if FILL[0] <= fill <= FILL[1] and enough:
            break
        per_block *= np.sqrt(np.prod(FILL)) / fill if not FILL[0] <= fill <= FILL[1] else 0.9
    use, built = decide(parcels, courts, seats, wanted, lots[parcels.cell, 7 - place])
    return _with_fringe(lattice, settled, parcels.used_as(use), plan, courts, built, inner)


def _with_fringe(
    lattice: Lattice,
    settled: Settlement,
    parcels: Parcels,
    plan: Plan,
    courts: Courts,
    built: BoolArray,
    inner: InnerStreets,
) -> Site:
    """Add water and green, each going with the nearest parcel of the superblock on its bank."""
    ground = lattice.ground().ravel()
    cells = settled.fringe(lattice.ground())
    use = np.where(ground[cells] == Ground.WATER, Use.WATER, Use.PARK)
    fringe = fringe_parcels(lattice, cells, settled.office.ravel()[cells], use)
    near = parcels.quad.mean(axis=1)
    hosts = np.arange(len(parcels) + len(fringe), dtype=np.int64)
    for number, cell in enumerate(cells):
        some = np.flatnonzero(parcels.cell == settled.host.ravel()[cell])
        away = np.linalg.norm(near[some] - fringe.quad[number].mean(axis=0), axis=1)
        hosts[len(parcels) + number] = some[int(np.argmin(away))]
    everything = parcels.joined(fringe)
    beside = plan_homes(fringe, np.zeros(len(fringe)))
    return Site(
        parcels=everything,
        plan=with_yards(plan.joined(beside), everything),
        courts=courts,
        built=built,
        inner=inner,
        hosts=hosts,
    )


def used_lines(lattice: Lattice, lines: StreetLines, parcels: Parcels) -> BoolArray:
    """Say which lines of the lattice are streets: around superblocks, the bridges between, and the
    roads that join one part of town to the next."""
    used = np.zeros(len(lines.u), np.bool_)
    beside = parcels.line[(parcels.line >= 0) & (parcels.line < len(lines.u))]
    used[beside] = True
    reached = np.zeros(lattice.inside.size, np.bool_)
    reached[lines.u[used]] = True
    reached[lines.v[used]] = True
    # A bridge is two lines that meet in the middle of the water: both banks must be reached.
    bridge = np.flatnonzero(lines.bridge & lines.allowed)
    bank = np.where(lattice_middle(lattice)[lines.u[bridge]], lines.v[bridge], lines.u[bridge])
    middle = np.where(bank == lines.u[bridge], lines.v[bridge], lines.u[bridge])
    arrived = np.bincount(middle, weights=reached[bank], minlength=lattice.inside.size)
    used[bridge[arrived[middle] == 2]] = True  # noqa: PLR2004 - two banks
    return join(lines, used)


def lattice_middle(lattice: Lattice) -> BoolArray:
    """Say which crossings lie in the middle of a river, flat."""
    middle = np.zeros(lattice.inside.shape, np.bool_)
    middle[:, lattice.jc] = True
    middle[lattice.ic, lattice.jc :] = True
    return middle.ravel()


def households_around(lattice: Lattice, site: Site) -> FloatArray:
    """Return the households around each parcel, relative to the mean over parcels, shape (parcels,)."""
    people = np.bincount(
        site.parcels.cell, weights=site.households(), minlength=int(np.prod(lattice.shape))
    )
    blurred = ndimage.gaussian_filter(people.reshape(lattice.shape), sigma=0.8, mode="constant")
    around = blurred.ravel()[site.parcels.cell]
    return np.asarray(around / max(float(around.mean()), 1e-9), dtype=np.float64)
