"""Walk edges within a bounding box, with the identifiers that scenarios refer to."""

import math
from typing import Final

import numpy as np
import pandas as pd
import shapely

from api.errors import ParameterError, shown
from api.formats.aliases import Json
from api.formats.json import collection, features
from api.snapshot.district import Snapshot
from api.snapshot.provenance import provenance_of
from geo.model.layer_columns import shown_columns

EDGES_SHOWN: Final = 5_000
"""Walk edges in one answer at most."""

WALK_EDGE_COLUMNS: Final = list(
    dict.fromkeys(["edge_id", "kind", "name", *shown_columns("walk_edges")])
)
"""Properties of a walk edge in an answer; the name stands by the kind, not last as in the layer."""

_CORNERS: Final = 4


def parse_box(text: str) -> shapely.Polygon:
    """Return the box written as ``west,south,east,north`` in degrees.

    Raises
    ------
    ParameterError
        If it is not four finite numbers on the globe, in this order.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != _CORNERS or not all(math.isfinite(number) for number in numbers):
        raise ParameterError("bbox", "parameters.box", got=shown(text))
    west, south, east, north = numbers
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise ParameterError("bbox", "parameters.box_off_globe", got=shown(text))
    return shapely.box(west, south, east, north)


def walk_edges(snapshot: Snapshot, box: shapely.Polygon, *, limit: int = EDGES_SHOWN) -> Json:
    """Return the walk edges that meet `box` (EPSG:4326), by identifier.

    Raises
    ------
    ParameterError
        If there are more than `limit`: half a street network would be taken for the whole.
    """
    frame = snapshot.layers.walk_edges
    rows = np.sort(frame.sindex.query(box, predicate="intersects"))
    if len(rows) > limit:
        raise ParameterError("bbox", "parameters.box_too_large", n=len(rows), most=limit)
    frame = frame.iloc[rows].sort_values("edge_id")
    table = pd.DataFrame(frame[WALK_EDGE_COLUMNS])
    result = features(frame, table, ids=[str(edge) for edge in frame["edge_id"]])
    return collection(result, provenance_of(snapshot))
