"""What is closed at the hour on the walk that a building has when everything is open."""

from dataclasses import replace

import numpy as np

from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from boundaries.readers.opening_hours import TIMED_LAYERS, district_hours, parse_moment
from geo.arrays import BoolArray
from geo.model.layer_columns import KEYS
from geo.scenario.explain import Cause, Explanation, explain
from geo.tolerances import TOUCH_M

_HIDING = (Cause.COVERED, Cause.CLOSED_GATE, Cause.UNLINKED)
"""Causes that stand also where something is closed by its hours."""


def with_hours(
    why: Explanation, district: Snapshot, question: CoverageQuestion
) -> tuple[Explanation, list[Json]]:
    """Return an explanation that knows what is closed at the hour, and a list of that.

    Parameters
    ----------
    why : Explanation
        At the hour of the question.
    district : Snapshot
        As it is when everything is open.
    question : CoverageQuestion

    Returns
    -------
    why : Explanation
        Its cause is ``closed_hours`` where the building is covered when all is open.
    closed : list of dict
        ``layer, id, name, opening_hours`` of each gate, way and service point on the walk that is
        quicker when all is open; empty where no hour is asked for.
    """
    if question.at is None:
        return why, []
    always, _ = as_asked(district, replace(question, at=None))
    engine = always.what_if(question.profile)
    best = explain(engine, why.building_id, why.category, minutes=question.minutes, remedies=False)
    if best.walk is None or best.time_s >= why.time_s:
        return why, []
    hours = district_hours(always.layers, [parse_moment(question.at)])
    closed: list[Json] = []
    for layer in TIMED_LAYERS:
        of_layer = getattr(hours, layer)
        is_closed = np.isin(of_layer.ids, of_layer.closed_ids())
        rows = _on_walk(always, best, layer) & is_closed
        closed += [_item(layer, row) for _, row in getattr(always.layers, layer)[rows].iterrows()]
    if closed and best.cause is Cause.COVERED and why.cause not in _HIDING:
        why = replace(why, cause=Cause.CLOSED_HOURS, subject=closed[0]["id"])
    return why, closed


def _on_walk(district: Snapshot, best: Explanation, layer: str) -> BoolArray:
    """Return which rows of a layer a walk comes by."""
    frame = getattr(district.metric, layer)
    if best.walk is None:
        return np.zeros(len(frame), np.bool_)
    if layer == "gates":
        return np.asarray(frame.distance(best.walk.geometry) <= TOUCH_M, np.bool_)
    here = [best.point_id] if layer == "service_points" else list(best.walk.edges)
    return np.asarray(frame[KEYS[layer]].isin(here), np.bool_)


def _item(layer: str, row: Json) -> Json:
    return {
        "layer": layer,
        "id": str(row[KEYS[layer]]),
        "name": str(row["name"]),
        "opening_hours": str(row["opening_hours"]),
    }
