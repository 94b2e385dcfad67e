"""The layer ``grids`` from groups of atoms: outlines, codes, names; parents from their children."""

from collections.abc import Mapping
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
from geo.grids.hierarchy import NAMES
from geo.model.layers import Level, Origin

_NONE: Final[Mapping[Level, Any]] = MappingProxyType({})
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
) -> tuple[gpd.GeoDataFrame, ObjectArray]:
    """Return the grids of three levels.

    Parameters
    ----------
    pieces : ndarray of Polygon, shape (p,)
        Seamless, without overlap.
    of_piece : ndarray of int64, shape (p,)
        Atom of each piece.
    groups : mapping of Level to ndarray of int64, shape (n,)
        Large, medium and small grid of each atom, nested.
    scheme : CodeScheme
    kept, kept_of : mapping by Level
        Rows of grids that are kept, and the place of each atom's among them, -1 for none.
    used : set of str
        Codes that no new grid may carry.

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
        parents = code[first]
        new = row < 0
        taken = set(codes[~new]) | used
        codes[new] = _free(shapes[level][new], parents[new], taken, level, scheme)
        path |= {
            c: f"{path[p]}-{number_of(c, scheme)}".removeprefix("-")
            for c, p in zip(codes, parents, strict=True)
        }
        names = [[f"{word} {path[c]}" for c in codes] for word in NAMES[level]]
        frame = pd.DataFrame(
            {
                "code": codes,
                "level": str(level),
                "parent_code": None if level is Level.LARGE else parents,
                "name_zh": _mixed(names[0], old["name_zh"], row),
                "name_en": _mixed(names[1], old["name_en"], row),
                "origin": _mixed([str(Origin.DRAWN)] * len(codes), old["origin"], row),
                "geometry": shapes[level],
            }
        )
        frames.append(frame.astype({"parent_code": object}).sort_values("code"))
        code = codes[which]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry"), code


def _mixed(new: list[str], old: pd.Series, row: IntArray) -> ObjectArray:
    """Return the old values of kept grids among the new ones."""
    values = np.array(new, dtype=object)
    values[row >= 0] = old.to_numpy(dtype=object)
    return values


def _free(
    shapes: GeometryArray, parents: ObjectArray, taken: set[str], level: Level, scheme: CodeScheme
) -> ObjectArray:
    """Return codes for new grids: in reading order the lowest numbers that are not taken."""
    codes = number(shapes, parents, level=level, scheme=scheme)
    if not taken:
        return codes
    family: dict[str, list[int]] = {}
    for place, parent in enumerate(parents):
        family.setdefault(parent, []).append(place)
    for parent, places in family.items():
        places.sort(key=codes.__getitem__)
        first = codes[places[0]]
        width = max(scheme.digits[level], len(str(number_of(first, scheme))))
        stem = first[:-width]
        free = (f"{stem}{k:0{width}d}" for k in range(1, 10**width))
        left = (code for code in free if code not in taken)
        for place in places:
            given = next(left, None)
            if given is None:
                raise InputError(
                    f"Got more {level} grids in {parent} than scheme {scheme.id} has numbers; "
                    "wanted fewer. Keep fewer grids, or spread them over more parents."
                )
            codes[place] = given
    return codes


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
