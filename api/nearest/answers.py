"""The k nearest service points of a category for every building."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from api.errors import ParameterError
from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import floors_note, meta, question_note
from geo.accessibility.floors import floor_households
from geo.errors import NotFoundError
from geo.routing.od_pairs import pairs_within
from geo.routing.walking_time import threshold_s

MOST: Final = 20
"""Points asked for at most, per building."""


def nearest_table(
    snapshot: Snapshot,
    question: CoverageQuestion,
    category: str,
    *,
    k: int,
    building: str | None = None,
) -> pd.DataFrame:
    """Return the k nearest points of every building within a threshold.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
        Points beyond its threshold are not searched.
    category : str
    k : int
        1 to :data:`MOST`.
    building : str, optional
        Only this one.

    Returns
    -------
    DataFrame
        k rows per building in the order of the layer: ``building_id, lon, lat, households, rank,
        time_s, point_id, status``. `rank` runs from 1; `time_s` is in seconds, NaN and `point_id`
        None where fewer points are within the threshold, then `status` is ``beyond``, or
        ``unlinked``. By floor also ``covered``: the households on floors from which the point of
        that rank is within the threshold; `time_s` is that from the door.

    Raises
    ------
    ParameterError
        If the category or the profile is unknown, or k out of range.
    NotFoundError
        If there is no such building.
    EmptyError
        If the district has no buildings.
    """
    if not 1 <= k <= MOST:
        raise ParameterError("k", "parameters.nearest", got=k, most=MOST)
    chosen = snapshot.category(category).id
    limit_s = threshold_s(snapshot.of_category(question, chosen).minutes)
    snapshot, _ = as_asked(snapshot, question)
    rows = _rows(snapshot, building)
    result = pairs_within(snapshot.snapped(question.profile), category=chosen, limit_s=limit_s)
    seconds, point = (each[rows] for each in result.nearest(k))
    names = np.array([*snapshot.layers.service_points["point_id"], None], dtype=object)
    buildings = snapshot.layers.buildings[["building_id", "lon", "lat", "households"]].iloc[rows]
    table = buildings.loc[buildings.index.repeat(k)].reset_index(drop=True)
    within = np.where(point >= 0, "covered", "beyond")
    linked = (result.reason[rows] == "")[:, None]
    if (floors := snapshot.floors_asked(question)) is not None:
        covered = floor_households(floors, result.nearest(k)[0], limit_s)[rows]
        table = table.assign(covered=covered.ravel())
    return pd.DataFrame(table).assign(
        rank=np.tile(np.arange(1, k + 1), len(rows)),
        time_s=seconds.ravel(),
        point_id=pd.Series(names[point.ravel()], dtype=object),
        status=np.where(linked, within, "unlinked").ravel(),
    )


def _rows(snapshot: Snapshot, building: str | None) -> Sequence[int]:
    """Return the rows of the buildings that are asked about."""
    names = snapshot.layers.buildings["building_id"]
    if building is None:
        return range(len(names))
    rows: list[int] = np.flatnonzero(names == building).tolist()
    if not rows:
        code = snapshot.district.code
        raise NotFoundError("parameters.building", got=building[:200], district=code)
    return rows


def nearest_answer(
    snapshot: Snapshot, question: CoverageQuestion, table: pd.DataFrame, *, category: str
) -> Json:
    """Return a :func:`nearest_table` by building, and the households that have 1, 2 ... k points.

    Parameters are those that the table was made with.
    """
    snapshot, hours_at = as_asked(snapshot, question)
    question = snapshot.of_category(question, category)
    k = int(table["rank"].max())
    if "covered" in table:
        counted = table["covered"]
    else:
        counted = table["households"].where(table["status"] == "covered", 0)
    total = float(table["households"].iloc[::k].sum())
    having = counted.to_numpy(np.float64).reshape(-1, k).sum(axis=0)
    return {
        **meta(snapshot, profile=question.profile, minutes=question.minutes),
        "category": category,
        "k": k,
        "households": total,
        "choices": [
            {"rank": rank, "households": float(some), "share": some / total if total else None}
            for rank, some in enumerate(having, start=1)
        ],
        "rows": _by_building(table, k),
        **floors_note(snapshot, question),
        **question_note(question, hours_at),
    }


def _by_building(table: pd.DataFrame, k: int) -> list[Json]:
    heads = records(table.iloc[::k][["building_id", "lon", "lat", "households"]])
    shown = ["rank", "time_s", "point_id", *(["covered"] if "covered" in table else [])]
    cells = records(table[[*shown, "status"]])
    rows = []
    for number, head in enumerate(heads):
        building = cells[number * k : (number + 1) * k]
        status = building[0]["status"]
        points = [
            {name: cell[name] for name in shown} for cell in building if cell["status"] == "covered"
        ]
        rows.append({**head, "status": status, "points": points})
    return rows
