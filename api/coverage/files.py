"""Files of a coverage answer: one row per building or grid."""

from pathlib import Path

import numpy as np
import pandas as pd

from api.console.files import export_table
from api.formats.aliases import Json
from api.snapshot.district import Snapshot


def export_coverage(
    snapshot: Snapshot, table: pd.DataFrame, path: Path, *, by: str, about: Json
) -> list[Path]:
    """Write a coverage table in the format of `path`.

    CSV and Parquet hold the rows as they are, GeoJSON and GeoPackage one feature per grid or
    building (columns ``time_s_<category>``, ``point_id_<category>``, ``status_<category>``).
    What the file is made of is inside it; a CSV has no room for that, so ``<name>.csv.txt`` lies
    beside it.

    Parameters
    ----------
    snapshot : Snapshot
    table : DataFrame
        Of :meth:`api.snapshot.district.Snapshot.coverage_rows` for `by`.
    path : Path
    by : str
    about : dict
        Of :func:`api.snapshot.provenance.meta`.

    Returns
    -------
    list of Path
        The files written.
    """
    flat = by == "building" and path.suffix.lower() in {".geojson", ".gpkg"}
    rows = _one_row_per_building(table) if flat else table
    return export_table(snapshot, rows, path, by=by, about=about, name=f"coverage_{by}")


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
