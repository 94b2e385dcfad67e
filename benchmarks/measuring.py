"""How every benchmark measures: peers take turns in one run, and answers are compared."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real extracts, which are not part of the repository."""


@dataclass
class Table:
    """One table of RESULTS.md.

    Attributes
    ----------
    title, about : str
        What was measured, on what, in a sentence or two.
    columns : list of str
    rows : list of list of str
    notes : list of str
        What a reader must know: what was skipped, and why a row loses.
    """

    title: str
    about: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [f"## {self.title}", "", self.about, ""]
        lines += ["| " + " | ".join(row) + " |" for row in [self.columns, *self.rows]]
        lines.insert(5, "|" + "---|" * len(self.columns))
        lines += [""] + [f"- {note}" for note in self.notes]
        return "\n".join(lines).rstrip() + "\n"


def medians(works: Mapping[str, Callable[[], object]], *, times: int = 5) -> dict[str, float]:
    """Return the median seconds of each work; they take turns, so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


def extract(name: str) -> Path | None:
    """Return the one OpenStreetMap file of a data folder, or None where the data is absent."""
    found = sorted((DATA / name).glob("*.pbf"))
    return found[0] if found else None
