"""The CRS of a file: named by it or by the user, and exactly convertible to WGS 84."""

from typing import Any, Final, NamedTuple

import pyproj
from pyproj.transformer import TransformerGroup

from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.declared_frames import frame_named, squeezed
from geo.crs import STORED_EPSG
from geo.errors import CrsError
from geo.gcj02 import MapFrame
from geo.messages import Message

_AXIS_M: Final = 6378137.0
_FLATTENINGS: Final = (298.257223563, 298.257222101)  # 1/f of WGS 84; of GRS 80 and CGCS2000
_AXIS_TOLERANCE_M: Final = 1.0
_FLATTENING_TOLERANCE: Final = 1e-3
_ACCURACY_M: Final = 2.0
"""Of a transformation of another ellipsoid, metres: a building still stands at its street."""

_OLD_DATUMS: Final = {6378245: "Beijing 1954", 6378140: "Xi'an 1980"}
_IN_NAMES: Final = {
    "gcj02": MapFrame.GCJ02,
    "火星": MapFrame.GCJ02,
    "bd09": MapFrame.BD09,
    "百度": MapFrame.BD09,
}


class SourceCrs(NamedTuple):
    """What is declared of the coordinates of a file.

    Attributes
    ----------
    crs : pyproj.CRS or None
        None if nothing is declared that can be used.
    frame : MapFrame or None
        Frame of map services, if that is declared.
    """

    crs: pyproj.CRS | None
    frame: MapFrame | None = None


def source_crs(
    found: pyproj.CRS | None, declared: str | int | pyproj.CRS | None, *, what: str
) -> SourceCrs:
    """Return the CRS to read a file in: the declared one, else the file's own.

    Raises
    ------
    CrsError
        If the declared one is unknown or names a file, or the ellipsoid is not that of WGS 84,
        GRS 80 or CGCS2000 and there is no transformation better than 2 m.

    Examples
    --------
    >>> source_crs(None, "GCJ-02", what="a.csv").frame
    <MapFrame.GCJ02: 'GCJ-02'>
    """
    if isinstance(declared, str):
        check_names_no_file(declared, what=what)
        frame = frame_named(declared)
        if frame in {MapFrame.GCJ02, MapFrame.BD09}:
            return SourceCrs(found or pyproj.CRS.from_epsg(STORED_EPSG), frame)
    try:
        crs = pyproj.CRS.from_user_input(declared) if declared is not None else found
    except pyproj.exceptions.CRSError as error:
        raise CrsError("reading.unknown_crs", crs=declared) from error
    if crs is None or crs.type_name.startswith("Engineering") or crs.name.startswith("Undefined"):
        return SourceCrs(None)
    _check_datum(crs, what)
    names = squeezed(" ".join([crs.name, crs.geodetic_crs.name if crs.geodetic_crs else ""]))
    return SourceCrs(crs, next((each for word, each in _IN_NAMES.items() if word in names), None))


def _check_datum(crs: pyproj.CRS, what: str) -> None:
    """Raise unless the datum can be turned into WGS 84 to metres."""
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or crs.is_bound or _is_modern(ellipsoid):
        return
    datum = _OLD_DATUMS.get(round(ellipsoid.semi_major_metre))
    if datum is None and _best_accuracy_m(crs) <= _ACCURACY_M:
        return  # those of the old datums of China hold for oil fields, not for towns
    said = {
        "what": what,
        "crs": crs.name,
        "ellipsoid": ellipsoid.name,
        "axis": ellipsoid.semi_major_metre,
        "flattening": ellipsoid.inverse_flattening,
    }
    if datum is None:
        raise CrsError("reading.unsure_ellipsoid", **said)
    raise CrsError("reading.unsure_datum", **said, datum=Message(datum))


def _is_modern(ellipsoid: Any) -> bool:  # noqa: ANN401 - pyproj does not export its type
    return abs(ellipsoid.semi_major_metre - _AXIS_M) <= _AXIS_TOLERANCE_M and any(
        abs(ellipsoid.inverse_flattening - known) <= _FLATTENING_TOLERANCE for known in _FLATTENINGS
    )


def _best_accuracy_m(crs: pyproj.CRS) -> float:
    """Return the accuracy of the best transformation that is at hand, metres."""
    known = [
        each.accuracy
        for each in TransformerGroup(crs, STORED_EPSG, always_xy=True).transformers
        if each.accuracy >= 0 and "ballpark" not in each.description.casefold()
    ]
    return min(known, default=float("inf"))
