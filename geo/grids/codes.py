"""Codes of grids: how a code is built, what its parent is, and how grids are numbered.

Schemes are data (:class:`CodeScheme`); :mod:`boundaries.standards.code_schemes` has more than
these two:

=========  =================  ==============  =================  ====================
scheme     district           large           medium             small
=========  =================  ==============  =================  ====================
``cn15``   ``371602``         ``..001005``    ``..001005`` 3     ``..001005`` 3 07
           6 digits           12 digits       13 digits          15 digits
``plain``  any other code     ``malta-001``   ``malta-001-1``    ``malta-001-1-01``
=========  =================  ==============  =================  ====================

``cn15`` is the 15-digit unit grid code 6 + 3 + 3 + 3 of DB11 (district by GB/T 2260, street,
community, sequence), whose three digits of sequence are one for the medium grid and two for the
small one. A large grid is a community. Its digits end there, so it holds at most 999 communities in
a street, 9 mediums in a large and 99 smalls in a medium, and more is an error. ``plain`` has no
such end: numbers get as many digits as the largest number of the call needs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError
from geo.geometry.reading_order import reading_order
from geo.grids.hierarchy import LEVEL_WORDS
from geo.model.vocabulary import Level

LEVELS: Final = (Level.LARGE, Level.MEDIUM, Level.SMALL)
"""From the coarsest to the finest."""

STREET_UNKNOWN: Final = "000"
"""Digits of the street where a ``cn15`` large grid is numbered straight under its district."""


@dataclass(frozen=True, slots=True)
class CodeScheme:
    """How codes of grids are built.

    Attributes
    ----------
    id : str
        Name of the scheme.
    district : str
        Code of the district.
    digits : mapping of Level to int
        Digits of the running number that each level adds; 1 is the first number.
    separator : str
        Between the parent's code and the number.
    street_digits : int
        Digits between the district and the number of a large grid; 0 where there are none.
    widens : bool
        Whether numbers may have more digits than `digits`.
    prefix : str
        Before the district's code: a class of objects, or nothing.
    """

    id: str
    district: str
    digits: Mapping[Level, int]
    separator: str = ""
    street_digits: int = 0
    widens: bool = False
    prefix: str = ""

    @property
    def stem(self) -> str:
        """Return the beginning of every code."""
        return self.prefix + self.district

    def capacity(self, level: Level) -> int | None:
        """Return how many grids of `level` one parent can hold; None where there is no end.

        Examples
        --------
        >>> scheme_of("371602").capacity(Level.MEDIUM), scheme_of("malta").capacity(Level.MEDIUM)
        (9, None)
        """
        return None if self.widens else int(10 ** self.digits[level] - 1)

    def pattern(self, level: Level) -> re.Pattern[str]:
        """Return the pattern of a code of `level`; group 1 is the parent, group 2 the number."""
        widths = tuple(self.digits[each] for each in LEVELS[: LEVELS.index(level) + 1])
        return _pattern(self.stem, self.street_digits, widths, self.separator, widens=self.widens)


@lru_cache(maxsize=64)
def _pattern(
    stem: str, street_digits: int, widths: tuple[int, ...], separator: str, *, widens: bool
) -> re.Pattern[str]:
    """Return the pattern of codes whose levels have these widths; codes are matched one by one."""
    parent, number = re.escape(stem), ""
    for depth, width in enumerate(widths):
        parent += number
        if depth == 0 and street_digits:
            parent += rf"\d{{{street_digits}}}"
        running = rf"(?!0+(?:\D|$))\d{{{width},}}" if widens else rf"(?!0{{{width}}})\d{{{width}}}"
        number = re.escape(separator) + running
    return re.compile(rf"({parent})({number})", re.ASCII)


_DIGITS: Final = MappingProxyType({Level.LARGE: 3, Level.MEDIUM: 1, Level.SMALL: 2})
"""Digits of the running number by level, in both schemes."""


def scheme_of(district: str) -> CodeScheme:
    """Return the scheme of a district: ``cn15`` for six digits, ``plain`` for any other code.

    Raises
    ------
    InputError
        If the code is not made of letters, digits, ``-`` and ``_``.

    Examples
    --------
    >>> scheme_of("371602").id, scheme_of("helsinki").id
    ('cn15', 'plain')
    """
    if not re.fullmatch(r"[\w-]+", district):
        raise InputError("grid_codes.district_code", district=district)
    if re.fullmatch(r"[0-9]{6}", district):
        return CodeScheme("cn15", district, _DIGITS, street_digits=3)
    return CodeScheme("plain", district, _DIGITS, separator="-", widens=True)


def level_of(code: str, scheme: CodeScheme) -> Level:
    """Return the level of a code.

    Raises
    ------
    InputError
        If it is no code of the scheme.

    Examples
    --------
    >>> [str(level_of(c, scheme_of("371602"))) for c in ("371602001005", "371602001005307")]
    ['large', 'small']
    """
    for level in LEVELS:
        if scheme.pattern(level).fullmatch(code):
            return level
    raise InputError(
        "grid_codes.not_of_scheme",
        code=code,
        scheme=scheme.id,
        district=scheme.district,
        examples=[_example(scheme, level) for level in LEVELS],
    )


def parent_of(code: str, scheme: CodeScheme) -> str | None:
    """Return the code of the grid one level up; None for a large grid.

    Raises
    ------
    InputError
        If it is no code of the scheme.

    Examples
    --------
    >>> parent_of("371602001005307", scheme_of("371602"))
    '3716020010053'
    >>> parent_of("malta-001-1-01", scheme_of("malta"))
    'malta-001-1'
    """
    level = level_of(code, scheme)
    if level is Level.LARGE:
        return None
    return scheme.pattern(level).sub(r"\1", code)


def number_of(code: str, scheme: CodeScheme) -> int:
    """Return the running number of a grid inside its parent.

    Raises
    ------
    InputError
        If it is no code of the scheme.

    Examples
    --------
    >>> number_of("371602001005307", scheme_of("371602"))
    7
    """
    digits = scheme.pattern(level_of(code, scheme)).sub(r"\2", code)
    return int(digits.removeprefix(scheme.separator))


def is_valid(code: object, scheme: CodeScheme, level: Level | None = None) -> bool:
    """Tell whether `code` is a code of the scheme, and of `level` if one is given.

    Running numbers start at 1: a medium ``0`` or a small ``00`` is not valid.

    Examples
    --------
    >>> scheme = scheme_of("371602")
    >>> is_valid("371602001005300", scheme), is_valid(3716020010053, scheme)
    (False, False)
    """
    if not isinstance(code, str):  # a code read as a number has lost its text: never accept it
        return False
    levels = LEVELS if level is None else (level,)
    return any(scheme.pattern(each).fullmatch(code) for each in levels)


def number(
    geometries: Sequence[shapely.Geometry] | npt.NDArray[np.object_],
    parents: Sequence[str] | npt.NDArray[np.object_],
    *,
    level: Level,
    scheme: CodeScheme,
) -> npt.NDArray[np.object_]:
    """Give grids numbers inside their parents, west to east, then north to south.

    Grids of one parent are in reading order (:func:`geo.geometry.reading_order.reading_order`) and
    get 1, 2, 3 ...

    Parameters
    ----------
    geometries : sequence of Polygon or MultiPolygon, length n
        Metric CRS.
    parents : sequence of str, length n
        Code of each grid's parent. For large grids: the district, or in ``cn15`` the 9 digits of
        the street; straight under the district the street is written ``000``.
    level : Level
        Level of the grids.
    scheme : CodeScheme

    Returns
    -------
    ndarray of str objects, shape (n,)
        Codes, in the order of `geometries`.

    Raises
    ------
    InputError
        If a parent holds more grids than the scheme has numbers, or is no code of the scheme.

    Examples
    --------
    Six fields of a lattice; the row in the north comes first:

    >>> from shapely import box
    >>> fields = [box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1, 2)]
    >>> number(fields, ["malta-001"] * 6, level=Level.MEDIUM, scheme=scheme_of("malta")).tolist()
    ['malta-001-4', 'malta-001-5', 'malta-001-6', 'malta-001-1', 'malta-001-2', 'malta-001-3']
    """
    shapes = np.asarray(geometries, dtype=object)
    families = np.asarray(parents, dtype=object)
    names, family = np.unique(families.astype(str), return_inverse=True)
    counts = np.bincount(family, minlength=len(names))
    digits = _digits(counts, names, level=level, scheme=scheme)
    codes = np.empty(len(shapes), dtype=object)
    for index, name in enumerate(names):
        rows = np.flatnonzero(family == index)
        stem = _stem(str(name), level=level, scheme=scheme)
        for place, row in enumerate(rows[reading_order(shapes[rows])], start=1):
            codes[row] = f"{stem}{place:0{digits}d}"
    return codes


def _stem(parent: str, *, level: Level, scheme: CodeScheme) -> str:
    """Return what stands before the number, after checking the parent."""
    if level is Level.LARGE:
        street = re.escape(scheme.stem) + rf"\d{{{scheme.street_digits}}}"
        if parent == scheme.district:
            unknown = STREET_UNKNOWN if scheme.street_digits else ""
            return scheme.stem + unknown + scheme.separator
        if scheme.street_digits and re.fullmatch(street, parent, re.ASCII):
            return parent
    elif is_valid(parent, scheme, LEVELS[LEVELS.index(level) - 1]):
        return parent + scheme.separator
    raise InputError(
        "grid_codes.parent_not_numbered",
        parent=parent,
        level=LEVEL_WORDS[level],
        scheme=scheme.id,
        district=scheme.district,
    )


def _digits(
    counts: npt.NDArray[np.int64],
    names: npt.NDArray[np.str_],
    *,
    level: Level,
    scheme: CodeScheme,
) -> int:
    """Return the digits of the numbers, the same in the whole call so that codes sort as text."""
    capacity = scheme.capacity(level)
    most = int(counts.max(initial=0))
    if capacity is not None and most > capacity:
        raise InputError(
            "grid_codes.too_many_in_parent",
            most=most,
            level=LEVEL_WORDS[level],
            parent=str(names[int(counts.argmax())]),
            capacity=capacity,
            scheme=scheme.id,
        )
    return max(scheme.digits[level], len(str(most)))


def _example(scheme: CodeScheme, level: Level) -> str:
    """Return the first code of a level."""
    code = scheme.stem + "0" * scheme.street_digits
    for each in LEVELS[: LEVELS.index(level) + 1]:
        code += scheme.separator + f"{1:0{scheme.digits[each]}d}"
    return code
