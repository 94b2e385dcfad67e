"""Inheritance: what the snapshot of a later state takes over from that of an earlier one.

A value is taken over if no layer that it is computed from has changed. The layers in metres and a
snapped district are renewed row by row (:mod:`geo.model.renewal`). All else is computed
when it is asked for, as in a snapshot that was read whole, and equals that.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from boundaries.content_hash import NETWORK_LAYERS
from boundaries.store.tables.records import State
from geo.arrays import IntArray
from geo.crs import to_metric
from geo.model.layer_columns import COLUMNS, TABLES
from geo.model.layers import Layers
from geo.model.renewal import renewed
from geo.routing.snapped_district import SnappedDistrict

_NETWORK: Final = frozenset(NETWORK_LAYERS)
_SNAPPED: Final = frozenset({"buildings", "service_points", "entrances"})
_PLACES: Final = _NETWORK | _SNAPPED
_COMPUTED_FROM: Final[Mapping[Hashable, frozenset[str]]] = {
    "members": frozenset({"grids", "buildings"}),
    "beats": frozenset({"grids", "buildings", "workers"}),
    "network": _NETWORK,
    "network hash": _NETWORK,
    "snapped": _PLACES,
    "times": _PLACES,
    "isochrones": _PLACES,
}
"""Value of a snapshot -> the layers that it is computed from."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a snapshot begins with.

    Attributes
    ----------
    values : dict
        Values that are as they were, by the key of :class:`api.snapshot.single_flight.Once`.
    snapped : dict of str to SnappedDistrict
        By profile, of the earlier state, to be renewed; each is taken out when that is done.
    origin : dict of str to ndarray of int64
        Origins of the rows of buildings, service points and entrances, where those changed.
    """

    values: Mapping[Hashable, object] = field(default_factory=dict)
    snapped: dict[str, SnappedDistrict] = field(default_factory=dict)
    origin: Mapping[str, IntArray] = field(default_factory=dict)


def inheritance(before: Layers, known: Mapping[Hashable, object], state: State) -> Inheritance:
    """Return what the snapshot of a state takes over.

    Parameters
    ----------
    before : Layers
        Of the earlier snapshot; those that are the same frames in `state` did not change.
    known : dict
        Its values.
    state : State
        Of the same district, in the same metric CRS, by the same standard.
    """
    after, epsg = state.layers, state.district.epsg
    changed = {name for name in COLUMNS if getattr(before, name) is not getattr(after, name)}
    values: dict[Hashable, object] = {}
    snapped: dict[str, SnappedDistrict] = {}
    for key, value in known.items():
        made_from = _COMPUTED_FROM.get(key[0] if isinstance(key, tuple) else key)
        if made_from is not None and changed.isdisjoint(made_from):
            values[key] = value
        elif isinstance(value, SnappedDistrict) and changed.isdisjoint(_NETWORK):
            snapped[value.network.profile.id] = value
        elif isinstance(value, Layers):
            values[key] = _metric(value, state, changed, epsg=epsg)
    origin = {
        name: state.origin.get(name, np.full(len(getattr(after, name)), -1))
        for name in _SNAPPED & changed
    }
    return Inheritance(values, snapped, origin)


def _metric(before: Layers, state: State, changed: Collection[str], *, epsg: int) -> Layers:
    """Return the layers in the metric CRS; only rows that are fresh are projected."""
    frames = {}
    for name in changed:
        frame, origin = getattr(state.layers, name), state.origin.get(name)
        if name in TABLES:
            frames[name] = frame
        elif origin is None:
            frames[name] = to_metric(frame, epsg)
        else:
            fresh = to_metric(frame[origin < 0], epsg)
            frames[name] = renewed(getattr(before, name), fresh, origin)
    return replace(before, **frames)
