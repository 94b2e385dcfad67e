"""Names of the new parts of a split grid, by a rule that a district may set."""

import string
from collections.abc import Collection, Sequence
from itertools import count
from typing import Final

from geo.errors import InputError

SPLIT_NAMES: Final = "{name}-{n}"
"""The name of the split grid and the part's number, from 2 on: the first part keeps the name."""

_FIELDS: Final = ("name", "code", "n")


def check_rule(rule: str) -> None:
    """Raise `InputError` unless a rule is text with the fields name, code and n, one of them.

    Examples
    --------
    >>> check_rule("{name}-{place}")
    Traceback (most recent call last):
    geo.errors.InputError: Got the rule '{name}-{place}' for names of new parts; wanted a text \
with {name}, {code} or {n}, for instance {name}-{n}.
    """
    try:
        fields = [field for _, field, form, _ in string.Formatter().parse(rule)
                  if field is not None and not form]  # fmt: skip
        told = rule.format(name="", code="", n=1)
    except (ValueError, LookupError, AttributeError):
        fields, told = [], ""
    if not fields or not set(fields) <= set(_FIELDS) or not told.isprintable():
        raise InputError("grid_edits.names_rule", rule=rule, example=SPLIT_NAMES)


def part_names(
    name: str, codes: Sequence[str], *, rule: str, taken: Collection[str] = ()
) -> list[str]:
    """Return the names of new parts; a part of a grid without a name is called by its code.

    Parameters
    ----------
    name : str
        Of the grid that was split.
    codes : sequence of str
        Of the new parts.
    rule : str
        Text with the fields `name`, `code` (of the part) and `n` (2 for the first new part).
    taken : collection of str
        Names of other grids of the same parent; `n` goes on beyond them.

    Examples
    --------
    >>> part_names("滨河1号院", ["a", "b"], rule=SPLIT_NAMES, taken={"滨河1号院-2"})
    ['滨河1号院-3', '滨河1号院-4']
    >>> part_names("1号院", ["a"], rule="{name}（{n}）"), part_names("", ["a"], rule="{n}")
    (['1号院（2）'], ['a'])
    """
    check_rule(rule)
    if not name:
        return list(codes)
    names: list[str] = []
    numbers = count(2)
    for code in codes:
        given = next(
            said
            for n in numbers
            if (said := rule.format(name=name, code=code, n=n)) not in taken or "{n}" not in rule
        )
        names.append(given)
    return names
