"""How one building or service point meets the walk network, and what would link it."""

from dataclasses import asdict

from api.errors import ParameterError
from api.formats.aliases import Json
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta, question_note
from geo.messages import LANGUAGES
from geo.scenario.edits import write_edit
from geo.scenario.linking import Door, Linking, linking
from maps.words.linking import link_sentence, row_of


def link_answer(
    snapshot: Snapshot,
    question: CoverageQuestion,
    *,
    building: str | None = None,
    point: str | None = None,
) -> Json:
    """Return where a place meets the walk network, or why nowhere and the edit that would link it.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
        Its walker and time count.
    building, point : str, optional
        One of them.

    Raises
    ------
    ParameterError
        If not exactly one place is named, or the profile is unknown.
    NotFoundError
        If there is no such place.
    EmptyError
        If the district has no buildings.
    """
    if (building is None) == (point is None):
        raise ParameterError("building", "parameters.one_place")
    snapshot, hours_at = as_asked(snapshot, question)
    engine = snapshot.what_if(question.profile)
    place_id = building if point is None else point
    told = linking(engine, "building" if point is None else "point", place_id or "")
    return {
        **meta(snapshot, profile=question.profile),
        **link_json(told, snapshot),
        **{
            f"sentence_{lang}": link_sentence(told, snapshot.layers, lang=lang)
            for lang in LANGUAGES
        },
        **question_note(question, hours_at),
    }


def link_json(told: Linking, snapshot: Snapshot) -> Json:
    """Return a linking as answers show it."""
    barriers, barrier = snapshot.layers.barriers, None
    if told.barrier_id is not None:
        row = row_of(barriers, "barrier_id", told.barrier_id)
        barrier = {"barrier_id": told.barrier_id, "kind": row["kind"], "name": row["name"]}
    found = told.remedy
    return {
        "place": told.place,
        "place_id": told.place_id,
        "reason": told.reason,
        "standing": told.standing,
        "door": door_json(told.door),
        "nearest_edge_id": told.nearest_edge_id,
        "nearest_m": round(told.nearest_m, 2),
        "barrier": barrier,
        "link_remedy": None
        if found is None
        else {
            "kind": found.kind,
            "edit": write_edit(found.edit),
            "length_m": round(found.length_m, 2),
            "households": found.households,
        },
    }


def door_json(door: Door) -> Json:
    """Return a door as answers show it."""
    shown = asdict(door)
    return {
        **shown,
        "lon": round(door.lon, 7),
        "lat": round(door.lat, 7),
        "leg_m": round(door.leg_m, 2),
    }
