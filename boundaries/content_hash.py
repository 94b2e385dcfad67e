"""Content hashes of layers, of source code, and of a walk network by both.

They identify the inputs of a result and the entries of the disk cache.
"""

import json
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import geo
from geo.model.layers import Layers
from geo.model.standard import Profile

NETWORK_LAYERS: Final = ("walk_edges", "barriers", "gates")
"""Layers that a walk network is compiled from."""

_DIGITS: Final = 16


def digest(*parts: str | bytes) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of `parts`."""
    sha = sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass"))
    return sha.hexdigest()[:_DIGITS]


def frame_hash(frame: pd.DataFrame) -> str:
    """Return a hash of a layer: columns, rows in their order, geometry and CRS."""
    return digest(*_parts(frame))


def layers_hash(layers: Layers) -> str:
    """Return a hash of the inputs of a network except the profile: its layers and the code."""
    parts = [part for name in NETWORK_LAYERS for part in _parts(getattr(layers, name))]
    return digest(code_hash(), *parts)


def profile_hash(profile: Profile) -> str:
    """Return a hash of a walker."""
    return digest(json.dumps(asdict(profile), sort_keys=True, default=sorted))


def network_hash(layers_hash: str, profile: Profile) -> str:
    """Return the hash of a walk network from that of its layers and a profile."""
    return digest(layers_hash, profile_hash(profile))


@cache
def code_hash() -> str:
    """Return a hash of the code that computes, ours and the libraries whose numbers it uses."""
    here = Path(__file__)
    folders = (Path(geo.__file__).parent, here.parent / "cache")
    files = [here, *(path for folder in folders for path in sorted(folder.rglob("*.py")))]
    libraries = [shapely.__version__, shapely.geos_version_string, np.__version__]
    return digest(*libraries, *(path.read_bytes() for path in files))


def _parts(frame: pd.DataFrame) -> list[str | bytes]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return [*frame.columns, *_rows(frame)]
    shapes = np.asarray(frame.geometry.array, dtype=object)
    columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    binary = b"".join(wkb or b"" for wkb in shapely.to_wkb(shapes))
    return [str(frame.crs), *columns.columns, *_rows(columns), binary]


def _rows(columns: pd.DataFrame) -> tuple[str, bytes]:
    rows = pd.util.hash_pandas_object(columns, index=False).to_numpy()
    return str(rows.shape), rows.tobytes()
