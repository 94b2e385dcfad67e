"""Explanation of one building's walk to one category, in figures and in a sentence."""

import geopandas as gpd
import numpy as np

from api.explanations.by_floor import with_floors
from api.explanations.closed_hours import with_hours
from api.explanations.linking import door_json, link_json
from api.formats.aliases import Json
from api.formats.json import geometries
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import floors_note, meta, question_note
from geo.messages import LANGUAGES
from geo.scenario.edits import write_edit
from geo.scenario.explain import Cause, Explanation, Remedy, explain
from maps.words.explanation import sentence


def explanation(
    snapshot: Snapshot,
    question: CoverageQuestion,
    *,
    building: str,
    category: str,
    remedy: bool = True,
) -> Json:
    """Return why a building is covered or not, and the one edit that would cover it.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
    building, category : str
    remedy : bool
        Whether to look for an edit.

    Raises
    ------
    ParameterError
        If the category or the profile is unknown.
    NotFoundError
        If there is no such building.
    EmptyError
        If the district has no buildings.
    """
    always = snapshot
    snapshot, hours_at = as_asked(snapshot, question)
    kind = snapshot.category(category)
    question = snapshot.of_category(question, kind.id)
    engine = snapshot.what_if(question.profile)
    result = explain(engine, building, kind.id, minutes=question.minutes, remedies=remedy)
    result, closed = with_hours(result, always, question)
    result, by_floor = with_floors(result, snapshot, question)
    names = {
        f"sentence_{lang}": sentence(
            result,
            snapshot.layers,
            lang=lang,
            category=kind,
            reach_m=engine.network.profile.metres(question.minutes),
            searched=remedy,
            closed=closed,
            by_floor=by_floor,
        )
        for lang in LANGUAGES
    }
    points = snapshot.layers.service_points.set_index("point_id")["name"]
    return {
        **meta(snapshot, profile=question.profile, minutes=question.minutes),
        "building_id": result.building_id,
        "category": result.category,
        "status": _STATUS.get(result.cause, "beyond"),
        "cause": str(result.cause),
        "subject": result.subject,
        "time_s": result.time_s,
        "point_id": result.point_id,
        "point_name": None if result.point_id is None else str(points[result.point_id]),
        "straight_m": round(result.straight_m, 2),
        "split": _split(result, speed_m_s=engine.network.profile.speed_m_s),
        "doors": _doors(result),
        "by_floor": by_floor,
        "link": None if result.linking is None else link_json(result.linking, snapshot),
        "geometry": _geometry(result, snapshot.district.epsg),
        "remedy": None if result.remedy is None else _remedy(result.remedy),
        "closed_hours": closed,
        **names,
        **floors_note(snapshot, question),
        **question_note(question, hours_at),
    }


_STATUS = {Cause.COVERED: "covered", Cause.UNLINKED: "unlinked"}


def _split(why: Explanation, *, speed_m_s: float) -> Json | None:
    """Return the parts of the walk; the four times sum to the whole."""
    walk = why.walk
    if walk is None:
        return None
    leg_from_s, leg_to_s = (
        round(float(leg_m) / speed_m_s, 2) for leg_m in (walk.leg_start_m, walk.leg_end_m)
    )
    crossings_s = round(walk.crossing_s, 2)
    return {
        "leg_from_s": leg_from_s,
        "network_s": round(why.time_s - leg_from_s - crossings_s - leg_to_s, 2),
        "crossings_s": crossings_s,
        "leg_to_s": leg_to_s,
        "metres": round(walk.metres, 2),
        "climb_m": round(walk.climb_m, 2),
        "leg_from_m": round(walk.leg_start_m, 2),
        "leg_to_m": round(walk.leg_end_m, 2),
    }


def _doors(why: Explanation) -> Json | None:
    if why.doors is None:
        return None
    return dict(zip(("from", "to"), map(door_json, why.doors), strict=True))


def _geometry(why: Explanation, epsg: int) -> object:
    if why.walk is None:
        return None
    line = gpd.GeoSeries([why.walk.geometry], crs=epsg).to_crs(4326)
    return geometries(np.asarray(line.array, object))[0]


def _remedy(remedy: Remedy) -> Json:
    return {
        "kind": remedy.kind,
        "edit": write_edit(remedy.edit),
        "length_m": round(remedy.length_m, 2),
        "time_s": remedy.time_s,
        "households": remedy.households,
    }
