"""Rows of tables that are sums of others."""

import re
import unicodedata
from typing import Final

_TOTAL: Final = re.compile(
    r".{0,12}(合计|总计|小计|共计|累计)(户数|栋数|人数|数)?|(grand|sub)?totals?|sum"
)
_MARKS: Final = re.compile(r"[\s:：、.。（）()\-—_]+")


def is_called_total(text: str) -> bool:
    """Return whether a cell says that its row is a sum.

    Examples
    --------
    >>> is_called_total("合 计："), is_called_total("小计"), is_called_total("共计路12号")
    (True, True, False)
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return bool(_TOTAL.fullmatch(_MARKS.sub("", folded)))
