"""Columns of a table that hold places: longitude and latitude, in what frame, or both in one."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from boundaries.readers.files.declared_frames import frame_named, squeezed, unknown_frame
from geo.gcj02 import MapFrame

_AXES: Final = {
    "lon": re.compile(r"经度|东经|longitude|lng|long|lon|^jd$"),
    "lat": re.compile(r"纬度|北纬|latitude|lat|^wd$"),
}
_UNITS: Final = re.compile(
    r"(中心点|中心|位置|地理|空间|坐标|十进制|数值|度分秒|度|degrees?|deg|decimal|dd|dms|值|[xyens])+"
)
_BRACKET: Final = re.compile(r"[(（\[【](.*?)[)）\]】]")
_FRAME_LIKE: Final = re.compile(r"坐标|系|地方|独立|城建|\d\d|datum|crs|gcj|bd", re.IGNORECASE)
_TOGETHER: Final = re.compile(
    r"经纬度坐标|经纬度|坐标点|位置坐标|坐标|lnglat|lonlat|location|coordinates?|coord"
)
_PAIR: Final = re.compile(r"\s*[(\[]?\s*(-?\d+\.?\d*)\s*[,，;；\s]\s*(-?\d+\.?\d*)\s*[)\]]?\s*")
_MAX_LAT: Final = 90.0
_AMAP: Final = frozenset({"typecode", "adcode", "pname"})
"""Columns of search results of AMap, whose places are in GCJ-02."""

_PREFERENCE: Final = (MapFrame.WGS84, MapFrame.GCJ02, MapFrame.BD09, None)


def speaks_of_frame(text: str) -> bool:
    """Return whether a text names a frame, or something like one: GCJ-02, 北京54, 坐标.

    Examples
    --------
    >>> speaks_of_frame("高德"), speaks_of_frame("北京54坐标"), speaks_of_frame("基本情况")
    (True, True, False)
    """
    return frame_named(text) is not None or _FRAME_LIKE.search(text) is not None


class PlaceColumns(NamedTuple):
    """Two columns of degrees.

    Attributes
    ----------
    lon, lat : str
    frame : MapFrame or None
        That the headings name; None if they name none.
    """

    lon: str
    lat: str
    frame: MapFrame | None


def place_columns(columns: Iterable[str], *, what: str) -> list[PlaceColumns]:
    """Return the pairs of columns with longitude and latitude, the best first.

    A pair that says WGS 84 comes first, then one that names another frame, then one that names
    none.

    Raises
    ------
    CrsError
        If all pairs name a frame that is not known, such as 经度(北京54).

    Examples
    --------
    >>> pairs = place_columns(["lng", "lat", "lng_wgs84", "lat_wgs84"], what="a.csv")
    >>> [pair.lon for pair in pairs]
    ['lng_wgs84', 'lng']
    >>> place_columns(["百度经度", "百度纬度"], what="a.csv")[0].frame
    <MapFrame.BD09: 'BD-09'>
    """
    names = list(columns)
    axes: dict[str, list[tuple[str, MapFrame | None]]] = {"lon": [], "lat": []}
    unknown: list[str] = []
    for axis, column in product(axes, names):
        match = _AXES[axis].search(squeezed(column))
        if not match:
            continue
        rest = squeezed(column)[: match.start()] + squeezed(column)[match.end() :]
        frame = frame_named(rest) if rest else None
        if frame or not rest or _UNITS.fullmatch(rest):
            axes[axis].append((column, frame))
        elif any(_FRAME_LIKE.search(each) for each in _BRACKET.findall(column)):
            unknown.append(column)
    pairs = [
        PlaceColumns(lon, lat, frame)
        for frame in _PREFERENCE
        for lon, lat in zip(*([c for c, f in each if f == frame] for each in axes.values()),
                            strict=False)
    ]  # fmt: skip
    if unknown and not pairs:
        said = [text for column in unknown for text in _BRACKET.findall(column)]
        raise unknown_frame(list(dict.fromkeys(said)), column=unknown[0], what=what)
    return pairs


def column_of_pairs(table: pd.DataFrame) -> PlaceColumns | None:
    """Return the column that holds "longitude,latitude" in one cell, twice; None if none does.

    Search results of AMap have such a column, `location`, in GCJ-02.
    """
    for column in map(str, table.columns):
        match = _TOGETHER.search(squeezed(column))
        texts = [text for text in table[column].astype("str") if text.strip()]
        if not match or not texts or not all(map(_PAIR.fullmatch, texts)):
            continue
        rest = squeezed(column)[: match.start()] + squeezed(column)[match.end() :]
        frame = frame_named(rest) if rest else None
        if frame is None and {squeezed(str(each)) for each in table.columns} & _AMAP:
            frame = MapFrame.GCJ02
        if not rest or frame:
            return PlaceColumns(column, column, frame)
    return None


def split_pairs(values: pd.Series) -> tuple[list[str], list[str]]:
    """Return longitudes and latitudes of cells that hold both; empty where there are none.

    Where one number is no latitude it is the longitude, whatever comes first.
    """
    matches = [_PAIR.fullmatch(text) for text in values.astype("str")]
    pairs = [match.groups() if match else ("", "") for match in matches]
    second = [float(b) for _, b in pairs if b]
    if second and np.median(np.abs(second)) > _MAX_LAT:
        pairs = [(b, a) for a, b in pairs]
    return [a for a, _ in pairs], [b for _, b in pairs]
