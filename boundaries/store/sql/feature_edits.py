"""Edit features of a layer, unless somebody changed them since the caller read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Difference, Stored, difference
from boundaries.store.rows.layer_rows import column_names, key_position, to_frame, to_rows
from boundaries.store.rows.read import rows_of_keys, stored_rows
from boundaries.store.rows.validate import Kin, checked_layer
from boundaries.store.sql.commit import check_workers
from boundaries.store.sql.plan_gate import with_matching_borders, with_parents
from boundaries.store.tables import layer_tables
from boundaries.store.tables.records import Basis, StaleError
from geo.errors import NotFoundError
from geo.messages import Message
from geo.model.layer_columns import KEYS
from geo.model.layers import empty_layer
from geo.model.vocabulary import Level


def edited(
    base: Backend,
    connection: Connection,
    code: str,
    layer: str,
    *,
    put: pd.DataFrame | None,
    remove: Sequence[str | int],
    expected: Mapping[str | int, int | None],
    basis: Basis | None,
    renamed: Mapping[str, str],
    parents_follow: int | None,
) -> dict[str, Difference]:
    """Return the differences that an edit makes, per layer; removed grids take their workers along.

    Only the features that are named are read, of grids also their parents and children: an edit
    cannot change the nesting of others. With `parents_follow`, the metric CRS of the district,
    parents are put as the union of the grids in them where ground moves, and borders get the same
    vertices on both sides.

    Raises
    ------
    StaleError
        If a feature is not as the caller has seen it, or as it was when the change was computed.
    NotFoundError
        If a feature to remove is not there.
    SchemaError
        If what is to be put does not fit the layer.
    """
    if put is not None and layer != "grids":
        put = checked_layer(layer, put)
    named = [*remove, *(put[KEYS[layer]].tolist() if put is not None else ())]
    key_idx = key_position(layer)
    keys = list(dict.fromkeys([*named, *expected]))
    states = stored_rows(base, connection, layer, code, keys=keys)
    stored = {state.row[key_idx]: state for state in states}
    _check_seen(layer, {key: state.since for key, state in stored.items()}, remove, expected)
    if basis is not None:
        _check_basis(base, connection, code, layer, basis)
    other_layers: dict[str, Difference] = {}
    if layer == "grids":
        put = _checked_grids(base, connection, code, put, named)
        if parents_follow and _moves_ground(put, stored, base):
            gone = [str(key) for key in remove]
            put = with_matching_borders(base, connection, code, put=put, remove=gone)
            put = with_parents(base, connection, code, put=put, remove=gone, epsg=parents_follow)
            keys = list(dict.fromkeys([*named, *put["code"]]))
            states = stored_rows(base, connection, layer, code, keys=keys)
            stored, named = {state.row[key_idx]: state for state in states}, keys
        small = set(put.loc[put["level"] == Level.SMALL, "code"])
        workers = stored_rows(base, connection, "workers", code, keys=set(named) - small)
        other_layers = {"workers": _moved_workers(workers, renamed)} if workers else {}
    elif layer == "workers" and put is not None:
        check_workers(base, connection, code, put)
    rows = [] if put is None else to_rows(layer, put, base.codec.encode)
    edited_layer = difference(layer, [stored[key] for key in named if key in stored], rows)
    return {layer: edited_layer, **other_layers} if edited_layer else other_layers


def _moves_ground(put: pd.DataFrame, stored: Mapping[Any, Stored], base: Backend) -> bool:
    """Return whether grids end, begin, or get another parent or shape."""
    names = column_names("grids")
    kept = [names.index(name) for name in ("level", "parent_code", names[-1])]
    rows = {row[key_position("grids")]: row for row in to_rows("grids", put, base.codec.encode)}
    return set(rows) != set(stored) or any(
        [row[k] for k in kept] != [stored[key].row[k] for k in kept] for key, row in rows.items()
    )


def _moved_workers(workers: Sequence[Stored], renamed: Mapping[str, str]) -> Difference:
    """Return what becomes of the workers of grids that end, or go on under another code."""
    key_idx = key_position("workers")
    added = [
        (*each.row[:key_idx], renamed[each.row[key_idx]], *each.row[key_idx + 1 :])
        for each in workers
        if each.row[key_idx] in renamed
    ]
    return Difference(added=added, removed=list(workers))


def _check_basis(
    base: Backend, connection: Connection, code: str, layer: str, basis: Basis
) -> None:
    """Raise `StaleError` if one of the features has changed since a revision."""
    key, changed = KEYS[layer], dict[str, int | None]()
    for table, at in ((layer_tables.past[layer], "until"), (layer_tables.layers[layer], "since")):
        rows = rows_of_keys(base, connection, table, [key, at], code=code, keys=basis.keys)
        is_now = at == "since"
        changed |= {str(name): turn if is_now else None for name, turn in rows
                    if turn > basis.revision}  # fmt: skip
    if changed:
        raise StaleError("store.stale", layer=layer, now=changed, named=_named(changed))


def _named(now: Mapping[str, int | None]) -> list[Message]:
    return [
        Message("store.gone", {"key": key})
        if revision is None
        else Message("store.now_of_revision", {"key": key, "revision": revision})
        for key, revision in now.items()
    ]


def _checked_grids(
    base: Backend,
    connection: Connection,
    code: str,
    put: pd.DataFrame | None,
    named: Sequence[str | int],
) -> pd.DataFrame:
    """Return the grids to put, validated with those above and below them."""
    table, columns = layer_tables.layers["grids"], column_names("grids")

    def stored(keys: Collection[str | int], by: str) -> pd.DataFrame:
        rows = rows_of_keys(base, connection, table, columns, code=code, keys=keys, by=by)
        frame = to_frame("grids", rows, base.codec.decode)
        # A row that another program left unusable is no reason to refuse others.
        return frame[~frame["code"].isin(named) & frame["level"].isin(list(map(str, Level)))]

    frame = empty_layer("grids") if put is None else put
    above = stored(set(frame["parent_code"].dropna()), "code")
    return checked_layer("grids", frame, kin=Kin(above, stored(set(named), "parent_code")))


def _check_seen(
    layer: str,
    since: Mapping[str | int, int],
    remove: Sequence[str | int],
    expected: Mapping[str | int, int | None],
) -> None:
    """Raise if a feature has changed since the caller read it, or one to remove is missing."""
    now = {str(key): since.get(key) for key, seen in expected.items() if since.get(key) != seen}
    if now:
        raise StaleError("store.stale", layer=layer, now=now, named=_named(now))
    lost = [str(key) for key in remove if key not in since]
    if lost:
        raise NotFoundError("store.nothing_to_remove", key=KEYS[layer], lost=lost, layer=layer)
