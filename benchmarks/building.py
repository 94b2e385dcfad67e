"""From an OpenStreetMap extract to a network that is ready: against Valhalla's tile build.

The same file for both. Ours reads streets, buildings, service points, barriers and gates and
compiles the walk network of an adult; Valhalla builds its tiles for every way of travelling, and
reads no buildings. Then: what a later start costs, which maps what the first one compiled.

Run: ``python -m benchmarks.building [place]``.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Table, extract, medians
from benchmarks.places import ADULT, REAL, STANDARD, layers_of
from benchmarks.valhalla_peer import AbsentError, Valhalla
from boundaries.cache.compiled_network import compiled_network
from boundaries.readers.osm import read_osm
from geo.network.compile import WalkNetwork, compile_network

PLACES = ("Porto", "Malta")
KEPT = ("Porto", "Malta", "Bincheng (synthetic)")
TIMES = 5


def built(path: Path) -> tuple[float, WalkNetwork]:
    """Return the seconds of reading alone, and the network."""
    began = time.perf_counter()
    district, layers, _ = read_osm(path, code="x", standard=STANDARD)
    read_s = time.perf_counter() - began
    return read_s, compile_network(layers.to_metric(district.epsg), ADULT)


def timed(path: Path, peer: Valhalla | None) -> dict[str, list[float]]:
    """Return the seconds that each takes, in turn."""
    taken: dict[str, list[float]] = {}
    alone = [sys.executable, "-m", "benchmarks.building", "--build", str(path)]
    for _ in range(TIMES):
        began = time.perf_counter()
        read_s, _ = built(path)
        taken.setdefault("ours", []).append(time.perf_counter() - began)
        taken.setdefault("of it reading", []).append(read_s)
        began = time.perf_counter()
        subprocess.run(alone, check=True)
        taken.setdefault("ours, a process of its own", []).append(time.perf_counter() - began)
        if peer:
            for threads in (1, 2):
                who = f"Valhalla, threads: {threads}"
                taken.setdefault(who, []).append(peer.build(threads))
    return taken


def against_valhalla(places: Sequence[str]) -> Table:
    """Return the table of builds."""
    table = Table(
        "From an OpenStreetMap extract to a network",
        "Seconds from the file to a network that can be searched; `x` is the time relative to ours "
        "in a running process.",
        ["place", "who", "s", "x"],
        notes=[
            (
                "Ours reads buildings, service points, barriers and gates as well and compiles for "
                "one profile, on one thread; Valhalla builds for every way of travelling. A "
                "process of its own starts Python and loads its libraries first."
            )
        ],
    )
    for place in places:
        path = extract(REAL[place])
        if path is None:
            table.notes.append(f"{place}: its data is not here.")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                peer = Valhalla(Path(folder), path)
            except AbsentError as absent:
                peer = None
                table.notes.append(str(absent))
            built(path)  # compiles on first use
            taken = {who: statistics.median(each) for who, each in timed(path, peer).items()}
        size = f"{place}, {path.stat().st_size / 1e6:.1f} MB"
        for who, seconds in taken.items():
            ratio = "" if who == "of it reading" else f"{seconds / taken['ours']:.2f}"
            table.rows.append([size, who, f"{seconds:.2f}", ratio])
            size = ""
        table.notes += _losses(place, taken)
    return table


def _losses(place: str, taken: dict[str, float]) -> list[str]:
    """Say where ours is slower."""
    faster = [who for who in taken if who.startswith("Valhalla") and taken[who] < taken["ours"]]
    if not faster:
        return []
    share = taken["of it reading"] / taken["ours"]
    why = f"reading, in Python one way at a time, is {share:.0%} of ours"
    return [f"{place}: {' and '.join(faster)} faster than ours; {why}."]


def kept(places: Sequence[str]) -> Table:
    """Return the table of later starts."""
    table = Table(
        "A later start: the compiled network from disk",
        "Layers in memory; milliseconds until the network is ready. Mapping includes the digest of "
        "the layers, by which nothing out of date is ever used.",
        ["place", "compiled, ms", "mapped, ms", "x", "on disk, MB"],
    )
    for place in places:
        layers = layers_of(place)
        if layers is None:
            table.notes.append(f"{place}: its data is not here.")
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            compiled_network(folder, place, layers, ADULT)
            taken = medians(
                {
                    "compiled": lambda layers=layers: compile_network(layers, ADULT),
                    "mapped": lambda layers=layers, place=place, folder=folder: compiled_network(
                        folder, place, layers, ADULT
                    ),
                }
            )
            disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        ms = {what: seconds * 1e3 for what, seconds in taken.items()}
        ratio = ms["compiled"] / ms["mapped"]
        row = [f"{ms['compiled']:.0f}", f"{ms['mapped']:.0f}", f"{ratio:.1f}", f"{disk / 1e6:.1f}"]
        table.rows.append([place, *row])
    return table


def tables(place: str = "") -> list[Table]:
    """Return both tables, of all places or of one."""
    chosen = (place,) if place else PLACES
    return [against_valhalla(chosen), kept((place,) if place else KEPT)]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        built(Path(sys.argv[2]))
    else:
        print(*(table.markdown() for table in tables(*sys.argv[1:])), sep="\n")
