"""Codes of a grid plan: unique, of the scheme, under their parents, numbered as one reads."""

from bisect import bisect_left
from collections import Counter
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point

from geo.geometry.reading_order import reading_order
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.code_allocation import new_codes
from geo.grids.codes import CodeScheme, is_valid, number_of, parent_of
from geo.model.layers import Level

_PARENT_LEVEL: Final = {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}


def code_faults(grids: gpd.GeoDataFrame, scheme: CodeScheme | None) -> list[GridFault]:
    """Return what is wrong with codes, one fault per grid and code.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, all levels, metric CRS.
    scheme : CodeScheme, optional
        Without it codes need only be unique and begin with their parent's.
    """
    codes = grids["code"].astype(str).tolist()
    levels = dict(zip(codes, grids["level"].astype(str), strict=True))
    counts = Counter(codes)
    faults, reported = [], set()
    places = shapely.point_on_surface(np.asarray(grids.geometry, object))
    for code, level, parent, place in zip(
        codes, grids["level"], grids["parent_code"], places, strict=True
    ):
        if counts[code] > 1:
            if code in reported:
                continue
            reported.add(code)
            text = f"{counts[code]} grids bear the code {code}."
            repair = "Keep it for one of them; give the others new codes."
            size = float(counts[code])
        else:
            fault = _fault_of(code, Level(level), parent, levels=levels, scheme=scheme)
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
            f"{code} was the code of another grid that ended, and is borne again.",
            f"Give it {new[code]}, which no grid ever bore." if code in new
            else "Give it a code that no grid ever bore.",
        )
        for code, place in zip(again["code"].astype(str), places, strict=True)
    ]  # fmt: skip


def _fault_of(
    code: str,
    level: Level,
    parent: object,
    *,
    levels: dict[str, str],
    scheme: CodeScheme | None,
) -> tuple[str, str] | None:
    """Return what is wrong with one code and what to do; None if nothing is."""
    if scheme is not None and not is_valid(code, scheme, level):
        text = f"{code} is no code of a {level} grid in scheme {scheme.id}."
        return text, f"Give it a code that begins with {scheme.stem}."
    if level is Level.LARGE:
        fault = f"{code} is large and has the parent {parent}.", "Take the parent away."
        return fault if isinstance(parent, str) else None
    wanted = parent_of(code, scheme) if scheme is not None else None
    if not isinstance(parent, str):
        return f"{code} has no parent.", f"Put it under {wanted or 'the grid that holds it'}."
    if levels.get(parent) != _PARENT_LEVEL[level]:
        text = f"{code} is under {parent}, which is no {_PARENT_LEVEL[level]} grid of the plan."
        return text, f"Add {parent}, or put {code} under another."
    fits = code.startswith(parent) if wanted is None else parent == wanted
    repair = f"Put it under {wanted}." if wanted in levels else "Give it a new code."
    return None if fits else (f"{code} is under {parent}, and its code is not.", repair)


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
    shapes = np.asarray(grids.geometry, object)
    numbered = grids[~shapely.is_empty(shapes) & ~grids["code"].duplicated(keep=False).to_numpy()]
    faults = []
    families = numbered[numbered["level"] != Level.LARGE].groupby(
        ["level", "parent_code"], sort=True
    )
    for (level, parent), rows in families:
        codes = rows["code"].to_numpy(object)
        numbers = _numbers(codes, scheme, Level(str(level)))
        if numbers is None:
            continue  # faults of codes
        order = reading_order(np.asarray(rows.geometry, object))
        misplaced = order[_out_of_order(numbers[order])]
        if len(misplaced):
            first = rows.geometry.iloc[int(misplaced[0])].representative_point()
            text = (
                f"{len(misplaced)} of {len(rows)} {level} grids of {parent} are not numbered west "
                "to east, then north to south."
            )
            repair = "Let it be where they came later; codes stay. Number anew only a new plan."
            misplaced_codes = tuple(sorted(str(code) for code in codes[misplaced]))
            size = float(len(misplaced))
            faults.append(
                GridFault(
                    Rule.ORDER, misplaced_codes, first, size, text, repair, subject=str(parent)
                )
            )
    return faults


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
