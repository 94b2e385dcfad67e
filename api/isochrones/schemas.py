"""Example of isochrones for the API document."""

from typing import Final

from api.formats.aliases import Json
from api.http.schemas import SQUARE, WalkMeta, example_collection

ISOCHRONES: Final[Json] = example_collection(
    "15",
    {
        "minutes": 15,
        "threshold_s": 900.0,
        "metres": 1000.0,
        "agreement": 0.9968,
        "sampled": 3120,
        "cell_m": 20.0,
        "reached_m": 32282.2,
        "households": 3905,
        "buildings": 212,
        "label": "picture; counts are per building",
    },
    {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]},
    {**WalkMeta.EXAMPLE, "direction": "from", "lon": 118.002, "lat": 37.38, "hours_at": None},
)
