"""Rules that give an OpenStreetMap object its category: parsed once, matched by key.

A rule is written as OpenStreetMap writes its tags::

    amenity=cafe                                    one tag
    shop=convenience|supermarket                    one of several values
    healthcare=*                                    any value but `no`
    amenity=social_facility + social_facility:for=senior    all conditions at once
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import SchemaError


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

    def matched_by(self, tags: Mapping[str, str]) -> str | None:
        """Return the value of `tags` that fulfils the condition, None if there is none.

        A value like ``convenience;bakery`` stands for each of its parts; the first that fits wins.
        """
        text = tags.get(self.key)
        if text is None:
            return None
        for value in text.split(";") if ";" in text else (text,):
            part = value.strip()
            if part != "no" if self.values is None else part in self.values:
                return part
        return None


@dataclass(frozen=True, slots=True)
class TagRule:
    """One way into a category: all `conditions` hold and, where given, the name fits.

    Attributes
    ----------
    category : str
    conditions : tuple of Condition
        At least one.
    name : re.Pattern or None
        Searched in the object's name.
    """

    category: str
    conditions: tuple[Condition, ...]
    name: re.Pattern[str] | None = None

    def sub(self, tags: Mapping[str, str]) -> str | None:
        """Return the matching tag, None if the rule does not fit.

        Of several conditions the one that accepts the most values is told, because it says what
        is not known already: ``social_facility=day_care``, not ``amenity=social_facility``.
        """
        if self.name is not None and not self.name.search(_name_text(tags)):
            return None
        matches: list[tuple[float, str]] = []
        for condition in self.conditions:
            value = condition.matched_by(tags)
            if value is None:
                return None
            width = float("inf") if condition.values is None else len(condition.values)
            matches.append((width, f"{condition.key}={value}"))
        return max(matches, key=lambda item: item[0])[1]


@dataclass(frozen=True, slots=True)
class TagRules:
    """All rules of a standard, in catalogue order, indexed by the key of their first condition.

    Rules by tags alone come before rules that lean on a name, because a tag is the stronger word.

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
        """Keys of which an object must have at least one to get a category."""
        return frozenset(self.by_key)


def parse_rule(category: str, text: str, *, name: re.Pattern[str] | None = None) -> TagRule:
    """Parse one rule.

    Parameters
    ----------
    category : str
        The category that it gives.
    text : str
        For instance ``amenity=social_facility + social_facility=day_care|nursing_home``.
    name : re.Pattern, optional
        The name must match as well.

    Returns
    -------
    TagRule

    Raises
    ------
    SchemaError
        If a condition is not ``key=value``.

    Examples
    --------
    >>> parse_rule("medical", "healthcare=*").sub({"healthcare": "dentist"})
    'healthcare=dentist'
    """
    conditions = []
    for part in text.split("+"):
        key, sign, value = part.strip().partition("=")
        options = [option.strip() for option in value.split("|")]
        if not key or not sign or not all(options) or re.search(r"\s", key):
            raise SchemaError(
                f"Got the tag rule {text!r}; wanted `key=value`, `key=a|b` or `key=*`, joined "
                "with ` + `. Correct it in the standard's file."
            )
        values = None if options == ["*"] else frozenset(options)
        conditions.append(Condition(key.strip(), values))
    return TagRule(category, tuple(conditions), name)


def order_rules(rules: Iterable[TagRule], categories: Sequence[str]) -> TagRules:
    """Return `rules` in the order of `categories`, rules by tags alone before rules by name."""
    place = {category: position for position, category in enumerate(categories)}
    kept = [rule for rule in rules if rule.category in place]
    return TagRules(tuple(sorted(kept, key=lambda r: (r.name is not None, place[r.category]))))


def category_of(tags: Mapping[str, str], rules: TagRules) -> tuple[str, str] | None:
    """Return category and matching tag of an object.

    The first rule in catalogue order decides, whatever the order of the tags.

    Parameters
    ----------
    tags : mapping of str to str
    rules : TagRules

    Returns
    -------
    tuple of (str, str) or None
        Category id and the tag that gave it; None if no rule fits.

    Notes
    -----
    O(number of tags) for an object that has none of the keys.

    Examples
    --------
    >>> rules = TagRules((parse_rule("shopping", "shop=convenience"),))
    >>> category_of({"shop": "convenience", "name": "便利店"}, rules)
    ('shopping', 'shop=convenience')
    """
    candidates = [position for key in tags for position in rules.by_key.get(key, ())]
    for position in sorted(candidates):
        rule = rules.rules[position]
        sub = rule.sub(tags)
        if sub is not None:
            return rule.category, sub
    return None


def _name_text(tags: Mapping[str, str]) -> str:
    """Return every name of an object, for a search."""
    return " ".join(tags[key] for key in ("name", "name:zh", "alt_name", "operator") if key in tags)
