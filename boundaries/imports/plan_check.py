"""A file of grids passes the gate of every change of the plan (:mod:`geo.grids.checks.gate`)."""

from collections import Counter
from typing import Final

import geopandas as gpd

from boundaries.import_report import LayerReport
from geo.crs import STORED_EPSG, project_geometry, to_metric
from geo.errors import ConflictError
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.gate import faults_of_change
from geo.messages import Message
from geo.model.layers import District

_REFUSED: Final = frozenset({Rule.OVERLAP, Rule.GAP, Rule.HOLE, Rule.MULTIPART, Rule.COLLAPSED})
"""Rules that a file must not newly break unless that is accepted; a repair ends the others."""

_FEW: Final = 4


def check_new_plan(
    district: District,
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    account: LayerReport,
    *,
    faulty: bool,
) -> None:
    """Report what a file of grids would newly put at fault.

    Parameters
    ----------
    district : District
    before, after : GeoDataFrame
        Layer ``grids`` as it is and as it would be, EPSG:4326.
    account : LayerReport
        Gets a note for each kind of fault.
    faulty : bool
        Whether overlaps and gaps are stored all the same.

    Raises
    ------
    ConflictError
        If grids would overlap, leave gaps, lie in pieces or have no area, and that is not accepted.
    """
    outline = project_geometry(district.boundary, STORED_EPSG, district.epsg)
    was, now = (to_metric(frame, district.epsg) for frame in (before, after))
    faults = faults_of_change(was, now, outline)
    refused = [fault for fault in faults if fault.rule in _REFUSED]
    if refused and not faulty:
        texts = [fault.text for fault in refused[:_FEW]]
        raise ConflictError("imports.plan_at_fault", n=len(refused), faults=texts)
    _note(faults, account)


def _note(faults: list[GridFault], account: LayerReport) -> None:
    first = {fault.rule: fault.text for fault in reversed(faults)}
    for rule, n in Counter(fault.rule for fault in faults).items():
        account.note(Message("imports.plan_fault", {"rule": str(rule), "first": first[rule]}), n)
