"""Save an edit of the plan: as it was previewed, or not at all.

What others did elsewhere in the district since the preview does not matter. What counts are the
grids that the edit changes and those next to them, and what stands on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import shapely

from api.errors import PreconditionFailedError
from api.formats.aliases import Json
from api.grid_plans.answers import (
    changed_rows,
    fault_rows,
    preview_edit,
    refusal,
    refused_faults,
)
from api.grid_plans.schemas import GridEdit
from api.snapshot.cache import Snapshots
from api.snapshot.district import Snapshot
from boundaries.store.interface import Store
from boundaries.store.tables.records import Basis, ChangeRecord, Commit, PlanGate, StaleError
from geo.errors import LifecircleError
from geo.grids.edits.preview import Preview
from geo.grids.hierarchy import ground_grids
from geo.messages import Message
from geo.model.layer_columns import KEYS
from geo.tolerances import TOUCH_M

_OPERATIONS: Final = {
    "split": "grid_edit.split",
    "merge": "grid_edit.merge",
    "border": "grid_edit.border",
    "transfer": "grid_edit.transfer",
    "add": "grid_edit.add",
    "retire": "grid_edit.retire",
}
_ATTEMPTS: Final = 3
"""How often an edit is worked out while others change what it touches."""

_STANDING: Final = ("buildings", "barriers")
"""Layers on which the preview of an edit depends beside the grids."""


Revisions = frozenset[int] | None
"""Revisions one of which was previewed; None where whatever is there now is edited."""


class SavedEdit(NamedTuple):
    """An edit that was saved: the district before it, what it did, and its revision."""

    snapshot: Snapshot
    preview: Preview
    revision: int


def save_edit(
    snapshots: Snapshots, code: str, edit: GridEdit, *, seen: Revisions, commit: Commit
) -> SavedEdit:
    """Store an edit in one transaction if what it touches is as it was previewed.

    The log names the edit, and each grave fault that was accepted.

    Raises
    ------
    PreconditionFailedError
        If somebody changed that since the revision that was `seen`.
    ConflictError
        If the edit causes a grave fault that is not accepted, or overlaps, gaps and the like.
    NotFoundError, InputError, SchemaError
        If there is no such grid, or the store cannot take it.
    """
    store, attempt = snapshots.store, 0
    while True:
        attempt += 1
        snapshot = snapshots.current(code)
        try:
            preview = preview_edit(snapshot, store, edit)
        except LifecircleError:
            # What it names may be gone: then what counts is who took it away.
            _require_seen(snapshot, store, _named(edit), frozenset(), seen)
            raise
        near = touched_grids(snapshot, preview)
        _require_seen(snapshot, store, near, _numbered(preview), seen)
        refused = refused_faults(preview, edit)
        if refused:
            raise refusal(refused, fault_rows(snapshot, refused))
        try:
            revision = _stored(snapshot, store, preview, near, _logged(commit, edit, preview))
        except StaleError:
            if attempt == _ATTEMPTS:
                raise
            continue
        return SavedEdit(snapshot, preview, revision)


def _named(edit: GridEdit) -> frozenset[str]:
    """Return the codes that an edit names."""
    values = edit.model_dump(exclude={"op", "accept", "line", "outline", "name"}).values()
    lists = [value if isinstance(value, list) else [value] for value in values]
    return frozenset(each for values in lists for each in values if isinstance(each, str))


def _numbered(preview: Preview) -> frozenset[str]:
    """Return the parents in which an edit numbers new grids."""
    new = preview.put["code"].isin(preview.given)
    return frozenset(preview.put.loc[new, "parent_code"].dropna())


def touched_grids(snapshot: Snapshot, preview: Preview) -> frozenset[str]:
    """Return the ground grids that an edit changes, and those that share a border with them."""
    before, after = ground_grids(snapshot.metric.grids), ground_grids(preview.grids)
    changed = {*preview.put["code"], *preview.retired}
    codes: set[str] = set()
    for ground in (before, after):
        shapes = np.asarray(ground.geometry, dtype=object)
        rows = np.flatnonzero(ground["code"].isin(changed))
        at, near = shapely.STRtree(shapes).query(shapes[rows], predicate="intersects")
        common = shapely.intersection(shapely.boundary(shapes[rows[at]]), shapes[near])
        shares = shapely.length(common) > TOUCH_M  # a corner alone is no border
        codes |= {*ground["code"].iloc[near[shares]]}
    return frozenset(map(str, codes))


def _stored(
    snapshot: Snapshot, store: Store, preview: Preview, near: frozenset[str], commit: Commit
) -> int:
    """Write the ground of an edit; parents follow it in the transaction, whatever others did."""
    rows = changed_rows(snapshot, preview)
    above = set(preview.grids["parent_code"].dropna())
    district = snapshot.district
    return store.edit(
        district.code, "grids",
        put=rows[~rows["code"].isin(above)],
        remove=list(preview.retired),
        basis=Basis(district.revision, near),
        commit=commit,
    )  # fmt: skip


def _logged(commit: Commit, edit: GridEdit, preview: Preview) -> Commit:
    what = Message("grid_edit.logged", {"op": Message(_OPERATIONS[edit.op])})
    accepted = [fault.text for fault in preview.faults if fault.grave]
    if accepted:
        what = Message("grid_edit.logged_accepted", {**what.parameters, "faults": accepted})
    return replace(commit, what=what, gate=PlanGate.REFUSE)


def _require_seen(
    snapshot: Snapshot,
    store: Store,
    near: frozenset[str],
    numbered: frozenset[str],
    seen: Revisions,
) -> None:
    """Raise `PreconditionFailedError` if what an edit touches changed since it was previewed."""
    now = snapshot.district.revision
    if seen is None or now in seen:
        return
    since = max(seen, default=-1)
    changes: Sequence[ChangeRecord] = ()
    if 0 <= since < now:
        log = store.changes(snapshot.district.code, after=since)
        changes = [each for each in log if _touches(each, snapshot, near, numbered)]
        if not changes:
            return
    current = {
        "now": {"etag": f'"{now}"', "revision": now},
        "changes": [_change(each) for each in changes],
        "grids": sorted({*near} & {key for each in changes for key in _keys(each, "grids")}),
    }
    body: Json = orjson.loads(orjson.dumps(current))
    told = {"seen": since, "revision": now, "code": snapshot.district.code}
    if not changes:
        raise PreconditionFailedError("preconditions.unknown_revision", current=body, **told)
    what = [Message("preconditions.change", _change(each)) for each in changes]
    raise PreconditionFailedError("preconditions.plan_changed", current=body, changes=what, **told)


def _touches(
    change: ChangeRecord, snapshot: Snapshot, near: frozenset[str], numbered: frozenset[str]
) -> bool:
    """Return whether a change is about what an edit touches; one too large to list is."""
    layers = {"grids", *_STANDING} & {name for name, n in change.counts.items() if any(n.values())}
    if not change.counts:
        return True  # the boundary of the district
    if any(not _keys(change, layer) for layer in layers):
        return True
    if near & set(_keys(change, "grids")) or _takes_a_code(change, numbered):
        return True
    return any(_stands_on(snapshot, layer, set(_keys(change, layer)), near) for layer in _STANDING)


def _takes_a_code(change: ChangeRecord, numbered: frozenset[str]) -> bool:
    """Return whether a change numbered new grids where the edit does: its codes were others."""
    was, became = change.before.get("grids", {}), change.after.get("grids", {})
    return any(
        values.get("parent_code") in numbered for key, values in became.items() if key not in was
    )


def _stands_on(snapshot: Snapshot, layer: str, keys: set[str], near: frozenset[str]) -> bool:
    """Return whether one of some features stands on some grids; one that is gone may have."""
    if not keys:
        return False
    frame = getattr(snapshot.metric, layer)
    rows = frame[frame[KEYS[layer]].astype(str).isin(keys)]
    grids = snapshot.metric.grids
    ground = shapely.union_all(np.asarray(grids.geometry[grids["code"].isin(near)], object))
    return len(rows) < len(keys) or bool(rows.intersects(ground).any())


def _keys(change: ChangeRecord, layer: str) -> Iterable[str]:
    return {*change.before.get(layer, {}), *change.after.get(layer, {})}


def _change(change: ChangeRecord) -> Mapping[str, Any]:
    """Return who made a revision, when, and what."""
    return {
        "revision": change.revision,
        "at": change.at,
        "actor": change.actor,
        "what": str(change.what),
    }
