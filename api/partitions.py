"""A partition of a district: drawn, told, and stored in place of the grids and beats there are."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from api import views
from api.exports import export_table, write_csv
from api.params import DEFAULT_PROFILE
from api.snapshot import Snapshot
from boundaries.history import Deed
from boundaries.store import Store
from geo.crs import STORED_EPSG, project_geometry
from geo.district import District, Layers, Level
from geo.errors import EmptyError
from geo.partition import PartitionReport, partition
from geo.standard import Standard

Json = dict[str, Any]

LISTED: Final = 200
"""Grids and beats out of their band that an answer names; it counts them all."""


@dataclass(frozen=True, slots=True)
class PartitionQuestion:
    """What a partition is asked for.

    Attributes
    ----------
    seed : int
        The same seed gives the same grids.
    keep : tuple of str
        Codes of present grids that stay as they are.
    save : bool
        Whether to store what was drawn.
    """

    seed: int = 1
    keep: tuple[str, ...] = ()
    save: bool = False


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
    district: District,
    layers: Layers,
    question: PartitionQuestion,
    *,
    tell: Callable[[float], None] = lambda _: None,
) -> Proposal:
    """Draw grids and beats.

    Parameters
    ----------
    district : District
    layers : Layers
        EPSG:4326.
    question : PartitionQuestion
    tell : callable
        Called with the share of the work that is done; what it raises ends the work.

    Raises
    ------
    EmptyError
        If the district has no buildings.
    NotFoundError
        If a grid to keep is not there.
    """
    if not len(layers.buildings):
        raise EmptyError("The district has no buildings; wanted at least one. Load buildings.")
    drawn = partition(
        project_geometry(district.boundary, STORED_EPSG, district.epsg),
        layers.to_metric(district.epsg),
        code=district.code,
        seed=question.seed,
        locked=frozenset(question.keep),
        watch=tell,
    )
    new = Layers(
        **{name: getattr(layers, name) for name in Layers.__dataclass_fields__}
        | {"grids": drawn.grids.to_crs(STORED_EPSG), "workers": drawn.workers}
    )
    return Proposal(district, new.conformed(), drawn.roster, drawn.report)


def save(store: Store, proposal: Proposal, *, deed: Deed) -> int:
    """Store a proposal, unless the district was changed meanwhile; return the revision.

    Raises
    ------
    RevisionError
        If it was.
    """
    own = proposal.district
    return store.replace(own, proposal.layers, deed=deed, based_on=own.revision)


def write(
    proposal: Proposal, standard: Standard, *, grids: Path | None, roster: Path | None
) -> list[Path]:
    """Write the drawn grids and the roster as files that say whose data they are.

    Parameters
    ----------
    proposal : Proposal
    standard : Standard
    grids : Path, optional
        In one of :data:`api.exports.FORMATS`: all levels, with households and worker.
    roster : Path, optional
        CSV, one row per worker.

    Returns
    -------
    list of Path
        The files written.
    """
    snapshot = Snapshot(proposal.district, proposal.layers, standard)
    about = views.meta(snapshot, profile=DEFAULT_PROFILE)
    written: list[Path] = []
    if grids is not None:
        table = _grid_table(snapshot)
        written += export_table(snapshot, table, grids, by="grid", about=about, name="grids")
    if roster is not None:
        written += write_csv(proposal.roster, roster, about)
    return written


def _grid_table(snapshot: Snapshot) -> pd.DataFrame:
    """Return one row per grid of every level, with its households and its worker."""
    table = pd.DataFrame(snapshot.layers.grids.drop(columns="geometry"))
    homes = snapshot.layers.buildings["households"]
    sums = pd.concat([homes.groupby(snapshot.members[level]).sum() for level in Level])
    workers = snapshot.layers.workers.set_index("grid_code")["worker_code"]
    return table.assign(
        households=table["code"].map(sums).fillna(0).astype("int64"),
        worker_code=table["code"].map(workers),
    )


def proposal_body(proposal: Proposal, revision: int | None) -> Json:
    """Return what was drawn, in figures; `revision` is None where it was not stored."""
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
