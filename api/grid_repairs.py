"""Repair of a district's grid plan: proposed, shown, stored."""

from api.grid_plans import checked_with, save_plan
from api.snapshot import Snapshot
from boundaries.history import Deed
from boundaries.store import Store
from geo.mending import Repair, repair


def propose_repair(snapshot: Snapshot) -> Repair:
    """Return a repair of a district's plan (:func:`geo.mending.repair`); nothing is stored."""
    return repair(snapshot.metric.grids, **checked_with(snapshot))


def save_repair(snapshot: Snapshot, store: Store, done: Repair, *, deed: Deed) -> int:
    """Store a repair in one transaction if the district is still as it was; return the revision."""
    return save_plan(snapshot, store, done.grids, deed=deed)
