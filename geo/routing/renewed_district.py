"""A snapped district renewed: what places and searches the difference cannot touch is taken over.

The result equals that of :func:`geo.routing.snapped_district.snap_layers` bit for bit, because each
place is linked by itself, and each category is searched by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.model.layers import Layers
from geo.model.renewal import places
from geo.network.compile import WalkNetwork
from geo.network.entrances import Entrances, entrances_of
from geo.network.outlines import outlines_of
from geo.network.snap import Links, link
from geo.routing.connectors import TripEnd
from geo.routing.shortest_paths import UNREACHED, pack, unpack
from geo.routing.snapped_district import NearestLabels, SnappedDistrict, judged_categories

_NEAREST = "nearest"
_WHERE = ["place", "x", "y", "known"]


def renewed_district(
    before: SnappedDistrict, layers: Layers, origin: Mapping[str, IntArray]
) -> SnappedDistrict:
    """Snap a district whose network is as it was, and search again only what changed.

    Parameters
    ----------
    before : SnappedDistrict
    layers : Layers
        Buildings, service points and entrances as they are now.
    origin : dict of str to ndarray of int64
        Origins of the rows of ``buildings``, ``service_points`` and ``entrances``
        (:mod:`geo.model.renewal`); a layer that is not among them is as it was.

    Returns
    -------
    SnappedDistrict
        With its nearest labels, if `before` had them.
    """
    network = before.network
    homes = _renewed(
        layers, ("buildings", "building_id"), origin, network,
        _EnteredPlaces(before.building_xy, before.entrances, before.buildings),
    )  # fmt: skip
    ends = _renewed(
        layers, ("service_points", "point_id"), origin, network,
        _EnteredPlaces(before.point_xy, before.point_entrances, before.points),
    )  # fmt: skip
    point_category = layers.service_points["category"].to_numpy(dtype=object)
    after = SnappedDistrict(
        network=network,
        categories=before.categories,
        building_xy=homes.xy,
        point_xy=ends.xy,
        point_id=layers.service_points["point_id"].to_numpy(dtype=object),
        point_category=point_category,
        entrances=homes.entrances,
        point_entrances=ends.entrances,
        buildings=homes.links,
        points=ends.links,
        judged=judged_categories(before.categories, point_category),
    )
    if homes.links is before.buildings:
        for key in TripEnd:
            if (known := before.derived(key)) is not None:
                after.take_over(key, known)
    if isinstance(labels := before.derived(_NEAREST), NearestLabels):
        after.take_over(_NEAREST, _labels(before, labels, after, ends.same))
    return after


@dataclass(frozen=True, slots=True)
class _EnteredPlaces:
    """Places of a layer, their entrances, and the links of those.

    ``same`` is the row that each place was before, -1 for one that is fresh or entered otherwise;
    None where all are as they were.
    """

    xy: FloatArray
    entrances: Entrances
    links: Links
    same: IntArray | None = None


def _renewed(
    layers: Layers,
    of: tuple[str, str],
    origin: Mapping[str, IntArray],
    network: WalkNetwork,
    before: _EnteredPlaces,
) -> _EnteredPlaces:
    """Return the places of a layer; only fresh entrances are linked."""
    layer, key = of
    if layer not in origin and "entrances" not in origin:
        return before
    frame = getattr(layers, layer)
    xy = before.xy
    if layer in origin:
        xy = crs.project_points(frame["lon"], frame["lat"], network.epsg)
    same = origin.get(layer, np.arange(len(xy))).copy()
    outlines = outlines_of(frame.geometry.to_numpy()) if layer == "buildings" else None
    ids = frame[key].to_numpy(dtype=object)
    entrances = entrances_of(xy, ids, layers.entrances, key, outlines)
    known = _keyed(before.entrances, np.arange(len(before.xy)))
    wanted = _keyed(entrances, same)
    known["row"] = np.arange(len(known))
    row = wanted.merge(known.drop_duplicates(_WHERE), on=_WHERE, how="left")["row"]
    old = row.fillna(-1).to_numpy(np.int64)
    new = np.flatnonzero(old < 0)
    fresh = link(entrances.xy[new], network, outlines=entrances.outlines.take(new))
    links = before.links.joined(fresh)
    place, count = entrances.place, np.append(np.diff(before.entrances.first), 0)  # of -1: none
    same[place[new]] = -1
    lost = (same >= 0) & (np.diff(entrances.first) != count[same])
    same[lost] = -1
    return _EnteredPlaces(xy, entrances, links.take(places(old, len(before.links.edge))), same)


def _keyed(entrances: Entrances, place: IntArray) -> pd.DataFrame:
    """Return what an entrance is known by: the row of its place, where it is, and if mapped."""
    x, y = entrances.xy.T
    known = entrances.row >= 0
    return pd.DataFrame(dict(zip(_WHERE, (place[entrances.place], x, y, known), strict=True)))


def _labels(
    before: SnappedDistrict,
    known: NearestLabels,
    after: SnappedDistrict,
    origin: IntArray | None,
) -> NearestLabels:
    """Return the nearest labels: those of categories whose points are the same are taken over."""
    labels, search = after.empty_labels(), []
    rows = np.arange(len(after.point_id)) if origin is None else origin
    new_rank = np.full(len(before.point_id), -1, np.int64)
    new_rank[rows[rows >= 0]] = after.rank[rows >= 0]
    is_same_rank = np.array_equal(new_rank, before.rank)
    for number in range(len(after.categories)):
        mine = rows[after.column == number]
        if not np.array_equal(mine, np.flatnonzero(before.column == number)):
            search.append(number)
            continue
        state = known.state[number]
        labels.state[number] = state if is_same_rank else _ranked(state, before, new_rank)
        after.label_buildings(labels, number)
    after.search_into(labels, search, threads=1)
    return labels


def _ranked(label: IntArray, before: SnappedDistrict, new_rank: IntArray) -> IntArray:
    """Return labels with the ranks that their points have now."""
    result = np.full_like(label, UNREACHED)
    reached = label < UNREACHED
    ticks, rank = unpack(label[reached])
    result[reached] = pack(ticks, new_rank[before.point_of_rank(rank)])
    return result
