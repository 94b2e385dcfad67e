"""Compiled walk networks, kept on disk: compiled once, mapped by every later start.

An entry belongs to a district, to the content of the layers that a network is compiled from, to a
profile, and to the code that compiled it; so it is never out of date, and a change of other layers
keeps it. What was kept of an earlier content of the district is removed.
"""

import json
import logging
import re
import shutil
import tempfile
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
from boundaries.array_folder import read_folder, write_folder
from geo.arrays import GeometryArray
from geo.district import Layers
from geo.errors import FileFormatError
from geo.network import WalkNetwork, compile_network
from geo.standard import Profile

_DIGITS: Final = 16
_ENTRY: Final = re.compile(f"[0-9a-f]{{{_DIGITS}}}")
_LAYERS: Final = ("walk_edges", "barriers", "gates")
"""What a network is compiled from."""

_log = logging.getLogger(__name__)


def compiled_network(
    folder: Path | None, code: str, layers: Layers, profile: Profile
) -> WalkNetwork:
    """Return the walk network of a district, from the folder where it is kept there.

    Otherwise it is compiled, and kept. A folder that cannot be read or written is told in the log
    and costs no more than the compilation.

    Parameters
    ----------
    folder : Path, optional
        Made where it is missing; any number of processes may use it at once. None keeps nothing.
    code : str
        Of the district.
    layers : Layers
        Metric CRS.
    profile : Profile

    Returns
    -------
    WalkNetwork
        Equal to what :func:`geo.network.compile_network` returns; its numbers lie in mapped files.

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    """
    if folder is None:
        return compile_network(layers, profile)
    district = folder / _digest(code)
    entry = district / _content(layers) / _profile(profile)
    known = [np.asarray(getattr(layers, name).geometry.array, dtype=object) for name in _LAYERS]
    if entry.is_dir():
        given = {"crs": layers.walk_edges.crs, "profile": profile}
        try:
            return read_folder(entry, WalkNetwork, known=known, given=given)
        except FileFormatError as error:
            _log.warning("%s It is compiled anew.", error)
            shutil.rmtree(entry, ignore_errors=True)
    network = compile_network(layers, profile)
    try:
        _keep(entry, network, known)
        _remove_others(district, keep=entry.parent)
    except OSError as error:
        _log.warning("The compiled walk network is not kept in %s: %s.", folder, error.strerror)
    return network


def _keep(entry: Path, network: WalkNetwork, known: list[GeometryArray]) -> None:
    """Write an entry beside its place and move it there in one step."""
    entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    try:
        write_folder(made, network, known=known, given=("crs", "profile"))
        made.rename(entry)
    except OSError:
        if not entry.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _remove_others(district: Path, *, keep: Path) -> None:
    """Remove what was kept of other contents of a district; who has it mapped keeps it."""
    for other in district.iterdir():
        if other != keep and _ENTRY.fullmatch(other.name):
            shutil.rmtree(other, ignore_errors=True)


def _digest(*parts: str | bytes) -> str:
    found = sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:_DIGITS]


def _profile(profile: Profile) -> str:
    return _digest(json.dumps(asdict(profile), sort_keys=True, default=sorted))


def _content(layers: Layers) -> str:
    """Return a digest of all that a network depends on beside the profile."""
    parts: list[str | bytes] = [_code()]
    for name in _LAYERS:
        parts += _frame(getattr(layers, name))
    return _digest(*parts)


def _frame(frame: gpd.GeoDataFrame) -> list[str | bytes]:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    rows = pd.util.hash_pandas_object(columns, index=False).to_numpy()
    binary = b"".join(each or b"" for each in shapely.to_wkb(shapes))
    return [str(frame.crs), *columns.columns, str(rows.shape), rows.tobytes(), binary]


@cache
def _code() -> str:
    """Return a digest of the code that compiles, its own and that of the libraries."""
    here = Path(__file__)
    files = [
        *sorted(Path(geo.__file__).parent.glob("*.py")),
        here,
        here.with_name("array_folder.py"),
    ]
    libraries = [shapely.__version__, shapely.geos_version_string, np.__version__]
    return _digest(*libraries, *(path.read_bytes() for path in files))
