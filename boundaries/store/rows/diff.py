"""Differences between the stored rows of a layer and the rows that replace them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from boundaries.store.rows.layer_rows import Decode, Row, column_names, key_position
from boundaries.store.rows.usable_rows import decoded
from geo.model.columns import Column
from geo.model.layer_columns import COLUMNS

MOST_NAMED: Final = 100
"""Most rows of a change that the log lists value by value; a longer list would serve nobody."""

_LOG_DECIMALS: Final = 9
"""Decimals of a degree in the log, about 0.1 mm; the stored rows themselves are exact."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored row: its ``fid``, first revision and values."""

    fid: int
    since: int
    row: Row


@dataclass(frozen=True, slots=True)
class Difference:
    """Changes of the rows of one layer.

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
        """The ``fid`` of every stored row that ends."""
        return [old.fid for old, _ in self.changed] + [old.fid for old in self.removed]

    @property
    def begun(self) -> list[Row]:
        """Every row that begins."""
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
    """Compare the stored rows of a layer with new ones, by key."""
    key_idx = key_position(layer)
    old = {state.row[key_idx]: state for state in stored}
    result = Difference()
    for row in rows:
        existing = old.pop(row[key_idx], None)
        if existing is None:
            result.added.append(row)
        elif existing.row != row:
            result.changed.append((existing, row))
    result.removed.extend(old.values())
    return result


def changed_values(
    differences: Mapping[str, Difference], decode: Decode
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that changed, before and after, per layer and key.

    Both are empty for more than :data:`MOST_NAMED` rows; the ended rows are stored in any case.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if sum(map(len, differences.values())) > MOST_NAMED:
        return before, after
    for layer, difference in differences.items():
        names, key_idx = column_names(layer), key_position(layer)

        def values(row: Row, layer: str = layer, names: list[str] = names) -> dict[str, Any]:
            pairs = zip(names, row, strict=True)
            return {name: _plain(COLUMNS[layer].get(name), value, decode) for name, value in pairs}

        was = {str(old.row[key_idx]): values(old.row) for old in difference.removed}
        became = {str(row[key_idx]): values(row) for row in difference.added}
        for old, row in difference.changed:
            one, other = values(old.row), values(row)
            differ = [name for name in names if one[name] != other[name]]
            was[str(row[key_idx])] = {name: one[name] for name in differ}
            became[str(row[key_idx])] = {name: other[name] for name in differ}
        before |= {layer: was} if was else {}
        after |= {layer: became} if became else {}
    return before, after


def _plain(column: Column | None, value: Any, decode: Decode) -> Any:  # noqa: ANN401 (any value of a row)
    """Return a value as JSON can hold it; geometry, which has no column, as text."""
    if column is not None:
        # SQLite gives truth values as 0 and 1
        return bool(value) if column.kind == "bool" and value is not None else value
    return shapely.to_wkt(decoded([value], decode)[0][0], rounding_precision=_LOG_DECIMALS)
