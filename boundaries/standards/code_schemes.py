"""Schemes of grid codes from the shipped data, and detection of the scheme of a plan."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from boundaries.standards.catalogue import standard_document
from geo.errors import InputError, NotFoundError
from geo.grids.codes import LEVELS, CodeScheme, is_valid, scheme_of
from geo.messages import Message


@cache
def code_schemes() -> Mapping[str, Mapping[str, Any]]:
    """Return the schemes of the data file by id: digits, names, note and source."""
    schemes: Mapping[str, dict[str, Any]] = standard_document("code_schemes")
    return MappingProxyType({id_: MappingProxyType(about) for id_, about in schemes.items()})


def load_scheme(id_: str, district: str, *, prefix: str = "") -> CodeScheme:
    """Return a scheme for a district.

    Parameters
    ----------
    id_ : str
        ``cn15``, ``cn20``, ``stat12`` or ``plain``.
    district : str
        Code of the district.
    prefix : str
        What stands before the district's code, where the scheme has that: an object class.

    Raises
    ------
    NotFoundError
        If there is no such scheme.
    InputError
        If the district's code or the prefix does not fit it.

    Examples
    --------
    >>> load_scheme("stat12", "371602").street_digits
    3
    """
    if id_ not in code_schemes():
        known = list(code_schemes())
        raise NotFoundError("standards.unknown_scheme", scheme=id_, known=known)
    about = code_schemes()[id_]
    for what, given, key in (("standards.district_code", district, "district_digits"),
                             ("standards.prefix", prefix, "prefix_digits")):  # fmt: skip
        digits = about.get(key, 0)
        if (digits or key == "prefix_digits") and not _is_number(given, digits):
            raise InputError(
                "standards.scheme_unfit", what=Message(what), given=given, scheme=id_, digits=digits
            )
    scheme_of(district)  # raises where no code may begin like that
    return CodeScheme(
        id_,
        district,
        MappingProxyType({level: int(about["digits"][level]) for level in LEVELS}),
        separator=about.get("separator", ""),
        street_digits=about.get("street_digits", 0),
        widens=about.get("widens", False),
        prefix=prefix,
    )


def _is_number(text: str, digits: int) -> bool:
    return len(text) == digits and ((text.isascii() and text.isdecimal()) or not text)


def scheme_followed(codes: Iterable[str], district: str) -> CodeScheme | None:
    """Return the scheme that most codes of a plan follow; None if no half follow one kind.

    A code that is mistyped is a fault of that code: the scheme of the others stays.

    Examples
    --------
    >>> scheme_followed(["371602001005", "37160200100501", "37160200100501001"], "371602").id
    'stat12'
    >>> scheme_followed(["371602001005", "37160200100501", "3716020O1005"], "371602").id
    'stat12'
    >>> scheme_followed(["K-7"], "371602") is None
    True
    """
    every = [code for code in codes if isinstance(code, str)]
    followed: dict[str, tuple[int, CodeScheme]] = {}
    for id_, about in code_schemes().items():
        digits = about.get("prefix_digits", 0)
        prefixes = Counter(code[:digits] for code in every)
        prefix = prefixes.most_common(1)[0][0] if every else ""
        try:
            scheme = load_scheme(id_, district, prefix=prefix)
        except InputError:
            continue
        followed[id_] = sum(is_valid(code, scheme) for code in every), scheme
    if not followed:
        return None
    most, scheme = max(followed.values(), key=lambda each: each[0])
    return scheme if not every or 2 * most > len(every) else None
