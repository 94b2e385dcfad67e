"""What others make of the atoms of `geo.partition`: METIS, MaxP, and a proven optimum."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.partition.atoms.band import SMALL_BAND
from tests.oracles.compound import connected_grids

CPSAT_S = 10.0
PRICE_STEPS = 1_000
LOW, HIGH = SMALL_BAND.low, SMALL_BAND.high


def by_metis(atoms, enclosure, pairs, members) -> np.ndarray:
    """Return METIS groups, enclosure by enclosure, `contig` asked for."""
    import pymetis  # noqa: PLC0415 - a peer that may be absent

    group = np.full(len(enclosure), -1)
    last = 0
    beside = {int(i): [] for i in members}
    for one, two in pairs.tolist():
        beside[one].append(two)
        beside[two].append(one)
    for label in np.unique(enclosure[members]):
        own = members[enclosure[members] == label]
        place = {int(i): k for k, i in enumerate(own)}
        count = max(1, round(int(atoms.households[own].sum()) / 40))
        parts = np.zeros(len(own), int)
        if count > 1:
            _, parts = pymetis.part_graph(
                min(count, len(own)), [[place[j] for j in beside[int(i)]] for i in own],
                vweights=atoms.households[own].tolist(), recursive=False,
                options=pymetis.Options(seed=1, contig=1, ufactor=100),
            )  # fmt: skip
        group[own] = last + np.asarray(parts)
        last += count
    return group


def by_maxp(atoms, pairs, members) -> np.ndarray:
    """Return MaxP groups of some atoms: at least 30 households, no upper end."""
    import libpysal  # noqa: PLC0415
    from spopt.region import MaxPHeuristic  # noqa: PLC0415

    place = {int(i): k for k, i in enumerate(members)}
    beside = {k: [] for k in range(len(members))}
    for one, two in pairs.tolist():
        if one in place and two in place:
            beside[place[one]].append(place[two])
            beside[place[two]].append(place[one])
    frame = gpd.GeoDataFrame(
        {"households": atoms.households[members], "one": 1.0},
        geometry=gpd.points_from_xy(range(len(members)), [0] * len(members)),
    )
    np.random.seed(1)  # noqa: NPY002 - spopt draws from it
    model = MaxPHeuristic(
        frame, libpysal.weights.W(beside, silence_warnings=True), ["one"], "households", LOW,
        top_n=2, max_iterations_construction=20, max_iterations_sa=5,
    )  # fmt: skip
    model.solve()
    group = np.full(len(atoms.households), -1)
    group[members] = model.labels_
    return group


@dataclass(frozen=True)
class Compound:
    """One enclosure by itself: its atoms, and their borders by places in it."""

    members: np.ndarray
    households: list[int]
    pairs: np.ndarray
    length_m: np.ndarray
    area_m2: np.ndarray
    perimeter_m: np.ndarray

    @classmethod
    def of(cls, atoms, members, inner) -> "Compound":
        """Take some atoms and the borders `inner` (rows of the atoms' borders) among them."""
        place = np.full(len(atoms.households), -1)
        place[members] = np.arange(len(members))
        own = inner[np.isin(atoms.pairs[inner, 0], members)]
        return cls(
            members, atoms.households[members].tolist(), place[atoms.pairs[own]],
            atoms.length_m[own], atoms.area_m2[members], atoms.perimeter_m[members],
        )  # fmt: skip

    def told(self, grids, weights) -> tuple[np.ndarray, np.ndarray]:
        """Return what each grid (a bit per atom) costs by the weights, and its cut borders."""
        has = (np.array(grids, dtype=object)[:, None] >> np.arange(len(self.members))) & 1
        has = has.astype(bool)
        one, two = has[:, self.pairs[:, 0]], has[:, self.pairs[:, 1]]
        around = has @ self.perimeter_m - 2 * (one & two) @ self.length_m
        cut = (one ^ two).sum(axis=1) / 2  # half, for each of two grids
        poor = np.maximum(around**2 / (4 * np.pi * (has @ self.area_m2)) - 1.27, 0)
        return weights.shape * poor * (1 + poor) + weights.cut * cut, cut


def by_cpsat(compounds, weights) -> list[tuple[float, float] | None]:
    """Return least cost and its cut borders of each compound, None where not proven in time."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    best = []
    for compound in compounds:
        grids, _ = connected_grids(compound.households, compound.pairs, LOW, HIGH)
        cost, cut = compound.told(grids, weights)
        model = cp_model.CpModel()
        chosen = [model.new_bool_var("") for _ in grids]
        for i in range(len(compound.households)):
            model.add_exactly_one(
                [v for v, grid in zip(chosen, grids, strict=True) if grid >> i & 1]
            )
        price = np.round(cost * PRICE_STEPS).astype(int).tolist()
        model.minimize(sum(each * v for each, v in zip(price, chosen, strict=True)))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = CPSAT_S
        optimal = solver.solve(model) == cp_model.OPTIMAL
        some = [k for k, v in enumerate(chosen) if optimal and solver.value(v)]
        best.append((float(cost[some].sum()), float(cut[some].sum())) if optimal else None)
    return best
