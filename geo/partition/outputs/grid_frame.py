"""The layer ``grids`` from groups of atoms: outlines, codes, names; parents from their children."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import GeometryArray, IntArray, ObjectArray
from geo.errors import InputError
from geo.grids.codes import LEVELS, CodeScheme, number, number_of
from geo.grids.hierarchy import LEVEL_WORDS, NAMES
from geo.model.vocabulary import GroundKind, Level, Origin

_NONE: Final[Mapping[Level, Any]] = MappingProxyType({})
GROUND_WORDS: Final = MappingProxyType({
    GroundKind.PARK: ("绿地", "Park"),
    GroundKind.INSTITUTION: ("院校", "Institution"),
    GroundKind.WORKS: ("厂区", "Works"),
    GroundKind.FIELD: ("农田", "Fields"),
    GroundKind.COMPOUND: ("小区", "Compound"),
})  # fmt: skip
"""What grids of open ground without a name are called, in Chinese and English."""

_NO_GRIDS: Final = pd.DataFrame(columns=["code", "name_zh", "name_en", "origin"], dtype=object)


def grid_frame(
    pieces: GeometryArray,
    of_piece: IntArray,
    groups: Mapping[Level, IntArray],
    scheme: CodeScheme,
    *,
    kept: Mapping[Level, gpd.GeoDataFrame] = _NONE,
    kept_of: Mapping[Level, IntArray] = _NONE,
    used: AbstractSet[str] = frozenset(),
    ending: AbstractSet[str] = frozenset(),
    called: ObjectArray | None = None,
) -> tuple[gpd.GeoDataFrame, ObjectArray]:
    """Return the grids of three levels.

    Parameters
    ----------
    pieces, of_piece : ndarray of Polygon and of int64, shape (p,)
        Seamless, without overlap; atom of each piece.
    groups : mapping of Level to ndarray of int64, shape (n,)
        Large, medium and small grid of each atom, nested.
    scheme : CodeScheme
    kept, kept_of : mapping by Level
        Rows of grids that are kept, and the place of each atom's among them, -1 for none.
    used : set of str
        Codes that no new grid may carry.
    ending : set of str
        Codes of present grids that the new ones take the place of: they are given again only where
        their parent has no other numbers.
    called : ndarray of objects, shape (n,), optional
        Use (:class:`geo.model.vocabulary.GroundKind`) and name of the open ground that the small
        grid of each atom is; None for others.

    Returns
    -------
    grids : GeoDataFrame
        Layer ``grids`` without a CRS, each level by code. Every parent is exactly the union of its
        children. Kept grids keep code, names and origin; new ones get the lowest numbers that are
        free in their parent, west to east, then north to south.
    small : ndarray of str objects, shape (n,)
        Code of the small grid of each atom.

    Raises
    ------
    InputError
        If a parent holds more grids than the scheme has numbers.
    """
    shapes = _outlines(pieces, of_piece, groups)
    path = {scheme.district: ""}
    code = np.full(len(groups[Level.SMALL]), scheme.district, dtype=object)
    frames = []
    for level in LEVELS:
        _, first, which = np.unique(groups[level], return_index=True, return_inverse=True)
        row = kept_of[level][first] if kept_of else np.full(len(first), -1)
        old = kept[level].iloc[row[row >= 0]] if kept else _NO_GRIDS
        codes = np.empty(len(first), dtype=object)
        codes[row >= 0] = old["code"].to_numpy(dtype=object)
        parents, new = code[first], row < 0
        taken = set(codes[~new]) | used
        codes[new] = _free(shapes[level][new], parents[new], (taken, ending), level, scheme)
        for own, parent in zip(codes, parents, strict=True):
            path[own] = f"{path[parent]}-{number_of(own, scheme)}".removeprefix("-")
        frame = pd.DataFrame(
            {
                "code": codes,
                "level": str(level),
                "parent_code": None if level is Level.LARGE else parents,
                **_described(
                    [path[c] for c in codes],
                    level,
                    old,
                    row,
                    called[first] if called is not None and level is Level.SMALL else None,
                ),
                "geometry": shapes[level],
            }
        )
        frames.append(frame.astype({"parent_code": object}).sort_values("code"))
        code = codes[which]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry"), code


def _described(
    paths: list[str],
    level: Level,
    old: pd.DataFrame,
    row: IntArray,
    called: ObjectArray | None,
) -> dict[str, ObjectArray]:
    """Return names and origin of the grids of a level; kept ones keep theirs."""
    uses = [None] * len(paths) if called is None else list(called)
    zh, en = (
        [_name(word, path, use, lang) for path, use in zip(paths, uses, strict=True)]
        for lang, word in enumerate(NAMES[level])
    )
    drawn = [str(Origin.DRAWN)] * len(paths)
    return {
        name: _mixed(new, old[name], row)
        for name, new in (("name_zh", zh), ("name_en", en), ("origin", drawn))
    }


def _name(word: str, path: str, use: tuple[str, str] | None, lang: int) -> str:
    """Return what a grid is called: open ground by its name, or by its use."""
    kind, name = use or ("", "")
    return name or f"{GROUND_WORDS[GroundKind(kind)][lang] if kind else word} {path}"


def _mixed(new: list[str], old: pd.Series, row: IntArray) -> ObjectArray:
    """Return the old values of kept grids among the new ones."""
    values = np.array(new, dtype=object)
    values[row >= 0] = old.to_numpy(dtype=object)
    return values


def _free(
    shapes: GeometryArray,
    parents: ObjectArray,
    given: tuple[AbstractSet[str], AbstractSet[str]],
    level: Level,
    scheme: CodeScheme,
) -> ObjectArray:
    """Return codes for new grids: in reading order the lowest numbers that are left.

    `given` are the codes that none may have, and those that are taken last.
    """
    never, last = (_numbers(some, level, scheme) for some in given)
    codes = number(shapes, parents, level=level, scheme=scheme)
    family: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        family.setdefault(scheme.pattern(level).sub(r"\1", code), []).append(place)
    for parent, places in family.items():
        places.sort(key=codes.__getitem__)
        widths = {len(codes[places[0]]) - len(parent) - len(scheme.separator)}
        widths |= {width for _, width in never.get(parent, ())}
        numbers = _left(
            {n for n, _ in never.get(parent, ())},
            {n for n, _ in last.get(parent, ())},
            len(places),
            scheme.capacity(level),
        )
        if len(numbers) < len(places):
            words = {"level": LEVEL_WORDS[level], "scheme": scheme.id}
            raise InputError("partition.no_numbers_left", parent=parent, **words)
        for place, n in zip(places, numbers, strict=True):
            codes[place] = f"{parent}{scheme.separator}{n:0{max(widths)}d}"
    return codes


def _left(never: set[int], last: set[int], wanted: int, most: int | None) -> list[int]:
    """Return the lowest numbers that are left, those of `last` only where there are no others."""
    most = most or len(never) + len(last) + wanted
    free = sorted(set(range(1, most + 1)) - never, key=lambda n: (n in last, n))
    return sorted(free[:wanted])


def _numbers(
    codes: Iterable[str], level: Level, scheme: CodeScheme
) -> dict[str, set[tuple[int, int]]]:
    """Return the numbers that codes of a level have, with their digits, by what stands before."""
    numbers: dict[str, set[tuple[int, int]]] = {}
    for code in codes:
        if match := scheme.pattern(level).fullmatch(code):
            digits = match[2].removeprefix(scheme.separator)
            numbers.setdefault(match[1], set()).add((int(digits), len(digits)))
    return numbers


def _outlines(
    pieces: GeometryArray, first: IntArray, groups: Mapping[Level, IntArray]
) -> dict[Level, GeometryArray]:
    """Return the outline of each group by level, in the order of their numbers."""
    out: dict[Level, GeometryArray] = {}
    for level in LEVELS[::-1]:
        label = groups[level][first]
        order = np.argsort(label, kind="stable")
        ends = np.flatnonzero(np.diff(label[order])) + 1
        parts = np.split(order, ends)
        out[level] = np.empty(len(parts), dtype=object)
        out[level][:] = [shapely.coverage_union_all(pieces[part]) for part in parts]
        out[level] = shapely.normalize(out[level])
        pieces, first = out[level], first[[part[0] for part in parts]]
    return out
