"""Entrances: where places are entered. Walks start and end there; of several the best counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.model.layers import Layers
from geo.model.vocabulary import GateAccess
from geo.network.outlines import PlaceOutlines, no_outlines, outlines_of

NOT_ENTERED: Final = frozenset({"emergency", "exit", "garage"})
"""Kinds of entrances by which nobody on foot enters."""

_REFUSED: Final = {
    "building_id": frozenset({GateAccess.CLOSED}),
    "point_id": frozenset({GateAccess.CLOSED, GateAccess.PRIVATE}),
}
"""Whom an entrance keeps out: residents have keys, those who seek a service do not."""


@dataclass(frozen=True, slots=True)
class Entrances:
    """The e entrances of n places, in rows by place, at least one for each.

    A place without a known entrance has one: where it stands. Where it is an area, walks start and
    end on its outline (:func:`geo.network.snap.link`).

    Attributes
    ----------
    xy : ndarray of float64, shape (e, 2)
        Metres in the network's CRS.
    first : ndarray of int64, shape (n + 1,)
        Where the entrances of each place begin.
    row : ndarray of int64, shape (e,)
        Row in the layer ``entrances``; -1 for the place itself.
    outlines : PlaceOutlines
        Of the places that have an area and no known entrance.
    """

    xy: FloatArray
    first: IntArray
    row: IntArray
    outlines: PlaceOutlines

    @property
    def place(self) -> IntArray:
        """Place that each entrance leads into, shape (e,)."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def of(self, places: Sequence[int] | IntArray) -> IntArray:
        """Return the rows of the entrances of `places`, one place after the other."""
        at = np.asarray(places, np.int64)
        count = self.first[at + 1] - self.first[at]
        begin = np.repeat(self.first[at] - (np.cumsum(count) - count), count)
        return np.asarray(begin + np.arange(count.sum()), np.int64)

    def take(self, places: Sequence[int] | IntArray) -> "Entrances":
        """Return the entrances of `places`."""
        at = np.asarray(places, np.int64)
        rows = self.of(at)
        first = np.concatenate([[0], np.cumsum(self.first[at + 1] - self.first[at])])
        first = first.astype(np.int64)
        return Entrances(self.xy[rows], first, self.row[rows], self.outlines.take(rows))

    def one_each(self, linked: BoolArray) -> IntArray:
        """Return a row for each place: its first entrance that is linked, else its first."""
        here = np.arange(len(self.xy))
        if len(here) == len(self.first) - 1:
            return here
        after = np.where(linked, here, here + len(here))
        return np.asarray(np.minimum.reduceat(after, self.first[:-1]) % len(here), np.int64)


def at_places(xy: FloatArray, outlines: PlaceOutlines | None = None) -> Entrances:
    """Return the entrances of places without known ones, shape (n, 2), by their outlines if any."""
    outlines = outlines or no_outlines(len(xy))
    return Entrances(xy, np.arange(len(xy) + 1), np.full(len(xy), -1), outlines)


def entrances_of(
    xy: FloatArray,
    ids: ObjectArray,
    entrances: gpd.GeoDataFrame,
    key: str,
    outlines: PlaceOutlines | None = None,
) -> Entrances:
    """Return the entrances of places.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Places, metres.
    ids : ndarray of str, shape (n,)
    entrances : GeoDataFrame
        Layer ``entrances`` in the same CRS; its order counts for nothing.
    key : str
        ``building_id`` or ``point_id``.
    outlines : PlaceOutlines, optional
        Of each place.

    Examples
    --------
    >>> from geo.model.layers import empty_layer
    >>> nowhere = empty_layer("entrances").to_crs(4548)
    >>> entrances_of(np.zeros((2, 2)), np.array(["a", "b"], object), nowhere, "point_id").row
    array([-1, -1])
    """
    kept_out = entrances["kind"].isin(NOT_ENTERED) | entrances["access"].isin(_REFUSED[key])
    place = pd.Index(ids).get_indexer(pd.Index(entrances[key].where(~kept_out, None)))
    row = np.flatnonzero(place >= 0)
    if not len(row):
        return at_places(xy, outlines)
    row = row[np.argsort(entrances["entrance_id"].to_numpy(dtype=object)[row], kind="stable")]
    without = np.setdiff1d(np.arange(len(xy)), place)
    owner = np.concatenate([place[row], without])
    by_place = np.argsort(owner, kind="stable")
    at = shapely.get_coordinates(entrances.geometry.to_numpy()[row])
    count = np.bincount(owner, minlength=len(xy))
    return Entrances(
        xy=np.concatenate([at, xy[without]])[by_place],
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        row=np.concatenate([row, np.full(len(without), -1)])[by_place].astype(np.int64),
        outlines=(outlines or no_outlines(len(xy))).take(
            np.concatenate([np.full(len(row), -1), without])[by_place]
        ),
    )


def entrances_of_layers(
    layers: Layers, building_xy: FloatArray, point_xy: FloatArray
) -> tuple[Entrances, Entrances]:
    """Return the entrances of the buildings and of the service points of a district, in metres."""
    buildings, points = layers.buildings["building_id"], layers.service_points["point_id"]
    return (
        entrances_of(
            building_xy, buildings.to_numpy(dtype=object), layers.entrances, "building_id",
            outlines_of(layers.buildings.geometry.to_numpy()),
        ),
        entrances_of(point_xy, points.to_numpy(dtype=object), layers.entrances, "point_id"),
    )  # fmt: skip
