"""The head of a table: one row or two, below titles, found by known names of columns."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from boundaries.plain_names import plain
from boundaries.readers.aliases import WKT_NAMES, find_column, our_columns
from boundaries.readers.places.place_columns import speaks_of_frame

HEAD_ROWS: Final = 15
"""Rows among which the head is looked for: offices put titles and notes above it."""


class Head(NamedTuple):
    """Where the head of a table is, and what its columns are called.

    Attributes
    ----------
    first, last : int
        Its first and last row, counted from 0.
    names : list of str
        One per column, all different; empty where a column has none.
    """

    first: int
    last: int
    names: list[str]


def found_head(
    rows: Sequence[Sequence[Any]], layer: str, told: Mapping[str, str] | None = None
) -> Head:
    """Return the head among the first rows of a table: the row, or two, with most known names.

    Of two rows the upper one holds groups: 坐标 over 经度 and 纬度. A group stays in the name where
    it tells a frame, or tells two columns apart.

    Parameters
    ----------
    rows : sequence of sequence
    layer : str
        Whose columns are known.
    told : mapping of str to str, optional
        Columns of ours, and what the user says that the file calls them.

    Examples
    --------
    >>> found_head([["某街道楼栋表", ""], ["楼栋编号", "户数"], ["b1", "12"]], "buildings").first
    1
    >>> found_head([["编号", "GCJ-02", ""], ["", "经度", "纬度"], ["1", "2", "3"]], "buildings")
    Head(first=0, last=1, names=['编号', '经度(GCJ-02)', '纬度(GCJ-02)'])
    """
    first = [[str(cell).strip() for cell in row] for row in rows[:HEAD_ROWS]]
    heads = [Head(at, at, row) for at, row in enumerate(first)]
    heads += [Head(at, at + 1, _joined(*first[at : at + 2])) for at in range(len(first) - 1)]
    known = [known_names(head.names, layer, told) for head in heads]
    if not known:
        return Head(0, 0, [])
    best = heads[known.index(max(known))]  # single rows come first
    return best._replace(names=_different(best.names))


def known_names(row: Sequence[str], layer: str, told: Mapping[str, str] | None = None) -> int:
    """Return how many cells of a row are names of columns of a layer."""
    names = list(dict.fromkeys(cell for cell in row if cell))
    return len(our_columns(layer, names, told)) + (find_column(names, WKT_NAMES) is not None)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return the names of a head of two rows; a group reaches to the next one."""
    names, group = [], ""
    width = max(len(upper), len(lower))
    pairs = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    below = [plain(name) for name in lower if name]
    for above, name in zip(*pairs, strict=True):
        group = above or (group if name else "")
        if not name or not group or name == group:
            names.append(name or group)
        elif below.count(plain(name)) > 1 or speaks_of_frame(group):
            names.append(f"{name}({group.translate(_NO_BRACKETS)})")
        else:
            names.append(name)
    return names


_NO_BRACKETS: Final = str.maketrans(dict.fromkeys("()（）[]【】", " "))


def _different(names: Sequence[str]) -> list[str]:
    """Return names of which those that were there before have a number in brackets."""
    count: dict[str, int] = {}
    told = []
    for name in names:
        count[name] = count.get(name, 0) + 1
        told.append(f"{name}({count[name]})" if name and count[name] > 1 else name)
    return told
