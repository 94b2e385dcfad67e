"""Edit features of a layer, unless somebody changed them since the caller read them."""

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Difference, difference
from boundaries.store.rows.layer_rows import key_position, to_rows
from boundaries.store.rows.read import layer_frame, stored_rows
from boundaries.store.rows.validate import checked_layer
from boundaries.store.sql.commit import check_workers, differences, with_workers
from boundaries.store.tables.records import Deed, StaleError
from geo.errors import NotFoundError
from geo.model.layers import KEYS


def edited(
    base: Backend,
    connection: Connection,
    code: str,
    layer: str,
    *,
    put: pd.DataFrame | None,
    remove: Sequence[str | int],
    expected: Mapping[str | int, int | None],
    deed: Deed,
) -> dict[str, Difference]:
    """Return the differences that an edit makes, per layer; removed grids take their workers along.

    Only the features that are named are read; grids are read whole, because they nest.

    Raises
    ------
    StaleError
        If a feature is not as the caller has seen it.
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
    other_layers: dict[str, Difference] = {}
    if layer == "grids":
        whole = _whole_grids(base, connection, code, put, named)
        frames = with_workers(base, connection, code, layer, whole, deed=deed)
        del frames["grids"]
        other_layers = differences(base, connection, code, frames)
        put = whole[whole["code"].isin(named)]
    elif layer == "workers" and put is not None:
        check_workers(base, connection, code, put)
    rows = [] if put is None else to_rows(layer, put, base.codec.encode)
    edited_layer = difference(layer, [stored[key] for key in named if key in stored], rows)
    return {layer: edited_layer, **other_layers} if edited_layer else other_layers


def _whole_grids(
    base: Backend,
    connection: Connection,
    code: str,
    put: pd.DataFrame | None,
    named: Sequence[str | int],
) -> pd.DataFrame:
    """Return all grids after the edit, validated as a whole because they nest."""
    existing = layer_frame(base, connection, "grids", code)
    kept = existing[~existing["code"].isin(named)]
    whole = kept if put is None else pd.concat([kept, put], ignore_index=True)
    return checked_layer("grids", whole)


def _check_seen(
    layer: str,
    since: Mapping[str | int, int],
    remove: Sequence[str | int],
    expected: Mapping[str | int, int | None],
) -> None:
    """Raise if a feature has changed since the caller read it, or one to remove is missing."""
    now = {str(key): since.get(key) for key, seen in expected.items() if since.get(key) != seen}
    if now:
        named = ", ".join(
            f"{key} ({'gone' if revision is None else f'now of revision {revision}'})"
            for key, revision in now.items()
        )
        raise StaleError(
            f"Somebody else changed {layer} meanwhile: {named}. Nothing was changed; look at "
            "what is there now and try again.",
            layer=layer,
            now=now,
        )
    lost = [str(key) for key in remove if key not in since]
    if lost:
        raise NotFoundError(
            f"Got {KEYS[layer]} {', '.join(lost)} to remove; wanted features of {layer} that "
            "are there. Nothing was changed."
        )
