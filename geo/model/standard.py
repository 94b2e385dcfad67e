"""Values of a standard: categories of service and their kinds, and walker profiles.

The figures live in data files (``boundaries/standards``), each with its source; this module only
says what shape they have.
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """What a service point is: a pharmacy, a clinic, a cash machine. A point is of one kind.

    Attributes
    ----------
    id : str
        For instance ``pharmacy``; of one kind of a standard.
    zh, en : str
        Names.
    radius_m, time_min : float or None
    source, verified : str
        As for :class:`Category`; of its own, or those of its category. None where there is none.
    osm, osm_named : tuple of str
        Tag rules of OpenStreetMap; the second count only where the name says the kind too
        (:mod:`boundaries.standards.tag_rules`).
    keywords_zh, keywords_en : tuple of str
        Further names, and what signs say.
    amap : tuple of str
        POI type codes of AMap.
    """

    id: str
    zh: str
    en: str
    radius_m: float | None
    time_min: float | None
    source: str
    verified: str
    osm: tuple[str, ...] = ()
    osm_named: tuple[str, ...] = ()
    keywords_zh: tuple[str, ...] = ()
    keywords_en: tuple[str, ...] = ()
    amap: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A category of service: one need, and the kinds of place that meet it.

    Attributes
    ----------
    id : str
        For instance ``catering``.
    zh, en : str
        Names.
    badge_zh, badge_en : str
        One Chinese character, up to two Latin letters: the symbol of its points.
    radius_m : float
        Straight-line service radius, metres: information, no figure is computed with it.
    time_min : float
        Walking time the category should be within, minutes: its threshold where each category
        counts by its own.
    source, verified : str
        Where the figures come from and how well they were checked (``text``, ``second-hand``,
        ``derived``, ``unverified``).
    proposed : bool
        Whether the name is this project's proposal; else it is that of the district.
    aliases : tuple of str
        Further names in files. One that several have was split; then the kind decides.
    kinds : tuple of ServiceKind
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
    proposed: bool = False
    aliases: tuple[str, ...] = ()
    kinds: tuple[ServiceKind, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """Kinds of place that are shown and count in no category.

    Attributes
    ----------
    id, zh, en, badge_zh, badge_en, source, verified, aliases, kinds
        As for :class:`Category`.
    """

    id: str
    zh: str
    en: str
    badge_zh: str
    badge_en: str
    source: str
    verified: str
    aliases: tuple[str, ...] = ()
    kinds: tuple[ServiceKind, ...] = ()


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
        For instance ``standard``.
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
    stairs_s, lift_wait_s, lift_storey_s : float
        Seconds for the stairs of one storey, for the wait at a lift, and in it for one storey; 0
        where there is no rule (:mod:`geo.accessibility.floors`).
    lift_from : float
        Storeys from which a building is held to have a lift where that is unknown; 0: none is.
    wide_lanes : float
        A road of at least so many lanes is wide, as each carriageway of a dual one is
        (:mod:`geo.network.wide_roads`); 0 where there is no rule.
    signal_s, unsignalled_s : float
        Waiting time at each crossing of a wide road, with signals and without, seconds.
    sources : tuple of RuleSource
        Of the rules from `steps_pace` on; a rule without one is at its default.
    of_district : bool
        Whether it is a district's own, and not of the standard.
    at_crossings : bool
        Whether wide roads are crossed at crossings only.
    own_speed : bool
        Whether the speed is the question's own, in place of that of the profile.
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
    stairs_s: float = 0.0
    lift_wait_s: float = 0.0
    lift_storey_s: float = 0.0
    lift_from: float = 0.0
    wide_lanes: float = 0.0
    signal_s: float = 0.0
    unsignalled_s: float = 0.0
    sources: tuple[RuleSource, ...] = ()
    own_speed: bool = False
    of_district: bool = False
    at_crossings: bool = False

    def metres(self, minutes: float) -> float:
        """Return the metres that this walker covers in `minutes` on the level."""
        return self.speed_m_s * (minutes * 60)

    @property
    def waits(self) -> bool:
        """Whether part of its time does not shrink as its speed grows."""
        return self.crossing_s > 0


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
    compared : tuple of str
        Profiles whose paces are laid beside each other, since texts differ on how far a walk of
        15 minutes is.
    beside : tuple of PlaceGroup
    """

    id: str
    version: str
    zh: str
    en: str
    categories: tuple[Category, ...]
    profiles: tuple[Profile, ...]
    minutes: tuple[float, ...] = (5.0, 10.0, 15.0)
    compared: tuple[str, ...] = ()
    beside: tuple[PlaceGroup, ...] = ()

    @property
    def groups(self) -> tuple[Category | PlaceGroup, ...]:
        """The categories, then what stands beside them: what a service point can be of."""
        return (*self.categories, *self.beside)
