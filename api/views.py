"""From a snapshot to the rows that the service and ``--json`` answer with.

Plain dicts and lists, ready for orjson: NaN becomes null, geometry is a ready-made JSON fragment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from api.snapshot import Snapshot
from api.snapshots import fingerprint
from api.version import code_version
from api.walkers import profile_detail
from boundaries.stored import AsOf
from geo.district import District, Origin
from geo.standard import Standard

Json = dict[str, Any]

_DECIMALS = 7
"""Decimals of degrees: 1 cm."""


def dumps(body: object) -> bytes:
    """Return `body` as JSON, NaN as null."""
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def records(frame: pd.DataFrame) -> list[Json]:
    """Return the rows of `frame` as dicts, every missing value as None."""
    columns = [_values(frame[name]) for name in frame.columns]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: "pd.Series[Any]") -> list[Any]:
    """Return the values of a column as plain Python values, every missing one as None."""
    missing = column.isna().to_numpy()
    values: list[Any] = column.tolist()
    if missing.any():
        return [None if gone else value for gone, value in zip(missing, values, strict=True)]
    return values


def geometries(shapes: Iterable[Any]) -> list[orjson.Fragment | None]:
    """Return GeoJSON geometries, degrees rounded to 7 decimals (1 cm)."""
    rounded = shapely.transform(np.asarray(shapes, object), lambda xy: np.round(xy, _DECIMALS))
    return [None if text is None else orjson.Fragment(text) for text in shapely.to_geojson(rounded)]


def features(
    frame: gpd.GeoDataFrame, properties: pd.DataFrame, *, ids: Sequence[Any]
) -> list[Json]:
    """Return GeoJSON features; `frame` in EPSG:4326, `properties` on its rows."""
    rows = zip(ids, records(properties), geometries(frame.geometry.array), strict=True)
    return [
        {"type": "Feature", "id": i, "properties": row, "geometry": shape} for i, row, shape in rows
    ]


def bboxes(frame: gpd.GeoDataFrame) -> list[list[float]]:
    """Return ``[west, south, east, north]`` of each geometry, degrees."""
    rows: list[list[float]] = np.round(frame.geometry.bounds.to_numpy(), _DECIMALS).tolist()
    return rows


def number(value: float) -> float | int:
    """Return `value` as an int where it is one: 15 rather than 15.0."""
    return int(value) if float(value).is_integer() else float(value)


def provenance(district: District) -> Json:
    """Return what every answer says about its district: whose data it is and how real."""
    return {
        "district": district.code,
        "revision": district.revision,
        "origin": str(district.origin),
        "synthetic": district.origin == Origin.SYNTHETIC,
        "note": district.note,
        "note_zh": district.note_zh,
        "credits": list(district.credits),
        "code_version": code_version(),
    }


def as_of(asked: AsOf | None) -> Json:
    """Return what an answer says of the moment it was asked for; nothing where it was not."""
    return {} if asked is None else {"as_of": asked if isinstance(asked, int) else str(asked)}


def meta(snapshot: Snapshot, *, profile: str, minutes: float | None = None) -> Json:
    """Return what is needed to defend a figure: data, network, standard, profile, threshold."""
    walker = snapshot.profile(profile)
    told = {
        **provenance(snapshot.district),
        "network": snapshot.network_hash(profile),
        "standard": standard_name(snapshot.standard),
        "profile": profile_detail(walker),
    }
    if minutes is not None:
        told |= {"minutes": number(minutes), "metres": round(walker.metres(minutes), 2)}
    return told


def standard_name(standard: Standard) -> Json:
    """Return what names a standard, down to its last figure."""
    return {
        "id": standard.id,
        "version": standard.version,
        "fingerprint": fingerprint(standard),
    }


def summary(snapshot: Snapshot) -> Json:
    """Return the district as it stands in the list of districts."""
    district, layers = snapshot.district, snapshot.layers
    levels = layers.grids["level"].value_counts()
    told = provenance(district)
    told.pop("code_version")
    return {
        "code": told.pop("district"),
        "name_zh": district.name_zh,
        "name_en": district.name_en,
        **told,
        "bbox": extent(snapshot),
        "epsg": district.epsg,
        "counts": {
            **{level: int(levels.get(level, 0)) for level in ("large", "medium", "small")},
            "buildings": len(layers.buildings),
            "households": int(layers.buildings["households"].sum()),
            "service_points": len(layers.service_points),
            "walk_edges": len(layers.walk_edges),
            "barriers": len(layers.barriers),
            "gates": len(layers.gates),
            "workers": int(layers.workers["worker_code"].nunique()),
        },
    }


def extent(snapshot: Snapshot) -> list[float]:
    """Return ``[west, south, east, north]`` of the grids, of the boundary where there are none.

    A district may be filled in one corner only; what is worth looking at is where its grids are,
    and among them those in which somebody lives.
    """
    grids = snapshot.layers.grids
    lived = grids[grids["code"].isin(snapshot.members["small"])]
    grids = lived if len(lived) else grids
    bounds = grids.total_bounds if len(grids) else snapshot.district.boundary.bounds
    return [round(float(x), _DECIMALS) for x in bounds]


def district_detail(snapshot: Snapshot) -> Json:
    """Return the summary, the boundary and the standard that answers are given by."""
    boundary = geometries([snapshot.district.boundary])[0]
    return {
        **summary(snapshot),
        "boundary": boundary,
        "standard": standard_detail(snapshot.standard),
    }


def standard_detail(standard: Standard) -> Json:
    """Return a standard with every figure's source and verified mark."""
    names = (
        "id", "zh", "en", "badge_zh", "badge_en", "radius_m", "time_min", "source", "verified",
    )  # fmt: skip
    return {
        "id": standard.id,
        "version": standard.version,
        "zh": standard.zh,
        "en": standard.en,
        "minutes": [number(minutes) for minutes in standard.minutes],
        "categories": [{n: getattr(c, n) for n in names} for c in standard.categories],
        "profiles": [
            {
                **profile_detail(p),
                "source": p.source,
                "verified": p.verified,
                "rules": [asdict(rule) for rule in p.sources],
            }
            for p in standard.profiles
        ],
    }


def collection(found: Sequence[Json], about: Json) -> Json:
    """Return a GeoJSON FeatureCollection that says where it comes from."""
    return {"type": "FeatureCollection", "features": list(found), "lifecircle": about}


def grids(snapshot: Snapshot, level: str) -> Json:
    """Return the grids of one level with their households, buildings and service worker."""
    frame = snapshot.layers.grids
    frame = frame[frame["level"] == level].sort_values("code").reset_index(drop=True)
    per = snapshot.layers.buildings["households"].groupby(snapshot.members[level].to_numpy())
    totals = per.agg(["sum", "size"]).reindex(frame["code"]).fillna(0).astype("int64")
    workers = snapshot.layers.workers.set_index("grid_code")["worker_code"]
    rows = pd.DataFrame(frame.drop(columns="geometry")).assign(
        households=totals["sum"].to_numpy(),
        buildings=totals["size"].to_numpy(),
        worker=workers.reindex(frame["code"]).to_numpy(dtype=object),
    )
    return collection(features(frame, rows, ids=list(frame["code"])), provenance(snapshot.district))


def service_points(snapshot: Snapshot, *, profile: str, category: str | None) -> Json:
    """Return the service points, each with whether the walk network reaches it."""
    frame = snapshot.layers.service_points
    reason = snapshot.point_reasons(profile)
    rows = frame[["point_id", "category", "name", "sub", "origin"]].assign(
        in_district=snapshot.in_district,
        linked=reason == "",
        reason=reason,
    )
    if category is not None:
        chosen = (frame["category"] == snapshot.category(category).id).to_numpy(np.bool_)
        frame, rows = frame[chosen], rows[chosen]
    return collection(
        features(frame, pd.DataFrame(rows), ids=list(frame["point_id"])),
        meta(snapshot, profile=profile),
    )


def buildings(snapshot: Snapshot) -> Json:
    """Return the point of demand of each building, its households and how they are known."""
    frame = snapshot.layers.buildings
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=snapshot.layers.buildings.crs
    )
    rows = frame[["building_id", "name", "use", "households", "households_source"]].assign(
        small=snapshot.members["small"].to_numpy(dtype=object)
    )
    return collection(
        features(points, pd.DataFrame(rows), ids=list(frame["building_id"])),
        provenance(snapshot.district),
    )


def barriers(snapshot: Snapshot) -> Json:
    """Return walls, rivers and railways that a walker cannot cross."""
    frame = snapshot.layers.barriers
    rows = pd.DataFrame(frame[["barrier_id", "kind", "name"]])
    found = features(frame, rows, ids=list(frame["barrier_id"]))
    return collection(found, provenance(snapshot.district))


def gates(snapshot: Snapshot) -> Json:
    """Return gates in barriers, who may pass and when; only a closed gate cuts the walk network."""
    frame = snapshot.layers.gates
    rows = pd.DataFrame(frame[["gate_id", "access", "name", "opening_hours"]])
    found = features(frame, rows, ids=list(frame["gate_id"]))
    return collection(found, provenance(snapshot.district))


def coverage(
    snapshot: Snapshot, *, by: str, minutes: float, profile: str, own_points: bool = False
) -> Json:
    """Return coverage by building or grid, the district's total, and who lies in no grid.

    With `own_points`, of a snapshot that has the district's own service points alone
    (:meth:`api.snapshot.Snapshot.with_own_points`).
    """
    total = snapshot.coverage("district", minutes=minutes, profile=profile)
    table = snapshot.coverage_rows(by, minutes=minutes, profile=profile)
    categories = [category.id for category in snapshot.standard.categories]
    as_rows = _building_rows if by == "building" else _grid_rows
    missing_buildings, missing_households = snapshot.outside()
    return {
        **meta(snapshot, profile=profile, minutes=minutes),
        "by": by,
        "rows": as_rows(table, categories),
        "total": _grid_rows(total, categories)[0],
        "outside": {"buildings": missing_buildings, "households": missing_households},
        "without_points": snapshot.without_points,
        "own_points": own_points,
        "points": len(snapshot.layers.service_points),
    }


def _grid_rows(table: pd.DataFrame, categories: Sequence[str]) -> list[Json]:
    head = [
        "code", "level", "parent_code", "name_zh", "name_en", "buildings", "households",
        "unlinked", "covered_all", "coverage_all", "count_mean",
    ]  # fmt: skip
    rows = records(table)
    return [
        {name: row[name] for name in head}
        | {"count": [row[f"count_{i}"] for i in range(len(categories) + 1)]}
        | {
            "categories": {
                c: {"covered": row[f"covered_{c}"], "coverage": row[f"coverage_{c}"]}
                for c in categories
            }
        }
        for row in rows
    ]


def _building_rows(table: pd.DataFrame, categories: Sequence[str]) -> list[Json]:
    """Return one row per building from a table of one row per building and category."""
    k = len(categories)
    heads = records(table.iloc[::k][["building_id", "lon", "lat", "households"]])
    cells = records(table[["time_s", "point_id", "status"]])
    rows = []
    for i, head in enumerate(heads):
        own = cells[i * k : (i + 1) * k]
        reached = sum(cell["status"] == "covered" for cell in own)
        by_category = dict(zip(categories, own, strict=True))
        rows.append({**head, "reached": reached, "categories": by_category})
    return rows


def gaps(
    snapshot: Snapshot, *, minutes: float, profile: str, level: str, category: str | None
) -> Json:
    """Return who is left out, ranked by households, and the contiguous areas they live in."""
    table = snapshot.gaps(minutes=minutes, profile=profile, level=level, category=category)
    areas = snapshot.areas(minutes=minutes, profile=profile, category=category)
    areas = areas.to_crs(4326)
    shapes = zip(records(areas.drop(columns="geometry")), bboxes(areas), strict=True)
    shown = zip(shapes, geometries(areas.geometry.array), strict=True)
    return {
        **meta(snapshot, profile=profile, minutes=minutes),
        "level": level,
        "category": category,
        "rows": [
            {**row, "bbox": box}
            for row, box in zip(records(table), _grid_boxes(snapshot, table), strict=True)
        ],
        "areas": [{**row, "bbox": box, "geometry": shape} for (row, box), shape in shown],
    }


def _grid_boxes(snapshot: Snapshot, table: pd.DataFrame) -> list[list[float]]:
    """Return the box of the grid that each row is about; of the district where it is no grid."""
    frame = snapshot.layers.grids
    of_grid = dict(zip(frame["code"], bboxes(frame), strict=True))
    whole = extent(snapshot)
    return [of_grid.get(code, whole) for code in table["code"]]


def walk(
    snapshot: Snapshot, start: tuple[float, float], end: tuple[float, float], *, profile: str
) -> Json:
    """Return the shortest walk between two places given as (lon, lat), degrees."""
    found = snapshot.walk(start, end, profile=profile)
    line = gpd.GeoSeries([found.geometry], crs=snapshot.district.epsg).to_crs(4326)
    return {
        **meta(snapshot, profile=profile),
        "metres": round(found.metres, 2),
        "total_m": round(found.total_m, 2),
        "seconds": found.seconds,
        "crossings_s": round(found.crossing_s, 2),
        "climb_m": round(found.climb_m, 2),
        "leg_from_m": round(found.leg_start_m, 2),
        "leg_to_m": round(found.leg_end_m, 2),
        "geometry": geometries(line.array)[0],
    }
