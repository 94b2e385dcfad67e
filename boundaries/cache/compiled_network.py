"""Compiled walk networks, kept on disk: compiled once, mapped by every later start.

An entry belongs to a district, to the content of the layers that a network is compiled from, to a
profile, and to the code that compiled it; so it is never out of date, and a change of other layers
keeps it. What was kept of an earlier content of the district is removed.
"""

import logging
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from boundaries.cache.memory_mapped_arrays import read_folder, write_folder
from boundaries.content_hash import NETWORK_LAYERS, digest, layers_hash, profile_hash
from geo.arrays import GeometryArray
from geo.errors import FileFormatError
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.network.compile import WalkNetwork, compile_network

_ENTRY: Final = re.compile(r"[0-9a-f]{16}")
_log = logging.getLogger(__name__)


def compiled_network(
    folder: Path | None, code: str, layers: Layers, profile: Profile
) -> WalkNetwork:
    """Return the walk network of a district, from the cache folder if it is there.

    Otherwise it is compiled, and kept. A folder that cannot be read or written is reported in
    the log and costs no more than the compilation.

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
        Equal to what :func:`geo.network.compile.compile_network` returns; its numbers lie in
        mapped files.

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    """
    if folder is None:
        return compile_network(layers, profile)
    district = folder / digest(code)
    entry = district / layers_hash(layers) / profile_hash(profile)
    known = [
        np.asarray(getattr(layers, name).geometry.array, dtype=object) for name in NETWORK_LAYERS
    ]
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
    """Remove entries of other contents of a district; a process that has one mapped keeps it."""
    for other in district.iterdir():
        if other != keep and _ENTRY.fullmatch(other.name):
            shutil.rmtree(other, ignore_errors=True)
