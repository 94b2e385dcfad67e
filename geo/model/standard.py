"""Values of a standard: categories of service, tiers, and walker profiles.

The figures live in data files (``boundaries/standards``), each with its source; this module only
says what shape they have.
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of service of a standard.

    Attributes
    ----------
    id : str
        For instance ``catering``.
    zh, en : str
        Names.
    badge_zh, badge_en : str
        One Chinese character, up to two Latin letters: the symbol of its points.
    radius_m : float
        Straight-line service radius, metres; a proposal unless `verified` says otherwise.
    time_min : float
        Walking time the category should be within, minutes.
    source, verified : str
        Where the figures come from and how well they were checked (``text``, ``second-hand``,
        ``unverified``).
    """

    id: str
    zh: str
    en: str
    badge_zh: str
    badge_en: str
    radius_m: float
    time_min: float
    source: str
    verified: str


class SlopeRule(StrEnum):
    """How a slope changes what a metre of street costs a walker; steps have a rule of their own."""

    LEVEL = "level"
    """Not at all."""
    TOBLER = "tobler"
    """As Tobler's hiking function has it, ``exp(-3.5 |S + 0.05|)``, relative to level ground."""
    CLIMB = "climb"
    """Each metre climbed counts for `climb_pace` level metres; going down is as the level."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule of a profile comes from, and how well it was checked.

    Attributes
    ----------
    rule : str
        Name of an attribute of :class:`Profile`.
    source, verified : str
        As for :class:`Category`.
    """

    rule: str
    source: str
    verified: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A walker.

    Attributes
    ----------
    id, zh, en : str
        For instance ``adult``.
    speed_m_s : float
        Walking speed on the level, metres per second.
    avoid : frozenset of str
        Kinds of walk edge that this walker cannot use, for instance ``steps``.
    source, verified : str
        As for :class:`Category`.
    steps_pace : float
        Level metres that one metre of steps counts for, up or down.
    slope : SlopeRule
    climb_pace : float
        Level metres that one metre climbed counts for; where `slope` is ``climb``.
    max_slope : float or None
        Streets that rise or fall more than this (metres per metre) cannot be used.
    crossing_s : float
        Waiting time at each crossing of a carriageway, seconds.
    sources : tuple of RuleSource
        Of the rules from `steps_pace` on; a rule without one is at its default.
    """

    id: str
    zh: str
    en: str
    speed_m_s: float
    avoid: frozenset[str] = field(default_factory=frozenset)
    source: str = ""
    verified: str = "unverified"
    steps_pace: float = 1.0
    slope: SlopeRule = SlopeRule.LEVEL
    climb_pace: float = 0.0
    max_slope: float | None = None
    crossing_s: float = 0.0
    sources: tuple[RuleSource, ...] = ()

    def metres(self, minutes: float) -> float:
        """Return the metres that this walker covers in `minutes` on the level."""
        return self.speed_m_s * minutes * 60


@dataclass(frozen=True, slots=True)
class Standard:
    """A versioned set of categories and profiles.

    Attributes
    ----------
    id, version, zh, en : str
        Identity; `version` changes whenever a figure does.
    categories : tuple of Category
        In the order in which they are shown.
    profiles : tuple of Profile
    minutes : tuple of float
        Thresholds to offer, ascending, for instance ``(5, 10, 15)``.
    """

    id: str
    version: str
    zh: str
    en: str
    categories: tuple[Category, ...]
    profiles: tuple[Profile, ...]
    minutes: tuple[float, ...] = (5.0, 10.0, 15.0)
