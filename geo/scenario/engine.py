"""Incremental what-if engine: recomputes only the travel times that the edits can affect."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.accessibility.coverage import Times
from geo.errors import InputError
from geo.routing.walking_time import published
from geo.scenario.baseline import Baseline
from geo.scenario.edits import Edit
from geo.scenario.incremental import Rerun, ScenarioEffect


class WhatIfEngine(Baseline):
    """A snapped district that answers scenarios.

    Notes
    -----
    One scenario copies the rows of the categories that it touches; the base never changes, so
    scenarios may run on any number of threads.

    Examples
    --------
    >>> from tests.geo.engines import what_if
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> from geo.scenario.edits import ClosePoint
    >>> engine = what_if(layers, network, ("catering",))
    >>> after = engine.times(engine.scenario([ClosePoint("p4")]))
    >>> engine.base_times.time_s[:3, 0].tolist(), after.time_s[:3, 0].tolist()
    ([212.0, 236.0, 132.0], [288.0, 312.0, 208.0])
    """

    def scenario(self, edits: Sequence[Edit]) -> ScenarioEffect:
        """Answer for the district with `edits` applied in order.

        Raises
        ------
        InputError, NotFoundError, ConflictError
            See :meth:`geo.scenario.resolve_edits.EditResolver.resolve`; nothing is changed.
            Streets and gates cannot change for a walker who keeps to crossings.
        """
        resolved = self.resolver.resolve(edits)
        if self.network.profile.at_crossings and resolved.changes_streets:
            raise InputError("scenario.streets_at_crossings")
        return Rerun(self, resolved).answer()

    def times(self, answer: ScenarioEffect) -> Times:
        """Return the times of a scenario; `point` refers to the points of its edited layers."""
        base, changed = self.base_times, answer.resolved.points
        names = self.layers.service_points["point_id"].to_numpy(dtype=object)
        gone = np.zeros(len(names), np.bool_)
        row = self.resolver.point_row.get_indexer(list(changed))
        gone[row[row >= 0]] = True
        new_row = np.append(np.cumsum(~gone) - 1, -1)  # the last one stands for "no point"
        new_row[:-1][gone] = -1
        row_of = {
            name: int(row) for name, row in zip(names[~gone], new_row[:-1][~gone], strict=True)
        }
        fresh = [name for name, place in changed.items() if place is not None]
        row_of |= {name: len(row_of) + number for number, name in enumerate(fresh)}
        old_row = self.resolver.point_row.get_indexer(fresh)
        for name, old in zip(fresh, old_row.tolist(), strict=True):
            if old >= 0:  # a point that was moved still serves every building that is not re-run
                new_row[old] = row_of[name]
        id_of = dict(zip(self.snapped.rank.tolist(), names, strict=True)) | answer.rank_id
        time_s = base.time_s.copy()
        point = new_row[base.point]
        for column, (rows, labels) in enumerate(zip(answer.rows, answer.labels, strict=True)):
            seconds, rank = published(labels)
            time_s[rows, column] = seconds
            point[rows, column] = [row_of[id_of[r]] if r >= 0 else -1 for r in rank.tolist()]
        reason = base.reason.copy()
        for row, why in answer.links.items():
            reason[row] = why
        return replace(base, time_s=time_s, point=point, reason=reason)
