"""The two rivers as areas of water."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from boundaries.demo.town.streets.lattice import (
    LARGE_RIVER_HALF_M,
    SMALL_RIVER_HALF_M,
    StreetLattice,
    Warp,
)
from geo.arrays import FloatArray
from geo.model.vocabulary import BarrierKind

LARGE_RIVER: Final = "黄河"
SMALL_RIVER: Final = "徒骇河"
_STEP_M: Final = 60.0
_BANK_WAVE_M: Final = 9.0


def _ribbon(warp: Warp, along: FloatArray, half_m: float, *, eastward: bool) -> BaseGeometry:
    """Return the water along one axis of the lattice; each bank waves a little on its own."""
    wave = _BANK_WAVE_M * min(1.0, half_m / 60)
    left = half_m + wave * np.sin(along / 190.0)
    right = -half_m + wave * np.sin(along / 260.0 + 1.0)
    along_, across = np.concatenate([along, along[::-1]]), np.concatenate([left, right[::-1]])
    ring = warp(along_, across) if eastward else warp(across, along_)
    return shapely.make_valid(Polygon(ring))


def rivers(lattice: StreetLattice, outline: BaseGeometry, *, crs: str) -> gpd.GeoDataFrame:
    """Return the rivers inside `outline` as rows of the layer ``barriers``, metric CRS."""
    end = lattice.y[-1]
    large = _ribbon(
        lattice.warp,
        np.arange(lattice.x[0], lattice.x[-1], _STEP_M),
        LARGE_RIVER_HALF_M,
        eastward=True,
    )
    small = _ribbon(lattice.warp, np.arange(0.0, end, _STEP_M), SMALL_RIVER_HALF_M, eastward=False)
    water = [
        shapely.intersection(large, outline),
        shapely.intersection(shapely.difference(small, large), outline),
    ]
    return gpd.GeoDataFrame(
        {
            "barrier_id": ["river-1", "river-2"],
            "kind": BarrierKind.RIVER.value,
            "name": [LARGE_RIVER, SMALL_RIVER],
        },
        geometry=water,
        crs=crs,
    )
