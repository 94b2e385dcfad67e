"""Schema of a standard."""

from api.http.schemas import ProfileName, Shape
from geo.model.standard import Category, PlaceGroup, Profile, RuleSource


class ProfileShape(ProfileName, of=Profile, members={"source": "", "verified": ""}):
    """A walker with sources."""

    rules: list[RuleSource]


class StandardShape(Shape):
    """The standard that answers are given by."""

    id: str
    version: str
    zh: str
    en: str
    minutes: list[float]
    categories: list[Category]
    beside: list[PlaceGroup]
    profiles: list[ProfileShape]
