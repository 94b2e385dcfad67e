"""A requirement of a standard: what should be within which distance of whom."""

from dataclasses import dataclass
from enum import StrEnum


class Whom(StrEnum):
    """Whom a requirement is for."""

    ALL = "all"
    ELDERLY = "elderly"
    """People of 60 and more."""
    CHILDREN = "children"
    """People under 15."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of a standard, as far as a figure can be given for it.

    Attributes
    ----------
    id : str
        ``<table>:<number>``.
    standard : str
        Table of facts that it is a row of, or id of the district's own standard.
    zh, en : str
        Names.
    tier : str
        ``t5``, ``t10``, ``t15`` or ``block`` of GB 50180; empty in other standards.
    required : bool or None
        None where the standard does not say.
    kinds : tuple of str
        Kinds of service point that meet it; one is enough. Empty where `lacks` says what is
        missing.
    category : str
        Category of the district's own standard, all of whose points meet it; empty in others.
    radius_m : float or None
        Straight-line service radius, metres.
    minutes : float or None
        Time to walk there, where the standard gives one; else whoever walks `radius_m` has it.
    whom : Whom
    floor_area_m2 : float or None
        Floor area of `kinds` per 100 households, at least: an amount, not a distance.
    lacks : tuple of str
        What the data of a district does not hold, in zh and en; empty if nothing.
    source, verified : str
        Of the figure, as for :class:`geo.model.standard.Category`.
    """

    id: str
    standard: str
    zh: str
    en: str
    tier: str
    required: bool | None
    kinds: tuple[str, ...]
    category: str
    radius_m: float | None
    minutes: float | None
    whom: Whom
    floor_area_m2: float | None
    lacks: tuple[str, ...]
    source: str
    verified: str
