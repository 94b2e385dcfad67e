"""Shapes of the answers, for the API document; tests hold every real answer against them."""

from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.formats.aliases import Json
from api.version import code_version
from geo.model.standard import SlopeRule

_VERSION: Final = code_version()


class Shape(BaseModel):
    """Base: an answer has exactly the declared members."""

    model_config = ConfigDict(extra="forbid")


class Fault(Shape):
    """One fault of a request."""

    where: str = Field(description="query, path or body.")
    name: str
    message: str


class Problem(Shape):
    """RFC 9457 problem: what was got, what was wanted, what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field(default_factory=list)
    edit: int | None = Field(
        default=None, description="Of a scenario: the edit at fault, by its index in `edits`, 0 .."
    )
    now: dict[str, Any] | None = Field(
        default=None, description="With 412: what is there now, with its `etag`; null: nothing."
    )
    changes: list[dict[str, Any]] = Field(
        default_factory=list, description="With 412: the revisions that changed it since."
    )

    EXAMPLE: ClassVar[Json] = {
        "type": "urn:lifecircle:problem:input",
        "title": "The request is wrong",
        "status": 400,
        "detail": "Got profile 'runner'; wanted one of adult, elderly, wheelchair, pram.",
        "errors": [
            {
                "where": "query",
                "name": "profile",
                "message": "Got profile 'runner'; wanted one of adult, elderly, wheelchair, pram.",
            }
        ],
    }


class ProfileName(Shape):
    """The walker of an answer: speed, and rules for steps, slopes and crossings."""

    id: str
    zh: str
    en: str
    speed_m_s: float = Field(description="On the level.")
    steps_pace: float = Field(description="Level metres that one metre of steps counts for.")
    slope: SlopeRule = Field(description="Rule for slopes, where elevation is known.")
    climb_pace: float = Field(description="Level metres per metre climbed; of the rule climb.")
    max_slope: float | None = Field(description="Steeper streets cannot be used; null: none is.")
    crossing_s: float = Field(description="Waiting time at each crossing, seconds.")
    avoid: list[str] = Field(description="Kinds of way that cannot be used.")

    EXAMPLE: ClassVar[Json] = {
        "id": "adult",
        "zh": "成年人",
        "en": "Adult",
        "speed_m_s": 1.25,
        "steps_pace": 1.0,
        "slope": "tobler",
        "climb_pace": 0.0,
        "max_slope": None,
        "crossing_s": 0.0,
        "avoid": [],
    }


AS_OF = "Revision or day that was asked for; left out where none was."


class StandardId(Shape):
    """Identity of a standard."""

    id: str
    version: str
    fingerprint: str = Field(description="Hash of its content.")

    EXAMPLE: ClassVar[Json] = {
        "id": "bincheng-2026",
        "version": "2026.2",
        "fingerprint": "0b6f4a3c9d21",
    }


class Provenance(Shape):
    """Whose data an answer is made of."""

    district: str
    revision: int
    origin: str
    synthetic: bool
    note: str
    note_zh: str
    credits: list[str]
    code_version: str
    as_of: int | str | None = Field(default=None, description=AS_OF)

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 3,
        "origin": "synthetic",
        "synthetic": True,
        "note": "Synthetic buildings and service points inside a real outline.",
        "note_zh": "真实边界内的合成楼栋与服务点。",
        "credits": ["Synthetic data by Lifecircle"],
        "code_version": _VERSION,
    }


class WalkMeta(Provenance):
    """Provenance, walk network, standard and walker."""

    network: str = Field(description="Hash of the walk network: its layers, the walker, the code.")
    standard: StandardId
    profile: ProfileName

    EXAMPLE: ClassVar[Json] = {
        **Provenance.EXAMPLE,
        "network": "c2a94f7be01d5386",
        "standard": StandardId.EXAMPLE,
        "profile": ProfileName.EXAMPLE,
    }


class Meta(WalkMeta):
    """All that is needed to defend a figure."""

    minutes: float
    threshold_s: float = Field(
        description="Seconds that the threshold stands for: `time_s` up to it is covered."
    )
    metres: float = Field(description="What the threshold stands for at the profile's speed.")

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        "minutes": 15,
        "threshold_s": 900.0,
        "metres": 1125.0,
    }


class GatesAt(Shape):
    """Gates at a moment, by their opening hours."""

    at: str = Field(description="Local time of the district.")
    weekday: Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    with_hours: int = Field(description="Gates that have opening hours.")
    closed: list[str] = Field(description="Gates that count as closed because of them.")
    unreadable: list[str] = Field(
        description="Gates whose hours cannot be read; they stay as their access says."
    )

    EXAMPLE: ClassVar[Json] = {
        "at": "2026-11-24T22:00",
        "weekday": "Tu",
        "with_hours": 12,
        "closed": ["g1"],
        "unreadable": [],
    }


class AtMoment(Shape):
    """An answer that may be about one moment."""

    gates_at: GatesAt | None = Field(description="Null where no time was asked for.")


class Feature(Shape):
    """One GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    properties: dict[str, Any]
    geometry: dict[str, Any]


class FeatureCollection(Shape):
    """GeoJSON, EPSG:4326 in lon, lat order."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    lifecircle: dict[str, Any] = Field(description="Where the features come from.")


class Outside(Shape):
    """What lies in no small grid: in the total, in no row."""

    buildings: int
    households: int


class ChangeBy(Shape):
    """Who made a revision."""

    revision: int
    at: str = Field(description="UTC, ISO 8601.")
    actor: str = Field(description="Empty where nobody said.")
    what: str

    EXAMPLE: ClassVar[Json] = {
        "revision": 7,
        "at": "2026-03-02T08:30:00+00:00",
        "actor": "planning office",
        "what": "service_points changed",
    }


StatusName = Literal["covered", "beyond", "unlinked"]


def example_collection(feature_id: str, properties: Json, geometry: Json, about: Json) -> Json:
    """Return a FeatureCollection of one feature, as an example."""
    feature = {
        "type": "Feature",
        "id": feature_id,
        "properties": properties,
        "geometry": geometry,
    }
    return {"type": "FeatureCollection", "features": [feature], "lifecircle": about}


BBOX: Final = [118.0, 37.378, 118.005, 37.382]
SQUARE: Final[Json] = {
    "type": "Polygon",
    "coordinates": [
        [[118.0, 37.378], [118.005, 37.378], [118.005, 37.382], [118.0, 37.382], [118.0, 37.378]]
    ],
}
POINT: Final[Json] = {"type": "Point", "coordinates": [118.002, 37.38]}
LINE: Final[Json] = {"type": "LineString", "coordinates": [[118.0, 37.38], [118.004, 37.382]]}
