"""Provenance of figures: data, network, standard, profile, threshold and code version."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from api.formats.aliases import Json
from api.formats.json import number, records
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.profiles import profile_detail
from api.version import code_version
from boundaries.standards.json import fingerprint
from boundaries.store.rows.read import AsOf
from geo.arrays import IntArray
from geo.model.layers import District
from geo.model.standard import Profile, Standard
from geo.model.vocabulary import Origin
from geo.network.nearest_way import nearest_ways
from geo.routing.walking_time import threshold_s

MOST_NAMED: Final = 20
"""Most rows set aside that an answer lists; `lifecircle db check` lists all."""


def provenance(district: District) -> Json:
    """Return the provenance of a district's data."""
    return {
        "district": district.code,
        "revision": district.revision,
        "origin": str(district.origin),
        "synthetic": district.origin == Origin.SYNTHETIC,
        "note": district.note,
        "note_zh": district.note_zh,
        "credits": list(district.credits),
        "code_version": code_version(),
    }


def provenance_of(snapshot: Snapshot) -> Json:
    """Return the provenance of a district's data, and the rows that figures leave out."""
    return {**provenance(snapshot.district), **set_aside_note(snapshot)}


def set_aside_note(snapshot: Snapshot) -> Json:
    """Return how many rows another program left unusable, the first by name; empty if none."""
    faults = snapshot.set_aside
    if not faults:
        return {}
    named = [
        {"layer": fault.layer, "key": fault.key, "fault": str(fault.fault)}
        for fault in faults[:MOST_NAMED]
    ]
    return {"set_aside": {"rows": len(faults), "named": named}}


def as_of_note(as_of: AsOf | None) -> Json:
    """Return the revision or day that was asked for; empty if none was."""
    return {} if as_of is None else {"as_of": as_of if isinstance(as_of, int) else str(as_of)}


def meta(snapshot: Snapshot, *, profile: str, minutes: float | None = None) -> Json:
    """Return the provenance of a figure: data, network, standard, profile, threshold."""
    walker = snapshot.profile(profile)
    result = {
        **provenance_of(snapshot),
        "network": snapshot.network_hash(profile),
        "standard": standard_name(snapshot.standard),
        "profile": profile_detail(walker),
        "households_known": snapshot.households_known,
    }
    if minutes is not None:
        result |= _threshold(walker, minutes)
    return result


def threshold_meta(snapshot: Snapshot, question: CoverageQuestion) -> Json:
    """Return the provenance of a figure, and the threshold of each category.

    Where each category has its own there is none for all: `minutes`, `threshold_s` and `metres`
    are None.
    """
    walker, own = snapshot.profile(question.profile), question.tier is not None
    about = meta(snapshot, profile=question.profile, minutes=question.minutes)
    none = dict.fromkeys(("minutes", "threshold_s", "metres")) if own else {}
    each = snapshot.thresholds(question).items()
    thresholds = {category: _threshold(walker, minutes) for category, minutes in each}
    return {**about, **none, "tier": question.tier, "thresholds": thresholds}


def _threshold(walker: Profile, minutes: float) -> Json:
    """Return a threshold in minutes, seconds and metres on the level."""
    return {
        "minutes": number(minutes),
        "threshold_s": threshold_s(minutes),
        "metres": round(walker.metres(minutes), 2),
    }


def question_note(question: CoverageQuestion, hours_at: Json | None) -> Json:
    """Return the last members of an answer: hours at the moment, and the revision or day."""
    return {"hours_at": hours_at, **as_of_note(question.as_of)}


def floors_note(snapshot: Snapshot, question: CoverageQuestion) -> Json:
    """Return how dwellings count by floor, with the buildings of unknown storeys; or null."""
    floors, buildings = snapshot.floors_asked(question), snapshot.layers.buildings
    if floors is None:
        return {"floors": None}
    lived_in = (buildings["households"] > 0).to_numpy()
    unknown = buildings[~floors.known & lived_in]
    several = lived_in & floors.known & (buildings["levels"] > 1).to_numpy()
    held = several & ~floors.lift_known
    return {
        "floors": {
            "spread": "even",
            "buildings": int((floors.known & lived_in).sum()),
            "unknown": {
                "buildings": len(unknown),
                "households": int(unknown["households"].sum()),
                "named": unknown["building_id"].head(MOST_NAMED).tolist(),
            },
            "lifts": {
                "known": int((several & floors.lift_known & floors.lift).sum()),
                "none": int((several & floors.lift_known & ~floors.lift).sum()),
                "held": int((held & floors.lift).sum()),
                "held_none": int((held & ~floors.lift).sum()),
            },
        }
    }


def judged_note(snapshot: Snapshot, profile: str) -> Json:
    """Return the categories that "all" stands for, those without points, and what is unlinked."""
    judged = snapshot.judged
    return {
        "unlinked_points": _unlinked_points(snapshot, profile),
        "unlinked_buildings": _unlinked_buildings(snapshot, profile),
        "judged": [category for category, known in judged.items() if known],
        "without_points": [category for category, known in judged.items() if not known],
    }


def _unlinked_points(snapshot: Snapshot, profile: str) -> Json:
    """Return how many service points nobody reaches because they are unlinked, the first by name.

    Those that count in no category are left out.
    """
    points, reason = snapshot.layers.service_points, snapshot.snapped(profile).point_reason
    counts = points["category"].isin([category.id for category in snapshot.standard.categories])
    lost = points[counts & (reason != "")].assign(reason=reason[counts & (reason != "")])
    columns = ["point_id", "name", "category", "reason"]
    return {"points": len(lost), "named": records(lost[columns].head(MOST_NAMED))}


def _unlinked_buildings(snapshot: Snapshot, profile: str) -> Json:
    """Return how many lived-in buildings are unlinked, and the first with what would link them."""
    buildings, reason = snapshot.layers.buildings, snapshot.snapped(profile).reason
    lost = unlinked_homes(snapshot, profile)
    first = lost[:MOST_NAMED]
    columns = ["building_id", "name", "households"]
    rows = records(buildings[columns].iloc[first].assign(reason=reason[first]))
    ways = _nearest_ways(snapshot, profile, first)
    return {
        "buildings": len(lost),
        "households": float(buildings["households"].to_numpy(np.float64)[lost].sum()),
        "named": [{**row, "way": way} for row, way in zip(rows, ways, strict=True)],
    }


def unlinked_homes(snapshot: Snapshot, profile: str) -> IntArray:
    """Return the rows of lived-in buildings that are not linked."""
    lived_in = (snapshot.layers.buildings["households"] > 0).to_numpy(np.bool_)
    return np.flatnonzero(lived_in & (snapshot.snapped(profile).reason != "")).astype(np.int64)


def _nearest_ways(snapshot: Snapshot, profile: str, rows: IntArray) -> Sequence[Json | None]:
    """Return the way nearest to each building that its walkers may use, None where there is none.

    It may lie on any level, beyond a barrier, or too far off.
    """
    network = snapshot.network(profile)
    if not len(rows) or not len(network.edge_id):
        return [None] * len(rows)
    edges = snapshot.metric.walk_edges
    edges = edges[edges["edge_id"].isin(network.edge_id)]
    tree = snapshot.of_places(
        ("way tree", profile), lambda _: shapely.STRtree(np.asarray(edges.geometry.array, object))
    )
    at = snapshot.snapped(profile).building_xy[rows]
    ways = nearest_ways(at, edges, snapshot.metric.barriers, tree=tree)
    return records(ways.assign(metres=ways["metres"].round(2)))


def standard_name(standard: Standard) -> Json:
    """Return id, version and fingerprint of a standard."""
    return {
        "id": standard.id,
        "version": standard.version,
        "fingerprint": fingerprint(standard),
    }
