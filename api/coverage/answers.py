"""Answers about coverage."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.paces import paces
from api.snapshot.provenance import floors_note, judged_note, question_note, threshold_meta
from geo.accessibility.coverage import grid_rows
from geo.arrays import ObjectArray
from geo.model.vocabulary import Level
from geo.network.wide_roads import wide

ALL_ROWS: Final = slice(None)

_GRID: Final = (
    "code", "level", "parent_code", "name_zh", "name_en", "buildings", "households",
    "households_estimated", "unlinked", "covered_all", "coverage_all", "count_mean",
)  # fmt: skip
_SHARE: Final = ("covered", "coverage")
_BUILDING: Final = ("building_id", "lon", "lat", "households", "reached")
_REACH: Final = ("time_s", "point_id", "status")
_WORDS: Final = ("point_id", "status")


def page_of(
    snapshot: Snapshot, by: str, *, after: str | None, limit: int | None
) -> tuple[slice, str | None]:
    """Return the rows of a page, and the key of its last one if others come after it."""
    keys = _keys(snapshot, by)
    start = 0 if after is None else int(np.searchsorted(keys, after, side="right"))
    stop = len(keys) if limit is None else min(start + limit, len(keys))
    return slice(start, stop), str(keys[stop - 1]) if start < stop < len(keys) else None


def _keys(snapshot: Snapshot, by: str) -> ObjectArray:
    """Return the keys of what coverage is given by, ascending."""
    if by == "district":
        return np.array([snapshot.district.code], dtype=object)
    if by == "building":
        keys = snapshot.layers.buildings["building_id"]
    else:
        keys = grid_rows(snapshot.layers, Level(by))["code"]
    return np.asarray(keys, dtype=object)


def as_columns(answer: Json) -> Json:
    """Return an answer of :func:`coverage` with one list per figure in place of its rows."""
    rows, is_building = answer["rows"], answer["by"] == "building"
    reach = (*_REACH, "covered") if answer["floors"] else _REACH
    head, cells = (_BUILDING, reach) if is_building else ((*_GRID, "count"), _SHARE)
    columns: Json = {name: [row[name] for row in rows] for name in head}
    columns["categories"] = {
        category: {
            name: _column(name, [row["categories"][category][name] for row in rows])
            for name in cells
        }
        for category in answer["total"]["categories"]
    }
    return {
        ("columns" if name == "rows" else name): columns if name == "rows" else value
        for name, value in answer.items()
    }


def _column(name: str, values: list[Any]) -> list[Any] | Json:
    """Return a column; one of words as the words there are, and which one is where."""
    if name not in _WORDS:
        return values
    place = {word: i for i, word in enumerate(dict.fromkeys(values))}
    return {"words": list(place), "at": [place[value] for value in values]}


def coverage(
    snapshot: Snapshot, question: CoverageQuestion, *, by: str, rows: slice = ALL_ROWS
) -> Json:
    """Return coverage by building or grid, the district's total, and what lies in no grid.

    Of the buildings or grids only those in `rows` (:func:`page_of`).
    """
    snapshot, hours_at = as_asked(snapshot, question)
    total = snapshot.coverage("district", question)
    table = snapshot.coverage_rows(by, question, rows=rows)
    categories = [category.id for category in snapshot.standard.categories]
    as_rows = _building_rows if by == "building" else _grid_rows
    missing_buildings, missing_households = snapshot.outside()
    return {
        **threshold_meta(snapshot, question),
        "by": by,
        "rows": as_rows(table, categories),
        "total": _grid_rows(total, categories)[0],
        "outside": {"buildings": missing_buildings, "households": missing_households},
        "paces": paces(snapshot, question),
        **judged_note(snapshot, question.profile),
        **floors_note(snapshot, question),
        **crossings_note(snapshot, question),
        "own_points": question.own_points,
        "points": len(snapshot.layers.service_points),
        **question_note(question, hours_at),
    }


def crossings_note(snapshot: Snapshot, question: CoverageQuestion) -> Json:
    """Return what hangs on crossings: the same coverage with wide roads crossed anywhere; or null.

    `snapshot` is the district as asked.
    """
    if not question.crossings:
        return {"crossings": None}
    freely, _ = as_asked(snapshot, replace(question, crossings=False))
    names = ["all", *(category.id for category in snapshot.standard.categories)]
    now, free = (records(each.coverage("district", question))[0] for each in (snapshot, freely))
    edges, walker = snapshot.metric.walk_edges, snapshot.profile(question.profile)
    wide_m = edges["length_m"].to_numpy(np.float64)[wide(edges, walker)].sum()
    hanging = {name: free[f"covered_{name}"] - now[f"covered_{name}"] for name in names}
    return {"crossings": {"wide_m": round(float(wide_m), 1), "hanging": hanging}}


def _grid_rows(table: pd.DataFrame, categories: Sequence[str]) -> list[Json]:
    rows = records(table)
    return [
        {name: row[name] for name in _GRID}
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
    cells = records(table[[name for name in (*_REACH, "covered") if name in table]])
    rows = []
    for i, head in enumerate(heads):
        building = cells[i * k : (i + 1) * k]
        reached = sum(cell["status"] == "covered" for cell in building)
        by_category = dict(zip(categories, building, strict=True))
        rows.append({**head, "reached": reached, "categories": by_category})
    return rows
