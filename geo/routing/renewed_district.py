"""A snapped district renewed: what places and searches the difference cannot touch is taken over.

The result equals that of :func:`geo.routing.snapped_district.snap_layers` bit for bit, because each
place is linked by itself, and each category is searched by itself.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.model.layers import Layers
from geo.model.renewal import places
from geo.network.compile import WalkNetwork
from geo.network.snap import Links, link
from geo.routing.connectors import TripEnd
from geo.routing.shortest_paths import UNREACHED, pack, unpack
from geo.routing.snapped_district import NearestLabels, SnappedDistrict, judged_categories

_NEAREST = "nearest"


def renewed_district(
    before: SnappedDistrict, layers: Layers, origin: Mapping[str, IntArray]
) -> SnappedDistrict:
    """Snap a district whose network is as it was, and search again only what changed.

    Parameters
    ----------
    before : SnappedDistrict
    layers : Layers
        Buildings and service points as they are now.
    origin : dict of str to ndarray of int64
        Origins of the rows of ``buildings`` and ``service_points``
        (:mod:`geo.model.renewal`); a layer that is not among them is as it was.

    Returns
    -------
    SnappedDistrict
        With its nearest labels, if `before` had them.
    """
    buildings, points = origin.get("buildings"), origin.get("service_points")
    building_xy, building_links = _places(
        layers.buildings, buildings, before.network, (before.building_xy, before.buildings)
    )
    point_xy, point_links = _places(
        layers.service_points, points, before.network, (before.point_xy, before.points)
    )
    point_category = layers.service_points["category"].to_numpy(dtype=object)
    after = SnappedDistrict(
        network=before.network,
        categories=before.categories,
        building_xy=building_xy,
        point_xy=point_xy,
        point_id=layers.service_points["point_id"].to_numpy(dtype=object),
        point_category=point_category,
        buildings=building_links,
        points=point_links,
        judged=judged_categories(before.categories, point_category),
    )
    if buildings is None:
        for key in TripEnd:
            if (known := before.derived(key)) is not None:
                after.take_over(key, known)
    if isinstance(labels := before.derived(_NEAREST), NearestLabels):
        after.take_over(_NEAREST, _labels(before, labels, after, points))
    return after


def _places(
    frame: gpd.GeoDataFrame,
    origin: IntArray | None,
    network: WalkNetwork,
    before: tuple[FloatArray, Links],
) -> tuple[FloatArray, Links]:
    """Return the places of a layer, metres, and their links; only fresh rows are linked."""
    old_xy, old_links = before
    if origin is None:
        return old_xy, old_links
    xy = crs.project_points(frame["lon"], frame["lat"], network.epsg)
    links = old_links.joined(link(xy[origin < 0], network))
    return xy, links.take(places(origin, len(old_xy)))


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
