"""Why a geometry is invalid, as GEOS says it."""

from types import MappingProxyType
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo.messages import Message

_REASONS: Final = MappingProxyType({
    "Duplicate Rings": "geometry.duplicate_rings",
    "Hole lies outside shell": "geometry.hole_outside_shell",
    "Holes are nested": "geometry.nested_holes",
    "Interior is disconnected": "geometry.interior_in_parts",
    "Invalid Coordinate": "geometry.invalid_coordinate",
    "Nested shells": "geometry.nested_shells",
    "Ring Self-intersection": "geometry.ring_self_intersection",
    "Self-intersection": "geometry.self_intersection",
    "Too few points in geometry component": "geometry.too_few_points",
})  # fmt: skip


def invalid_reason(shape: BaseGeometry) -> Message:
    """Return what is wrong with an invalid geometry, without the place.

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> invalid_reason(bow).text("en"), invalid_reason(bow).text("zh")
    ('Self-intersection', '边界自相交')
    """
    told = shapely.is_valid_reason(shape).split("[")[0]
    return Message(_REASONS.get(told, told))
