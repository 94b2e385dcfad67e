"""Answers about coverage."""

from collections.abc import Sequence

import pandas as pd

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta, question_note


def coverage(snapshot: Snapshot, question: CoverageQuestion, *, by: str) -> Json:
    """Return coverage by building or grid, the district's total, and what lies in no grid."""
    snapshot, gates_at = as_asked(snapshot, question)
    total = snapshot.coverage("district", question)
    table = snapshot.coverage_rows(by, question)
    categories = [category.id for category in snapshot.standard.categories]
    as_rows = _building_rows if by == "building" else _grid_rows
    missing_buildings, missing_households = snapshot.outside()
    return {
        **meta(snapshot, profile=question.profile, minutes=question.minutes),
        "by": by,
        "rows": as_rows(table, categories),
        "total": _grid_rows(total, categories)[0],
        "outside": {"buildings": missing_buildings, "households": missing_households},
        "without_points": snapshot.without_points,
        "own_points": question.own_points,
        "points": len(snapshot.layers.service_points),
        **question_note(question, gates_at),
    }


def _grid_rows(table: pd.DataFrame, categories: Sequence[str]) -> list[Json]:
    head = [
        "code", "level", "parent_code", "name_zh", "name_en", "buildings", "households",
        "unlinked", "covered_all", "coverage_all", "count_mean",
    ]  # fmt: skip
    rows = records(table)
    return [
        {name: row[name] for name in head}
        | {"count": [row[f"count_{i}"] for i in range(len(categories) + 1)]}
        | {
            "categories": {
                c: {"covered": row[f"covered_{c}"], "coverage": row[f"coverage_{c}"]}
                for c in categories
            }
        }
        for row in rows
    ]


def _building_rows(table: pd.DataFrame, categories: Sequence[str]) -> list[Json]:
    """Return one row per building from a table of one row per building and category."""
    k = len(categories)
    heads = records(table.iloc[::k][["building_id", "lon", "lat", "households"]])
    cells = records(table[["time_s", "point_id", "status"]])
    rows = []
    for i, head in enumerate(heads):
        building = cells[i * k : (i + 1) * k]
        reached = sum(cell["status"] == "covered" for cell in building)
        by_category = dict(zip(categories, building, strict=True))
        rows.append({**head, "reached": reached, "categories": by_category})
    return rows
