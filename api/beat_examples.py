"""Example of the answer about beats, for the API document."""

from typing import Any, Final

from api import examples

BEATS: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "371602001001W01",
            "properties": {
                "worker_code": "371602001001W01",
                "large_codes": ["371602001001"],
                "grid_codes": ["371602001001101", "371602001001102"],
                "grids": 2,
                "buildings": 6,
                "households": 96,
                "status": "met",
                "parts": 1,
                "lon": 118.002,
                "lat": 37.382,
            },
            "geometry": examples.GRIDS["features"][0]["geometry"],
        }
    ],
    "lifecircle": {
        **examples.GRIDS["lifecircle"],
        "aim": 100,
        "low": 80,
        "high": 120,
        "workers": 1,
        "households": 96,
        "light": 0,
        "met": 1,
        "heavy": 0,
        "unassigned": {
            "grids": 1,
            "households": 34,
            "named": [
                {
                    "code": "371602001001103",
                    "large_code": "371602001001",
                    "name_zh": "",
                    "name_en": "",
                    "buildings": 2,
                    "households": 34,
                }
            ],
        },
        "outside": {"buildings": 0, "households": 0},
    },
}
