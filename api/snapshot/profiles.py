"""Profiles (walkers) and categories of a standard: look-up; profiles as JSON and as text."""

from collections.abc import Sequence
from typing import Final, TypeVar

from api.errors import ParameterError
from api.formats.aliases import Json
from boundaries.plain_names import plain
from geo.messages import Message, language
from geo.model.standard import Category, PlaceGroup, Profile, SlopeRule, Standard

G = TypeVar("G", Category, Category | PlaceGroup)

_WAYS: Final = {
    "steps": "walker.way_steps",
    "escalator": "walker.way_escalator",
    "ladder": "walker.way_ladder",
}
"""Ways that a walker avoids."""


def find_profile(standard: Standard, profile_id: str) -> Profile:
    """Return a profile of a standard; raise `ParameterError` naming those there are."""
    for profile in standard.profiles:
        if profile.id == profile_id:
            return profile
    known = [profile.id for profile in standard.profiles]
    for profile in standard.profiles:
        if plain(profile_id) in map(plain, (profile.zh, profile.en)):
            about = {"got": profile_id, "now": profile.id, "known": known}
            raise ParameterError("profile", "parameters.profile_now", **about)
    raise ParameterError("profile", "parameters.profile", got=profile_id, known=known)


def find_category(category_id: str, among: Sequence[G], standard: Standard) -> G:
    """Return a category by its id.

    Parameters
    ----------
    category_id : str
    among : sequence of Category or PlaceGroup
        Those of `standard` that are meant.
    standard : Standard

    Raises
    ------
    ParameterError
        Naming those there are, and what the id is instead: an earlier id of some of them, a name,
        a kind, or a group that counts in no category.
    """
    for category in among:
        if category.id == category_id:
            return category
    known = [category.id for category in among]
    if category_id in [group.id for group in standard.beside]:
        raise ParameterError("category", "parameters.category_beside", got=category_id, known=known)
    if meant := [category.id for category in among if _is_called(category, category_id)]:
        raise ParameterError(
            "category", "parameters.category_now", got=category_id, now=meant, known=known
        )
    raise ParameterError("category", "parameters.category", got=category_id, known=known)


def _is_called(category: Category | PlaceGroup, name: str) -> bool:
    """Return whether a category, or a kind of it, is called so or was."""
    kinds = [text for kind in category.kinds for text in (kind.id, kind.zh, kind.en)]
    names = (category.zh, category.en, *category.aliases, *kinds)
    return plain(name) in map(plain, names)


def profile_detail(walker: Profile) -> Json:
    """Return a profile with its speed and rules as JSON."""
    names = ("id", "zh", "en", "speed_m_s", "steps_pace", "slope", "climb_pace", "crossing_s")
    slope = walker.max_slope
    return {
        **{name: getattr(walker, name) for name in names},
        "slope": str(walker.slope),
        "max_slope": None if slope is None else round(slope, 4),
        "avoid": sorted(walker.avoid),
        "own_speed": walker.own_speed,
        "of_district": walker.of_district,
        "at_crossings": walker.at_crossings,
    }


def walker_text(walker: Json) -> str:
    """Return a walker of :func:`profile_detail` as a line of text, in the language spoken."""
    parts = [Message("walker.speed", {"speed": walker["speed_m_s"]})]
    if walker["of_district"]:
        parts.append(Message("walker.of_district"))
    if walker["own_speed"]:
        parts.append(Message("walker.own_speed"))
    for kind in walker["avoid"]:
        way = Message(_WAYS[kind]) if kind in _WAYS else kind
        parts.append(Message("walker.avoid", {"way": way}))
    if walker["steps_pace"] != 1 and "steps" not in walker["avoid"]:
        parts.append(Message("walker.steps_pace", {"pace": walker["steps_pace"]}))
    if walker["slope"] == SlopeRule.CLIMB:
        parts.append(Message("walker.climb", {"pace": walker["climb_pace"]}))
    elif walker["slope"] == SlopeRule.TOBLER:
        parts.append(Message("walker.tobler"))
    if walker["max_slope"] is not None:
        parts.append(Message("walker.max_slope", {"slope": walker["max_slope"]}))
    if walker["crossing_s"]:
        parts.append(Message("walker.crossing", {"seconds": walker["crossing_s"]}))
    if walker["at_crossings"]:
        parts.append(Message("walker.at_crossings"))
    name, comma = (walker["zh"], "，") if language() == "zh" else (walker["id"], ", ")
    return comma.join([str(name), *map(str, parts)])
