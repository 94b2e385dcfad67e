"""Run every benchmark and write RESULTS.md: ``python -m benchmarks``.

With names (``python -m benchmarks nearest bounded``) only those run, and their tables are printed.
"""

import datetime as dt
import importlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
BENCHMARKS = (
    "drawings",
    "nearest",
    "bounded",
    "isochrones",
    "building",
    "growth",
    "week",
    "scenarios",
    "first_answers",
    "assigning",
    "datums",
    "partitioning",
    "real_ground",
    "fault_pairs",
    "storing",
    "serving",
    "uploads",
    "heavy_memory",
    "one_edit",
    "rule_effects",
)
SHOWN = (
    "numpy",
    "scipy",
    "numba",
    "shapely",
    "geopandas",
    "osmium",
    "networkx",
    "pandana",
    "ortools",
    "pymetis",
    "spopt",
)


def versions() -> str:
    """Name the versions that the figures were taken with."""
    told = [f"Python {platform.python_version()}"]
    for name in SHOWN:
        try:
            told.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            told.append(f"{name} absent")
    return ", ".join(told)


def tables(name: str) -> list[str]:
    """Run one benchmark; its tables in Markdown."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    module = importlib.import_module(f"benchmarks.{name}")
    return [table.markdown().rstrip() for table in module.tables()]


def main(names: list[str]) -> None:
    """Measure everything into RESULTS.md, a benchmark at a time; or print the named ones."""
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        sys.exit(f"no benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if names:
        print("\n\n".join(table for name in names for table in tables(name)))
        return
    parts = [
        "# Measured side by side",
        (
            "Every table was taken in one run on one machine on the same input; times are medians. "
            "Rows that lose stay in. Run again with `make bench`."
        ),
        (
            f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores "
            f"{platform.machine()}; {versions()}."
        ),
    ]
    for name in BENCHMARKS:
        parts += tables(name)
        RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"written: {RESULTS.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
