"""Schema of a standard."""

from api.http.schemas import ProfileName, Shape


class CategoryShape(Shape):
    """A category of service."""

    id: str
    zh: str
    en: str
    badge_zh: str
    badge_en: str
    radius_m: float
    time_min: float
    source: str
    verified: str


class RuleShape(Shape):
    """Where a rule of a walker comes from."""

    rule: str
    source: str
    verified: str


class ProfileShape(ProfileName):
    """A walker with sources."""

    source: str
    verified: str
    rules: list[RuleShape]


class StandardShape(Shape):
    """The standard that answers are given by."""

    id: str
    version: str
    zh: str
    en: str
    minutes: list[float]
    categories: list[CategoryShape]
    profiles: list[ProfileShape]
