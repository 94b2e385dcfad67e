"""Schemes of grid codes from the shipped data, and detection of the scheme of a plan."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from boundaries.standards.catalogue import standard_document
from geo.errors import InputError, NotFoundError
from geo.grids.codes import LEVELS, CodeScheme, is_valid, scheme_of


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
        known = ", ".join(code_schemes())
        raise NotFoundError(f"There is no code scheme {id_!r}; wanted one of {known}.")
    about = code_schemes()[id_]
    for what, given, key in (("district code", district, "district_digits"),
                             ("prefix", prefix, "prefix_digits")):  # fmt: skip
        digits = about.get(key, 0)
        if (digits or key == "prefix_digits") and not _is_number(given, digits):
            raise InputError(
                f"Got {what} {given!r} for code scheme {id_}; wanted {digits} digits. "
                "Choose another scheme."
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
    """Return the scheme that all codes of a plan follow; None if they follow none of one kind.

    Examples
    --------
    >>> scheme_followed(["371602001005", "37160200100501", "37160200100501001"], "371602").id
    'stat12'
    >>> scheme_followed(["K-7"], "371602") is None
    True
    """
    every = list(codes)
    for id_, about in code_schemes().items():
        prefix = every[0][: about.get("prefix_digits", 0)] if every else ""
        try:
            scheme = load_scheme(id_, district, prefix=prefix)
        except InputError:
            continue
        if all(is_valid(code, scheme) for code in every):
            return scheme
    return None
