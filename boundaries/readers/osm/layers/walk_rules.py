"""Pedestrian access of a way, derived from its OpenStreetMap tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from geo.messages import Message

WALKABLE: Final = frozenset(
    {
        "bridleway", "corridor", "crossing", "cycleway", "elevator", "footway", "living_street",
        "path", "pedestrian", "platform", "primary", "primary_link", "residential", "road",
        "secondary", "secondary_link", "service", "steps", "tertiary", "tertiary_link", "track",
        "trail", "trunk", "trunk_link", "unclassified",
    }
)  # fmt: skip
"""Values of `highway` that are walkable unless another tag forbids it."""

MOTOR_ONLY: Final = frozenset({"motorway", "motorway_link"})
"""Highways without pedestrians unless a tag admits them."""

NEVER: Final = frozenset(
    {
        "abandoned", "bus_guideway", "construction", "demolished", "dismantled", "disused",
        "emergency_bay", "escape", "no", "planned", "proposed", "raceway", "razed", "removed",
        "rest_area", "services", "via_ferrata",
    }
)  # fmt: skip
"""Values of `highway` that nobody walks along."""

_INVITED: Final = frozenset({"yes", "designated", "permissive", "official", "public"})
_OPEN: Final = _INVITED | {"destination", "customers", "discouraged", "dismount", "variable"}
_CLOSED: Final = frozenset(
    {"no", "use_sidepath", "military", "agricultural", "forestry", "emergency", "delivery"}
)
_CROSSING_TAGS: Final = frozenset(
    (key, "crossing") for key in ("cycleway", "footway", "highway", "path")
)
_OVER_WATER: Final = frozenset({"breakwater", "bridge", "dam", "groyne", "pier", "weir"})
_PRIVATE: Final = frozenset({"private", "residents", "permit"})


class WayAccess(StrEnum):
    """Pedestrian access as tagged; what `foot` tells overrides `access`."""

    OPEN = "open"
    PRIVATE = "private"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WalkRule:
    """A walkable way.

    Attributes
    ----------
    kind : str
        Value of `highway`, or ``platform``.
    forward, backward : bool
        Walkable in the way's direction, and against it.
    private : bool
        Walks may start and end here; nobody passes through.
    """

    kind: str
    forward: bool
    backward: bool
    private: bool


def access_of(tags: Mapping[str, str]) -> WayAccess:
    """Return the access of pedestrians by `foot`, or by `access` if `foot` tells nothing.

    Examples
    --------
    >>> access_of({"access": "no", "foot": "yes"}).value, access_of({"access": "private"}).value
    ('open', 'private')
    """
    return told_access(tags, "foot") or told_access(tags, "access") or WayAccess.OPEN


def told_access(tags: Mapping[str, str], key: str) -> WayAccess | None:
    """Return what one key tells; of several values the one that lets most people through.

    Examples
    --------
    >>> told_access({"foot": "yes;designated"}, "foot").value, told_access({}, "foot")
    ('open', None)
    """
    values = {value.strip() for value in tags.get(key, "").split(";")}
    if values & _OPEN:
        return WayAccess.OPEN
    if values & _PRIVATE:
        return WayAccess.PRIVATE
    return WayAccess.CLOSED if values & _CLOSED else None


def is_candidate(tags: Mapping[str, str]) -> bool:
    """Return whether an object claims to be a street, a path or a platform."""
    return (
        "highway" in tags
        or tags.get("railway") == "platform"
        or tags.get("public_transport") == "platform"
    )


def walk_rule(tags: Mapping[str, str]) -> WalkRule | Message:
    """Return how a way is walked, or the reason why it is not.

    `oneway` is meant for vehicles and ignored, but for escalators and moving walkways
    (`conveying`); `oneway:foot`, `foot:forward` and `foot:backward` bind walkers.

    Parameters
    ----------
    tags : mapping of str to str
        Of a candidate (:func:`is_candidate`).

    Returns
    -------
    WalkRule or Message

    Examples
    --------
    >>> walk_rule({"highway": "steps", "conveying": "backward"})
    WalkRule(kind='steps', forward=False, backward=True, private=False)
    >>> str(walk_rule({"highway": "motorway"}))
    'motorway without foot=yes'
    """
    kind = _kind(tags)
    if kind in NEVER:
        return Message("osm.no_walkway", {"value": kind})
    if kind in MOTOR_ONLY or tags.get("motorroad") == "yes":
        if _INVITED.isdisjoint(tags.get("foot", "").split(";")):
            return Message("osm.motorway")
    elif kind not in WALKABLE:
        return Message("osm.unknown_highway", {"value": kind})
    access = access_of(tags)
    if access is WayAccess.CLOSED:
        return Message("osm.closed_to_walkers")
    forward, backward = _directions(tags)
    if not (forward or backward):
        return Message("osm.closed_both_ways")
    return WalkRule(kind, forward, backward, access is WayAccess.PRIVATE)


def may_walk(tags: Mapping[str, str]) -> bool:
    """Return whether a place that is no street is said to be open to walkers.

    Examples
    --------
    >>> may_walk({"place": "square", "foot": "yes"}), may_walk({"place": "square"})
    (True, False)
    """
    return tags.get("foot") in _INVITED


def leads_over_water(tags: Mapping[str, str]) -> bool:
    """Return whether a way leads through or over water without a bridge.

    Examples
    --------
    >>> leads_over_water({"highway": "path", "ford": "stepping_stones"})
    True
    """
    return (
        is_set(tags, "ford")
        or tags.get("man_made") in _OVER_WATER
        or tags.get("waterway") in _OVER_WATER
    )


def is_crossing(tags: Mapping[str, str]) -> bool:
    """Return whether a way is tagged as leading walkers across a street.

    Examples
    --------
    >>> is_crossing({"highway": "footway", "footway": "crossing"})
    True
    """
    return "crossing" in tags.values() and bool(_CROSSING_TAGS & tags.items())


def lanes_of(tags: Mapping[str, str]) -> int:
    """Return the lanes of a street, 0 where they are unknown.

    Examples
    --------
    >>> lanes_of({"lanes": "4"}), lanes_of({"lanes": "many"})
    (4, 0)
    """
    text = tags.get("lanes", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0  # noqa: PLR2004


def is_one_way(tags: Mapping[str, str]) -> bool:
    """Return whether vehicles go one way."""
    return tags.get("oneway") in {"yes", "1", "true", "-1"} or tags.get("junction") == "roundabout"


def is_set(tags: Mapping[str, str], key: str) -> bool:
    """Return whether `key` is there with another value than ``no``."""
    return tags.get(key, "no") != "no"


def _kind(tags: Mapping[str, str]) -> str:
    """Return the first value of `highway`, ``platform`` for platforms without one."""
    highway = tags.get("highway", "platform")
    first = highway.split(";")[0].strip()
    return first if all(part.strip() in WALKABLE for part in highway.split(";")) else highway


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether the way is walked forward and backward."""
    conveying = tags.get("conveying")
    oneway = tags.get("oneway:foot", tags.get("oneway") if is_set(tags, "conveying") else None)
    forward = oneway != "-1" and conveying != "backward" and tags.get("foot:forward") != "no"
    backward = oneway not in {"yes", "1"} and conveying != "forward"
    return forward, backward and tags.get("foot:backward") != "no"
