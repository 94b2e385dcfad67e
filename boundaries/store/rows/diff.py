"""What differs between the rows that a layer has and those that it is to have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from boundaries.store.rows.layer_rows import Decode, Row, column_names, key_position
from geo.model.columns import Column
from geo.model.layers import COLUMNS

MOST_NAMED: Final = 100
"""Rows that a change may touch and still be told value by value in the log."""

_DECIMALS: Final = 9
"""Of degrees in the log: a tenth of a millimetre; the rows themselves are kept exactly."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it is stored: its ``fid``, the revision since which it holds, and its values."""

    fid: int
    since: int
    row: Row


@dataclass(frozen=True, slots=True)
class Difference:
    """What a layer's rows are to become.

    Attributes
    ----------
    added : list of tuple
        New rows, as :func:`boundaries.store.rows.layer_rows.column_names` orders their values.
    changed : list of tuple of (Stored, tuple)
        Rows as they are, and as they are to be.
    removed : list of Stored
    """

    added: list[Row] = field(default_factory=list)
    changed: list[tuple[Stored, Row]] = field(default_factory=list)
    removed: list[Stored] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)

    @property
    def ended(self) -> list[int]:
        """The ``fid`` of every row that is no longer true."""
        return [old.fid for old, _ in self.changed] + [old.fid for old in self.removed]

    @property
    def begun(self) -> list[Row]:
        """Every row that becomes true."""
        return [row for _, row in self.changed] + self.added

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows added, changed and removed."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
        }


def difference(layer: str, stored: Iterable[Stored], rows: Iterable[Row]) -> Difference:
    """Compare a layer's stored rows with those that are to be stored, by their key."""
    at = key_position(layer)
    old = {each.row[at]: each for each in stored}
    found = Difference()
    for row in rows:
        there = old.pop(row[at], None)
        if there is None:
            found.added.append(row)
        elif there.row != row:
            found.changed.append((there, row))
    found.removed.extend(old.values())
    return found


def told(
    differences: Mapping[str, Difference], decode: Decode
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that changed, before and after, per layer and key.

    Nothing is told of more than :data:`MOST_NAMED` rows: the past rows themselves are kept.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if sum(map(len, differences.values())) > MOST_NAMED:
        return before, after
    for layer, found in differences.items():
        names, at = column_names(layer), key_position(layer)

        def values(row: Row, layer: str = layer, names: list[str] = names) -> dict[str, Any]:
            pairs = zip(names, row, strict=True)
            return {name: _plain(COLUMNS[layer].get(name), value, decode) for name, value in pairs}

        was = {str(old.row[at]): values(old.row) for old in found.removed}
        became = {str(row[at]): values(row) for row in found.added}
        for old, row in found.changed:
            one, other = values(old.row), values(row)
            differ = [name for name in names if one[name] != other[name]]
            was[str(row[at])] = {name: one[name] for name in differ}
            became[str(row[at])] = {name: other[name] for name in differ}
        before |= {layer: was} if was else {}
        after |= {layer: became} if became else {}
    return before, after


def _plain(column: Column | None, value: Any, decode: Decode) -> Any:  # noqa: ANN401 (any value of a row)
    """Return a value as JSON can hold it; geometry, which has no column, as text."""
    if column is not None:
        # SQLite gives truth values as 0 and 1
        return bool(value) if column.kind == "bool" and value is not None else value
    return shapely.to_wkt(decode([value])[0], rounding_precision=_DECIMALS)
