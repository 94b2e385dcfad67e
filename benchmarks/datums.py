"""GCJ-02 and BD-09 to WGS 84 and back: `geo.gcj02` against packages that invert exactly.

1,000,000 places drawn evenly over China; peers, which take one place at a time, get the first
20,000 of them. The error is the largest difference in degrees after there and back.

Run: ``python -m benchmarks.datums``; peers: ``coord-convert``, ``geocoordinates-rs`` and
``prcoords`` where they are installed.
"""

import importlib
from collections.abc import Callable

import numpy as np

from benchmarks.measuring import Table, medians
from geo.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02

PLACES = 1_000_000
FEW = 20_000
OURS = {"GCJ-02": (to_gcj02, from_gcj02), "BD-09": (to_bd09, from_bd09)}
Back = Callable[[float, float], tuple[float, float]]


def _coord_convert(frame: str) -> Back:
    known = importlib.import_module("coord_convert.transform")
    return {"GCJ-02": known.gcj2wgs, "BD-09": known.bd2wgs}[frame]


def _prcoords(frame: str) -> Back:
    known = importlib.import_module("prcoords")
    back = {"GCJ-02": known.gcj_wgs_bored, "BD-09": known.bd_wgs_bored}[frame]

    def one(lon: float, lat: float) -> tuple[float, float]:
        found = back(known.Coords(lat, lon))
        return found.lon, found.lat

    return one


def _geocoordinates(frame: str) -> Back:
    known = importlib.import_module("geocoordinates_ffi")
    kind, back = {
        "GCJ-02": (known.Gcj02, known.gcj02_to_wgs84_refined),
        "BD-09": (known.Bd09, known.bd09_to_wgs84_refined),
    }[frame]

    def one(lon: float, lat: float) -> tuple[float, float]:
        found = back(kind(lat=lat, lon=lon))
        return found.lon, found.lat

    return one


PEERS = {
    "coord-convert": _coord_convert,
    "prcoords": _prcoords,
    "geocoordinates-rs": _geocoordinates,
}


def tables() -> list[Table]:
    """Measure the way back to WGS 84, which is the slow one."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(73.5, 135.0, PLACES), rng.uniform(18.0, 53.5, PLACES)
    table = Table(
        "Frames of Chinese map services to WGS 84",
        f"{PLACES:,} places for Lifecircle, {FEW:,} of them for packages that take one at a time.",
        ["frame", "by", "places/s", "largest error, degrees"],
    )
    for frame, (there, back) in OURS.items():
        shifted = there(lon, lat)
        _measure(table, frame, "Lifecircle", lambda s=shifted, b=back: b(*s), (lon, lat))
        for name, peer in PEERS.items():
            try:
                one = peer(frame)
            except ImportError:
                table.notes.append(f"{frame}: {name} is not installed")
                continue
            few = [(float(x), float(y)) for x, y in zip(*(s[:FEW] for s in shifted), strict=True)]
            work = lambda each=few, one=one: np.array([one(*place) for place in each]).T  # noqa: E731
            _measure(table, frame, name, work, (lon[:FEW], lat[:FEW]))
    return [table]


def _measure(table: Table, frame: str, name: str, work: Callable, true: tuple) -> None:
    seconds = medians({name: work}, times=3)[name]
    error = max(np.abs(np.asarray(a) - b).max() for a, b in zip(work(), true, strict=True))
    table.rows.append([frame, name, f"{len(true[0]) / seconds:,.0f}", f"{error:.1e}"])


if __name__ == "__main__":
    print("\n\n".join(table.markdown() for table in tables()))
