"""GeoParquet, and tables of Parquet with places in columns; what they unpack to is told before."""

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.files.arrow import check_plain, written_out
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.limits import check_table_size
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.files.unpack import Budget
from boundaries.readers.rows import as_text
from boundaries.readers.tables.places import placed, with_told_places
from geo.crs import STORED_EPSG
from geo.errors import CrsError, FileFormatError

_METADATA: Final = b"geo"


def read_geoparquet(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a file of Parquet: its geometry if it declares one, else the places in its columns.

    Raises
    ------
    FileFormatError
        If it is damaged, nested, or beyond the limits.
    CrsError
        If its CRS names a file or is not known.
    SchemaError
        If it has neither geometry nor columns with a place.
    """
    try:
        with pq.ParquetFile(path) as file:
            table = _checked(file, path)
            told = json.loads((file.schema_arrow.metadata or {}).get(_METADATA, b"null"))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise unreadable(path.name, reason) from error
    if not isinstance(told, dict):
        text = pd.DataFrame({name: as_text(table[name]) for name in map(str, table.columns)})
        text = with_told_places(text, hints.columns)
        return placed(text, layer, report, what=path.name)
    column, crs = _geometry(told, path.name)
    if column not in table.columns:
        raise FileFormatError("files.without_geometry", what=path.name, driver="Parquet")
    shapes = shapely.from_wkb(table[column].to_numpy(), on_invalid="ignore")
    return Source(gpd.GeoDataFrame(table.drop(columns=column), geometry=shapes, crs=crs))


def _checked(file: pq.ParquetFile, path: Path) -> pd.DataFrame:
    """Return the table, if it may be as large as it is."""
    about, budget = file.metadata, Budget(path.name, path.stat().st_size)
    check_table_size(about.num_rows, about.num_columns, what=path.name)
    for group in range(about.num_row_groups):
        budget.spend(max(about.row_group(group).total_byte_size, 0))
    schema = file.schema_arrow
    check_plain(schema, path.name)
    words = [field.name for field in schema if pa.types.is_string(field.type)
             or pa.types.is_binary(field.type)]  # fmt: skip
    with pq.ParquetFile(path, read_dictionary=words) as apart:
        table = written_out(apart.read(), budget)
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    return frame


def _geometry(told: dict[str, Any], what: str) -> tuple[str, pyproj.CRS]:
    """Return the column of the geometry and its CRS; that of longitude and latitude if omitted."""
    column = str(told.get("primary_column"))
    columns = told.get("columns")
    about = columns.get(column) if isinstance(columns, dict) else None
    if not isinstance(about, dict) or about.get("encoding") != "WKB":
        raise FileFormatError("files.without_geometry", what=what, driver="Parquet")
    crs = about.get("crs")
    if crs is None:
        return column, pyproj.CRS.from_epsg(STORED_EPSG)
    check_names_no_file(json.dumps(crs), what=what)
    try:
        return column, pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CrsError("reading.unknown_crs", crs=json.dumps(crs)[:80]) from error
