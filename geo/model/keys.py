"""Keys (identifiers and codes): what they may hold.

Control and format characters cannot be seen, and those of direction turn what stands around them:
two keys that look the same would be different ones.
"""

import unicodedata
from typing import Final

from geo.model.layer_columns import COLUMNS, KEYS

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: control, format (direction among them), surrogate, line and paragraph."""


def is_hidden_in(text: str) -> bool:
    r"""Return whether a text has characters that cannot be seen.

    Examples
    --------
    >>> is_hidden_in("way/5"), is_hidden_in("号 1"), is_hidden_in("a\u202eb"), is_hidden_in("a\n")
    (False, False, True, True)
    """
    if text.isprintable():
        return False
    return any(unicodedata.category(sign) in _HIDDEN for sign in text)


def key_columns(layer: str) -> list[str]:
    """Return the columns of a layer that hold a key of its own or of another layer.

    Examples
    --------
    >>> key_columns("organisations")
    ['link_id', 'grid_code', 'point_id']
    """
    keys = {*KEYS.values(), "parent_code", "worker_code"}
    return [column.name for column in COLUMNS[layer].values()
            if column.name in keys and column.kind == "str"]  # fmt: skip
