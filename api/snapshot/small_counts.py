"""Protection of small counts: what a viewer gets of each building, before anything is computed.

Every figure for viewers is a function of the protected counts of the buildings, so no two figures
tell together what these do not tell: there is no difference to take between grids, levels,
thresholds or scenarios. The method is random rounding to base 5, with one draw per building that
never changes (a keyed hash): sums are right on average and a repeated question tells nothing new.

Households of 1 to 4 become 0 or 5; from 5 on they stay. Residents and groups are all rounded, so
that the difference between two groups is a multiple of 5 as well; one draw for all of a building
keeps a group no larger than the residents.
"""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from boundaries.store.rows.summary import Households
from boundaries.store.rows.usable_rows import SET_ASIDE, RowFault
from geo.arrays import FloatArray, IntArray
from geo.messages import Message

BASE: Final = 5
"""The least count that is shown, and what others are rounded to."""

SEED_NAME: Final = "small counts"
"""Name of the secret of the store that the draws depend on."""

_PERSONS: Final = ("residents", "residents_60plus", "residents_under15")


def protected_counts(
    buildings: gpd.GeoDataFrame, *, district: str, key: bytes
) -> dict[str, npt.NDArray[np.int64]]:
    """Return the protected counts of buildings by column, aligned with their rows.

    Parameters
    ----------
    buildings : GeoDataFrame
    district : str
        Its code.
    key : bytes
        Secret of the store; whoever has it can undo the protection.
    """
    households = buildings["households"].to_numpy(np.int64)
    draws = _draws(district, buildings["building_id"].to_list(), households, key)
    is_small = (households > 0) & (households < BASE)
    persons = {name: _rounded(buildings[name].to_numpy(np.int64), draws) for name in _PERSONS}
    return {"households": np.where(is_small, _rounded(households, draws), households), **persons}


def protected_sum(households: Households, *, district: str, key: bytes) -> int:
    """Return the sum of the protected households of a district, without its layers.

    Parameters
    ----------
    households : Households
        Those below :data:`BASE` by building.
    district : str
        Its code.
    key : bytes
        Secret of the store.
    """
    counts = np.array(list(households.small.values()), dtype=np.int64)
    draws = _draws(district, list(households.small), counts, key)
    return households.others + int(_rounded(counts, draws).sum())


def with_counts(
    buildings: gpd.GeoDataFrame, counts: Mapping[str, npt.NDArray[np.int64]]
) -> gpd.GeoDataFrame:
    """Return buildings with protected counts; what is named of rows set aside tells none either."""
    result = buildings.assign(**counts)
    if SET_ASIDE in buildings.attrs:
        named = tuple(map(_without_count, buildings.attrs[SET_ASIDE]))
        result.attrs = {**buildings.attrs, SET_ASIDE: named}
    return result


def _without_count(fault: RowFault) -> RowFault:
    """Return the fault of a building without the value of a count that cannot be used."""
    column = fault.fault.parameters.get("column")
    if column not in ("households", *_PERSONS):
        return fault
    return replace(fault, fault=Message("rows.count_hidden", {"column": column}))


def _rounded(counts: IntArray, draws: FloatArray) -> npt.NDArray[np.int64]:
    """Round each count down or up to a multiple of the base, up with a chance of its remainder."""
    return (BASE * np.floor(counts / BASE + draws)).astype(np.int64)


def _draws(district: str, ids: list[str], households: IntArray, key: bytes) -> FloatArray:
    """Return a number from 0 to below 1 per building, as good as random without the key."""
    digests = b"".join(
        hmac.digest(key, f"{district}\n{each}\n{count}".encode(), "sha256")[:6]
        for each, count in zip(ids, households.tolist(), strict=True)
    )
    sixteenths = np.frombuffer(digests, ">u2").reshape(-1, 3).astype(np.float64)
    return np.asarray(sixteenths @ np.array([2.0**-16, 2.0**-32, 2.0**-48]), np.float64)
