"""Files of a coverage answer: one row per building or grid."""

from pathlib import Path

import numpy as np
import pandas as pd

from api.console.files import export_table
from api.console.notices import print_written
from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import floors_note, judged_note, question_note, threshold_meta


def export_coverage(snapshot: Snapshot, question: CoverageQuestion, path: Path, *, by: str) -> Json:
    """Write the coverage by `by` in the format of `path`, and say so; return what it is made of.

    CSV and Parquet hold the rows as they are, GeoJSON and GeoPackage one feature per grid or
    building (columns ``time_s_<category>``, ``point_id_<category>``, ``status_<category>``).
    What the file is made of is inside it; a CSV has no room for that, so ``<name>.csv.txt`` lies
    beside it.
    """
    snapshot, hours_at = as_asked(snapshot, question)
    about = {
        **threshold_meta(snapshot, question),
        **floors_note(snapshot, question),
        **question_note(question, hours_at),
        **judged_note(snapshot, question.profile),
        "own_points": question.own_points,
    }
    table = snapshot.coverage_rows(by, question)
    flat = by == "building" and path.suffix.lower() in {".geojson", ".gpkg"}
    rows = _one_row_per_building(table) if flat else table
    print_written(export_table(snapshot, rows, path, by=by, about=about, name=f"coverage_{by}"))
    return about


def _one_row_per_building(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per building, the columns of each category side by side."""
    categories = list(table["category"].unique())
    k = len(categories)
    wide = table.iloc[::k][["building_id", "lon", "lat", "households"]].reset_index(drop=True)
    covered = (table["status"] == "covered").to_numpy(np.bool_).reshape(-1, k)
    wide["reached"] = covered.sum(axis=1)
    for column, category in enumerate(categories):
        rows = table.iloc[column::k]
        for name in ("time_s", "point_id", "status"):
            wide[f"{name}_{category}"] = rows[name].to_numpy()
    return wide
