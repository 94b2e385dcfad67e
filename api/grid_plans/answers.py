"""The grid plan of a district: checked and edited."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from shapely import LineString, Polygon

from api.formats.aliases import Json
from api.formats.json import features, records
from api.grid_plans.schemas import AddIn, BorderIn, GridEdit, MergeIn, RetireIn, SplitIn, TransferIn
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from boundaries.standards.code_schemes import scheme_followed
from boundaries.store.interface import Store
from boundaries.store.rows.read import AsOf
from boundaries.store.tables.records import Deed
from geo.crs import STORED_EPSG, project_geometry
from geo.errors import ConflictError, InputError
from geo.geometry.stored_precision import to_degrees
from geo.grids.checks.faults import GridFault, Rule, faults_frame
from geo.grids.checks.plan_check import check_grids
from geo.grids.codes import CodeScheme
from geo.grids.edits import edit as grid_edits
from geo.grids.edits import transfer
from geo.grids.edits.preview import GridPlan, Preview

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def scheme_of_plan(snapshot: Snapshot) -> CodeScheme | None:
    """Return the scheme that all codes of a plan follow."""
    return scheme_followed(snapshot.layers.grids["code"], snapshot.district.code)


def checked_with(snapshot: Snapshot, store: Store, *, as_of: AsOf | None = None) -> dict[str, Any]:
    """Return the arguments of a plan check; `as_of` is the moment of the snapshot."""
    district, metric = snapshot.district, snapshot.metric
    moment = district.revision if as_of is None else as_of
    return {
        "district": project_geometry(district.boundary, STORED_EPSG, district.epsg),
        "buildings": metric.buildings,
        "barriers": metric.barriers,
        "scheme": scheme_of_plan(snapshot),
        "retired": store.retired_codes(district.code, as_of=moment),
    }


def find_faults(snapshot: Snapshot, store: Store, *, as_of: AsOf | None = None) -> list[GridFault]:
    """Return all faults of a district's plan (:func:`geo.grids.checks.plan_check.check_grids`).

    Parameters
    ----------
    snapshot : Snapshot
    store : Store
        That knows which codes are retired.
    as_of : int or date, optional
        The moment that the snapshot is of, where that is not now.
    """
    return check_grids(snapshot.metric.grids, **checked_with(snapshot, store, as_of=as_of))


def check_answer(snapshot: Snapshot, faults: list[GridFault]) -> Json:
    """Return all faults of a plan, and how many there are of each rule."""
    counts = Counter(fault.rule for fault in faults)
    scheme = scheme_of_plan(snapshot)
    return {
        **about_plan(snapshot),
        "scheme": None if scheme is None else scheme.id,
        "counts": {str(rule): counts[rule] for rule in Rule},
        "faults": fault_rows(snapshot, faults),
    }


def fault_rows(snapshot: Snapshot, faults: Sequence[GridFault]) -> list[Json]:
    """Return faults with their places in degrees."""
    frame = faults_frame(faults, snapshot.metric.grids.crs).to_crs(STORED_EPSG)
    rows = records(pd.DataFrame(frame.drop(columns=["geometry", "codes"])))
    places = zip(frame.geometry.x.round(7), frame.geometry.y.round(7), strict=True)
    return [
        {**row, "codes": list(fault.codes), "lon": _known(lon), "lat": _known(lat)}
        for row, fault, (lon, lat) in zip(rows, faults, places, strict=True)
    ]


def preview_edit(snapshot: Snapshot, store: Store, edit: GridEdit) -> Preview:
    """Return the preview of an edit of a district's plan.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        As the operations of :mod:`geo.grids.edits.edit` and :mod:`geo.grids.edits.transfer` do.
    """
    plan = _plan(snapshot, store)
    match edit:
        case SplitIn():
            return grid_edits.split(
                plan, edit.code, _line(plan, edit.line), codes=tuple(edit.codes)
            )
        case MergeIn():
            return grid_edits.merge(plan, tuple(edit.codes), into=edit.into)
        case BorderIn():
            return grid_edits.move_border(plan, edit.first, edit.second, _line(plan, edit.line))
        case TransferIn():
            return transfer.transfer(plan, edit.building_id, edit.to, along=tuple(edit.along))
        case AddIn():
            if len(edit.outline) < 3:  # noqa: PLR2004 - of a triangle
                raise InputError("Got an outline of two corners; wanted three or more.")
            ring = Polygon(_line(plan, edit.outline).coords)
            return grid_edits.add(plan, ring, edit.parent, code=edit.code, name=edit.name)
        case RetireIn():
            return grid_edits.retire(plan, edit.code, to=edit.to)


def save_grids(
    snapshot: Snapshot, store: Store, preview: Preview, *, edit: GridEdit, deed: Deed
) -> int:
    """Store an edit in one transaction if the district is still as it was; return the revision.

    The log tells the edit, and each grave fault that was accepted.

    Raises
    ------
    ConflictError
        If the edit causes a grave fault that is not accepted.
    RevisionError
        If somebody else changed the district meanwhile.
    SchemaError
        If the store cannot take it.
    """
    refused = refused_faults(preview, edit)
    if refused:
        raise ConflictError(_refusal(fault_rows(snapshot, refused)))
    accepted = [f"accepted: {fault.text}" for fault in preview.faults if fault.grave]
    description = "; ".join([f"grids: {edit.op}", *accepted])
    return save_plan(snapshot, store, preview.grids, deed=replace(deed, what=description))


def refused_faults(preview: Preview, edit: GridEdit) -> list[GridFault]:
    """Return the grave faults that an edit would cause and does not accept."""
    return [fault for fault in preview.faults if fault.grave and fault.rule not in edit.accept]


def _refusal(faults: list[Json]) -> str:
    """Return why and where an edit was refused, and how to repair it."""
    reasons = " ".join(
        f"{fault['text']} That is at {fault['lon']}, {fault['lat']}, for {fault['size']:.1f} "
        f"{fault['unit']}. {fault['repair']}"
        for fault in faults
    )
    return (
        f"{reasons} Nothing was changed; where people can pass, accept it by --accept barrier, "
        'through HTTP "accept": ["barrier"].'
    )


def save_plan(
    snapshot: Snapshot,
    store: Store,
    grids: gpd.GeoDataFrame,
    *,
    deed: Deed,
    renumbered: Mapping[str, str] = _NONE,
) -> int:
    """Store a whole plan, given in metres, if the district is still as it was.

    Unchanged grids keep their stored coordinates
    (:func:`geo.geometry.stored_precision.to_degrees`), so that only changes are written. Workers
    of `renumbered` grids keep them.
    """
    district, layers = snapshot.district, snapshot.layers
    stored = to_degrees(grids, metric=snapshot.metric.grids, stored=layers.grids)
    if not renumbered:
        return store.replace_layer(
            district.code, "grids", stored, deed=deed, based_on=district.revision
        )
    workers = layers.workers.assign(grid_code=layers.workers["grid_code"].replace(renumbered))
    workers = workers[workers["grid_code"].isin(stored.loc[stored["level"] == "small", "code"])]
    edited = replace(layers, grids=stored, workers=workers)
    return store.replace(district, edited, deed=deed, based_on=district.revision)


def changed_rows(snapshot: Snapshot, preview: Preview) -> gpd.GeoDataFrame:
    """Return the grids that an edit adds or changes, in degrees."""
    return to_degrees(preview.put, metric=snapshot.metric.grids, stored=snapshot.layers.grids)


def edit_answer(snapshot: Snapshot, preview: Preview, *, revision: int | None) -> Json:
    """Return the answer to an edit; `revision` is None for a preview."""
    rows = changed_rows(snapshot, preview)
    table = pd.DataFrame(rows.drop(columns="geometry"))
    about = about_plan(snapshot)
    return {
        **about,
        "revision": about["revision"] if revision is None else revision,
        "preview": revision is None,
        "given": list(preview.given),
        "retired": list(preview.retired),
        "lineage": records(preview.lineage),
        "effect": records(preview.effect),
        "faults": fault_rows(snapshot, preview.faults),
        "grids": {
            "type": "FeatureCollection",
            "features": features(rows, table, ids=list(rows["code"])),
        },
    }


def about_plan(snapshot: Snapshot) -> Json:
    """Return the district and the revision of a plan."""
    district = snapshot.district
    return {
        "district": district.code,
        "revision": district.revision,
        "synthetic": str(district.origin) == "synthetic",
    }


def _plan(snapshot: Snapshot, store: Store) -> GridPlan:
    district = snapshot.district
    return GridPlan(
        snapshot.metric.grids,
        scheme_of_plan(snapshot),
        retired=store.retired_codes(district.code),
        district=project_geometry(district.boundary, STORED_EPSG, district.epsg),
        buildings=snapshot.metric.buildings,
        barriers=snapshot.metric.barriers,
        covered=_covered(snapshot),
    )


def _covered(snapshot: Snapshot) -> pd.Series | None:
    """Return the households of each building that reach every category; None without a network."""
    if not len(snapshot.layers.walk_edges) or not len(snapshot.layers.buildings):
        return None
    table = snapshot.buildings(CoverageQuestion())
    reached = (table["status"] == "covered").groupby(table["building_id"], sort=False).all()
    buildings = snapshot.metric.buildings
    reaches = reached.reindex(buildings["building_id"]).to_numpy(dtype=bool)
    covered: pd.Series = buildings["households"] * reaches
    return covered


def _line(plan: GridPlan, points: list[tuple[float, float]]) -> LineString:
    """Return a line given in degrees in the CRS of a plan."""
    epsg = plan.grids.crs.to_epsg()
    if not all(abs(lon) <= 180 and abs(lat) <= 84 for lon, lat in points):  # noqa: PLR2004
        raise InputError("Got a place off the map; wanted longitude, then latitude, in degrees.")
    line = project_geometry(LineString(points), STORED_EPSG, epsg)
    if line.length <= 0:
        raise InputError("Got a line without length; wanted two places or more.")
    return LineString(line.coords)


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - NaN
