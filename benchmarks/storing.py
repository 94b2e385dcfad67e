"""A whole district written and read: both stores beside geopandas on the same frames.

Run: ``python -m benchmarks.storing``.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from benchmarks.measuring import Table, medians
from boundaries.demo import bincheng
from boundaries.imports.import_files import load_layer
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from geo.model.layers import District, Layers
from tests import guardian
from tests.postgis import Cluster, cluster

HOUSEHOLDS, GRIDS = 175_000, 5_000
_NUMBERS = count()


def lattice(district: District) -> gpd.GeoDataFrame:
    """Return as many small grids as asked for, with their parents, over a district's extent."""
    side = int(np.ceil(np.sqrt(GRIDS)))
    west, south, east, north = district.boundary.bounds
    step = (east - west) / side, (north - south) / side
    rows = []

    def box(column: int, row: int, wide: int, high: int) -> shapely.Polygon:
        corner = west + column * step[0], south + row * step[1]
        return shapely.box(*corner, corner[0] + wide * step[0], corner[1] + high * step[1])

    large = f"{district.code}-001"
    rows.append((large, "large", None, box(0, 0, side, side)))
    for column in range(side):
        medium = f"{large}-{column + 1:03d}"
        rows.append((medium, "medium", large, box(column, 0, 1, side)))
        rows += [
            (f"{medium}-{row + 1:03d}", "small", medium, box(column, row, 1, 1))
            for row in range(side)
        ]
    code, level, parent, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"code": code, "level": level, "parent_code": parent, "name_zh": code, "name_en": code,
         "origin": "synthetic"}, geometry=list(shapes), crs=4326,
    )  # fmt: skip


@contextmanager
def fresh_stores(server: Cluster, folder: Path) -> Iterator[dict[str, Callable[[], Store]]]:
    """Give for each kind of store what makes an empty one."""
    with ExitStack() as stack:

        def made(address: str) -> Store:
            store = open_store(address, create=True)
            stack.callback(store.close)
            return store

        yield {
            "GeoPackage": lambda: made(str(folder / f"{next(_NUMBERS)}.gpkg")),
            "PostGIS": lambda: made(server.new_database()),
        }


def files_of(layers: Layers, folder: Path) -> dict[str, Path]:
    """Write the layers that a planner has as files."""
    found = {}
    for name in ("grids", "buildings", "service_points"):
        found[name] = folder / f"{name}.gpkg"
        getattr(layers, name).to_file(found[name])
    return found


def load(store: Store, district: District, layers: Layers, files: dict[str, Path]) -> None:
    """Load a district: its streets, then its files through the import path."""
    store.replace(district, Layers(walk_edges=layers.walk_edges, barriers=layers.barriers))
    for name, path in files.items():
        load_layer(store, district.code, name, path)


def tables() -> list[Table]:
    """Return the table."""
    district, town = bincheng(households=HOUSEHOLDS, street=None)
    layers = Layers(
        grids=lattice(district),
        buildings=town.buildings,
        service_points=town.service_points,
        walk_edges=town.walk_edges,
        barriers=town.barriers,
        gates=town.gates,
    ).conformed()
    table = Table(
        "A district written and read",
        f"The synthetic Bincheng: {HOUSEHOLDS:,} households, {len(layers.buildings):,} buildings, "
        f"{len(layers.grids):,} grids, {len(layers.walk_edges):,} edges of the walk network. "
        "'From files' is the import path: read, check, join, one transaction, a report. A snapshot "
        "is everything of one revision as frames.",
        ["work", "seconds, median"],
    )
    spatial = ("grids", "buildings", "service_points", "walk_edges", "barriers", "gates")
    frames = {name: getattr(layers, name) for name in spatial}
    guardian.begin()  # stops the database server however this ends
    with tempfile.TemporaryDirectory() as name, cluster() as server:
        folder = Path(name)
        files = files_of(layers, folder)
        with fresh_stores(server, folder) as fresh:
            works: dict[str, Callable[[], object]] = {}
            for kind, make in fresh.items():
                works[f"{kind}: from files"] = lambda m=make: load(m(), district, layers, files)
                works[f"{kind}: written"] = lambda m=make: m().replace(district, layers)
                stored = make()
                stored.replace(district, layers)
                works[f"{kind}: snapshot read"] = lambda s=stored: s.snapshot(district.code)
                one = layers.buildings.iloc[:1].assign(name="renamed")
                works[f"{kind}: one building edited"] = lambda s=stored, b=one: s.edit(
                    district.code, "buildings", put=b.assign(levels=next(_NUMBERS))
                )
            works["geopandas to_file, all layers"] = lambda: to_files(frames, folder)
            works["geopandas to_postgis, all layers"] = lambda: to_postgis(frames, server)
            works["geopandas read_postgis, all layers"] = reader(frames, server)
            taken = medians(works, times=5)
    table.rows = [[work, f"{seconds:.2f}"] for work, seconds in taken.items()]
    table.notes.append(
        "geopandas writes frames without keys, references, checks, history or a log."
    )
    return [table]


def to_files(frames: dict[str, gpd.GeoDataFrame], folder: Path) -> None:
    """Write frames as geopandas does."""
    path = folder / f"{next(_NUMBERS)}.gpkg"
    for name, frame in frames.items():
        frame.to_file(path, layer=name)


def to_postgis(frames: dict[str, gpd.GeoDataFrame], server: Cluster) -> sa.Engine:
    """Write frames as geopandas does."""
    engine = sa.create_engine(server.new_database(), poolclass=sa.NullPool)
    for name, frame in frames.items():
        frame.to_postgis(name, engine)
    return engine


def reader(frames: dict[str, gpd.GeoDataFrame], server: Cluster) -> Callable[[], object]:
    """Return what reads the frames as geopandas does."""
    engine = to_postgis(frames, server)

    def read() -> list[pd.DataFrame]:
        queries = {name: sa.text(f'SELECT * FROM "{name}"') for name in frames}  # noqa: S608
        with engine.connect() as connection:
            return [
                gpd.read_postgis(query, connection, geom_col="geometry")
                for query in queries.values()
            ]

    return read


if __name__ == "__main__":
    for each in tables():
        print(each.markdown())
