"""Answer about one walk."""

import geopandas as gpd

from api.formats.aliases import Json
from api.formats.json import geometries
from api.parameters import CoverageQuestion, Position
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta, question_note


def walk(snapshot: Snapshot, question: CoverageQuestion, start: Position, end: Position) -> Json:
    """Return the shortest walk between two places."""
    snapshot, hours_at = as_asked(snapshot, question)
    result = snapshot.walk(start, end, profile=question.profile)
    line = gpd.GeoSeries([result.geometry], crs=snapshot.district.epsg).to_crs(4326)
    return {
        **meta(snapshot, profile=question.profile),
        "metres": round(result.metres, 2),
        "total_m": round(result.total_m, 2),
        "seconds": result.seconds,
        "crossings_s": round(result.crossing_s, 2),
        "climb_m": round(result.climb_m, 2),
        "leg_from_m": round(result.leg_start_m, 2),
        "leg_to_m": round(result.leg_end_m, 2),
        "geometry": geometries(line.array)[0],
        **question_note(question, hours_at),
    }
