"""Memory of heavy questions asked again and again: what a service keeps beside its answers.

Each question differs from the one before, so that nothing is answered from what was kept.

Run: ``python -m benchmarks.heavy_memory``.
"""

import gc
from collections.abc import Callable
from pathlib import Path

from api.coverage.answers import coverage
from api.formats.json import dumps
from api.parameters import DEFAULT_PROFILE, CoverageQuestion
from api.snapshot.district import Snapshot
from api.supply.answers import Sharing, access_answer
from benchmarks.measuring import Table, extract
from benchmarks.places import STANDARD
from boundaries.readers.osm import read_osm

ASKED = 12
"""Times that each question is asked."""

ABSENT = "Malta: its data is not here."


def resident_mb() -> int:
    """Return the memory that the process holds, after a collection."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    (kb,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kb) // 1_000


def questions(snapshot: Snapshot) -> dict[str, Callable[[float], object]]:
    """Return heavy questions by name, each of a number of minutes."""
    return {
        "coverage of every building": lambda minutes: coverage(
            snapshot, CoverageQuestion(minutes, DEFAULT_PROFILE), by="building"
        ),
        "supply access": lambda minutes: access_answer(
            snapshot,
            "medical",
            how=Sharing("2sfca", None, minutes, DEFAULT_PROFILE),
            group="households",
            by="district",
        ),
    }


def tables() -> list[Table]:
    """Return the table."""
    table = Table(
        "Memory of heavy questions",
        f"Malta; each question {ASKED} times, of other minutes each time, in one process that "
        "keeps no answers. Memory of the whole process, and of the district with what is computed "
        "from it.",
        ["question", "answer, MB", "MB after the first", "after the third", "after the last",
         "district, MB"],
    )  # fmt: skip
    path = extract("osm-malta-2016")
    if path is None:
        table.notes.append(ABSENT)
        return [table]
    district, layers, _ = read_osm(path, code="malta", standard=STANDARD)
    snapshot = Snapshot(district, layers, STANDARD)
    for name, ask in questions(snapshot).items():
        held, sizes = [], []
        for turn in range(ASKED):
            sizes.append(len(dumps(ask(5 + turn / 2))))
            held.append(resident_mb())
        asked = [f"{sizes[-1] / 1e6:.1f}", *(str(held[at]) for at in (0, 2, -1))]
        table.rows.append([name, *asked, f"{snapshot.held_bytes() / 1e6:.0f}"])
    table.notes.append(
        "A service also keeps the answers themselves, up to LIFECIRCLE_ANSWER_BYTES in each of its "
        "processes, and the garbage of those that are computed at the same time."
    )
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
