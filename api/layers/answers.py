"""Layers of a district as GeoJSON."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.formats.aliases import Json
from api.formats.json import collection, features
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta, provenance_of
from geo.crs import STORED_EPSG
from geo.model.layer_columns import COLUMNS, shown_columns


def grids(snapshot: Snapshot, level: str) -> Json:
    """Return the grids of one level with their households, buildings and service worker."""
    frame = snapshot.layers.grids
    frame = frame[frame["level"] == level].sort_values("code").reset_index(drop=True)
    per = snapshot.layers.buildings["households"].groupby(snapshot.members[level].to_numpy())
    totals = per.agg(["sum", "size"]).reindex(frame["code"]).fillna(0).astype("int64")
    workers = snapshot.layers.workers.set_index("grid_code")["worker_code"]
    rows = frame[shown_columns("grids")].assign(
        households=totals["sum"].to_numpy(),
        buildings=totals["size"].to_numpy(),
        worker=workers.reindex(frame["code"]).to_numpy(dtype=object),
    )
    return collection(features(frame, rows, ids=list(frame["code"])), provenance_of(snapshot))


def service_points(snapshot: Snapshot, *, profile: str, category: str | None) -> Json:
    """Return the service points, each with whether the walk network reaches it."""
    frame = snapshot.layers.service_points
    reason = snapshot.snapped(profile).point_reason
    rows = frame[shown_columns("service_points")].assign(
        in_district=snapshot.in_district,
        linked=reason == "",
        reason=reason,
    )
    if category is not None:
        chosen = (frame["category"] == snapshot.group(category).id).to_numpy(np.bool_)
        frame, rows = frame[chosen], rows[chosen]
    return collection(
        features(frame, pd.DataFrame(rows), ids=list(frame["point_id"])),
        {**meta(snapshot, profile=profile), "columns": unknown_columns("service_points")},
    )


def unknown_columns(layer: str) -> list[Json]:
    """Return the columns of a layer that may be unknown, for a card that shows those that are not.

    Each has its name, the kind of its values (`words`, where it has few) and their unit.
    """
    return [
        {"name": c.name, "kind": "words" if c.words else c.kind, "unit": c.unit}
        for c in COLUMNS[layer].values()
        if c.shown and c.nullable
    ]


def buildings(snapshot: Snapshot) -> Json:
    """Return the point of demand of each building, its households and how they are known."""
    frame = snapshot.layers.buildings
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=snapshot.layers.buildings.crs
    )
    rows = frame[shown_columns("buildings")].assign(
        small=snapshot.members["small"].to_numpy(dtype=object)
    )
    return collection(
        features(points, pd.DataFrame(rows), ids=list(frame["building_id"])),
        provenance_of(snapshot),
    )


def barriers(snapshot: Snapshot) -> Json:
    """Return walls, rivers and railways that a walker cannot cross."""
    frame = snapshot.layers.barriers
    rows = pd.DataFrame(frame[shown_columns("barriers")])
    result = features(frame, rows, ids=list(frame["barrier_id"]))
    return collection(result, provenance_of(snapshot))


def gates(snapshot: Snapshot) -> Json:
    """Return gates in barriers, who may pass and when; only a closed gate cuts the walk network."""
    frame = snapshot.layers.gates
    rows = pd.DataFrame(frame[shown_columns("gates")])
    result = features(frame, rows, ids=list(frame["gate_id"]))
    return collection(result, provenance_of(snapshot))


def open_grounds(snapshot: Snapshot) -> Json:
    """Return parks, institutions, works and fields, and the outlines of compounds."""
    frame = snapshot.layers.open_grounds
    rows = pd.DataFrame(frame[shown_columns("open_grounds")])
    result = features(frame, rows, ids=list(frame["ground_id"]))
    return collection(result, provenance_of(snapshot))


def entrances(snapshot: Snapshot) -> Json:
    """Return entrances with the building or service point that each leads into."""
    frame = snapshot.layers.entrances
    rows = pd.DataFrame(frame[shown_columns("entrances")])
    result = features(frame, rows, ids=list(frame["entrance_id"]))
    return collection(result, provenance_of(snapshot))


def organisations(snapshot: Snapshot) -> Json:
    """Return organisations, one feature per grid that each serves; a point where one is known."""
    frame = snapshot.layers.organisations
    known = frame["lon"].notna() & frame["lat"].notna()
    shapes = np.full(len(frame), None, dtype=object)
    shapes[known] = shapely.points(frame.loc[known, ["lon", "lat"]].to_numpy())
    placed = gpd.GeoDataFrame(geometry=shapes, crs=STORED_EPSG)
    result = features(placed, frame, ids=list(frame["link_id"]))
    return collection(result, provenance_of(snapshot))
