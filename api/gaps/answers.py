"""Answers about gaps."""

import pandas as pd

from api.formats.aliases import Json
from api.formats.json import bboxes, geometries, records
from api.snapshot.district import Snapshot, extent
from api.snapshot.provenance import meta


def gaps(
    snapshot: Snapshot, *, minutes: float, profile: str, level: str, category: str | None
) -> Json:
    """Return who is left out, ranked by households, and the contiguous areas they live in."""
    table = snapshot.gaps(minutes=minutes, profile=profile, level=level, category=category)
    areas = snapshot.areas(minutes=minutes, profile=profile, category=category)
    areas = areas.to_crs(4326)
    shapes = zip(records(areas.drop(columns="geometry")), bboxes(areas), strict=True)
    shown = zip(shapes, geometries(areas.geometry.array), strict=True)
    return {
        **meta(snapshot, profile=profile, minutes=minutes),
        "level": level,
        "category": category,
        "rows": [
            {**row, "bbox": box}
            for row, box in zip(records(table), _grid_boxes(snapshot, table), strict=True)
        ],
        "areas": [{**row, "bbox": box, "geometry": shape} for (row, box), shape in shown],
    }


def _grid_boxes(snapshot: Snapshot, table: pd.DataFrame) -> list[list[float]]:
    """Return the box of the grid that each row is about; of the district where it is no grid."""
    frame = snapshot.layers.grids
    of_grid = dict(zip(frame["code"], bboxes(frame), strict=True))
    whole = extent(snapshot)
    return [of_grid.get(code, whole) for code in table["code"]]
