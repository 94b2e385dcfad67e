"""Resolution of edits: their net effect on the layers of a district.

:mod:`geo.scenario.engine` answers for :class:`ResolvedEdits` without compiling the edited layers
anew, bit for bit the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from reprlib import repr as short
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs
from geo.errors import ConflictError, InputError, NotFoundError
from geo.model.keys import is_hidden_in
from geo.model.layers import Layers
from geo.model.vocabulary import GateAccess, Origin
from geo.scenario.edits import (
    AddPoint,
    AddStreet,
    CloseGate,
    ClosePoint,
    CloseStreet,
    Edit,
    MovePoint,
    OpenGate,
    RecategorisePoint,
    SetHouseholds,
)
from geo.scenario.street_edits import StreetDraft, Streets

NEAR_M: Final = 100_000.0
"""How far from the walk network a place of an edit may lie, metres: further off it is a slip."""

LONGEST_STREET_M: Final = 20_000.0
"""Longest street that a scenario may add, metres: two hours' walk of a quick walker."""

MOST_HOUSEHOLDS: Final = 1_000_000
"""Households that one building may be given."""


@dataclass(slots=True)
class ResolvedEdits:
    """Net effect of ordered edits on layers that stay as they are.

    Attributes
    ----------
    draft : StreetDraft
        Streets closed and added.
    points : dict of str to Place or None
        Every service point that is new or changed, as it is at the end; None where closed.
    households : dict of str to int
        Buildings with another number of households.
    gates : dict of str to tuple of (str, int)
        Gates with another access, with access and node.
    """

    draft: StreetDraft
    points: "dict[str, PointState | None]" = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)
    gates: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def changes_streets(self) -> bool:
        """Whether streets or gates differ."""
        return bool(self.draft.added or self.draft.removed or self.gates)


@dataclass(frozen=True, slots=True)
class PointState:
    """A service point: degrees, and metres in the district's CRS."""

    category: str
    name: str
    sub: str
    origin: str
    capacity: float
    lon: float
    lat: float
    x: float
    y: float


class EditResolver:
    """Look-ups on the layers of a district, made once for any number of scenarios.

    Parameters
    ----------
    layers : Layers
        Metric CRS.
    categories : sequence of str
        Categories that a point may have.
    """

    def __init__(self, layers: Layers, categories: Sequence[str]) -> None:
        self.layers = layers
        self.categories = tuple(categories)
        self.streets = Streets(layers.walk_edges)
        self.epsg = (
            crs.require_metric(layers.walk_edges.crs, what="crs.walk_network").to_epsg() or 0
        )
        west, south, east, north = layers.walk_edges.total_bounds
        self._low = np.array([west, south]) - NEAR_M
        self._high = np.array([east, north]) + NEAR_M
        self.point_row = pd.Index(layers.service_points["point_id"])
        self.building_row = pd.Index(layers.buildings["building_id"])
        self._gate_row = pd.Index(layers.gates["gate_id"])

    def resolve(self, edits: Sequence[Edit]) -> ResolvedEdits:
        """Return the net effect of `edits`, in order.

        Raises
        ------
        InputError, NotFoundError, ConflictError
            Naming the edit by its number, what it wanted and why it cannot be; nothing is changed.
        """
        resolved = ResolvedEdits(StreetDraft(self.streets))
        for position, edit in enumerate(edits):
            try:
                self._apply(resolved, edit)
            except (InputError, NotFoundError, ConflictError) as error:
                raise error.of_edit(position) from None
        return resolved

    def _apply(self, resolved: ResolvedEdits, edit: Edit) -> None:
        match edit:
            case AddPoint() | MovePoint() | ClosePoint() | RecategorisePoint():
                self._point(resolved, edit)
            case SetHouseholds(building_id, households):
                if building_id not in self.building_row:
                    raise NotFoundError("scenario.no_building", building=building_id)
                if not 0 <= households <= MOST_HOUSEHOLDS:
                    raise InputError("scenario.households", n=households, most=MOST_HOUSEHOLDS)
                resolved.households[building_id] = households
            case OpenGate(gate_id) | CloseGate(gate_id):
                self._gate(resolved, gate_id, opening=isinstance(edit, OpenGate))
            case AddStreet(path, kind, bridge, name, from_door):
                xy = self._metres([lon for lon, _ in path], [lat for _, lat in path])
                line = shapely.LineString(xy)
                if line.length > LONGEST_STREET_M:
                    raise InputError(
                        "scenario.street_too_long", length=line.length, most=LONGEST_STREET_M
                    )
                resolved.draft.add_street(
                    line, kind=kind, bridge=bridge, name=name, from_door=from_door
                )
            case CloseStreet(edge_id):
                resolved.draft.close_street(edge_id)

    def _metres(self, lon: Sequence[float], lat: Sequence[float]) -> np.ndarray:
        got = {"lon": short(list(lon)), "lat": short(list(lat))}
        if not (np.all(np.abs(lon) <= 180) and np.all(np.abs(lat) <= 90)):  # noqa: PLR2004
            raise InputError("scenario.not_degrees", **got)
        xy = crs.project_points(lon, lat, self.epsg)
        # No walk network, no bounds: then every place is as good as another.
        if not np.isfinite(xy).all() or (xy < self._low).any() or (xy > self._high).any():
            raise InputError("scenario.far_away", **got)
        return xy

    def _point(
        self, resolved: ResolvedEdits, edit: AddPoint | MovePoint | ClosePoint | RecategorisePoint
    ) -> None:
        now = self.point(resolved, edit.point_id)
        if isinstance(edit, AddPoint):
            if not edit.point_id:
                raise InputError("scenario.point_id_empty")
            if is_hidden_in(edit.point_id):
                raise InputError("scenario.point_id_hidden", point=edit.point_id)
            if now is not None:
                raise ConflictError("scenario.point_there_already", point=edit.point_id)
            if edit.capacity < 0:
                raise InputError("scenario.capacity", capacity=edit.capacity)
            x, y = self._metres([edit.lon], [edit.lat])[0]
            now = PointState(
                "", edit.name, "", Origin.GIVEN.value, edit.capacity, edit.lon, edit.lat, x, y
            )
        elif now is None:
            raise NotFoundError("scenario.no_point", point=edit.point_id)
        if isinstance(edit, AddPoint | RecategorisePoint):
            if edit.category not in self.categories:
                known = self.categories
                raise InputError("scenario.category", category=edit.category, known=known)
            now = replace(now, category=edit.category)
        if isinstance(edit, MovePoint):
            x, y = self._metres([edit.lon], [edit.lat])[0]
            now = replace(now, lon=edit.lon, lat=edit.lat, x=float(x), y=float(y))
        resolved.points[edit.point_id] = None if isinstance(edit, ClosePoint) else now

    def point(self, resolved: ResolvedEdits, point_id: str) -> PointState | None:
        """Return a service point as it is after `resolved`, or None where there is none."""
        if point_id in resolved.points:
            return resolved.points[point_id]
        row = self.point_row.get_indexer([point_id])[0]
        if row < 0:
            return None
        values = self.layers.service_points.iloc[row]
        x, y = crs.project_points([values["lon"]], [values["lat"]], self.epsg)[0]
        names = ("category", "name", "sub", "origin", "capacity", "lon", "lat")
        return PointState(**{name: values[name] for name in names}, x=float(x), y=float(y))

    def _gate(self, resolved: ResolvedEdits, gate_id: str, *, opening: bool) -> None:
        row = self._gate_row.get_indexer([gate_id])[0]
        if row < 0:
            raise NotFoundError("scenario.no_gate", gate=gate_id)
        values = self.layers.gates.iloc[row]
        access, node = resolved.gates.get(gate_id, (str(values["access"]), int(values["node"])))
        closed = access == GateAccess.CLOSED
        if opening and access == GateAccess.PRIVATE:
            resolved.draft.open_private_gate(node, gate_id)
            resolved.gates[gate_id] = (GateAccess.OPEN.value, node)
            return
        if opening is not closed:
            fault = "scenario.gate_closed_already" if closed else "scenario.gate_open_already"
            raise ConflictError(fault, gate=gate_id)
        if opening:
            joined = resolved.draft.open_gate(values["geometry"], gate_id)
            resolved.gates[gate_id] = (GateAccess.OPEN.value, joined)
        else:
            kept = resolved.draft.close_gate(node, gate_id)
            resolved.gates[gate_id] = (GateAccess.CLOSED.value, kept)


def edited_gates(gates: gpd.GeoDataFrame, resolved: ResolvedEdits) -> gpd.GeoDataFrame:
    """Return the gates as they are after `resolved`."""
    edited = gates.copy()
    for gate_id, (access, node) in resolved.gates.items():
        edited.loc[edited["gate_id"] == gate_id, ["access", "node"]] = [access, node]
    return edited
