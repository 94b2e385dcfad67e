"""Recognise edges of a walk network that was made anew, so that what is the same stays the same."""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import IntArray
from geo.model.layers import Layers

_SAME_DEGREES: Final = 1e-9  # 0.1 mm: what the way through metres and back may move
_SAME_M: Final = 1e-4
_MADE: Final = ("edge_id", "u", "v", "length_m", "geometry")


def settled(after: Layers, before: Layers) -> Layers:
    """Return `after` with edges as they are stored where they are the same.

    An edge is the same where it runs along the same ground within 0.1 mm and has the same
    attributes; it has the number, the nodes, the length and the geometry that are stored. Numbers
    of other edges and nodes are taken by nobody.
    """
    old, new = before.walk_edges, after.walk_edges
    mine, theirs = _same(new, old)
    node = _nodes(new, old, mine, theirs)
    table = new.copy()
    for name in ("u", "v"):
        table[name] = [node.get(n, n) for n in new[name].tolist()]
    table["edge_id"] = _numbers(new, old, mine, theirs)
    agrees = (table[["u", "v"]].to_numpy()[mine] == old[["u", "v"]].to_numpy()[theirs]).all(axis=1)
    mine, theirs = mine[agrees], theirs[agrees]
    lines, length_m = new.geometry.to_numpy().copy(), new["length_m"].to_numpy().copy()
    lines[mine], length_m[mine] = (
        old.geometry.to_numpy()[theirs],
        old["length_m"].to_numpy()[theirs],
    )
    table = table.assign(length_m=length_m).set_geometry(gpd.GeoSeries(lines, table.index, new.crs))
    table = table.sort_values("edge_id").reset_index(drop=True)
    gates = after.gates.assign(node=[node.get(n, n) for n in after.gates["node"].tolist()])
    return replace(after, walk_edges=table, gates=gates)


def _same(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame) -> tuple[IntArray, IntArray]:
    """Return the positions of pairs of the same edge, each edge in one pair at most."""
    a, b = new.geometry.to_numpy(), old.geometry.to_numpy()
    start = shapely.STRtree(shapely.get_point(b, 0))
    mine, theirs = start.query(shapely.get_point(a, 0), predicate="dwithin", distance=_SAME_DEGREES)
    said = [name for name in new.columns if name not in _MADE]
    both = pd.concat([new[said], old[said]], ignore_index=True)
    kind = both.groupby(said, dropna=False).ngroup().to_numpy()
    apart_m = np.abs(new["length_m"].to_numpy()[mine] - old["length_m"].to_numpy()[theirs])
    alike = (kind[mine] == kind[len(new) + theirs]) & (apart_m <= _SAME_M)
    mine, theirs = mine[alike], theirs[alike]
    alike = shapely.hausdorff_distance(a[mine], b[theirs]) <= _SAME_DEGREES
    pairs = pd.DataFrame({"mine": mine[alike], "theirs": theirs[alike]})
    pairs = pairs.sort_values(["mine", "theirs"])
    pairs = pairs[~pairs["mine"].duplicated(keep=False) & ~pairs["theirs"].duplicated(keep=False)]
    return pairs["mine"].to_numpy(np.int64), pairs["theirs"].to_numpy(np.int64)


def _nodes(
    new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, mine: IntArray, theirs: IntArray
) -> dict[int, int]:
    """Return the stored number of each node that stands for one stored node, else a fresh one."""
    ends = new[["u", "v"]].to_numpy(np.int64)
    pairs = pd.DataFrame(
        {"new": ends[mine].ravel(), "old": old[["u", "v"]].to_numpy(np.int64)[theirs].ravel()}
    ).drop_duplicates()
    one = ~pairs["new"].duplicated(keep=False) & ~pairs["old"].duplicated(keep=False)
    known = dict(zip(pairs["new"][one].tolist(), pairs["old"][one].tolist(), strict=True))
    rest = [n for n in np.unique(ends)[::-1].tolist() if n not in known]
    lowest = min([0, *known.values(), *known, *rest])
    taken = set(known.values())
    fresh = (lowest - 1 - k for k in range(len(rest)))
    return known | {n: (n if n not in taken else next(fresh)) for n in rest}


def _numbers(
    new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, mine: IntArray, theirs: IntArray
) -> IntArray:
    """Return the stored numbers of the same edges; others get numbers that none of these has."""
    number: IntArray = new["edge_id"].to_numpy(np.int64).copy()
    number[mine] = old["edge_id"].to_numpy(np.int64)[theirs]
    other = np.setdiff1d(np.arange(len(new)), mine)
    odd = other[np.isin(number[other], number[mine])]
    number[odd] = number.max(initial=0) + 1 + np.arange(len(odd))
    return number
