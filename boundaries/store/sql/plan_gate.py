"""The gate of the grid plan inside the transaction of a change (:mod:`geo.grids.checks.gate`)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Difference
from boundaries.store.rows.layer_rows import column_names, to_district, to_frame
from boundaries.store.rows.plan_rows import metric_plan
from boundaries.store.rows.read import layer_rows
from boundaries.store.tables.records import Commit, PlanGate
from geo.crs import STORED_EPSG, project_geometry, to_metric
from geo.errors import ConflictError
from geo.geometry.polygon_coverage import joined
from geo.geometry.stored_precision import to_degrees
from geo.grids.checks.faults import GridFault
from geo.grids.checks.gate import faults_of_change
from geo.grids.hierarchy import unchanged_shapes
from geo.messages import Message
from geo.model.vocabulary import Level
from geo.partition.outputs.edge_matching import match_vertices

_LAYER: Final = "grids"
_POLYGON: Final = int(shapely.GeometryType.POLYGON)
_FEW: Final = 4
"""Faults that a sentence names; of more it says how many."""

_SAME_DEG: Final = 9e-9
"""Vertices this near to a border stand on it: a millimetre, which is rounding
(:data:`geo.geometry.polygon_coverage.TOLERANCE_M`)."""

_GROUND: Final = ("code", "level", "parent_code")


def passed(
    base: Backend,
    connection: Connection,
    district: Mapping[str, Any],
    changes: Difference,
    *,
    commit: Commit,
    what: Message | str,
) -> Message | str:
    """Return what the log tells of a change of grids that passes the gate.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.writing`, before the change is written.
    district : dict
        Its row, as it is to be.
    changes : Difference
        Of layer ``grids``.
    commit : Commit
    what : Message or str
        What the log tells without faults.

    Raises
    ------
    ConflictError
        If the gate refuses it; nothing is written.
    """
    if commit.gate is None or not _is_of_ground(changes):
        return what
    faults = faults_of_rows(base, connection, district, changes)
    if not faults:
        return what
    told: dict[str, Any] = {"faults": [fault.text for fault in faults[:_FEW]], "n": len(faults)}
    if commit.gate is PlanGate.REFUSE:
        reasons = [
            Message("plan_gate.fault", {"text": fault.text, "repair": fault.repair})
            for fault in faults[:_FEW]
        ]
        raise ConflictError("plan_gate.refused", faults=reasons, n=len(faults))
    return Message("plan_gate.stored", {"what": what, **told})


def _is_of_ground(changes: Difference) -> bool:
    """Return whether more changes than names."""
    names = column_names(_LAYER)
    kept = [names.index(name) for name in (*_GROUND, names[-1])]
    return bool(changes.added or changes.removed) or any(
        [old.row[k] for k in kept] != [row[k] for k in kept] for old, row in changes.changed
    )


def faults_of_rows(
    base: Backend, connection: Connection, district: Mapping[str, Any], changes: Difference
) -> list[GridFault]:
    """Return the faults that a change of grids would newly cause."""
    rows = layer_rows(base, connection, _LAYER, district["code"])
    ended = {old.row for old, _ in changes.changed} | {old.row for old in changes.removed}
    after = [row for row in rows if row not in ended] + changes.begun
    boundary, epsg = to_district(district, base.codec.decode).boundary, int(district["epsg"])
    outline = project_geometry(boundary, STORED_EPSG, epsg)
    was, now = (metric_plan(base, each, epsg) for each in (rows, after))
    return faults_of_change(was, now, outline)


def with_matching_borders(
    base: Backend,
    connection: Connection,
    code: str,
    *,
    put: gpd.GeoDataFrame,
    remove: Sequence[str],
) -> gpd.GeoDataFrame:
    """Return small grids to put with the neighbours that get or give a vertex of a border.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.writing`.
    code : str
        Of the district.
    put : GeoDataFrame
        Grids to put, EPSG:4326.
    remove : sequence of str
        Codes of grids that go.

    Notes
    -----
    Only vertices within :data:`_SAME_DEG` of the other side move or are added; grids of several
    parts stay as they are.
    """
    stored = to_frame(_LAYER, layer_rows(base, connection, _LAYER, code), base.codec.decode)
    stays = (stored["level"] == Level.SMALL) & ~stored["code"].isin({*put["code"], *remove})
    others = stored[stays].reset_index(drop=True)
    kept, new = (np.asarray(each.geometry, dtype=object).copy() for each in (others, put))
    is_small = (put["level"] == Level.SMALL).to_numpy() & (shapely.get_type_id(new) == _POLYGON)
    rows = np.flatnonzero(is_small)
    one, two = shapely.STRtree(kept).query(new[rows], predicate="dwithin", distance=_SAME_DEG)
    beside = shapely.get_type_id(kept[two]) == _POLYGON
    one, two = rows[one[beside]], two[beside]
    for row in np.unique(one).tolist():
        given = shapely.get_coordinates(kept[two[one == row]])
        new[row] = match_vertices(new[row], given, _SAME_DEG)
    changed = []
    for row in np.unique(two).tolist():
        before = kept[row]
        given = shapely.get_coordinates(new[one[two == row]])
        kept[row] = match_vertices(before, given, _SAME_DEG)
        if not shapely.equals_exact(kept[row], before):
            changed.append(row)
    put = put.set_geometry(new, crs=STORED_EPSG)
    if not changed:
        return put
    also = gpd.GeoDataFrame(others.iloc[changed], geometry=kept[changed], crs=STORED_EPSG)
    return gpd.GeoDataFrame(pd.concat([put, also], ignore_index=True), crs=STORED_EPSG)


def with_parents(
    base: Backend,
    connection: Connection,
    code: str,
    *,
    put: gpd.GeoDataFrame,
    remove: Sequence[str],
    epsg: int,
) -> gpd.GeoDataFrame:
    """Return grids to put with the parents that follow them: the union of what is in them then.

    Parameters
    ----------
    base, connection
        Connection of :meth:`Backend.writing`.
    code : str
        Of the district.
    put : GeoDataFrame
        Grids to put, EPSG:4326. A parent among them stays as it is given.
    remove : sequence of str
        Codes of grids that go.
    epsg : int
        Of the district.
    """
    stored = to_frame(_LAYER, layer_rows(base, connection, _LAYER, code), base.codec.decode)
    gone = {*map(str, remove), *put["code"]}
    kept = stored[~stored["code"].isin(gone)]
    after = gpd.GeoDataFrame(pd.concat([kept, put], ignore_index=True), crs=STORED_EPSG)
    touched = pd.concat([put, stored[stored["code"].isin(gone)]])
    followed = set(touched["parent_code"].dropna())
    followed |= set(stored.loc[stored["code"].isin(followed), "parent_code"].dropna())
    codes, levels, parents = (after[name].to_numpy(object) for name in _GROUND)
    metric = to_metric(after, epsg)
    shapes = np.asarray(metric.geometry, dtype=object).copy()
    before = shapes.copy()
    rows = np.flatnonzero(after["code"].isin(followed - gone))
    for level in (Level.MEDIUM, Level.LARGE):
        for row in rows[levels[rows] == level]:
            children = shapes[parents == codes[row]]
            if len(children):
                shapes[row] = joined(children)
    shapes = unchanged_shapes(shapes, before, np.isin(np.arange(len(shapes)), rows))
    moved = rows[~shapely.equals_exact(shapes[rows], before[rows], normalize=True)]
    if not len(moved):
        return put
    following = metric.iloc[moved].set_geometry(shapes[moved], crs=metric.crs)
    degrees = to_degrees(following, metric=metric, stored=after)
    return gpd.GeoDataFrame(pd.concat([put, degrees], ignore_index=True), crs=STORED_EPSG)
