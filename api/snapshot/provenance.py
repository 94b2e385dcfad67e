"""Provenance of figures: data, network, standard, profile, threshold and code version."""

from api.formats.aliases import Json
from api.formats.json import number
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.profiles import profile_detail
from api.version import code_version
from boundaries.standards.json import fingerprint
from boundaries.store.rows.read import AsOf
from geo.model.layers import District, Origin
from geo.model.standard import Standard
from geo.routing.walking_time import threshold_s


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


def as_of_note(as_of: AsOf | None) -> Json:
    """Return the revision or day that was asked for; empty if none was."""
    return {} if as_of is None else {"as_of": as_of if isinstance(as_of, int) else str(as_of)}


def meta(snapshot: Snapshot, *, profile: str, minutes: float | None = None) -> Json:
    """Return the provenance of a figure: data, network, standard, profile, threshold."""
    walker = snapshot.profile(profile)
    result = {
        **provenance(snapshot.district),
        "network": snapshot.network_hash(profile),
        "standard": standard_name(snapshot.standard),
        "profile": profile_detail(walker),
    }
    if minutes is not None:
        result |= {
            "minutes": number(minutes),
            "threshold_s": threshold_s(minutes),
            "metres": round(walker.metres(minutes), 2),
        }
    return result


def question_note(question: CoverageQuestion, gates_at: Json | None) -> Json:
    """Return the last members of an answer: gates at the moment, and the revision or day."""
    return {"gates_at": gates_at, **as_of_note(question.as_of)}


def standard_name(standard: Standard) -> Json:
    """Return id, version and fingerprint of a standard."""
    return {
        "id": standard.id,
        "version": standard.version,
        "fingerprint": fingerprint(standard),
    }
