"""The grid plan of a district: checked and edited."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from api.formats.aliases import Json
from api.formats.json import features, records
from api.grid_plans.schemas import AddIn, BorderIn, GridEdit, MergeIn, RetireIn, SplitIn, TransferIn
from api.grid_plans.whole_plan import whole_plan
from api.parameters import CoverageQuestion
from api.settings import Settings
from api.snapshot.district import Snapshot
from api.snapshot.provenance import set_aside_note
from boundaries.standards.code_schemes import scheme_followed
from boundaries.store.interface import Store
from boundaries.store.rows.read import AsOf
from geo.crs import STORED_EPSG, project_geometry
from geo.errors import ConflictError, InputError
from geo.geometry.stored_precision import to_degrees
from geo.grids.checks.band_check import HouseholdBand, band_faults
from geo.grids.checks.faults import GridFault, Rule, faults_frame
from geo.grids.checks.plan_check import check_grids
from geo.grids.codes import CodeScheme
from geo.grids.edits import edit as grid_edits
from geo.grids.edits import transfer
from geo.grids.edits.names import SPLIT_NAMES
from geo.grids.edits.preview import GridPlan, Preview
from geo.messages import Message
from geo.model.vocabulary import Origin


def scheme_of_plan(snapshot: Snapshot) -> CodeScheme | None:
    """Return the scheme that all codes of a plan follow."""
    return scheme_followed(whole_plan(snapshot)["code"], snapshot.district.code)


def checked_with(snapshot: Snapshot, store: Store, *, as_of: AsOf | None = None) -> dict[str, Any]:
    """Return the arguments of a plan check; `as_of` is the moment of the snapshot.

    Buildings come without their counts: the faults of a plan are the same for whoever asks.
    """
    district, metric = snapshot.district, snapshot.metric
    moment = district.revision if as_of is None else as_of
    return {
        "district": _to_cover(snapshot),
        "buildings": metric.buildings[["building_id", "geometry"]],
        "barriers": metric.barriers,
        "scheme": scheme_of_plan(snapshot),
        "retired": store.retired_codes(district.code, as_of=moment),
    }


def _to_cover(snapshot: Snapshot) -> BaseGeometry:
    """Return the ground that the grids should cover, in the metric CRS: that of the district.

    Synthetic data fills a part of a real outline: there it is the ground within the outermost
    borders of the grids.
    """
    district = snapshot.district
    outline = project_geometry(district.boundary, STORED_EPSG, district.epsg)
    if district.origin != Origin.SYNTHETIC:
        return outline
    shapes = shapely.make_valid(np.asarray(snapshot.metric.grids.geometry.array, object))
    parts = shapely.get_parts(shapely.union_all(shapes))
    rings = shapely.get_exterior_ring(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004
    return shapely.intersection(outline, shapely.union_all(shapely.polygons(rings)))


def _unfilled_m2(snapshot: Snapshot) -> float:
    """Return the ground of the outline that synthetic data does not fill, square metres."""
    district = snapshot.district
    outline = project_geometry(district.boundary, STORED_EPSG, district.epsg)
    return round(float(outline.area - _to_cover(snapshot).area), 1)


def find_faults(snapshot: Snapshot, store: Store, *, as_of: AsOf | None = None) -> list[GridFault]:
    """Return all faults of a district's plan (:func:`geo.grids.checks.plan_check.check_grids`).

    Those of a district as it is are found once, whoever asks.

    Parameters
    ----------
    snapshot : Snapshot
    store : Store
        That knows which codes are retired.
    as_of : int or date, optional
        The moment that the snapshot is of, where that is not now.
    """

    def find(snapshot: Snapshot) -> list[GridFault]:
        return check_grids(whole_plan(snapshot), **checked_with(snapshot, store, as_of=as_of))

    faults = find(snapshot) if as_of is not None else snapshot.of_places("grid faults", find)
    # Counts of households may be protected from who asks, so they are looked at each time.
    return sorted([*faults, *find_out_of_band(snapshot)], key=lambda fault: _PLACE[fault.rule])


def find_out_of_band(snapshot: Snapshot) -> list[GridFault]:
    """Return the small grids whose households lie outside the band of the district."""
    households = snapshot.layers.buildings["households"]
    return band_faults(
        snapshot.metric.grids, snapshot.members["small"], households, household_band(snapshot)
    )


def household_band(snapshot: Snapshot) -> HouseholdBand:
    """Return the households of a small grid by the district's settings, else its document."""
    band = snapshot.grid_rules.band
    return HouseholdBand(band.low, band.high)


_PLACE: Final = {rule: place for place, rule in enumerate(Rule)}


def check_answer(snapshot: Snapshot, faults: list[GridFault]) -> Json:
    """Return all faults of a plan, and how many there are of each rule."""
    counts = Counter(fault.rule for fault in faults)
    scheme = scheme_of_plan(snapshot)
    return {
        **about_plan(snapshot),
        "scheme": None if scheme is None else scheme.id,
        "unfilled_m2": _unfilled_m2(snapshot),
        "counts": {str(rule): counts[rule] for rule in Rule},
        "faults": fault_rows(snapshot, faults),
        **set_aside_note(snapshot),
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


def with_rule(edit: GridEdit, snapshot: Snapshot, settings: Settings) -> GridEdit:
    """Return an edit with a rule for names of new parts: its own, the district's, the service's."""
    if isinstance(edit, SplitIn) and not edit.names:
        names = snapshot.grid_rules.split_names or settings.split_names
        return edit.model_copy(update={"names": names})
    return edit


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
                plan,
                edit.code,
                _line(plan, edit.line),
                codes=tuple(edit.codes),
                names=edit.names or SPLIT_NAMES,
            )
        case MergeIn():
            return grid_edits.merge(plan, tuple(edit.codes), into=edit.into)
        case BorderIn():
            return grid_edits.move_border(plan, edit.first, edit.second, _line(plan, edit.line))
        case TransferIn():
            return transfer.transfer(plan, edit.building_id, edit.to, along=tuple(edit.along))
        case AddIn():
            if len(edit.outline) < 3:  # noqa: PLR2004 - of a triangle
                raise InputError("grid_edit.two_corners")
            ring = Polygon(_line(plan, edit.outline).coords)
            return grid_edits.add(plan, ring, edit.parent, code=edit.code, name=edit.name)
        case RetireIn():
            return grid_edits.retire(plan, edit.code, to=edit.to)


def refused_faults(preview: Preview, edit: GridEdit) -> list[GridFault]:
    """Return the grave faults that an edit would cause and does not accept."""
    return [fault for fault in preview.faults if fault.grave and fault.rule not in edit.accept]


def refusal(faults: list[GridFault], rows: list[Json]) -> ConflictError:
    """Return why and where an edit was refused, and how to repair it."""
    reasons = [
        Message(
            "grid_edit.fault",
            {
                "text": fault.text,
                **{name: row[name] for name in ("lon", "lat", "size", "unit")},
                "repair": fault.repair,
            },
        )
        for fault, row in zip(faults, rows, strict=True)
    ]
    return ConflictError("grid_edit.refused", reasons=reasons)


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
        band=household_band(snapshot),
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
        raise InputError("grid_edit.off_map")
    line = project_geometry(LineString(points), STORED_EPSG, epsg)
    if line.length <= 0:
        raise InputError("grid_edit.no_length")
    return LineString(line.coords)


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - NaN
