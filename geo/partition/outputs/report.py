"""What a partition came to, in numbers, with the reason for every grid and beat out of its band."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.model.vocabulary import Level
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.cut_lines import Rank
from geo.partition.atoms.enclosures import Reason, reason


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """Figures of a partition.

    Attributes
    ----------
    households : int
        Of the buildings inside the district.
    outside : tuple of str
        Buildings outside the district, which no grid holds.
    grids : mapping of str to int
        Grids by level.
    in_band, out_of_band : int
        Small grids with households inside and outside the band.
    reasons : mapping of str to int
        Of the grids out of the band: ``too_few_households`` and ``no_number_fits`` (counting allows
        none: fewer than 30, or 51 to 59, in an enclosure), ``out_of_reach`` (too few, and others
        are beyond the reach), ``buildings_too_large``,
        ``buildings_do_not_add_up``, ``kept``, ``not_found`` (the search's fault).
    empty : int
        Small grids without households.
    faults : DataFrame
        One row per grid and beat out of its band: `kind` (grid, beat), `code`, `households`,
        `reason`.
    compactness : mapping of str to float
        Polsby-Popper of the small grids with households: ``p10``, ``p50``, ``p90``.
    cut_borders, borders : int
        Borders between two atoms of one enclosure: those between two small grids, and all.
    one_part : bool
        Whether every grid is one polygon.
    beats_in_band, beats_out_of_band : int
    workers, standard_workers, fewest_workers : int
        Beats; one per 100 households, rounded up; and one per 120, the upper end of the band.
    reach_m : float
        Metres on the walk network within which detached homes join others.
    splits : DataFrame
        Buildings over the band that can be split by staircase
        (:func:`geo.partition.outputs.entrance_splits.entrance_splits`).
    """

    households: int
    outside: tuple[str, ...]
    grids: Mapping[str, int]
    in_band: int
    out_of_band: int
    reasons: Mapping[str, int]
    empty: int
    faults: pd.DataFrame
    compactness: Mapping[str, float]
    cut_borders: int
    borders: int
    one_part: bool
    beats_in_band: int
    beats_out_of_band: int
    workers: int
    standard_workers: int
    fewest_workers: int
    reach_m: float
    splits: pd.DataFrame


def make_report(
    grids: gpd.GeoDataFrame,
    roster: pd.DataFrame,
    atoms: Atoms,
    small: IntArray,
    *,
    enclosure: IntArray,
    proven: BoolArray,
    region: IntArray,
    code: np.ndarray,
    worker: np.ndarray,
    kept: frozenset[str],
    outside: tuple[str, ...],
    bands: tuple[Band, Band],
    beyond: BoolArray,
    reach_m: float,
    splits: pd.DataFrame,
) -> PartitionReport:
    """Return the report; `code`, `worker` and `beyond` (the reach) are those of each atom."""
    band, beat_band = bands
    which = np.unique(small, return_inverse=True)[1]
    people = np.bincount(which, weights=atoms.households).astype(np.int64)
    inhabited = people > 0
    bad = inhabited & ((people < band.low) | (people > band.high))
    first = np.unique(which, return_index=True)[1]
    faults = pd.DataFrame(
        [
            *(
                (
                    "grid",
                    str(code[first[g]]),
                    int(people[g]),
                    _why_grid(which == g, enclosure, (proven, beyond), atoms, band),
                )
                for g in np.flatnonzero(bad).tolist()
            ),
            *_beat_faults(roster, worker, region, atoms, beat_band),
        ],
        columns=["kind", "code", "households", "reason"],
    )
    faults.loc[(faults["kind"] == "grid") & faults["code"].isin(kept), "reason"] = str(Reason.KEPT)
    inner = atoms.pairs[_inside(atoms, enclosure)]
    total = int(atoms.households.sum())
    shapes = grids.geometry.to_numpy()
    return PartitionReport(
        households=total,
        outside=outside,
        grids={str(level): int((grids["level"] == str(level)).sum()) for level in Level},
        in_band=int((inhabited & ~bad).sum()),
        out_of_band=int(bad.sum()),
        reasons=dict(Counter(faults.loc[faults["kind"] == "grid", "reason"])),
        empty=int((~inhabited).sum()),
        faults=faults,
        compactness=_percentiles(grids, set(code[first[inhabited]])),
        cut_borders=int((small[inner[:, 0]] != small[inner[:, 1]]).sum()),
        borders=len(inner),
        one_part=bool((shapely.get_type_id(shapes) == 3).all()),  # noqa: PLR2004 - a Polygon
        beats_in_band=int(roster["in_band"].sum()),
        beats_out_of_band=int((~roster["in_band"]).sum()),
        workers=len(roster),
        standard_workers=-(-total // beat_band.aim),
        fewest_workers=beat_band.fewest(total),
        reach_m=reach_m,
        splits=splits,
    )


def _beat_faults(
    roster: pd.DataFrame, worker: np.ndarray, region: IntArray, atoms: Atoms, band: Band
) -> list[tuple[str, str, int, str]]:
    """Return a row for each beat out of its band."""
    short = roster.loc[~roster["in_band"]]
    atom_of = {str(worker[atom]): atom for atom in np.flatnonzero(atoms.households > 0).tolist()}
    return [
        ("beat", code, int(n), _why(region, atom_of[code], atoms, band))
        for code, n in zip(short["worker_code"], short["households"], strict=True)
    ]


def polsby_popper(shapes: np.ndarray) -> FloatArray:
    """Return 4 pi area / perimeter^2 of polygons: 1 for a circle, 0.785 for a square."""
    return np.asarray(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2)


def _percentiles(grids: gpd.GeoDataFrame, codes: set[str]) -> dict[str, float]:
    shapes = grids.geometry.to_numpy()[grids["code"].isin(codes).to_numpy()]
    if len(shapes) == 0:
        return {}
    values = np.percentile(polsby_popper(shapes), [10, 50, 90])
    return {name: float(value) for name, value in zip(("p10", "p50", "p90"), values, strict=True)}


def _inside(atoms: Atoms, enclosure: IntArray) -> np.ndarray:
    """Return the borders between two built atoms of one enclosure."""
    one, two = atoms.pairs.T
    same = (enclosure[one] == enclosure[two]) & (atoms.rank < Rank.WALL)
    return np.asarray(same & atoms.built[one] & atoms.built[two])


def _why_grid(
    own: BoolArray, enclosure: IntArray, known: tuple[BoolArray, BoolArray], atoms: Atoms,
    band: Band,
) -> str:  # fmt: skip
    """Return why a small grid is out of its band; `known`: proven, and near the reach's end."""
    lived_in = np.flatnonzero(own & (atoms.households > 0))
    if len(lived_in) == 1 and atoms.households[lived_in[0]] > band.high:
        return str(Reason.BUILDINGS_TOO_LARGE)
    proven, beyond = known
    inside = enclosure == enclosure[lived_in[0]]
    why = reason(atoms.households[inside], band)
    if why is Reason.TOO_FEW and beyond[inside].any():
        return str(Reason.OUT_OF_REACH)
    found = why in {Reason.NOT_FOUND, Reason.BUILDINGS_TOO_LARGE}
    return str(Reason.AROUND if found and proven[lived_in].all() else why)


def _why(within: IntArray, atom: int, atoms: Atoms, band: Band) -> str:
    """Return why the group of an atom is out of its band."""
    return str(reason(atoms.households[within == within[atom]], band))
