"""Answers about a district that is examined by requirements of standards."""

from dataclasses import asdict
from typing import Final

import pandas as pd

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.provenance import as_of_note, meta
from api.snapshot.variants import with_walker
from boundaries.standards.catalogue import standard_document
from boundaries.standards.requirements import requirements_of
from geo.accessibility.examination import ShortfallCause, examine

_PEOPLE: Final = ("people", "people_straight", "people_walk")
_AREA: Final = ("per_100", "points_without")


def examined(snapshot: Snapshot, question: CoverageQuestion) -> pd.DataFrame:
    """Return one row per requirement: what it says, and the figures of the district.

    Raises
    ------
    ParameterError
        If the profile is unknown.
    EmptyError
        If the district has no buildings.
    """
    snapshot = with_walker(snapshot, question)
    requirements = requirements_of(snapshot.standard)
    speed_m_s = snapshot.profile(question.profile).speed_m_s
    figures = examine(
        snapshot.metric, snapshot.snapped(question.profile), requirements, speed_m_s=speed_m_s
    )
    facts = pd.DataFrame(
        {
            **asdict(each),
            "kinds": " ".join(each.kinds),
            "lacks_zh": each.lacks[0] if each.lacks else "",
            "lacks_en": each.lacks[1] if each.lacks else "",
        }
        for each in requirements
    )
    says = facts.drop(columns=["radius_m", "minutes", "lacks"])
    return says.merge(figures, on="id", validate="1:1")


def examination_answer(snapshot: Snapshot, question: CoverageQuestion, rows: pd.DataFrame) -> Json:
    """Return what :func:`examined` found for the same question."""
    snapshot = with_walker(snapshot, question)
    named = standard_document("requirements")["tables"]
    own = snapshot.standard
    standards = [{"id": key, "zh": each["zh"], "en": each["en"]} for key, each in named.items()]
    return {
        **meta(snapshot, profile=question.profile),
        "households": float(snapshot.layers.buildings["households"].sum()),
        "standards": [*standards, {"id": own.id, "zh": own.zh, "en": own.en}],
        "counts": {str(key): int(n) for key, n in rows["status"].value_counts().items()},
        "rows": [_nested(row) for row in records(rows)],
        **as_of_note(question.as_of),
    }


def _nested(row: Json) -> Json:
    """Return a row with its causes and people as members of their own."""
    is_walked, has_people = row["walk"] is not None, row["people"] is not None
    causes = {str(cause): row.pop(str(cause)) for cause in ShortfallCause}
    people = {name: row.pop(name) for name in _PEOPLE}
    area = {name: row.pop(name) for name in _AREA}
    return {
        **row,
        "kinds": row["kinds"].split(),
        "causes": causes if is_walked else None,
        "people": people if has_people else None,
        "floor_area": area if area["per_100"] is not None else None,
    }
