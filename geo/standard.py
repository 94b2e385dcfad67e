"""Values of a standard: categories of service, tiers, and walker profiles.

The figures live in data files (``boundaries/standards``), each with its source; this module only
says what shape they have.
"""

from dataclasses import dataclass, field


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
        One Chinese character, up to two Latin letters: the mark on the map.
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
    """

    id: str
    zh: str
    en: str
    speed_m_s: float
    avoid: frozenset[str] = field(default_factory=frozenset)
    source: str = ""
    verified: str = "unverified"

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
