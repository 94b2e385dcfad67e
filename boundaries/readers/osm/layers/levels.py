"""Levels of ways and barriers: 0 on the ground, above it positive, below it negative."""

import math
import re
from collections.abc import Mapping
from typing import Final

from boundaries.readers.osm.layers.walk_rules import is_set

_AT_GROUND: Final = frozenset({"boardwalk", "low_water_crossing"})
"""Values of `bridge` that are walked onto from the ground beside them."""

_LEVEL: Final = re.compile(r"(?<!\d)-?\d+(?:\.\d+)?")
"""A number of a list or a range; what joins a range is no sign."""


def way_level(tags: Mapping[str, str]) -> int:
    """Return the level of a walkable way.

    A bridge is above the ground and a tunnel below it, whatever their `layer`; what leads through
    a building or under a roof is on the ground. Other ways lie on their `layer`, or, in stations
    and buildings, on the one of their own levels (`level`) that is nearest to the ground.

    Examples
    --------
    >>> way_level({"highway": "footway", "bridge": "yes"}), way_level({"layer": "-2"})
    (1, -2)
    >>> way_level({"tunnel": "building_passage", "layer": "-1"}), way_level({"level": "0;-1"})
    (0, 0)
    """
    layer = _number(tags.get("layer", ""))
    if is_set(tags, "bridge") and tags["bridge"] not in _AT_GROUND:
        return layer or 1
    if is_set(tags, "tunnel") and tags["tunnel"] != "building_passage":
        return layer or -1
    if is_set(tags, "tunnel") or is_set(tags, "covered"):
        return 0
    return layer or _own_level(tags.get("level", ""))


def barrier_level(tags: Mapping[str, str]) -> int:
    """Return the level of a barrier.

    A negative `layer` sinks no water: mappers give it to open rivers, to put them below bridges.
    Nor does a positive one lift a railway off its embankment.

    Examples
    --------
    >>> barrier_level({"barrier": "fence", "bridge": "yes"}), barrier_level({"waterway": "river"})
    (1, 0)
    """
    layer = _number(tags.get("layer", ""))
    if is_set(tags, "bridge"):
        return layer or 1
    if layer < 0 and ("waterway" in tags or "natural" in tags):
        return 0
    return 0 if is_set(tags, "embankment") else layer


def _own_level(text: str) -> int:
    """Return the level nearest to the ground of a list such as ``-1;0`` or a range such as 0-2."""
    numbers = [_number(part) for part in _LEVEL.findall(text)] or [0]
    return 0 if min(numbers) < 0 < max(numbers) else min(numbers, key=abs)


def _number(text: str) -> int:
    """Return a whole number, away from 0 where it is none; 0 where the text is no number."""
    try:
        number = float(text)
    except ValueError:
        return 0
    if not math.isfinite(number):
        return 0
    return math.ceil(number) if number > 0 else math.floor(number)
