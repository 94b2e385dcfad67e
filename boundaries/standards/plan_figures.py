"""Figures on grids and workers from the district's planning document."""

from typing import Final

from boundaries.standards.catalogue import standard_document
from geo.partition.atoms.band import Band

_SLACK: Final = 0.2
"""Share by which the households of a beat may differ from what a worker is meant for."""


def figure(name: str) -> float:
    """Return a figure of the district's document, for instance ``circle_minutes``."""
    return float(standard_document("bincheng_profile")["figures"][name]["value"])


def households_per_worker() -> int:
    """Return how many households the district's document gives a service worker.

    Examples
    --------
    >>> households_per_worker()
    100
    """
    return int(figure("households_per_worker"))


def plan_bands() -> tuple[Band, Band]:
    """Return the households of a small grid, and of a worker's beat, a fifth more or less.

    Examples
    --------
    >>> [(band.low, band.high) for band in plan_bands()]
    [(30, 50), (80, 120)]
    """
    low, high = (int(figure(f"group_households_{end}")) for end in ("min", "max"))
    target = households_per_worker()
    return (
        Band(low, high, (low + high) // 2),
        Band(round(target * (1 - _SLACK)), round(target * (1 + _SLACK)), target),
    )
