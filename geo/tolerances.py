"""Tolerances of places, metres: each is defined here once, with the reason for its size."""

from typing import Final

SAME_M: Final = 1e-6
"""Places, and distances, that differ by no more than this are the same: rounding of coordinates of
some thousand kilometres stays a hundred times below it, and no survey comes near it."""

TOUCH_M: Final = 0.01
"""Things this near to each other touch: an end of an edge stands in a barrier or a gate, borders
that are drawn apart are one. Coordinates of seven decimals of a degree are a centimetre apart."""
