"""Repair of a district's grid plan: proposed, shown, stored."""

from api.formats.aliases import Json
from api.formats.json import records
from api.grid_plans.answers import about_plan, checked_with
from api.grid_plans.whole_plan import stored_rows, whole_plan
from api.snapshot.district import Snapshot
from boundaries.store.interface import Store
from boundaries.store.tables.records import Basis, Commit
from geo.grids.checks.faults import GridFault
from geo.grids.checks.repair import Repair, repair


def propose_repair(snapshot: Snapshot, store: Store) -> Repair:
    """Return a repair of a district's plan; nothing is stored."""
    return repair(whole_plan(snapshot), **checked_with(snapshot, store))


def save_repair(snapshot: Snapshot, store: Store, proposal: Repair, *, commit: Commit) -> int:
    """Store a repair in one transaction if the plan is still as it was; return the revision.

    Only the rows that it mends are written.

    Raises
    ------
    StaleError
        If somebody else changed the plan meanwhile.
    """
    district = snapshot.district
    return store.edit(
        district.code, "grids",
        put=stored_rows(snapshot, proposal.put),
        remove=list(proposal.renumbered),
        basis=Basis(district.revision, frozenset(map(str, proposal.grids["code"]))),
        renamed=proposal.renumbered,
        commit=commit,
    )  # fmt: skip


def repair_answer(snapshot: Snapshot, proposal: Repair, *, revision: int | None) -> Json:
    """Return the answer to a repair; `revision` is None for a preview."""
    about = about_plan(snapshot)
    return {
        **about,
        "revision": about["revision"] if revision is None else revision,
        "preview": revision is None,
        "mended": [_fault_row(fault) for fault in proposal.repaired],
        "left": [_fault_row(fault) for fault in proposal.left],
        "reparented": reparented_rows(proposal),
        "renumbered": renumbered_rows(proposal),
        "areas": records(proposal.areas),
    }


def renumbered_rows(proposal: Repair) -> list[Json]:
    """Return the new codes, each with the former code of its grid."""
    return [{"old_code": old, "new_code": new} for old, new in proposal.renumbered.items()]


def reparented_rows(proposal: Repair) -> list[Json]:
    """Return the grids whose parent was wrong, each with its new one."""
    return [{"code": code, "parent": parent} for code, parent in proposal.reparented.items()]


def _fault_row(fault: GridFault) -> Json:
    return {
        "rule": str(fault.rule),
        "codes": list(fault.codes),
        "text": fault.text.text(),
        "repair": fault.repair.text(),
    }
