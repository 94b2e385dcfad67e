"""Isochrones of a place: outlines with their accuracy, and exact counts."""

import math
from enum import StrEnum
from typing import Final

import geopandas as gpd
import pandas as pd

from api.errors import ParameterError, shown
from api.formats.aliases import Json
from api.formats.json import collection, features, number
from api.parameters import CoverageQuestion, Position
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta, question_note
from geo.crs import project_points
from geo.isochrone.isochrones import isochrone_frame
from geo.routing.walking_time import threshold_s

MOST_THRESHOLDS: Final = 6
"""Thresholds of one question."""

_LEAST_MIN, _MOST_MIN = 1, 120


class Direction(StrEnum):
    """What is asked of a place."""

    FROM = "from"
    TO = "to"


def parse_thresholds(text: str, *, name: str = "minutes") -> list[float]:
    """Return thresholds written as ``5,10,15``, in minutes, as they stand.

    Raises
    ------
    ParameterError
        If they are not one to six different numbers from 1 to 120.

    Examples
    --------
    >>> parse_thresholds("5,10,15")
    [5.0, 10.0, 15.0]
    """
    try:
        result = [float(part) for part in text.split(",")]
    except ValueError:
        result = []
    good = all(math.isfinite(each) and _LEAST_MIN <= each <= _MOST_MIN for each in result)
    if not (result and good and len(result) == len(set(result)) and len(result) <= MOST_THRESHOLDS):
        raise ParameterError(
            name,
            "parameters.thresholds",
            name=name,
            got=shown(text),
            thresholds=MOST_THRESHOLDS,
            least=_LEAST_MIN,
            most=_MOST_MIN,
        )
    return result


def isochrones(
    snapshot: Snapshot,
    question: CoverageQuestion,
    place: Position,
    minutes: list[float],
    *,
    direction: Direction = Direction.FROM,
) -> Json:
    """Return the isochrones of a place as a GeoJSON FeatureCollection.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
        Its own threshold counts for nothing.
    place : Position
        Degrees.
    minutes : list of float
        Thresholds, inclusive; features come in their order.
    direction : Direction
        What is reached from the place, or from where it is reached.

    Raises
    ------
    ParameterError
        If the profile is unknown.
    NotFoundError
        If the place cannot be linked to the walk network.
    """
    snapshot, hours_at = as_asked(snapshot, question)
    engine = snapshot.isochrones(question.profile)
    epsg = snapshot.district.epsg
    drawn = engine.around(
        project_points(place.lon, place.lat, epsg)[0],
        minutes,
        towards=direction is Direction.TO,
    )
    frame = isochrone_frame(drawn, epsg=epsg)
    about = {
        **meta(snapshot, profile=question.profile),
        "direction": str(direction),
        "lon": place.lon,
        "lat": place.lat,
        **question_note(question, hours_at),
    }
    return collection(_features(frame, profile_m_s=engine.snapped.network.profile.speed_m_s), about)


def _features(frame: gpd.GeoDataFrame, *, profile_m_s: float) -> list[Json]:
    """Return the features; agreement is rounded down, never up."""
    table = pd.DataFrame(
        {
            "minutes": pd.Series([number(each) for each in frame["minutes"]], dtype=object),
            "threshold_s": [threshold_s(each) for each in frame["minutes"]],
            "metres": (frame["minutes"] * 60 * profile_m_s).round(2),
            "agreement": [math.floor(each * 1e4) / 1e4 for each in frame["agreement"]],
            "sampled": frame["sampled"],
            "cell_m": frame["cell_m"],
            "reached_m": frame["reached_m"].round(1),
            "households": frame["households"],
            "buildings": frame["buildings"],
            "label": frame["label"],
        }
    )
    return features(frame, table, ids=[str(each) for each in table["minutes"]])
