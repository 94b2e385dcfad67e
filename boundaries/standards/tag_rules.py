"""Rules that give an OpenStreetMap object its kind of service: parsed once, matched by key.

A rule is written as OpenStreetMap writes its tags::

    amenity=cafe                                    one tag
    shop=convenience|supermarket                    one of several values
    healthcare=*                                    any value but `no`
    amenity=social_facility + social_facility:for=senior    all conditions at once
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from geo.errors import SchemaError
from geo.model.standard import ServiceKind, Standard


@dataclass(frozen=True, slots=True)
class Condition:
    """One tag that must be there.

    Attributes
    ----------
    key : str
    values : frozenset of str or None
        Accepted values; None accepts every value but ``no``.
    """

    key: str
    values: frozenset[str] | None

    def matched_by(self, tags: Mapping[str, str]) -> bool:
        """Return whether `tags` fulfil the condition.

        A value like ``convenience;bakery`` stands for each of its parts.
        """
        text = tags.get(self.key)
        if text is None:
            return False
        parts = (value.strip() for value in text.split(";"))
        return any(part != "no" if self.values is None else part in self.values for part in parts)


@dataclass(frozen=True, slots=True)
class TagRule:
    """One way to a kind: all `conditions` hold and, where given, the name fits.

    Attributes
    ----------
    category, kind : str
    conditions : tuple of Condition
        At least one.
    name : re.Pattern or None
        Searched in the object's name.
    """

    category: str
    kind: str
    conditions: tuple[Condition, ...]
    name: re.Pattern[str] | None = None

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Return whether an object with `tags` is of the kind."""
        if not all(condition.matched_by(tags) for condition in self.conditions):
            return False
        return self.name is None or self.name.search(_name_text(tags)) is not None

    @property
    def rank(self) -> tuple[bool, bool]:
        """How little the rule says: exact tags before any value, with a name before without."""
        any_value = any(condition.values is None for condition in self.conditions)
        return any_value, self.name is None


@dataclass(frozen=True, slots=True)
class TagRules:
    """Rules in the order in which they are asked, indexed by the key of their first condition.

    Attributes
    ----------
    rules : tuple of TagRule
    by_key : dict of str to tuple of int
        Positions in `rules`, ascending; made from `rules`.
    """

    rules: tuple[TagRule, ...] = ()
    by_key: Mapping[str, tuple[int, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        index: dict[str, tuple[int, ...]] = {}
        for position, rule in enumerate(self.rules):
            key = rule.conditions[0].key
            index[key] = (*index.get(key, ()), position)
        object.__setattr__(self, "by_key", index)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of which an object must have at least one to be of a kind."""
        return frozenset(self.by_key)


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Parse the conditions of one rule.

    Parameters
    ----------
    text : str
        For instance ``amenity=social_facility + social_facility=day_care|nursing_home``.

    Raises
    ------
    SchemaError
        If a condition is not ``key=value``.

    Examples
    --------
    >>> parse_conditions("healthcare=*")[0].matched_by({"healthcare": "dentist"})
    True
    """
    conditions = []
    for part in text.split("+"):
        key, sign, value = part.strip().partition("=")
        options = [option.strip() for option in value.split("|")]
        if not key or not sign or not all(options) or re.search(r"\s", key):
            raise SchemaError("standards.wrong_tag_rule", text=text)
        values = None if options == ["*"] else frozenset(options)
        conditions.append(Condition(key.strip(), values))
    return tuple(conditions)


def rules_of(standard: Standard) -> TagRules:
    """Return the tag rules of every kind of a standard.

    Rules that name exact tags come before those that take any value of a key, and of each those
    that lean on a name come first; else the order of the standard decides.
    """
    rules = (
        rule for group in standard.groups for kind in group.kinds for rule in _rules(group.id, kind)
    )
    return ordered(rules)


def ordered(rules: Iterable[TagRule]) -> TagRules:
    """Return rules in the order in which they are asked (:func:`rules_of`)."""
    return TagRules(tuple(sorted(rules, key=lambda rule: rule.rank)))


def kind_of(tags: Mapping[str, str], rules: TagRules) -> tuple[str, str] | None:
    """Return category and kind of an object: of one kind, whatever else its sign says.

    The first rule that fits decides, whatever the order of the tags.

    Parameters
    ----------
    tags : mapping of str to str
    rules : TagRules

    Returns
    -------
    tuple of (str, str) or None
        Category id and kind id; None if no rule fits.

    Notes
    -----
    O(number of tags) for an object that has none of the keys.

    Examples
    --------
    >>> rule = TagRule("shopping", "convenience", parse_conditions("shop=convenience"))
    >>> kind_of({"shop": "convenience", "name": "便利店"}, TagRules((rule,)))
    ('shopping', 'convenience')
    """
    candidates = [position for key in tags for position in rules.by_key.get(key, ())]
    for position in sorted(candidates):
        rule = rules.rules[position]
        if rule.fits(tags):
            return rule.category, rule.kind
    return None


def name_pattern(kind: ServiceKind) -> re.Pattern[str]:
    """Return what the sign of a kind says: a Chinese name anywhere, an English one as a word.

    Examples
    --------
    >>> from boundaries.standards.catalogue import load_standard
    >>> toilets = load_standard().beside[-1].kinds[0]
    >>> [bool(name_pattern(toilets).search(name)) for name in ("北门公厕", "WC", "Newcastle")]
    [True, True, False]
    """
    english = "|".join(map(re.escape, (kind.en, *kind.keywords_en)))
    chinese = "|".join(map(re.escape, (kind.zh, *kind.keywords_zh)))
    return re.compile(rf"{chinese}|(?<![a-z])(?:{english})(?![a-z])", re.IGNORECASE)


def _rules(category: str, kind: ServiceKind) -> list[TagRule]:
    pattern = name_pattern(kind)
    plain = [TagRule(category, kind.id, parse_conditions(text)) for text in kind.osm]
    named = [TagRule(category, kind.id, parse_conditions(text), pattern) for text in kind.osm_named]
    return [*plain, *named]


def _name_text(tags: Mapping[str, str]) -> str:
    """Return every name of an object, for a search."""
    return " ".join(tags[key] for key in ("name", "name:zh", "alt_name", "operator") if key in tags)
