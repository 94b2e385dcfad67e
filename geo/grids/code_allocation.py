"""Allocation of codes: existing grids keep theirs, and no code is used twice."""

from collections.abc import Iterable

import geopandas as gpd

from geo.errors import ConflictError, InputError
from geo.grids.codes import CodeScheme, is_valid, number_of, parent_of
from geo.grids.hierarchy import LEVEL_WORDS, ground_grids
from geo.model.vocabulary import Level


def free_codes(
    parent: str, count: int, *, level: Level, scheme: CodeScheme, used: Iterable[str]
) -> list[str]:
    """Return unused codes for new grids of a parent.

    Numbers go on after the highest that was ever used. Where the scheme ends there, numbers that
    were left out are taken, the lowest first.

    Parameters
    ----------
    parent : str
        Code of the grid one level up.
    count : int
        How many are wanted.
    level : Level
        Medium or small: large grids carry the codes of communities, which others assign.
    scheme : CodeScheme
    used : iterable of str
        All codes that are or ever were in use, of any grids.

    Raises
    ------
    InputError
        If the parent is no code one level up.
    ConflictError
        If the parent has no numbers left.

    Examples
    --------
    >>> from geo.grids.codes import scheme_of
    >>> used = ["371602001001101", "371602001001102", "371602001001104"]
    >>> free_codes("3716020010011", 2, level=Level.SMALL, scheme=scheme_of("371602"), used=used)
    ['371602001001105', '371602001001106']
    """
    above = {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}.get(level)
    if above is None or not is_valid(parent, scheme, above):
        raise InputError(
            "grid_codes.parent_not_above",
            parent=parent,
            level=LEVEL_WORDS[level],
            scheme=scheme.id,
            district=scheme.district,
        )
    numbers = {
        number_of(code, scheme)
        for code in used
        if code.startswith(parent)
        and is_valid(code, scheme, level)
        and parent_of(code, scheme) == parent
    }
    first = max(numbers, default=0) + 1
    numbers_given = list(range(first, first + count))
    most = scheme.capacity(level)
    if most is not None and numbers_given and numbers_given[-1] > most:
        unused = [n for n in range(1, most + 1) if n not in numbers]
        numbers_given = sorted(unused, key=lambda n: (n < first, n))[:count]
    if len(numbers_given) < count:
        raise ConflictError(
            "grid_codes.no_numbers_left",
            parent=parent,
            count=count,
            level=LEVEL_WORDS[level],
            scheme=scheme.id,
            most=most,
        )
    return [f"{parent}{scheme.separator}{n:0{scheme.digits[level]}d}" for n in numbers_given]


def new_codes(
    grids: gpd.GeoDataFrame, scheme: CodeScheme | None, *, retired: frozenset[str]
) -> dict[str, str]:
    """Return new codes for the grids that carry a retired one.

    Only grids without children get one, since the codes of children begin with their parent's, and
    only where the scheme has a number left.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, all levels.
    scheme : CodeScheme, optional
        Without it no code can be made.
    retired : frozenset of str
        Codes of grids that ended.

    Returns
    -------
    dict of str to str
        By the retired code, in the order of codes; none of them was ever used.
    """
    ground = ground_grids(grids)
    reusing = ground[ground["code"].isin(retired)].drop_duplicates("code")
    given: dict[str, str] = {}
    for code, level, parent in zip(
        reusing["code"].astype(str), reusing["level"], reusing["parent_code"], strict=True
    ):
        used = {*grids["code"].astype(str), *retired, *given.values()}
        try:
            if scheme is not None:
                (given[code],) = free_codes(
                    str(parent), 1, level=Level(level), scheme=scheme, used=used
                )
        except (InputError, ConflictError):
            continue  # its parent has no code that fits, or no number: that is left to people
    return given
