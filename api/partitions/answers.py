"""Partition of a district: propose, describe, and store in place of its grids and beats."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import pandas as pd

from api.formats.aliases import Json
from api.partitions.schemas import PartitionQuestion
from boundaries.standards.grid_rules import GridRules, grid_rules
from boundaries.store.interface import Store
from boundaries.store.tables.records import BeforeCommit, Commit, PlanGate
from geo.crs import STORED_EPSG, project_geometry
from geo.errors import ConflictError, EmptyError
from geo.geometry.stored_precision import to_degrees
from geo.grids.checks.faults import GridFault
from geo.messages import Message
from geo.model.layers import District, Layers
from geo.model.vocabulary import Level, Origin
from geo.partition.outputs.report import PartitionReport
from geo.partition.pipeline import partition
from geo.partition.update import update
from geo.staffing.posts import with_known_posts

LISTED: Final = 200
"""Grids and beats out of their band that an answer names; it counts them all."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Grids and beats as they were drawn for one revision of a district.

    Attributes
    ----------
    district : District
    layers : Layers
        EPSG:4326, with the drawn grids and workers.
    roster : DataFrame
    report : PartitionReport
    faults : tuple of GridFault
        What the grid check finds wrong with the drawn plan; it is then not stored.
    """

    district: District
    layers: Layers
    roster: pd.DataFrame
    report: PartitionReport
    faults: tuple[GridFault, ...] = ()


def propose(
    store: Store,
    code: str,
    question: PartitionQuestion,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Proposal:
    """Draw grids and beats for a district as it is.

    Codes that other grids had are not used again; those of present ones that the new grids take
    the place of, only where their parent has no other numbers.

    Parameters
    ----------
    store : Store
    code : str
    question : PartitionQuestion
    progress : callable
        Called with the share of the work that is done; what it raises ends the work.

    Raises
    ------
    EmptyError
        If the district has no buildings.
    NotFoundError
        If there is no such district, or a grid to keep is not there.
    InputError
        If a band, weight or reach that is asked for cannot be one.
    """
    district, layers = store.snapshot(code)
    if not len(layers.buildings):
        raise EmptyError("district.no_buildings")
    rules = _rules(district, question)
    given_codes = layers.grids.loc[layers.grids["origin"] == Origin.GIVEN, "code"]
    drawn = partition(
        project_geometry(district.boundary, STORED_EPSG, district.epsg),
        layers.to_metric(district.epsg),
        code=district.code,
        seed=question.seed,
        locked=frozenset(question.keep),
        used=store.retired_codes(code, given_only=True),
        ending=frozenset(given_codes),
        bands=(rules.band, rules.beat),
        weights=rules.weights,
        home_reach_m=rules.reach,
        watch=progress,
        threads=os.cpu_count() or 1,
    )
    workers = with_known_posts(drawn.workers, layers.workers)
    new = replace(layers, grids=drawn.grids.to_crs(STORED_EPSG), workers=workers)
    return Proposal(district, new.conformed(), drawn.roster, drawn.report, drawn.faults)


def _rules(district: District, question: PartitionQuestion) -> GridRules:
    """Return the rules of a district, with those that are asked for this once."""
    names = ("band", "beat", "weights", "reach")
    return grid_rules(district.settings, **{name: getattr(question, name) for name in names})


@dataclass(frozen=True, slots=True)
class Update:
    """The plan of a district with as few grids drawn anew as possible.

    Attributes
    ----------
    district : District
    layers : Layers
        EPSG:4326, with the grids as they are to be; a new grid has the worker of the one whose
        households it took.
    changed, left, faults : DataFrame, DataFrame, tuple of GridFault
        As :class:`geo.partition.update.UpdateResult` has them.
    """

    district: District
    layers: Layers
    changed: pd.DataFrame
    left: pd.DataFrame
    faults: tuple[GridFault, ...] = ()


def propose_update(
    store: Store,
    code: str,
    question: PartitionQuestion,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Update:
    """Draw anew only the small grids that have left their band, three at most for each.

    Raises
    ------
    EmptyError
        If the district has no buildings or no small grids.
    NotFoundError
        If there is no such district.
    """
    district, layers = store.snapshot(code)
    if not len(layers.buildings) or not (layers.grids["level"] == Level.SMALL).any():
        raise EmptyError("district.nothing_to_update", district=code)
    rules = _rules(district, question)
    metric = layers.to_metric(district.epsg)
    result = update(
        metric,
        store.grids_since_drawn(code),
        code=code,
        seed=question.seed,
        bands=(rules.band, rules.beat),
        weights=rules.weights,
        home_reach_m=rules.reach,
        locked=frozenset(question.keep),
        used=store.retired_codes(code),
        boundary=project_geometry(district.boundary, STORED_EPSG, district.epsg),
        watch=progress,
    )
    grids = to_degrees(result.grids, metric=metric.grids, stored=layers.grids)
    new = replace(layers, grids=grids, workers=_workers_of(layers.workers, result.changed))
    return Update(district, new.conformed(), result.changed, result.left, result.faults)


def _workers_of(workers: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return the grid of each worker after grids were added and retired."""
    who = dict(zip(workers["grid_code"], workers["worker_code"], strict=True))
    for grid, how, because in zip(
        changed["code"], changed["change"], changed["because"], strict=True
    ):
        if how == "added" and because in who:
            who[grid] = who[because]
    for grid in changed.loc[changed["change"] == "retired", "code"]:
        who.pop(grid, None)
    posts = pd.DataFrame({"worker_code": list(who.values()), "grid_code": list(who)}, dtype=object)
    return with_known_posts(posts, workers)


def update_body(update: Update, revision: int | None) -> Json:
    """Return the answer to an update; `revision` is None if it was not stored."""
    return {
        "district": update.district.code,
        "revision": revision,
        "based_on": update.district.revision,
        "changed": update.changed.to_dict("records"),
        "left": update.left.to_dict("records"),
        "check": _check(update.faults),
    }


def draw(
    store: Store,
    code: str,
    question: PartitionQuestion,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Proposal | Update:
    """Draw grids and beats, or only the grids that have left their band, as the question says."""
    if question.update:
        return propose_update(store, code, question, progress=progress)
    return propose(store, code, question, progress=progress)


def save_proposal(
    store: Store,
    proposal: Proposal | Update,
    question: PartitionQuestion,
    *,
    actor: str,
    before_commit: BeforeCommit | None = None,
) -> int:
    """Store a proposal, unless the district was changed meanwhile; return the revision.

    Raises
    ------
    RevisionError
        If it was.
    ConflictError
        If the grid check finds a grave fault in the drawn plan, or the gate of every change does.
    """
    if proposal.faults:
        told = {"n": len(proposal.faults), "first": proposal.faults[0].text}
        raise ConflictError("partitions.faulted", **told)
    seed = {"seed": question.seed}
    drawn = Message("partitions.logged", seed)
    what = Message("partitions.logged_update", seed) if question.update else drawn
    commit = Commit(what, actor, before_commit=before_commit, gate=PlanGate.REFUSE)
    district = proposal.district
    return store.replace(district, proposal.layers, commit=commit, based_on=district.revision)


def proposal_body(proposal: Proposal, revision: int | None) -> Json:
    """Return the figures of a proposal; `revision` is None if it was not stored."""
    figures = asdict(proposal.report)
    faults = figures.pop("faults")
    outside, splits = figures.pop("outside"), figures.pop("splits")
    return {
        "district": proposal.district.code,
        "revision": revision,
        "based_on": proposal.district.revision,
        **figures,
        "outside": {"buildings": len(outside), "named": list(outside[:LISTED])},
        "check": _check(proposal.faults),
        "faults": {"count": len(faults), "named": faults.head(LISTED).to_dict("records")},
        "splits": {"count": len(splits), "named": splits.head(LISTED).to_dict("records")},
        "roster": proposal.roster.to_dict("records"),
    }


def _check(faults: Sequence[GridFault]) -> Json:
    """Return what the grid check finds wrong with a plan that was drawn."""
    named = [
        {"rule": str(fault.rule), "codes": list(fault.codes), "text": fault.text}
        for fault in faults[:LISTED]
    ]
    return {"count": len(faults), "named": named}


def answer_of(result: Proposal | Update, revision: int | None) -> Json:
    """Return the answer to a partition; `revision` is None if it was not stored."""
    if isinstance(result, Update):
        return update_body(result, revision)
    return proposal_body(result, revision)
