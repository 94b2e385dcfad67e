"""Answers about gaps."""

import pandas as pd

from api.formats.aliases import Json
from api.formats.json import bboxes, geometries, records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot, rounded_box
from api.snapshot.provenance import floors_note, judged_note, question_note, threshold_meta


def gaps(
    snapshot: Snapshot, question: CoverageQuestion, *, level: str, category: str | None
) -> Json:
    """Return the uncovered households by grid, ranked, and the contiguous areas they live in."""
    snapshot, hours_at = as_asked(snapshot, question)
    table = snapshot.gaps(question, level=level, category=category)
    areas = snapshot.areas(question, category=category).to_crs(4326)
    shapes = zip(records(areas.drop(columns="geometry")), bboxes(areas), strict=True)
    shown = zip(shapes, geometries(areas.geometry.array), strict=True)
    return {
        **threshold_meta(snapshot, question),
        "level": level,
        "category": category,
        **judged_note(snapshot, question.profile),
        **floors_note(snapshot, question),
        "rows": [
            {**row, "bbox": box}
            for row, box in zip(records(table), _grid_boxes(snapshot, table), strict=True)
        ],
        "areas": [{**row, "bbox": box, "geometry": shape} for (row, box), shape in shown],
        **question_note(question, hours_at),
    }


def _grid_boxes(snapshot: Snapshot, table: pd.DataFrame) -> list[list[float]]:
    """Return the bounding box of each row's grid; the district's for rows without a grid."""
    frame = snapshot.layers.grids
    of_grid = dict(zip(frame["code"], bboxes(frame), strict=True))
    district_box = rounded_box(snapshot.extent)
    return [of_grid.get(code, district_box) for code in table["code"]]
