"""Small grids of 30-50 households: `geo.partition` against METIS, MaxP and a proven optimum.

Synthetic Bincheng. All peers get the same atoms (buildings with their ground), the same borders and
the same enclosures, which `geo.partition` makes; METIS and MaxP are told nothing else of walls and
streets. Our time is also given for the whole job, outlines, parents, beats and codes included.

Run: ``python -m benchmarks.partitioning``.
"""

import multiprocessing
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from benchmarks.measuring import Table
from benchmarks.partition_peers import HIGH, LOW, Compound, by_cpsat, by_maxp, by_metis
from boundaries.demo.bincheng_district import bincheng
from geo.geometry.polygonize import connected_labels
from geo.model.layers import Layers
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND, Band
from geo.partition.atoms.cut_lines import STREET_KINDS, Rank
from geo.partition.atoms.enclosures import enclosures
from geo.partition.atoms.parents import large_grids
from geo.partition.atoms.weights import Weights
from geo.partition.ground import make_ground
from geo.partition.pipeline import partition
from geo.partition.search import search

SIZES = ((100_000, 1), (100_000, 2), (175_000, 1), (175_000, 2))
COMPOUND_ATOMS = (8, 40)
COMPOUNDS = 60
MAXP_ATOMS = 400
TIMES = 5
MOVED = ("buildings", "walk_edges", "barriers", "gates")


def town(households, seed) -> tuple[Layers, BaseGeometry]:
    """Return the layers of synthetic Bincheng and its outline, metric."""
    district, layers = bincheng(households=households, street=None, seed=seed)
    outline = gpd.GeoSeries([district.boundary], crs=4326).to_crs(district.epsg).iloc[0]
    return layers.to_metric(district.epsg), outline


def prepared(layers, outline) -> tuple[Atoms, np.ndarray, np.ndarray]:
    """Return atoms, the enclosure of each, and the borders inside enclosures."""
    ground = make_ground(
        outline, layers, frozenset(), kinds=STREET_KINDS, most=HIGH, reach_m=100.0, threads=1
    )
    atoms = ground.homes
    enclosure = enclosures(
        atoms, SMALL_BAND, fixed=np.zeros(len(atoms.households), bool), below=Rank.SMALL_STREET
    )
    one, two = atoms.pairs.T
    inside = (enclosure[one] == enclosure[two]) & (atoms.rank < Rank.WALL)
    inside &= atoms.built[one] & atoms.built[two]
    return atoms, enclosure, atoms.pairs[inside]


def figures(atoms, pairs, group, members) -> list[str]:
    """Return the share in the band, parts that are torn off, compactness, cut borders."""
    own = group[members]
    names, which = np.unique(own, return_inverse=True)
    people = np.bincount(which, weights=atoms.households[members])
    same = group[pairs[:, 0]] == group[pairs[:, 1]]
    some = np.isin(pairs[:, 0], members)
    part = connected_labels(len(group), pairs[same & some])
    torn = len(np.unique(part[members])) - len(names)
    area = np.bincount(which, weights=atoms.area_m2[members])
    around = np.bincount(which, weights=atoms.perimeter_m[members])
    place = np.full(len(group), -1)
    place[members] = which
    every = atoms.pairs
    within = (place[every] >= 0).all(axis=1) & (place[every[:, 0]] == place[every[:, 1]])
    around -= 2 * np.bincount(
        place[every[within, 0]], weights=atoms.length_m[within], minlength=len(names)
    )
    shape = 4 * np.pi * area / around**2
    band = np.mean((people >= LOW) & (people <= HIGH))
    return [
        f"{100 * band:.2f} %", str(torn), f"{np.median(shape):.3f}",
        f"{np.percentile(shape, 10):.3f}", f"{int((~same & some).sum()):,}",
    ]  # fmt: skip


def timed(work) -> tuple[np.ndarray | None, str]:
    """Return the answer and the seconds; None and why where a peer is absent or fails."""
    began = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(), f"{time.perf_counter() - began:.2f}"
    except ImportError:
        return None, "absent"
    except Exception as error:  # noqa: BLE001 - a peer's failure is a row
        return None, f"failed: {type(error).__name__}"


def side_by_side(households, towns) -> tuple[Layers, BaseGeometry]:
    """Return several synthetic towns beside each other as one district."""
    layers, outlines = [], []
    for number in range(towns):
        town_layers, outline = town(households // towns, number + 1)
        west, south, east, north = outline.bounds
        move = (number % 3) * (east - west + 5_000), (number // 3) * (north - south + 5_000)
        layers.append({name: moved(getattr(town_layers, name), *move, number) for name in MOVED})
        outlines += shapely.get_parts(translate(outline, *move)).tolist()
    every = {name: pd.concat([each[name] for each in layers], ignore_index=True) for name in MOVED}
    return replace(Layers(), **every), shapely.MultiPolygon(outlines)


def moved(frame, dx, dy, number) -> gpd.GeoDataFrame:
    """Return a layer moved by some metres, with ids of its own."""
    shapes = frame.geometry.translate(dx, dy)
    frame = frame.set_geometry(shapes)
    if "lon" in frame:
        at = shapes.representative_point().to_crs(4326)
        frame = frame.assign(lon=at.x, lat=at.y)
    name = next(column for column in frame if column.endswith("_id"))
    return frame.assign(**{name: f"{number}-" + frame[name].astype(str)})


def whole_table() -> Table:
    """Return the table of our own targets, on several towns."""
    table = Table(
        "Grids of three levels and beats of a whole district",
        "Synthetic Bincheng, `geo.partition.partition`, seed 1, compiled before; seconds on all "
        f"cores and on one thread, medians of {TIMES}, but the million once: six towns side by "
        "side. Workers: beats of 80-120 households; the standard is one per 100.",
        ["households", "town", "seconds", "one thread", "small grids in 30-50", "not found",
         "beats in 80-120", "counting forbids", "workers / standard", "Polsby-Popper p10", "p50",
         "one part each"],
    )  # fmt: skip
    for households, seed in SIZES:
        layers, outline = town(households, seed)
        if not table.rows:
            partition(outline, layers, code="371602")
        table.rows.append(row_of(layers, outline, seed, times=TIMES))
    table.rows.append(row_of(*side_by_side(1_000_000, 6), "1-6", times=1))
    return table


def row_of(layers, outline, name, *, times) -> list[str]:
    """Return the row of one district."""
    seconds: dict[int, list[float]] = {}
    for _ in range(times):
        for threads in (os.cpu_count() or 1, 1):
            began = time.perf_counter()
            report = partition(outline, layers, code="371602", threads=threads).report
            seconds.setdefault(threads, []).append(time.perf_counter() - began)
    told = report.faults
    forbidden = (told["reason"] != "not_found") & (told["kind"] == "beat")
    grids, beats = report.in_band + report.out_of_band, report.workers
    return [
        f"{report.households:,}", str(name),
        f"{np.median(seconds[os.cpu_count() or 1]):.1f}", f"{np.median(seconds[1]):.1f}",
        f"{100 * report.in_band / grids:.2f} %", str(report.reasons.get("not_found", 0)),
        f"{100 * report.beats_in_band / beats:.2f} %", str(int(forbidden.sum())),
        f"{beats / report.standard_workers:.3f}",
        f"{report.compactness['p10']:.3f}", f"{report.compactness['p50']:.3f}",
        str(report.one_part),
    ]  # fmt: skip


def peer_table(atoms, enclosure, pairs) -> Table:
    """Return the table against METIS and MaxP."""
    members = np.flatnonzero(atoms.built)
    large = large_grids(atoms, enclosure, kept=np.full(len(enclosure), -1))

    def ours() -> np.ndarray:
        return search(
            atoms, enclosure, large, bands=(SMALL_BAND, BEAT_BAND), weights=Weights(), seed=1,
            watch=lambda _: None,
        ).small  # fmt: skip

    ours()
    order = members[np.argsort(enclosure[members], kind="stable")]
    ends = np.flatnonzero(np.diff(enclosure[order])) + 1
    some = order[: int(ends[ends <= MAXP_ATOMS].max())]
    works = {
        "ours, with beats": (ours, members),
        "pymetis, contig": (lambda: by_metis(atoms, enclosure, pairs, members), members),
        f"ours, the first {len(some)} atoms": (ours, some),
        f"spopt MaxP, the same {len(some)} atoms": (lambda: by_maxp(atoms, pairs, some), some),
    }
    table = Table(
        "Small grids of 30-50 households from the same atoms",
        f"Synthetic Bincheng, 100,000 households, {len(members):,} buildings in "
        f"{len(np.unique(enclosure[members]))} enclosures, {len(pairs):,} borders. Only the "
        "grouping is timed. Torn: parts beyond one per grid. MaxP knows no upper end.",
        ["who", "seconds", "in 30-50", "torn", "Polsby-Popper p50", "p10", "cut borders"],
    )
    for name, (work, own) in works.items():
        group, seconds = timed(work)
        told = figures(atoms, pairs, group, own) if group is not None else ["-"] * 5
        table.rows.append([name, seconds, *told])
    return table


def optimum_table(atoms, enclosure) -> Table:
    """Return the table against the proven optimum of small compounds."""
    table = Table(
        "Small compounds against the proven optimum",
        f"The same town, up to {COMPOUNDS} compounds of {COMPOUND_ATOMS[0]} to {COMPOUND_ATOMS[1]} "
        "buildings. CP-SAT chooses from every connected grid in the band, and proves the fewest "
        "cut borders, or the least cost by our weights of shapes and cut borders; it knows no "
        "beats. Cost: by our weights, of small grids.",
        ["who", "seconds", "cut borders", "of the fewest", "cost", "of the least"],
    )
    built = np.flatnonzero(atoms.built)
    label, size = np.unique(enclosure[built], return_counts=True)
    some = label[(size >= COMPOUND_ATOMS[0]) & (size <= COMPOUND_ATOMS[1])][:COMPOUNDS]
    one, two = atoms.pairs.T
    inner = np.flatnonzero((enclosure[one] == enclosure[two]) & (atoms.rank < Rank.WALL))
    compounds = [Compound.of(atoms, built[enclosure[built] == each], inner) for each in some]
    cuts_only = Weights(shape=0.0, cut=1.0, beat_shape=0.0, beat_cut=0.0, beat=0.0)
    no_beats = replace(Weights(), beat_shape=0.0, beat_cut=0.0, beat=0.0)
    proven = {}
    for name, weights in (("fewest cut borders", cuts_only), ("least cost", no_beats)):
        # OR-Tools does not load beside highspy, so it gets a process of its own.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            work = partial(pool.submit, by_cpsat, compounds, weights)
            proven[name] = timed(lambda work=work: work().result())
        if proven[name][0] is None:
            table.rows.append([f"CP-SAT, {name}", proven[name][1], "-", "-", "-", "-"])
            return table
    both = [None not in each for each in zip(*(best for best, _ in proven.values()), strict=True)]
    kept = [each for each, ok in zip(compounds, both, strict=True) if ok]

    def told(name, seconds, drawn) -> None:
        cost, cut = (sum(values) for values in zip(*drawn, strict=True))
        if name.endswith("fewest cut borders"):
            cost = float("nan")
        fewest, least = (
            sum(one[place] for one, ok in zip(proven[goal][0], both, strict=True) if ok)
            for goal, place in (("fewest cut borders", 1), ("least cost", 0))
        )
        price = ["-", "-"] if np.isnan(cost) else [f"{cost:,.0f}", f"{cost / least:.3f}"]
        table.rows.append([name, seconds, f"{cut:,.0f}", f"{cut / fewest:.3f}", *price])

    for name, (best, seconds) in proven.items():
        drawn = [one for one, ok in zip(best, both, strict=True) if ok]
        told(f"CP-SAT, {len(kept)} proven, {name}", seconds, drawn)
    for name, weights, band in (
        ("ours, asked for the fewest cut borders", cuts_only, Band(1, 500, 100)),
        ("ours, small grids alone", no_beats, Band(1, 500, 100)),
        ("ours, as it draws, with beats", Weights(), BEAT_BAND),
    ):
        group, seconds = timed(
            lambda weights=weights, band=band: (
                search(
                    atoms,
                    enclosure,
                    enclosure,
                    bands=(SMALL_BAND, band),
                    weights=weights,
                    seed=1,
                    watch=lambda _: None,
                ).small
            )
        )
        drawn = []
        for compound in kept:
            own = group[compound.members]
            grids = [sum(1 << int(k) for k in np.flatnonzero(own == g)) for g in np.unique(own)]
            drawn.append(tuple(float(v.sum()) for v in compound.told(grids, no_beats)))
        told(name, f"{seconds} (whole town)", drawn)
    return table


def tables() -> list[Table]:
    """Return the tables."""
    layers, outline = town(100_000, 1)
    atoms, enclosure, pairs = prepared(layers, outline)
    return [
        whole_table(),
        peer_table(atoms, enclosure, pairs),
        optimum_table(atoms, enclosure),
    ]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
