"""Result tables as CSV bytes, the same for the service and the command line."""

import re
from typing import Final

import numpy as np
import pandas as pd

_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""How a cell begins that a spreadsheet takes for a formula; some take the full-width signs too."""

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs: an apostrophe goes before what begins as a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("@SUM(A1)"), harmless("-12.5"), harmless("食堂")
    ("'=1+1", "'@SUM(A1)", '-12.5', '食堂')
    """
    return f"'{text}" if text[:1] in _FORMULA and not _NUMBER.fullmatch(text) else text


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return `table` as CSV in UTF-8, empty where there is no value.

    Texts and headings are :func:`harmless`; numbers stay as they are. A byte order mark goes first
    where there is anything but ASCII: without it Excel garbles Chinese, and where everything is
    ASCII it would only get in the way of simple readers.
    """
    safe = table.rename(columns=lambda name: harmless(str(name)))
    for place, dtype in enumerate(table.dtypes):
        if pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype):
            cells = table.iloc[:, place].tolist()
            texts = [harmless(each) if isinstance(each, str) else each for each in cells]
            safe.isetitem(place, np.array(texts, dtype=object))
    text = safe.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8" if text.isascii() else "utf-8-sig")
