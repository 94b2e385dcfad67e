"""Files of a partition: grids and beats."""

from pathlib import Path

import pandas as pd

from api.console.files import export_table, write_csv
from api.parameters import DEFAULT_PROFILE
from api.partitions.answers import Proposal, Update
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta
from geo.model.standard import Standard
from geo.model.vocabulary import Level


def write(
    proposal: Proposal | Update, standard: Standard, *, grids: Path | None, roster: Path | None
) -> list[Path]:
    """Write the drawn grids and the roster as files with the sources of their data.

    Parameters
    ----------
    proposal : Proposal
    standard : Standard
    grids : Path, optional
        In one of :data:`api.console.files.FORMATS`: all levels, with households and worker.
    roster : Path, optional
        CSV, one row per worker.

    Returns
    -------
    list of Path
        The files written.
    """
    snapshot = Snapshot(proposal.district, proposal.layers, standard)
    about = meta(snapshot, profile=DEFAULT_PROFILE)
    written: list[Path] = []
    if grids is not None:
        table = _grid_table(snapshot)
        written += export_table(snapshot, table, grids, by="grid", about=about, name="grids")
    if roster is not None and isinstance(proposal, Proposal):
        written += write_csv(proposal.roster, roster, about)
    return written


def _grid_table(snapshot: Snapshot) -> pd.DataFrame:
    """Return one row per grid of every level, with its households and its worker."""
    table = pd.DataFrame(snapshot.layers.grids.drop(columns="geometry"))
    households = snapshot.layers.buildings["households"]
    sums = pd.concat([households.groupby(snapshot.members[level]).sum() for level in Level])
    workers = snapshot.layers.workers.set_index("grid_code")
    return table.assign(
        households=table["code"].map(sums).fillna(0).astype("int64"),
        worker_code=table["code"].map(workers["worker_code"]),
        post_name=table["code"].map(workers["post_name"]),
    )
