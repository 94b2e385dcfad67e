"""What can be wrong with a grid plan: the rules by name, and one fault with its place and size."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import geopandas as gpd
import pyproj
from shapely import Point

from geo.messages import Message


class Rule(StrEnum):
    """A rule of a grid plan; the words behind are the rows of ``grid_rules.csv`` it stands for."""

    ROW = "row"  # a level and a code that a grid can have
    VALID = "valid"  # R2: a polygon that does not cross or touch itself
    COLLAPSED = "collapsed"  # R2: a polygon that has an area
    MULTIPART = "multipart"  # R2: in one piece, unless the district is not
    OVERLAP = "overlap"  # R2: no ground in two grids
    GAP = "gap"  # R2: no ground of the district in no grid
    HOLE = "hole"  # R2: no hole in a grid that no other grid fills
    SLIVER = "sliver"  # R2: one line for both sides of a border
    OUTSIDE = "outside"  # R2: no grid beyond the district
    MATCHED = "matched"  # R2: both sides of a border have the same vertices
    NESTED = "nested"  # R1, R7: a parent is the union of its children
    PARENT = "parent"  # R1, R7: a parent one level up that holds the grid
    BUILDING = "building"  # R4: no building is cut
    BARRIER = "barrier"  # R3: no wall, river or railway separates the buildings of a grid
    BAND = "band"  # R8: households within the band
    CODE = "code"  # R6, CODE15, CODE20: unique, of the scheme, the parent's code in front
    RETIRED = "retired"  # R6: no code that was another grid's before
    ORDER = "order"  # R5: numbered west to east, then north to south


UNITS: Final = {
    Rule.ROW: "count",
    Rule.VALID: "count",
    Rule.COLLAPSED: "count",
    Rule.MULTIPART: "count",
    Rule.OVERLAP: "m2",
    Rule.GAP: "m2",
    Rule.HOLE: "m2",
    Rule.SLIVER: "m2",
    Rule.OUTSIDE: "m2",
    Rule.MATCHED: "m",
    Rule.NESTED: "m2",
    Rule.PARENT: "count",
    Rule.BUILDING: "m2",
    Rule.BARRIER: "m",
    Rule.BAND: "count",
    Rule.CODE: "count",
    Rule.RETIRED: "count",
    Rule.ORDER: "count",
}
"""What the size of a fault is counted in."""

ADVICE: Final = frozenset({Rule.ORDER, Rule.BAND})
"""Rules that a plan may break for good reason: codes stay when a new grid comes between (R6), and
counting does not always allow the band."""


@dataclass(frozen=True, slots=True)
class GridFault:
    """One fault of a grid plan.

    Attributes
    ----------
    rule : Rule
    codes : tuple of str
        The grids it is about, ascending; none where no grid is near.
    place : Point
        A point of the fault, in the CRS of the grids.
    size : float
        In `unit`.
    text : Message
        What is wrong.
    repair : Message
        What would repair it.
    subject : str
        The feature it is about where that is none of `codes`: the `building_id` of a cut building,
        the parent of grids out of order. Empty otherwise.
    """

    rule: Rule
    codes: tuple[str, ...]
    place: Point
    size: float
    text: Message
    repair: Message
    subject: str = ""

    @property
    def unit(self) -> str:
        """Return ``m2``, ``m`` or ``count``."""
        return UNITS[self.rule]

    @property
    def grave(self) -> bool:
        """Return whether the plan must not stay like this; else the fault is advice."""
        return self.rule not in ADVICE


def faults_frame(faults: Sequence[GridFault], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return faults as a layer of points: a row each, in the CRS they were found in.

    Returns
    -------
    GeoDataFrame
        `rule`, `codes` (joined by blanks), `size`, `unit`, `grave`, geometry, and `text` and
        `repair` in the language spoken at present.
    """
    columns = {
        "rule": [str(fault.rule) for fault in faults],
        "codes": [" ".join(fault.codes) for fault in faults],
        "size": [fault.size for fault in faults],
        "unit": [fault.unit for fault in faults],
        "grave": [fault.grave for fault in faults],
        "text": [fault.text.text() for fault in faults],
        "repair": [fault.repair.text() for fault in faults],
    }
    return gpd.GeoDataFrame(columns, geometry=[fault.place for fault in faults], crs=crs)
