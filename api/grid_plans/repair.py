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


def save_repair(snapshot: Snapshot, store: Store, proposal: Repair, *, deed: Deed) -> int:
    """Store a repair in one transaction if the district is still as it was; return the revision."""
    return save_plan(snapshot, store, proposal.grids, deed=deed, renumbered=proposal.renumbered)


def repair_answer(snapshot: Snapshot, proposal: Repair, *, revision: int | None) -> Json:
    """Return the answer to a repair; `revision` is None for a preview."""
    about = about_plan(snapshot)
    return {
        **about,
        "revision": about["revision"] if revision is None else revision,
        "preview": revision is None,
        "mended": [_fault_row(fault) for fault in proposal.repaired],
        "left": [_fault_row(fault) for fault in proposal.left],
        "gone": list(proposal.gone),
        "renumbered": renumbered_rows(proposal),
        "areas": records(proposal.areas),
    }


def renumbered_rows(proposal: Repair) -> list[Json]:
    """Return the new codes, each with the former code of its grid."""
    return [{"old_code": old, "new_code": new} for old, new in proposal.renumbered.items()]


def _fault_row(fault: GridFault) -> Json:
    return {"rule": str(fault.rule), "codes": list(fault.codes), "text": fault.text}
