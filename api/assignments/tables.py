"""Assigned points as files: the columns of the input, and the grids of each point."""

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from api.assignments.answers import count_statuses, place_points
from api.formats.aliases import Json
from api.formats.csv import csv_bytes
from api.formats.json import dumps
from api.snapshot.district import Snapshot
from boundaries.readers.point_table import LON_LAT, PointFormat, id_column

MEDIA: Final = {
    PointFormat.JSON: "application/json",
    PointFormat.CSV: "text/csv",
    PointFormat.ARROW: "application/vnd.apache.arrow.stream",
}
"""Media type of each format."""


def format_of(media_type: str) -> PointFormat | None:
    """Return the format of a media type; None where it is none of :data:`MEDIA`.

    Examples
    --------
    >>> str(format_of("text/csv; charset=utf-8")), format_of("image/png")
    ('csv', None)
    """
    plain = media_type.split(";", 1)[0].strip().lower()
    return next((each for each, known in MEDIA.items() if known == plain), None)


def wanted_format(accept: str, sent: PointFormat) -> PointFormat:
    """Return the first known format of an Accept header; the format of the request if it has none.

    Examples
    --------
    >>> str(wanted_format("image/png, text/csv;q=0.9, */*", PointFormat.JSON))
    'csv'
    """
    named = (format_of(part) for part in accept.split(","))
    return next((each for each in named if each is not None), sent)


def assign_table(snapshot: Snapshot, points: pd.DataFrame) -> pd.DataFrame:
    """Return a table of points with the columns of their grids.

    `points` is a table of :func:`boundaries.readers.point_table.read_points`; a column
    of the same name that came is called ``<name>_given``.
    """
    lon, lat = (points[name].to_numpy(np.float64) for name in LON_LAT)
    result = place_points(snapshot, lon, lat)
    kept = points.drop(columns=list(LON_LAT)).reset_index(drop=True)
    kept = kept.rename(columns={name: f"{name}_given" for name in result if name in kept})
    return pd.concat([kept, result], axis=1)


def table_answer(snapshot: Snapshot, points: pd.DataFrame, table: pd.DataFrame) -> Json:
    """Return an assigned table as the JSON answer, item by item."""
    name = id_column(points)
    ids = [None] * len(points) if name is None else points[name].tolist()
    assigned = table.iloc[:, -7:].astype(object)
    rows = assigned.where(assigned.notna(), None).to_dict("records")
    return {
        "district": snapshot.district.code,
        "revision": snapshot.district.revision,
        "synthetic": str(snapshot.district.origin) == "synthetic",
        "items": [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)],
        "counts": count_statuses(table),
    }


def table_bytes(
    snapshot: Snapshot, points: pd.DataFrame, table: pd.DataFrame, kind: PointFormat
) -> bytes:
    """Return an assigned table in a format."""
    if kind is PointFormat.JSON:
        return dumps(table_answer(snapshot, points, table))
    if kind is PointFormat.CSV:
        return csv_bytes(table)
    about = {
        "district": snapshot.district.code,
        "revision": str(snapshot.district.revision),
        "origin": str(snapshot.district.origin),
    }
    texts = [name for name in table.columns[-7:] if name != "distance_m"]
    arrow = pa.Table.from_pandas(table.astype(dict.fromkeys(texts, "str")), preserve_index=False)
    arrow = arrow.replace_schema_metadata(about)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    content: bytes = sink.getvalue().to_pybytes()
    return content
