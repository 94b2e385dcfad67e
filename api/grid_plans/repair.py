"""Repair of a district's grid plan: proposed, shown, stored."""

from api.formats.aliases import Json
from api.formats.json import records
from api.grid_plans.answers import about_plan, checked_with, save_plan
from api.snapshot.district import Snapshot
from boundaries.store.interface import Store
from boundaries.store.tables.records import Deed
from geo.grids.checks.faults import GridFault
from geo.grids.checks.repair import Repair, repair


def propose_repair(snapshot: Snapshot, store: Store) -> Repair:
    """Return a repair of a district's plan; nothing is stored."""
    return repair(snapshot.metric.grids, **checked_with(snapshot, store))


def save_repair(snapshot: Snapshot, store: Store, done: Repair, *, deed: Deed) -> int:
    """Store a repair in one transaction if the district is still as it was; return the revision."""
    return save_plan(snapshot, store, done.grids, deed=deed, renumbered=done.renumbered)


def repair_answer(snapshot: Snapshot, done: Repair, *, revision: int | None) -> Json:
    """Return what a repair does; with the revision it made, what it did."""
    about = about_plan(snapshot)
    return {
        **about,
        "revision": about["revision"] if revision is None else revision,
        "preview": revision is None,
        "mended": [_told(fault) for fault in done.repaired],
        "left": [_told(fault) for fault in done.left],
        "gone": list(done.gone),
        "renumbered": renumbered_rows(done),
        "areas": records(done.areas),
    }


def renumbered_rows(done: Repair) -> list[Json]:
    """Return the new codes, each with the one that its grid bore."""
    return [{"old_code": old, "new_code": new} for old, new in done.renumbered.items()]


def _told(fault: GridFault) -> Json:
    return {"rule": str(fault.rule), "codes": list(fault.codes), "text": fault.text}
