"""Every reader of files from outside, with small good files to mutate: the targets of fuzzing."""

import bz2
import gzip
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import osmium
import pandas as pd
import pyarrow as pa

from boundaries.readers.organisations import read_organisations
from boundaries.readers.osm import read_osm
from boundaries.readers.point_table import PointFormat, read_points
from boundaries.readers.vector import read_layer
from boundaries.standards.catalogue import load_standard
from geo.errors import LifecircleError
from tests.scenes import lonlat, tiny_district

DISTRICT, LAYERS = tiny_district()
STANDARD = load_standard()
_LAYERS: Final = ("boundary", "grids", "buildings", "service_points", "organisations")

Seeds = Callable[[], list[bytes]]


def layer_of(data: bytes) -> str:
    """Return the layer as which a file is read: any, but always the same."""
    return _LAYERS[zlib.crc32(data) % len(_LAYERS)]


def _frames() -> list[gpd.GeoDataFrame]:
    boundary = gpd.GeoDataFrame({"name": ["区"]}, geometry=[DISTRICT.boundary], crs=4326)
    kept = {"grids": ["code", "geometry"], "buildings": ["building_id", "households", "geometry"],
            "service_points": ["point_id", "category", "name", "geometry"]}  # fmt: skip
    return [boundary, *(getattr(LAYERS, layer)[names] for layer, names in kept.items())]


def geojson_seeds() -> list[bytes]:
    return [frame.to_json().encode() for frame in _frames()]


def csv_seeds() -> list[bytes]:
    homes = LAYERS.buildings.assign(wkt=LAYERS.buildings.geometry.to_wkt())
    points = pd.DataFrame(LAYERS.service_points.drop(columns="geometry"))
    return [
        homes[["building_id", "households", "wkt"]].to_csv(index=False, sep=";").encode(),
        points.to_csv(index=False).encode(),
        points.to_csv(index=False).encode("gb18030"),
        "名称,角色,网格编码,经度,纬度\n总支,总支,371602001001,118.0,37.4\n".encode(),
    ]


def _written(ending: str) -> list[Path]:
    folder = Path(tempfile.mkdtemp())
    paths = []
    for number, frame in enumerate(_frames()):
        path = folder / f"{number}.{ending}"
        alike = frame[frame.geom_type == frame.geom_type.iloc[0]]  # as a shapefile has them
        alike.rename(columns={"building_id": "id", "point_id": "id"}).to_file(path)
        paths.append(path)
    return paths


def geopackage_seeds() -> list[bytes]:
    return [path.read_bytes() for path in _written("gpkg")]


def zip_seeds() -> list[bytes]:
    packed = []
    for shp in _written("shp"):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:  # stored, so that bytes of the parts change
            for part in sorted(shp.parent.glob(f"{shp.stem}.*")):
                archive.write(part, part.name)
        packed.append(sink.getvalue())
    return packed


def osm_seeds() -> list[bytes]:
    corners = [lonlat(x, y) for x, y in ((0, 0), (90, 0), (90, 90), (0, 90))]
    nodes = "".join(
        f'<node id="{n}" lon="{lon:.7f}" lat="{lat:.7f}"><tag k="amenity" v="clinic"/></node>'
        for n, (lon, lat) in enumerate(corners, 1)
    )
    ring = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))
    tags = {"highway": "footway", "building": "yes", "barrier": "wall", "opening_hours": "24/7"}
    ways = "".join(
        f'<way id="{n}">{ring}<tag k="{key}" v="{value}"/></way>'
        for n, (key, value) in enumerate(tags.items(), 10)
    )
    area = (
        '<relation id="20"><member type="way" ref="10" role="outer"/><tag k="type" '
        'v="multipolygon"/><tag k="building" v="apartments"/></relation>'
    )
    return [f'<osm version="0.6">{nodes}{ways}{area}</osm>'.encode()]


def pbf_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.osm"), Path(folder, "out.osm.pbf")
        source.write_bytes(osm_seeds()[0])
        plain = osmium.io.File(str(target), "pbf,pbf_compression=none")
        with osmium.SimpleWriter(plain) as writer:
            for item in osmium.FileProcessor(str(source)):
                writer.add(item)
        return [target.read_bytes()]


def arrow_seeds() -> list[bytes]:
    table = pa.table({"id": ["a", "b"], "lon": [118.0, 118.1], "lat": [37.4, None], "n": [1, 2]})
    table = table.append_column("kind", pa.array(["x", "y"]).dictionary_encode())
    seeds = []
    for compression in (None, "zstd"):
        sink = io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table)
        seeds.append(sink.getvalue())
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return [*seeds, sink.getvalue()]


def json_seeds() -> list[bytes]:
    rows = [{"id": "a", "lon": 118.0, "lat": "37.4"}, {"lng": None, "lat": 1e300}]
    return [json.dumps(rows).encode(), json.dumps({"points": rows}).encode()]


def _layer_file(ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"in.{ending}")
            path.write_bytes(data)
            read_layer(path, layer_of(data), district=DISTRICT)

    return read


def _extract(ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"in.{ending}")
            path.write_bytes(data)
            read_osm(path, code="371602", standard=STANDARD)

    return read


def _organisations(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.csv")
        path.write_bytes(data)
        read_organisations(path)


def _points(kind: PointFormat) -> Callable[[bytes], object]:
    return lambda data: read_points(data, kind)


TARGETS: Final[Mapping[str, tuple[Callable[[bytes], object], Seeds]]] = {
    "geojson": (_layer_file("geojson"), geojson_seeds),
    "gpkg": (_layer_file("gpkg"), geopackage_seeds),
    "zip": (_layer_file("zip"), zip_seeds),
    "csv": (_layer_file("csv"), csv_seeds),
    "organisations": (_organisations, csv_seeds),
    "osm": (_extract("osm"), osm_seeds),
    "pbf": (_extract("osm.pbf"), pbf_seeds),
    "gz": (_extract("osm.gz"), lambda: [gzip.compress(seed, mtime=0) for seed in osm_seeds()]),
    "bz2": (_extract("osm.bz2"), lambda: [bz2.compress(seed) for seed in osm_seeds()]),
    "points-json": (_points(PointFormat.JSON), json_seeds),
    "points-csv": (_points(PointFormat.CSV), csv_seeds),
    "points-arrow": (_points(PointFormat.ARROW), arrow_seeds),
}
"""Name of a reader: what reads bytes, and small good files. A zipped shapefile is also that of its
parts, which lie in it unpacked."""


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    """Return the seeds of a target, made once."""
    return tuple(TARGETS[name][1]())


def read_or_refuse(name: str, data: bytes) -> bool:
    """Read bytes by a target; return whether they were read, False if refused in one sentence."""
    try:
        TARGETS[name][0](data)
    except LifecircleError as error:
        if "\n" in str(error):
            raise AssertionError(str(error)) from error
        return False
    return True
