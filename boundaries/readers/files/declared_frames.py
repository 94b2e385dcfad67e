"""Frames that files declare in words: in a heading, in a column, or as a CRS."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from boundaries.readers.rows import as_text
from geo.arrays import ObjectArray
from geo.errors import CrsError
from geo.gcj02 import MapFrame

_WORDS: Final = {
    MapFrame.GCJ02: ("gcj02", "gcj", "火星", "高德", "高德地图", "腾讯", "腾讯地图", "国测局",
                     "amap",
                     "gaode", "autonavi", "mars", "tencent", "soso"),
    MapFrame.BD09: ("bd09", "bd09ll", "bd", "百度", "百度地图", "baidu"),
    MapFrame.WGS84: ("wgs84", "wgs", "wgs1984", "gps", "epsg4326", "4326", "crs84", "epsg4490",
                     "4490", "cgcs2000", "2000", "2000国家大地", "国家大地2000", "国家2000",
                     "大地2000", "天地图", "tianditu", "84", "地球"),
}  # fmt: skip
"""What a frame is called, squeezed; CGCS2000 is taken as equal to WGS 84, to centimetres."""

_BY_WORD: Final = {word: frame for frame, words in _WORDS.items() for word in words}
_ENDINGS: Final = re.compile(
    r"(坐标参考系|坐标系统|坐标系|坐标|经纬度|地理|大地|系统|系|datum|crs|latlon)$"
)
_BEGINNINGS: Final = re.compile(r"^(中心点|位置|地理|坐标)+")
_COLUMNS: Final = re.compile(
    r"^(?:显示|所用|采用|数据|平面)?(?:坐标参考系|坐标系统?类型|坐标系统|坐标系名称|坐标系|坐标类型|坐标基准|"
    r"crs|srs|datum|coordinatesystem|coordsys|coordtype|coordinatetype)$"
)


def squeezed(text: str) -> str:
    """Return a text without blanks, marks, case and full-width forms.

    Examples
    --------
    >>> squeezed("经度（GCJ-02）"), squeezed("lng_wgs84")
    ('经度gcj02', 'lngwgs84')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


def frame_named(text: str) -> MapFrame | None:
    """Return the frame that a text names; None if it names none that is known.

    Examples
    --------
    >>> frame_named("火星坐标系"), frame_named("BD-09"), frame_named("北京54")
    (<MapFrame.GCJ02: 'GCJ-02'>, <MapFrame.BD09: 'BD-09'>, None)
    """
    plain = squeezed(text)
    bare = _BEGINNINGS.sub("", _ENDINGS.sub("", plain))
    return _BY_WORD.get(plain) or _BY_WORD.get(bare)


def frame_column(columns: Iterable[str]) -> str | None:
    """Return the column that says in which frame each row is; None if there is none.

    Examples
    --------
    >>> frame_column(["经度", "纬度", "坐标系"])
    '坐标系'
    """
    return next((each for each in columns if _COLUMNS.match(squeezed(each))), None)


def frames_of_rows(values: pd.Series, *, column: str, what: str) -> ObjectArray:
    """Return the frame of each row, None where its cell is empty.

    Raises
    ------
    CrsError
        If a cell names a frame that is not known.
    """
    texts = as_text(values).tolist()
    frames = {text: frame_named(text) for text in dict.fromkeys(texts)}
    unknown = [text for text, frame in frames.items() if text and frame is None]
    if unknown:
        raise unknown_frame(unknown, column=column, what=what)
    found = np.empty(len(texts), dtype=object)
    found[:] = [frames[text] for text in texts]
    return found


def unknown_frame(named: Sequence[str], *, column: str, what: str) -> CrsError:
    """Return the error for a frame that nothing is known of."""
    known = [str(frame) for frame in MapFrame]
    return CrsError(
        "reading.unknown_frame", what=what, column=column, named=list(named[:3]), known=known
    )
