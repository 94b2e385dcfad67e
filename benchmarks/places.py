"""The places that benchmarks run on."""

from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.measuring import extract
from boundaries.demo import bincheng
from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.model.layers import Layers, conform_layer
from geo.network.compile import WalkNetwork, compile_network

STANDARD = load_standard()
ADULT = next(p for p in STANDARD.profiles if p.id == "adult")
REAL = {"Porto": "osm-porto-r5", "Malta": "osm-malta-2016", "Porto Alegre": "porto-alegre-r5r"}


@cache
def layers_of(name: str) -> Layers | None:
    """Return the metric layers of a place, or None where its data is absent."""
    if name == "Bincheng (synthetic)":
        district, layers = bincheng(households=175_000, street=None)
        return layers.to_metric(district.epsg)
    path = extract(REAL[name])
    if path is None:
        return None
    district, layers, _ = read_osm(path, code=name.lower().replace(" ", "-"), standard=STANDARD)
    return layers.to_metric(district.epsg)


@cache
def network_of(name: str) -> WalkNetwork | None:
    """Return the compiled walk network of a place for an adult."""
    layers = layers_of(name)
    return None if layers is None else compile_network(layers, ADULT)


def scattered(layers: Layers, n: int, seed: int) -> gpd.GeoDataFrame:
    """Return n places within 25 m of random spots on the network, with lon and lat."""
    rng = np.random.default_rng(seed)
    length = layers.walk_edges["length_m"].to_numpy()
    chosen = rng.choice(len(length), n, p=length / length.sum())
    lines = np.asarray(layers.walk_edges.geometry.array, dtype=object)[chosen]
    spots = shapely.line_interpolate_point(lines, rng.uniform(0, 1, n), normalized=True)
    xy = shapely.get_coordinates(spots) + rng.uniform(-17, 17, (n, 2))
    places = gpd.GeoSeries(shapely.points(xy), crs=layers.walk_edges.crs)
    degrees = places.to_crs(4326)
    return gpd.GeoDataFrame(
        {"lon": degrees.x.to_numpy(), "lat": degrees.y.to_numpy()},
        geometry=places.to_numpy(),
        crs=layers.walk_edges.crs,
    )


def random_buildings(layers: Layers, n: int) -> gpd.GeoDataFrame:
    """Return n buildings of 1 to 39 households beside the streets (made up for the benchmark)."""
    rng = np.random.default_rng(2)
    frame = scattered(layers, n, 3).assign(
        building_id=[f"b{i:06d}" for i in range(n)], name="", use="residential",
        households=rng.integers(1, 40, n), residents=0, residents_60plus=0, levels=0,
        households_source="synthetic",
    )  # fmt: skip
    return conform_layer("buildings", frame)


def random_points(layers: Layers, categories: list[str], each: int) -> gpd.GeoDataFrame:
    """Return `each` service points of every category beside the streets (made up)."""
    n = each * len(categories)
    frame = scattered(layers, n, 4).assign(
        point_id=[f"p{i:06d}" for i in range(n)], category=np.repeat(categories, each), name="",
        sub="", origin="synthetic",
    )  # fmt: skip
    return conform_layer("service_points", frame)
