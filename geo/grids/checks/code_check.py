"""Codes of a grid plan: unique, of the scheme, under their parents, numbered as one reads."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import Point

from geo.errors import ConflictError, InputError
from geo.geometry.reading_order import reading_order
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.code_allocation import free_codes, new_codes
from geo.grids.codes import CodeScheme, is_valid, number_of, parent_of
from geo.grids.hierarchy import LEVEL_WORDS
from geo.messages import Message
from geo.model.vocabulary import Level

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_LOOKALIKES: Final = str.maketrans("OoIlZSB", "0011258")
"""Letters that are typed or read for digits."""


def code_faults(
    grids: gpd.GeoDataFrame,
    scheme: CodeScheme | None,
    *,
    recoded: Mapping[str, str] = _NONE,
    retired: frozenset[str] = frozenset(),
) -> list[GridFault]:
    """Return what is wrong with codes, one fault per grid and code.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, all levels, metric CRS.
        A grid without a parent is looked at for itself.
    scheme : CodeScheme, optional
        Without it codes need only be unique and begin with their parent's.
    recoded : mapping of str to str
        What the grids in a grid call it, by the code that it bears.
    retired : frozenset of str
        Codes that are not proposed.
    """
    codes = grids["code"].astype(str).tolist()
    counts = Counter(codes)
    used = frozenset(codes) | retired
    faults, reported = [], set()
    places = shapely.point_on_surface(np.asarray(grids.geometry, object))
    for code, level, parent, place in zip(
        codes, grids["level"], grids["parent_code"], places, strict=True
    ):
        if counts[code] > 1:
            if code in reported:
                continue
            reported.add(code)
            text = Message("grid_faults.code_twice", {"n": counts[code], "code": code})
            repair = Message("grid_repairs.keep_for_one")
            size = float(counts[code])
        elif code in recoded:
            meant = {"code": code, "meant": recoded[code]}
            text, size = Message("grid_faults.code_named_otherwise", meant), 1.0
            repair = Message("grid_repairs.code_meant", {"new": recoded[code]})
        else:
            fault = _fault_of(code, Level(level), parent, used=used, scheme=scheme)
            if not fault:
                continue
            (text, repair), size = fault, 1.0
        faults.append(GridFault(Rule.CODE, (code,), place or Point(), size, text, repair))
    return faults


def retired_faults(
    grids: gpd.GeoDataFrame, scheme: CodeScheme | None, *, retired: frozenset[str]
) -> list[GridFault]:
    """Return the grids that carry a code of another, retired grid.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, all levels, metric CRS.
    scheme : CodeScheme, optional
    retired : frozenset of str
        Codes of grids that ended.

    Returns
    -------
    list of GridFault
        By code; the repair names the code that :func:`geo.grids.code_allocation.new_codes` gives.
    """
    again = grids[grids["code"].isin(retired)].drop_duplicates("code").sort_values("code")
    new = new_codes(grids, scheme, retired=retired) if len(again) else {}
    places = shapely.point_on_surface(np.asarray(again.geometry, object))
    return [
        GridFault(
            Rule.RETIRED, (code,), place or Point(), 1.0,
            Message("grid_faults.code_was_anothers", {"code": code}),
            Message("grid_repairs.new_code_named", {"new": new[code]}) if code in new
            else Message("grid_repairs.new_code_never_used"),
        )
        for code, place in zip(again["code"].astype(str), places, strict=True)
    ]  # fmt: skip


def _fault_of(
    code: str,
    level: Level,
    parent: object,
    *,
    used: frozenset[str],
    scheme: CodeScheme | None,
) -> tuple[Message, Message] | None:
    """Return what is wrong with one code and what to do; None if nothing is."""
    if scheme is not None and not is_valid(code, scheme, level):
        about = {"code": code, "level": LEVEL_WORDS[level], "scheme": scheme.id}
        text = Message("grid_faults.code_not_of_scheme", about)
        new = _proposal(code, level, parent, used=used, scheme=scheme)
        if new is None:
            return text, Message("grid_repairs.code_of_scheme", {"stem": scheme.stem})
        return text, Message("grid_repairs.code_meant", {"new": new})
    if level is Level.LARGE or not isinstance(parent, str):
        return None
    wanted = parent_of(code, scheme) if scheme is not None else None
    if code.startswith(parent) if wanted is None else parent == wanted:
        return None
    text = Message("grid_faults.code_not_of_parent", {"code": code, "parent": parent})
    return text, Message("grid_repairs.new_code")


def _proposal(
    code: str, level: Level, parent: object, *, used: frozenset[str], scheme: CodeScheme
) -> str | None:
    """Return the code that a wrong one was meant to be, else the next free one of its parent."""
    read = code.strip().translate(_LOOKALIKES)
    if read not in used and is_valid(read, scheme, level):
        return read
    if level is Level.LARGE or not isinstance(parent, str):
        return None
    try:
        return free_codes(parent, 1, level=level, scheme=scheme, used=used)[0]
    except (InputError, ConflictError):
        return None


def order_faults(grids: gpd.GeoDataFrame, scheme: CodeScheme | None) -> list[GridFault]:
    """Return the families of grids that are not numbered west to east, then north to south.

    Large grids are left out: they carry the codes of communities, which others assign.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, metric CRS; shapes that are empty are left out.
    scheme : CodeScheme, optional
        Without it codes count as text.

    Returns
    -------
    list of GridFault
        One per parent; its codes are the fewest grids to renumber for the rest to be in
        order.
    """
    shapes, codes = np.asarray(grids.geometry, object), grids["code"].to_numpy(object)
    level_of, parent_of_row = (grids[name].to_numpy(object) for name in ("level", "parent_code"))
    is_numbered = ~shapely.is_empty(shapes) & ~grids["code"].duplicated(keep=False).to_numpy()
    numbered = np.flatnonzero(is_numbered & (level_of != Level.LARGE))
    table = pd.DataFrame(
        {"level": level_of[numbered], "parent": parent_of_row[numbered], "row": numbered}
    )
    faults = []
    for (level, parent), family in table.groupby(["level", "parent"], sort=True)["row"]:
        rows = family.to_numpy()
        numbers = _numbers(codes[rows], scheme, Level(str(level)))
        if numbers is None:
            continue  # faults of codes
        order = reading_order(shapes[rows])
        misplaced = order[_out_of_order(numbers[order])]
        if len(misplaced):
            first = shapely.point_on_surface(shapes[rows[misplaced[0]]])
            faults.append(_order_fault(codes[rows], misplaced, first, str(level), str(parent)))
    return faults


def _order_fault(
    codes: npt.NDArray[np.object_],
    misplaced: npt.NDArray[np.int64],
    place: Point,
    level: str,
    parent: str,
) -> GridFault:
    """Return the fault of one family, whose codes `misplaced` are out of order."""
    about = {"level": LEVEL_WORDS[Level(level)], "parent": parent}
    return GridFault(
        Rule.ORDER,
        tuple(sorted(str(code) for code in codes[misplaced])),
        place,
        float(len(misplaced)),
        Message("grid_faults.order", {"n": len(misplaced), "of": len(codes), **about}),
        Message("grid_repairs.leave_order"),
        subject=parent,
    )


def _numbers(
    codes: npt.NDArray[np.object_], scheme: CodeScheme | None, level: Level
) -> npt.NDArray[np.int64] | None:
    """Return what codes of one family are ordered by; None where one is no code of the scheme."""
    if scheme is None:
        rank = np.empty(len(codes), dtype=np.int64)
        rank[np.argsort(codes.astype(str), kind="stable")] = np.arange(len(codes))
        return rank
    if not all(is_valid(code, scheme, level) for code in codes):
        return None
    keys = [(parent_of(code, scheme), number_of(code, scheme)) for code in codes]
    place = {key: index for index, key in enumerate(sorted(keys))}
    return np.array([place[key] for key in keys], dtype=np.int64)


def _out_of_order(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the fewest positions without which values ascend (all but a longest run).

    Examples
    --------
    >>> _out_of_order(np.array([0, 3, 1, 2])).tolist()
    [1]
    """
    tails: list[int] = []
    last: list[int] = []
    before = np.full(len(values), -1, dtype=np.int64)
    for row, value in enumerate(values.tolist()):
        place = bisect_left(tails, value)
        before[row] = last[place - 1] if place else -1
        tails[place : place + 1], last[place : place + 1] = [value], [row]
    keep, row = set(), last[-1] if last else -1
    while row >= 0:
        keep.add(row)
        row = int(before[row])
    return np.array([k for k in range(len(values)) if k not in keep], dtype=np.int64)
