"""Answer about lifts."""

from dataclasses import replace

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import floors_note, judged_note, question_note, threshold_meta
from geo.accessibility.gaps import ALL
from geo.accessibility.lifts import lift_table


def lifts(
    snapshot: Snapshot, question: CoverageQuestion, *, category: str | None, limit: int
) -> Json:
    """Return the buildings where a lift would bring most people of 60 and more within reach."""
    question = replace(question, floors=True)
    snapshot, hours_at = as_asked(snapshot, question)
    chosen = ALL if category is None else snapshot.category(category).id
    table = lift_table(
        snapshot.times(question.profile),
        snapshot.layers,
        snapshot.profile(question.profile),
        minutes=snapshot.minutes(question),
        category=chosen,
    )
    return {
        **threshold_meta(snapshot, question),
        "category": chosen,
        "rows": records(table.head(limit)),
        "rows_cut": max(0, len(table) - limit),
        "gained_60plus": int(table["gained_60plus"].sum()),
        "gained_households": int(table["gained_households"].sum()),
        **floors_note(snapshot, question),
        **judged_note(snapshot, question.profile),
        **question_note(question, hours_at),
    }
