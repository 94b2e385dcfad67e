"""How deep JSON may be nested: what is echoed must be written again, and recursion has an end."""

from typing import Final

DEEPEST: Final = 64
"""Levels of arrays and objects in what is sent; a GeoJSON feature has eight."""


def is_too_deep(value: object, *, levels: int = DEEPEST) -> bool:
    """Return whether a JSON value is nested in more than so many levels of arrays and objects.

    Examples
    --------
    >>> is_too_deep([[1]], levels=2), is_too_deep({"a": [[]]}, levels=2)
    (False, True)
    """
    level = [value]
    for _ in range(levels + 1):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return False
        level = [
            member
            for each in containers
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return True
