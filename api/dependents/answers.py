"""Answers about the households that depend on one service point."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import judged_note, question_note, threshold_meta
from geo.accessibility.dependents import choice_table, dependents_table
from geo.routing.od_pairs import pairs_within
from geo.routing.walking_time import threshold_s


@dataclass(frozen=True, slots=True)
class Dependents:
    """Who depends on each service point, and how many points households choose from.

    Attributes
    ----------
    points, choices : DataFrame
        As of :func:`geo.accessibility.dependents.dependents_table` and
        :func:`geo.accessibility.dependents.choice_table`.
    """

    points: pd.DataFrame
    choices: pd.DataFrame


def find_dependents(
    snapshot: Snapshot, question: CoverageQuestion, *, category: str | None = None
) -> Dependents:
    """Return what closing each service point in turn would take from whom.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
    category : str, optional
        Only its points are returned.

    Raises
    ------
    ParameterError
        If the category or the profile is unknown.
    EmptyError
        If the district has no buildings.
    """
    chosen = None if category is None else snapshot.category(category).id
    snapshot, _ = as_asked(snapshot, question)
    snapped = snapshot.snapped(question.profile)
    pairs = {
        each: pairs_within(snapped, category=each, limit_s=threshold_s(minutes))
        for each, minutes in snapshot.thresholds(question).items()
    }
    points = dependents_table(snapshot.layers, list(pairs.values()))
    choices = choice_table(snapshot.layers, pairs)
    if chosen is not None:
        points = points[points["category"] == chosen].reset_index(drop=True)
        choices = choices[choices["category"] == chosen].reset_index(drop=True)
    points.insert(0, "rank", np.arange(1, len(points) + 1))
    return Dependents(points, choices)


def dependents_answer(
    snapshot: Snapshot, question: CoverageQuestion, found: Dependents, *, category: str | None
) -> Json:
    """Return what :func:`find_dependents` found for the same question."""
    snapshot, hours_at = as_asked(snapshot, question)
    return {
        **threshold_meta(snapshot, question),
        "category": category,
        **judged_note(snapshot, question.profile),
        "households": float(snapshot.layers.buildings["households"].sum()),
        "rows": records(found.points),
        "choices": records(found.choices),
        **question_note(question, hours_at),
    }
