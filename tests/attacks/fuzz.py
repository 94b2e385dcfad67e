"""Requests made from the API document (schemathesis), against a real server on a scratch district.

A fault is a server error, a status or a body that the document does not have, or a method that is
answered and not named. ``make fuzz`` spreads 20,000 cases over both stores.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from api.app import create_app
from api.settings import read_settings
from tests import guardian
from tests.api.serving import serving
from tests.postgis import shared_cluster
from tests.scenes import tiny_district
from tests.stores import copied_store
from tests.waiting import PATIENCE_S

STORES: Final = ("geopackage", "postgis")
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
_EXAMPLES: Final = 40
"""Of an operation in one run at most."""

_CONFIG: Final = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of schemathesis found.

    Attributes
    ----------
    cases : int
        Requests that were made and checked.
    operations : int
        Of the document, that were tested.
    faults : dict of str to int
        By kind, how many different ones.
    text : str
        As schemathesis prints it, with a command that repeats each.
    """

    cases: int
    operations: int
    faults: dict[str, int]
    text: str


def fuzz(address: str, *, examples: int, seed: int, phases: str = "fuzzing") -> Outcome:
    """Fuzz a service on a scratch store.

    Parameters
    ----------
    address : str
        Of a :func:`scratch` store.
    examples : int
        Per operation of the document.
    seed : int
    phases : str
        Of schemathesis, separated by commas.
    """
    settings = read_settings(
        db=address, editable=True, requests_per_minute=0, changes_per_minute=0, queue=1_000_000
    )
    app = create_app(settings)
    app.state.jobs.start = lambda: None  # jobs are queued and not run: each is a process of seconds
    with TemporaryDirectory() as folder, serving(app) as client:
        report = Path(folder) / "report.json"
        run = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")), f"--config-file={_CONFIG}",
                "run", str(client.base_url.join("/openapi.json")), f"--phases={phases}",
                f"--max-examples={examples}", f"--seed={seed}", f"--checks={','.join(CHECKS)}",
                "--continue-on-failure", "--suppress-health-check=all", "--no-color",
                "--generation-database=none", "--warnings=off", f"--report-json-path={report}",
                f"--request-timeout={PATIENCE_S}",
            ],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        text = run.stdout + run.stderr
        if not report.exists():
            return Outcome(0, 0, {"schemathesis did not run": 1}, text)
        told = json.loads(report.read_text("utf-8"))
    faults = Counter({fault["title"]: fault["count"] for fault in told["failures"]})
    faults += Counter({str(error.get("title", error)): 1 for error in told["errors"]})
    return Outcome(told["test_cases"]["generated"], told["operations"]["tested"], faults, text)


@contextmanager
def scratch(store: str) -> Iterator[str]:
    """Yield the address of a store of the hand-made district while the block runs.

    One key of it has a slash, as those of OpenStreetMap have.
    """
    district, layers = tiny_district()
    ids = layers.service_points["point_id"].replace({"p5": "way/5"})
    layers = replace(layers, service_points=layers.service_points.assign(point_id=ids))
    with TemporaryDirectory() as folder:
        address = str(Path(folder) / "scratch.gpkg")
        server = None if store == "geopackage" else shared_cluster()
        if server is not None:
            address = server.new_database()
        copied_store(address, "fuzzed", lambda store: store.replace(district, layers)).close()
        try:
            yield address
        finally:
            if server is not None:
                server.drop(address)


def fuzz_store(store: str, *, cases: int, seed: int) -> list[Outcome]:
    """Fuzz scratch stores with so many cases at least: first every edge of the document, then more.

    Each run has a seed and a store of its own, so that it can be repeated alone.
    """
    outcomes: list[Outcome] = []
    while (made := sum(each.cases for each in outcomes)) < cases:
        left = (cases - made) // outcomes[0].operations if outcomes else 1
        with scratch(store) as address:
            outcomes.append(
                fuzz(
                    address,
                    examples=max(1, min(left, _EXAMPLES)),
                    seed=seed,
                    phases="fuzzing" if outcomes else "coverage",
                )
            )
        _say(f"{store}, seed {seed}: {_line(outcomes)}")
        if not outcomes[-1].cases:
            break
        seed += 1
    return outcomes


def _line(outcomes: Sequence[Outcome]) -> str:
    faults = sum((Counter(each.faults) for each in outcomes), Counter())
    named = "; ".join(f"{n} x {what}" for what, n in faults.items()) or "no fault"
    cases = sum(each.cases for each in outcomes)
    return f"{cases:,} cases of {outcomes[0].operations} operations: {named}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Fuzz both stores; the exit code is 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stores", nargs="+", choices=STORES, default=STORES)
    given = parser.parse_args()
    guardian.begin()
    outcomes = []
    for store in given.stores:
        outcomes += fuzz_store(store, cases=given.cases // len(given.stores), seed=given.seed)
    faulty = [each for each in outcomes if each.faults]
    for each in faulty:
        _say(each.text)
    _say(f"Together {_line(outcomes)}.")
    return bool(faulty)


if __name__ == "__main__":
    sys.exit(main())
