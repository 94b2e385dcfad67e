"""Schema of a district's walkers."""

from typing import Any, ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import ProfileName, Shape
from api.standards.schemas import ProfileShape

_PUPIL: Json = {
    "zh": "学童",
    "en": "Pupil",
    "speed_m_s": 1.0,
    "source": "Counted at ten school gates, May 2026",
    "verified": "text",
}


class OwnProfiles(Shape):
    """A district's own walkers."""

    profiles: dict[str, Any] = Field(
        description="By id, as `profiles` of a standard's file has them; none clears them."
    )

    EXAMPLE: ClassVar[Json] = {"profiles": {"pupil": _PUPIL}}


class ProfilesAnswer(Shape):
    """The walkers of a district."""

    district: str
    revision: int
    profiles: list[ProfileShape] = Field(description="Those of the standard, then its own.")
    own: dict[str, Any] = Field(description="Its own as they were given.")

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 4,
        "profiles": [
            {
                **ProfileName.EXAMPLE,
                **{name: _PUPIL[name] for name in ("zh", "en", "speed_m_s", "source", "verified")},
                "id": "pupil",
                "of_district": True,
                "rules": [],
            }
        ],
        "own": {"pupil": _PUPIL},
    }
