"""Coverage runs: results that are kept with all their inputs, and can be recomputed.

The result of a run is a text of integers and names in a fixed order, so that equal figures are
equal bytes: the walking time of every building to every category, and the sums of every grid and
of the district.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import standard_name
from api.version import code_version
from boundaries.content_hash import code_hash, digest, frame_hash
from boundaries.standards.json import standard_from_json, standard_to_json
from boundaries.store.interface import Store
from boundaries.store.runs import COVERAGE, WHOLE, GridShare, Run, RunTable
from geo.accessibility.coverage import Times, status
from geo.accessibility.gaps import ALL
from geo.errors import SchemaError
from geo.messages import Message
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.routing.walking_time import Minutes

OnProgress = Callable[[float, Message], object]
FORMAT: Final = "lifecircle coverage 1"
"""First line of a result; the number increases when the format changes."""

_RUN_DIGITS: Final = 12
_UNREACHED: Final = None
_NAMED: Final = 5
"""Differing figures that a comparison lists by name."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run.

    Attributes
    ----------
    content : bytes
        All figures, in a fixed order and form.
    shares : list of GridShare
        The sums in it.
    """

    content: bytes
    shares: list[GridShare]

    @property
    def sha256(self) -> str:
        """Hash of `content`."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run computed again.

    Attributes
    ----------
    run : Run
    sha256 : str
        Of the result now.
    differs : list of Message
        The ingredients and figures that differ.
    """

    run: Run
    sha256: str
    differs: list[Message]

    @property
    def same(self) -> bool:
        """Whether the result has the same bytes."""
        return self.sha256 == self.run.sha256


def _silent(_: float, __: Message) -> None:
    """Report progress to nobody."""


def compute(
    snapshot: Snapshot, question: CoverageQuestion, *, progress: OnProgress = _silent
) -> tuple[Json, Result]:
    """Return the ingredients of a run and its result.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
    progress : callable
        Called with the share of the work that is done, 0..1, and the next step.

    Raises
    ------
    ParameterError
        If the standard has no such profile.
    EmptyError
        If the district has no buildings.
    """
    progress(0.1, Message("job.compiling_network"))
    as_of, _ = as_asked(snapshot, question)
    as_of.network(question.profile)
    progress(0.4, Message("job.walking"))
    times = as_of.times(question.profile)
    progress(0.8, Message("job.adding_up"))
    shares = grid_shares(as_of, question)
    result = Result(canonical(times, as_of.layers, shares, minutes=as_of.minutes(question)), shares)
    return ingredients(snapshot, question, network=as_of.network_hash(question.profile)), result


def stored_question(question: CoverageQuestion) -> Json:
    """Return a question as runs and their jobs keep it; the revision is kept beside it."""
    members = asdict(question)
    del members["as_of"]
    return members


def ingredients(snapshot: Snapshot, question: CoverageQuestion, *, network: str) -> Json:
    """Return all that the figures of a run depend on, as plain values."""
    district, standard = snapshot.district, snapshot.standard
    layers = {f.name: frame_hash(getattr(snapshot.layers, f.name)) for f in fields(Layers)}
    parameters = stored_question(question)
    return {
        "district": district.code,
        "revision": district.revision,
        "data": {"boundary": digest(district.boundary.wkb, str(district.epsg)), **layers},
        "network": network,
        "standard": {**standard_name(standard), "content": standard_to_json(standard)},
        "profile": parameters.pop("profile"),
        "parameters": parameters,
        "code_version": code_version(),
        "code": code_hash(),
    }


def grid_shares(snapshot: Snapshot, question: CoverageQuestion) -> list[GridShare]:
    """Return the covered households of every grid and of the district, in a fixed order."""
    names = [ALL, *(category.id for category in snapshot.standard.categories)]
    result = []
    for by in ("district", *Level):
        table = snapshot.coverage(by, question)
        households = table["households"].round().astype(np.int64).tolist()
        codes = [WHOLE] if by == "district" else table["code"].tolist()
        for name in names:
            covered = table[f"covered_{name}"].round().astype(np.int64).tolist()
            rows = zip(codes, households, covered, strict=True)
            result += [GridShare(code, name, all_of, some) for code, all_of, some in rows]
    return sorted(result)


def canonical(times: Times, layers: Layers, shares: list[GridShare], *, minutes: Minutes) -> bytes:
    """Return a result as bytes: a line per building and category, a line per grid and category.

    Walking times are whole hundredths of a second, as they are published. The order of the rows in
    the layers does not matter.
    """
    lines = [FORMAT, *sorted(_building_lines(times, layers, minutes=minutes))]
    lines += [_line(["grid", *share]) for share in shares]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _building_lines(times: Times, layers: Layers, *, minutes: Minutes) -> Iterator[str]:
    points = np.array([*layers.service_points["point_id"], None], dtype=object)
    hundredths = np.where(np.isnan(times.time_s), -1, np.round(times.time_s * 100)).astype(np.int64)
    states = status(times, minutes)
    for row, building in enumerate(layers.buildings["building_id"]):
        for column, category in enumerate(times.categories):
            time = int(hundredths[row, column])
            yield _line(
                [
                    "building",
                    building,
                    category,
                    _UNREACHED if time < 0 else time,
                    points[times.point[row, column]],
                    states[row, column],
                ]
            )


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def make_run(made_from: Json, result: Result, *, actor: str = "") -> Run:
    """Return a run, named by the hash of its ingredients and its result."""
    text = json.dumps(made_from, sort_keys=True, ensure_ascii=False)
    name = sha256(f"{text}\n{result.sha256}".encode("utf-8", "surrogatepass")).hexdigest()
    return Run(
        run=name[:_RUN_DIGITS],
        district=made_from["district"],
        revision=made_from["revision"],
        kind=COVERAGE,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        actor=actor,
        ingredients=made_from,
        sha256=result.sha256,
    )


def keep_run(
    store: Store,
    run: Run,
    result: Result,
    *,
    before_commit: Callable[[Connection], None] | None = None,
) -> bool:
    """Keep a run (:meth:`boundaries.store.runs.RunTable.keep`); False where it is kept already."""
    return RunTable(store).keep(run, result.shares, before_commit=before_commit)


def run_row(run: Run) -> Json:
    """Return a run for a list: of the standard only the name."""
    made_from = run.ingredients
    standard = {k: v for k, v in made_from["standard"].items() if k != "content"}
    return {
        "run": run.run,
        "district": run.district,
        "revision": run.revision,
        "kind": run.kind,
        "at": run.at,
        "actor": run.actor,
        "sha256": run.sha256,
        "ingredients": {**made_from, "standard": standard},
    }


def share_rows(shares: list[GridShare]) -> list[Json]:
    """Return the sums of a run; the district's have the code null."""
    return [
        {
            **share._asdict(),
            "code": share.code or None,
            "coverage": share.covered / share.households if share.households else None,
        }
        for share in shares
    ]


def rerun(store: Store, name: str, *, progress: OnProgress = _silent) -> Comparison:
    """Compute a run again from its district as of its revision, by its own standard.

    Raises
    ------
    NotFoundError
        If there is no such run, or the district is no longer known as of its revision.
    SchemaError
        If this Lifecircle cannot read what the run was made from.
    """
    run = RunTable(store).run(name)
    was = run.ingredients
    try:
        question = CoverageQuestion(profile=was["profile"], **was["parameters"])
        standard = standard_from_json(was["standard"]["content"])
    except (KeyError, TypeError) as error:
        raise SchemaError(
            "runs.unreadable", run=name, error=error, version=was.get("code_version", "?")
        ) from error
    progress(0.0, Message("job.reading_district"))
    snapshot = Snapshot(*store.snapshot(run.district, as_of=run.revision), standard)
    now, result = compute(snapshot, question, progress=progress)
    figures = _figures(RunTable(store).shares(name), result)
    differs = list(_ingredients_that_differ(was, now))
    if result.sha256 != run.sha256:
        differs += figures or [Message("runs.times_differ")]
    return Comparison(run, result.sha256, differs)


def _ingredients_that_differ(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Message]:
    """Yield the ingredients that differ."""
    code_was, code_now = (f"{each.get('code_version')} ({each.get('code')})" for each in (was, now))
    if code_was != code_now:
        yield Message("runs.code_differs", {"then": code_was, "now": code_now})
    elif was.get("network") != now["network"]:  # it is named by the code as well
        networks = {"then": str(was.get("network")), "now": str(now["network"])}
        yield Message("runs.network_differs", networks)
    then = was.get("data", {})
    for layer, digest_now in now["data"].items():
        if then.get(layer) != digest_now:
            yield Message("runs.layer_differs", {"layer": layer, "revision": str(was["revision"])})
    if was["standard"]["fingerprint"] != now["standard"]["fingerprint"]:
        yield Message("runs.standard_differs")


def _figures(was: list[GridShare], result: Result) -> list[Message]:
    """Return the sums that differ, the first by name, as one message; empty if none does."""
    then = {(each.code, each.category): each for each in was}
    now = {(each.code, each.category): each for each in result.shares}
    lost = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
    if not lost:
        return []
    named = [
        Message(
            "runs.sum_differs",
            {
                "code": code or Message("runs.whole_district"),
                "category": category,
                "then": _covered(then.get((code, category))),
                "now": _covered(now.get((code, category))),
            },
        )
        for code, category in lost[:_NAMED]
    ]
    return [Message("runs.sums_differ", {"n": len(lost), "named": named})]


def _covered(share: GridShare | None) -> Message:
    if share is None:
        return Message("runs.no_sum")
    return Message("runs.sum", {"covered": share.covered, "households": share.households})
