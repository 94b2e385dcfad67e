"""Text that GDAL hands on as bytes, decoded by the rule of :mod:`boundaries.readers.encoding`."""

from collections.abc import Iterable, Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import detect, without_cut_end
from geo.arrays import BoolArray
from geo.errors import FileFormatError
from geo.messages import Message

LATIN: Final = "ISO-8859-1"
"""Maps every byte to one character and back, so text read with it is the raw bytes."""


def decoded(
    frame: gpd.GeoDataFrame,
    widths: list[int],
    declared: str | None,
    *,
    what: str,
    report: LayerReport,
) -> tuple[gpd.GeoDataFrame, BoolArray]:
    """Give what GDAL read as Latin-1 its true text.

    Parameters
    ----------
    frame : GeoDataFrame
        Text and names of columns in :data:`LATIN`.
    widths : list of int
        Of each column, bytes: a value that fills its column may have lost the end of its last
        character.
    declared : str or None
        Python's name of the encoding that the file or the user names.
    what : str
        Name of the file, for messages.
    report : LayerReport

    Returns
    -------
    frame : GeoDataFrame
    cut : ndarray of bool
        Rows with a value that has lost the end of its last character.

    Raises
    ------
    FileFormatError
        If the text is in no known encoding throughout, or makes sense in none.
    """
    columns = [name for name in frame.columns if name != "geometry"]
    bytes_of = {
        name: [v.encode(LATIN) if isinstance(v, str) else None for v in frame[name]]
        for name in columns
        if _is_text(frame[name])
    }
    width_of = dict(zip(columns, widths, strict=False))
    names = {name: name.encode(LATIN) for name in columns}
    encoding = _encoding(names.values(), bytes_of, width_of, declared, what)
    sure = "declared" if encoding == declared else "likely"
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    if not all(value.isascii() for value in names.values()) or declared:
        said = Message("files.text_in_encoding", {"encoding": encoding})
        report.understand("encoding", said, sure)
    cut = np.zeros(len(frame), dtype=bool)
    for name, values in bytes_of.items():
        whole = [_whole(value, width_of.get(name), encoding) for value in values]
        cut |= np.array([a != b for a, b in zip(whole, values, strict=True)], dtype=bool)
        texts = [None if value is None else value.decode(encoding) for value in whole]
        frame[name] = pd.Series(texts, index=frame.index, dtype=object)
    frame = frame.rename(
        columns={
            name: raw_name.decode(encoding, errors="ignore") for name, raw_name in names.items()
        }
    )
    return frame, cut


def _encoding(
    names: Iterable[bytes],
    bytes_of: Mapping[str, list[bytes | None]],
    width_of: Mapping[str, int],
    declared: str | None,
    what: str,
) -> str:
    """Return the encoding in which names and values read, but for what was cut off at their end."""
    order = [each for each in dict.fromkeys((declared, "utf-8", "gb18030")) if each]
    for attempt in order:
        parts = [without_cut_end(name, attempt) for name in names]
        for name, values in bytes_of.items():
            known = [value for value in values if value is not None]
            parts += [_whole(value, width_of.get(name), attempt) or b"" for value in known]
        try:
            found = detect(parts, what=what, declared=declared)
        except FileFormatError:
            if attempt == order[-1]:
                raise
            continue
        if found == attempt:
            return found
    return found


def _whole(value: bytes | None, width: int | None, encoding: str) -> bytes | None:
    """Return a value without a character that the width of its column has cut."""
    if value is None or width is None or len(value) < width:
        return value
    return without_cut_end(value, encoding)


def _is_text(values: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(values) or values.dtype == object)
