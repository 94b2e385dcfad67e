"""Run every benchmark and write RESULTS.md: ``python -m benchmarks``."""

import datetime as dt
import importlib
import importlib.metadata
import os
import platform
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
BENCHMARKS = (
    "drawings",
    "nearest",
    "bounded",
    "isochrones",
    "building",
    "growth",
    "scenarios",
    "first_answers",
    "assigning",
    "partitioning",
    "storing",
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


def main() -> None:
    """Measure everything."""
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
        print(f"{name} ...", flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        parts += [table.markdown().rstrip() for table in module.tables()]
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"written: {RESULTS.name}")


if __name__ == "__main__":
    main()
