"""Read degrees as people write them: decimal, or in degrees, minutes and seconds."""

import re
import unicodedata
from typing import Final

_FORM: Final = re.compile(
    r"""
    (?P<before>[EWNS东西北南])?[经纬]?\s*
    (?P<sign>-)?(?P<deg>\d{1,3}(?:\.\d+)?)\s*[°º˚度d:\s]\s*
    (?:(?P<min>\d{1,2}(?:\.\d+)?)\s*['′’‘分m:\s]?\s*)?
    (?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:["″”“秒s]|''|′′|’’)?\s*)?
    (?P<after>[EWNS东西北南])?[经纬]?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BACKWARD: Final = "WSws西南"
_SIXTY: Final = 60.0


def degrees_in(text: str) -> float | None:
    """Return decimal degrees of a text in degrees, minutes and seconds; None if it is none.

    Examples
    --------
    >>> degrees_in("117°30′36.0″"), degrees_in("37度22分30秒"), degrees_in("117.98")
    (117.51, 37.375, None)
    >>> degrees_in("118°60′"), degrees_in("33°30′S")
    (None, -33.5)
    """
    match = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    minutes, seconds = float(match["min"] or 0), float(match["sec"] or 0)
    if minutes >= _SIXTY or seconds >= _SIXTY:
        return None
    size = float(match["deg"]) + minutes / _SIXTY + seconds / _SIXTY**2
    backward = match["sign"] or any(
        side in _BACKWARD for side in (match["before"], match["after"]) if side
    )
    return -size if backward else size
