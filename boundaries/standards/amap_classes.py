"""Which category a class of AMap's type codes meets."""

from functools import cache

from boundaries.plain_names import plain
from boundaries.standards.catalogue import standard_document

_NONE = "none"
_DIGITS = (6, 4, 2)


def category_of_code(code: str) -> str | None:
    """Return the id of the category that all of a code's class meets; None if there is none.

    Examples
    --------
    >>> category_of_code("050118"), category_of_code("090702"), category_of_code("090201")
    ('catering', None, None)
    """
    classes = _classes()
    found = next((classes[code[:n]] for n in _DIGITS if code[:n] in classes), _NONE)
    return None if found == _NONE else found


@cache
def names_of_none() -> frozenset[str]:
    """Return the names of classes that meet no category, in the form in which they are compared."""
    return frozenset(map(plain, standard_document("amap_classes")["none"]))


@cache
def _classes() -> dict[str, str]:
    return dict(standard_document("amap_classes")["classes"])
