"""Shapes of single features and of their past, for the API document."""

from typing import ClassVar, Final

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import ChangeBy, Feature, Shape
from geo.model.layer_columns import COLUMNS, example_row

_PROPERTIES: Final[Json] = example_row("service_points", COLUMNS["service_points"])
_POINT: Final[Json] = {"type": "Point", "coordinates": [118.002, 37.38]}
_FEATURE: Final[Json] = {
    "type": "Feature",
    "id": "p1",
    "properties": _PROPERTIES,
    "geometry": _POINT,
}


class FeatureAbout(Shape):
    """Where a feature stands and since when it is as it is."""

    district: str
    synthetic: bool = Field(description="True: made up; label it wherever it is shown.")
    layer: str
    since: int = Field(description="Revision since which it is as it is; its ETag.")
    valid_from: str = Field(description="Day since which.")
    revision: int | None = Field(
        default=None, description="Of the district now; in the answer to a change."
    )

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "synthetic": True,
        "layer": "service-points",
        "since": 7,
        "valid_from": "2026-03-01",
    }


class FeatureAnswer(Feature):
    """One feature, EPSG:4326, to the last digit."""

    lifecircle: FeatureAbout

    EXAMPLE: ClassVar[Json] = {**_FEATURE, "lifecircle": FeatureAbout.EXAMPLE}


class VersionShape(Shape):
    """One state of a feature."""

    since: int = Field(description="Revision that made it so.")
    until: int | None = Field(description="First revision without it; null: it is so now.")
    valid_from: str
    valid_to: str | None = Field(description="First day without it.")
    change: ChangeBy | None = Field(description="Null where the log does not reach back so far.")
    feature: Feature


class VersionsAnswer(Shape):
    """All states of a feature, newest first."""

    district: str
    synthetic: bool
    layer: str
    key: str
    versions: list[VersionShape]

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "synthetic": True,
        "layer": "service-points",
        "key": "p1",
        "versions": [
            {
                "since": 7,
                "until": None,
                "valid_from": "2026-03-01",
                "valid_to": None,
                "change": ChangeBy.EXAMPLE,
                "feature": _FEATURE,
            }
        ],
    }


class Gone(Shape):
    """A feature was removed."""

    district: str
    layer: str
    key: str
    revision: int = Field(description="Of the district, that removed it.")

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "layer": "service-points",
        "key": "p1",
        "revision": 8,
    }


CHANGED: Final[Json] = {**_FEATURE, "lifecircle": {**FeatureAbout.EXAMPLE, "revision": 7}}
FEATURE_IN: Final[Json] = {
    "type": "Feature",
    "properties": {"category": "catering", "name": "社区食堂"},
    "geometry": _POINT,
}
FEATURE_PATCH: Final[Json] = {"properties": {"name": "社区食堂"}}
