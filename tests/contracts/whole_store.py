"""A store with rows in every table, and all of a store as plain values."""

from dataclasses import replace
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from boundaries.import_report import ImportReport
from boundaries.store.interface import Store, backend_of
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.records import Commit
from geo.messages import Message
from geo.model.layers import conform_layer
from tests.scenes import NORTH_EAST, tiny_district

CODE = "371602"
RUN = "b1946ac9"


def fill(store: Store) -> None:
    """Put something into every table, and leave gaps in the fids."""
    district, layers = tiny_district()
    count = len(layers.service_points)
    points = layers.service_points.assign(
        member=[True, False, *[None] * (count - 2)], floor_area_m2=[3.5, *[None] * (count - 1)]
    )
    team = {"link_id": ["o1"], "name": ["志愿队"], "kind": ["volunteer_team"], "members": [35]}
    organisations = conform_layer("organisations", pd.DataFrame(team))
    at = gpd.points_from_xy(points["lon"].iloc[:1], points["lat"].iloc[:1])
    leads_to = {"point_id": [points["point_id"].iloc[0]], "kind": ["main"], "access": ["open"]}
    door = {"entrance_id": ["e1"], "name": ["正门"], **leads_to}
    ground = {"ground_id": ["g1"], "kind": ["park"], "name": ["公园"]}
    layers = replace(
        layers,
        service_points=points,
        organisations=organisations,
        entrances=conform_layer("entrances", gpd.GeoDataFrame(door, geometry=at, crs=4326)),
        open_grounds=conform_layer(
            "open_grounds", gpd.GeoDataFrame(ground, geometry=at.buffer(1e-4), crs=4326)
        ),
    )
    report = ImportReport("a.geojson")
    report.layer("buildings").reject("row 3", Message("reading.no_geometry"))
    store.replace(
        district, layers, commit=Commit("first", "post 1", date(2026, 1, 1), report, "ab")
    )
    moved = layers.buildings.assign(households=layers.buildings["households"] + 1)
    store.replace_layer(CODE, "buildings", moved, commit=Commit(actor="post 2"))
    for name in (
        "gates",
        "barriers",
        "service_points",
        "walk_edges",
        "organisations",
        "entrances",
        "open_grounds",
    ):
        store.replace_layer(CODE, name, getattr(layers, name).iloc[:0])
    grids = layers.grids[layers.grids["code"] != NORTH_EAST].copy()
    grids["name_en"] = "Renamed"
    merged = layers.grids.set_index("code").geometry
    kept = grids["code"].str.startswith(NORTH_EAST[:-2]) & (grids["level"] == "small")
    grids.loc[kept, "geometry"] = merged[NORTH_EAST].union(grids.loc[kept, "geometry"].iloc[0])
    store.replace_layer(CODE, "grids", grids)
    now = store.layers(CODE)
    rest = replace(layers, grids=now.grids, workers=now.workers, buildings=now.buildings.iloc[:2])
    store.replace(replace(district, note="other"), rest)
    store.replace(replace(district, code="gone"), layers)
    store.delete("gone")
    _records(store)


def _records(store: Store) -> None:
    editions, runs = record_tables.editions, record_tables.runs
    rows = [
        (editions, {"district": CODE, "name": "2026", "state": "published", "revision": 1,
                    "dated": date(2026, 5, 1), "at": "2026-05-01T08:00:00+00:00", "actor": "p",
                    "note": "首", "sha256": "0" * 64}),
        (runs, {"run": RUN, "district": CODE, "revision": 1, "kind": "coverage",
                "at": "2026-05-01T08:00:00+00:00", "actor": "", "ingredients": "{}",
                "sha256": "1" * 64}),
        (record_tables.jobs, {"job": "j1", "kind": "import", "state": "done", "progress": 0.5,
                              "spool": "s1", "created_at": "2026-05-01T08:00:00+00:00"}),
    ]  # fmt: skip
    coverage = [
        {"run": RUN, "code": row.code, "category": category, "households": 10, "covered": covered,
         "coverage": covered / 10}
        for row in store.layers(CODE).grids.itertuples()
        for category, covered in (("all", 3), ("medical", 9), ("elderly", 4))
    ]  # fmt: skip
    coverage[-1]["coverage"] = None
    with backend_of(store).noting() as connection:
        for table, row in rows:
            connection.execute(sa.insert(table), row)
        connection.execute(sa.insert(record_tables.grid_coverage), coverage)


def contents(store: Store) -> dict[str, list[Any]]:
    """Return every value of every table, geometry as binary, and where fids go on."""
    backend = backend_of(store)
    with backend.reading() as connection:
        found: dict[str, list[Any]] = {
            name: [
                tuple(map(_plain, row))
                for row in backend.fetch(
                    connection, table, [c.name for c in table.c], "1=1 ORDER BY fid", ()
                )
            ]
            for name, table in layer_tables.metadata.tables.items()
        }
        found["last fids"] = sorted(backend.last_fids(connection).items())
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
