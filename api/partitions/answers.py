"""Partition of a district: propose, describe, and store in place of its grids and beats."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Final

import pandas as pd

from api.formats.aliases import Json
from boundaries.standards.plan_figures import plan_bands
from boundaries.store.interface import Store
from boundaries.store.tables.records import Deed
from geo.crs import STORED_EPSG, project_geometry
from geo.errors import EmptyError
from geo.geometry.stored_precision import to_degrees
from geo.model.layers import District, Layers, Level, Origin
from geo.partition.outputs.report import PartitionReport
from geo.partition.pipeline import partition
from geo.partition.update import update

LISTED: Final = 200
"""Grids and beats out of their band that an answer names; it counts them all."""


@dataclass(frozen=True, slots=True)
class PartitionQuestion:
    """The parameters of a partition.

    Attributes
    ----------
    seed : int
        The same seed gives the same grids.
    keep : tuple of str
        Codes of present grids that stay as they are.
    save : bool
        Whether to store what was drawn.
    update : bool
        Whether to draw anew only what has left its band.
    """

    seed: int = 1
    keep: tuple[str, ...] = ()
    save: bool = False
    update: bool = False


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
    """

    district: District
    layers: Layers
    roster: pd.DataFrame
    report: PartitionReport


def propose(
    store: Store,
    code: str,
    question: PartitionQuestion,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Proposal:
    """Draw grids and beats for a district as it is.

    Codes that other grids have or had are not used again.

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
    """
    district, layers = store.snapshot(code)
    if not len(layers.buildings):
        raise EmptyError("The district has no buildings; wanted at least one. Load buildings.")
    given_codes = layers.grids.loc[layers.grids["origin"] == Origin.GIVEN, "code"]
    drawn = partition(
        project_geometry(district.boundary, STORED_EPSG, district.epsg),
        layers.to_metric(district.epsg),
        code=district.code,
        seed=question.seed,
        locked=frozenset(question.keep),
        used=store.retired_codes(code, given_only=True) | set(given_codes),
        bands=plan_bands(),
        watch=progress,
        threads=os.cpu_count() or 1,
    )
    new = replace(layers, grids=drawn.grids.to_crs(STORED_EPSG), workers=drawn.workers)
    return Proposal(district, new.conformed(), drawn.roster, drawn.report)


@dataclass(frozen=True, slots=True)
class Update:
    """The plan of a district with as few grids drawn anew as possible.

    Attributes
    ----------
    district : District
    layers : Layers
        EPSG:4326, with the grids as they are to be; a new grid has the worker of the one whose
        households it took.
    changed, left : DataFrame
        As :class:`geo.partition.update.UpdateResult` has them.
    """

    district: District
    layers: Layers
    changed: pd.DataFrame
    left: pd.DataFrame


def propose_update(store: Store, code: str, question: PartitionQuestion) -> Update:
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
        raise EmptyError(
            f"District {code} has no buildings or no small grids; wanted both to change. Load "
            "them, or draw grids with `lifecircle partition`."
        )
    metric = layers.to_metric(district.epsg)
    result = update(
        metric,
        set(layers.buildings["building_id"]),
        code=code,
        seed=question.seed,
        band=plan_bands()[0],
        locked=frozenset(question.keep),
        used=store.retired_codes(code),
    )
    grids = to_degrees(result.grids, metric=metric.grids, stored=layers.grids)
    new = replace(layers, grids=grids, workers=_workers_of(layers.workers, result.changed))
    return Update(district, new.conformed(), result.changed, result.left)


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
    return pd.DataFrame({"worker_code": list(who.values()), "grid_code": list(who)})


def update_body(update: Update, revision: int | None) -> Json:
    """Return the answer to an update; `revision` is None if it was not stored."""
    return {
        "district": update.district.code,
        "revision": revision,
        "based_on": update.district.revision,
        "changed": update.changed.to_dict("records"),
        "left": update.left.to_dict("records"),
    }


def save_plan(store: Store, proposal: Proposal | Update, *, deed: Deed) -> int:
    """Store a proposal, unless the district was changed meanwhile; return the revision.

    Raises
    ------
    RevisionError
        If it was.
    """
    district = proposal.district
    return store.replace(district, proposal.layers, deed=deed, based_on=district.revision)


def proposal_body(proposal: Proposal, revision: int | None) -> Json:
    """Return the figures of a proposal; `revision` is None if it was not stored."""
    figures = asdict(proposal.report)
    faults = figures.pop("faults")
    outside = figures.pop("outside")
    return {
        "district": proposal.district.code,
        "revision": revision,
        "based_on": proposal.district.revision,
        **figures,
        "outside": {"buildings": len(outside), "named": list(outside[:LISTED])},
        "faults": {"count": len(faults), "named": faults.head(LISTED).to_dict("records")},
        "roster": proposal.roster.to_dict("records"),
    }


def answer_of(result: Proposal | Update, revision: int | None) -> Json:
    """Return the answer to a partition; `revision` is None if it was not stored."""
    if isinstance(result, Update):
        return update_body(result, revision)
    return proposal_body(result, revision)
