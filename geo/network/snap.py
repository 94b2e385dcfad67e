"""Linking: the access leg from a place to the nearest point of an edge, crossing no barrier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.network.compile import WalkNetwork
from geo.network.outlines import PlaceOutlines, no_outlines
from geo.network.snap_kernel import CLOSED, link_places

REASONS: Final = ("no_network", "too_far", "blocked")
"""Why a place can be unlinked: there is no edge at all, none within the limit, or every leg to an
edge within the limit crosses a barrier."""

REASON_WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "no_network": "network.no_network",
    "too_far": "network.too_far",
    "blocked": "network.blocked",
})  # fmt: skip
"""Code of the message that says each of :data:`REASONS`."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where each of n places meets the walk network.

    Attributes
    ----------
    edge : ndarray of int64, shape (n,)
        Index of the edge; -1 where unlinked.
    offset_m : ndarray of float64, shape (n,)
        Place on that edge, metres from its start; NaN where unlinked.
    leg_m : ndarray of float64, shape (n,)
        Access leg, metres; NaN where unlinked.
    gate : ndarray of int64, shape (n,)
        Index in ``network.gates`` of the gate that the leg passes; -1 where it is straight.
    reason : ndarray of str, shape (n,)
        Empty where linked, else one of :data:`REASONS`.
    start_xy : ndarray of float64, shape (n, 2)
        Where the leg begins: the place itself, or on its outline.
    """

    edge: IntArray
    offset_m: FloatArray
    leg_m: FloatArray
    gate: IntArray
    reason: npt.NDArray[np.object_]
    start_xy: FloatArray

    @property
    def linked(self) -> BoolArray:
        """Whether each place is linked, shape (n,)."""
        return self.edge >= 0

    def take(self, rows: Sequence[int] | IntArray) -> "Links":
        """Return the links of the places `rows`."""
        at = np.asarray(rows, np.int64)
        return Links(*(getattr(self, field.name)[at] for field in fields(self)))

    def joined(self, others: "Links") -> "Links":
        """Return the links of these places and, after them, of others."""
        return Links(
            *(
                np.concatenate([getattr(self, field.name), getattr(others, field.name)])
                for field in fields(self)
            )
        )


def link(xy: FloatArray, network: WalkNetwork, *, outlines: PlaceOutlines | None = None) -> Links:
    """Link places to the nearest point of an edge by a straight leg that crosses no barrier.

    No leg is longer than :data:`geo.network.snap_kernel.LINK_LIMIT_M`. Edges of tiny islands, and
    after them those that are not on the ground, are candidates only for places that no other edge
    can take. Among edges at the same distance the
    one with the lowest ``edge_id`` wins. A place whose every leg crosses a barrier, as in a
    compound without mapped lanes, leaves by a gate: straight to the gate and from there straight
    to the edge that the gate itself is linked to, the shortest such leg.

    The leg of a place with an outline begins where it leaves the outline for the last time: nobody
    walks through the own building. A way that runs through it is reached at once.

    Cost: a few microseconds for each place.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Places in the network's CRS, metres.
    network : WalkNetwork
    outlines : PlaceOutlines, optional
        Of the places.

    Returns
    -------
    Links
    """
    snap_index = network.snap_index
    edge, offset_m, leg_m, gate, blocked, start_xy = link_places(
        np.ascontiguousarray(xy, np.float64), snap_index, outlines or no_outlines(len(xy))
    )
    no_network = bool((snap_index.standing == CLOSED).all())
    reasons = np.array(["", *REASONS], dtype=object)
    why = 1 if no_network else np.where(blocked, 3, 2)
    reason = reasons[np.where(edge >= 0, 0, why)]
    return Links(edge, offset_m, leg_m, gate, reason, start_xy)
