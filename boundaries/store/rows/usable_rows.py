"""Rows that another program left in a store and that no figure can be computed from.

PostGIS refuses an invalid shape; SQLite does not know one, and a program may have set the triggers
aside. So rows are checked when they are read, once per revision. What cannot be used is set aside
and named in every answer, never computed with in silence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries.store.rows.layer_rows import Decode, Row, column_names, key_position, to_frame
from boundaries.store.tables.geometry_type import single
from boundaries.store.tables.layer_tables import GEOMETRY_KINDS, kinds_of
from geo.errors import FileFormatError
from geo.messages import Message
from geo.model.columns import Column
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.vocabulary import Level

Shapes = npt.NDArray[np.object_]

SET_ASIDE: Final = "set_aside"
"""Under this name the attributes of a frame hold the faults of the rows that it lacks."""

_DEGREES: Final = (180, 90, 180, 90)
_SHOWN: Final = 40
"""Signs of a wrong value that a message repeats."""

PARENT_LEVEL: Final = {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}
_TOLD: Final = {Level.LARGE: Message("rows.large"), Level.MEDIUM: Message("rows.medium")}
_NOTHING: Final = shapely.Polygon()
_NONE: Final = np.array([], dtype=object)


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is set aside.

    Attributes
    ----------
    layer : str
    key : str
        Of the feature.
    fault : Message
        What was got and what was wanted.
    row : dict, optional
        Of a grid, its values by column, as they are stored, and its shape under ``geometry``: the
        check of the plan names what is wrong with it, and a repair mends it where it can.
    """

    layer: str
    key: str
    fault: Message
    row: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def named(self) -> Message:
        """The fault with the row that has it."""
        said = {"layer": self.layer, "key": self.key, "fault": self.fault}
        return Message("rows.fault", said)


def usable_frame(
    layer: str, rows: Sequence[Row], decode: Decode, *, whole: bool = True
) -> pd.DataFrame:
    """Return the usable rows of a layer as a frame whose attributes name the others.

    How grids nest shows in a `whole` layer only.
    """
    try:
        key_idx = key_position(layer)
        rows = sorted(rows, key=lambda row: row[key_idx])  # as the frame will be
        shapes = decode([row[-1] for row in rows]) if layer in GEOMETRY_KINDS else _NONE
        if _is_usable(layer, rows, shapes) and not (whole and _unnested(layer, rows)):
            return to_frame(layer, rows, lambda _: shapes)
    except (TypeError, FileFormatError):
        pass  # below, row by row
    rows, faults = usable_rows(layer, rows, decode, whole=whole)
    frame = to_frame(layer, rows, decode)
    frame.attrs[SET_ASIDE] = tuple(faults)
    return frame


def usable_rows(
    layer: str, rows: Sequence[Row], decode: Decode, *, whole: bool = True
) -> tuple[Sequence[Row], list[RowFault]]:
    """Return the rows of a layer that can be used, and the faults of the others.

    Parameters
    ----------
    layer : str
    rows : sequence of tuple
        As :func:`boundaries.store.rows.layer_rows.column_names` orders their values.
    decode : callable
        Reads geometry as the database writes it.
    whole : bool, default True
        Whether these are all rows, so that parents of grids must be among them.

    Returns
    -------
    rows : sequence of tuple
        `rows` itself where all can be used.
    faults : list of RowFault
        One for each of the others.
    """
    faults = row_faults(layer, rows, decode)
    if whole and layer == "grids":
        faults |= _nesting_faults([row for i, row in enumerate(rows) if i not in faults], rows)
    if not faults:
        return rows, []
    key_idx = key_position(layer)
    named = [
        RowFault(layer, str(rows[i][key_idx]), faults[i], _values(layer, rows[i], decode))
        for i in sorted(faults)
    ]
    return [row for i, row in enumerate(rows) if i not in faults], named


def _values(layer: str, row: Row, decode: Decode) -> Mapping[str, Any] | None:
    """Return what a grid that is set aside has; None of any other layer."""
    if layer != "grids":
        return None
    shapes, _ = decoded([row[-1]], decode)
    return {**dict(zip(COLUMNS[layer], row, strict=False)), "geometry": single(shapes)[0]}


def _is_usable(layer: str, rows: Sequence[Row], shapes: Shapes) -> bool:
    """Return whether all rows of a layer can be used; quick, because nearly always they can."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return True
    keys = columns[key_position(layer)]
    if len(set(keys)) < len(keys):
        return False
    if not all(map(_all_allowed, COLUMNS[layer].values(), columns)):
        return False
    return not shape_faults(shapes, kinds_of(layer))


def _unnested(layer: str, rows: Sequence[Row]) -> bool:
    return layer == "grids" and bool(_nesting_faults(rows, rows))


def is_nested(grids: pd.DataFrame) -> bool:
    """Return whether each grid has its parent one level up among `grids`."""
    rows = list(grids[list(COLUMNS["grids"])].itertuples(index=False, name=None))
    return not _nesting_faults(rows, rows)


def row_faults(layer: str, rows: Sequence[Row], decode: Decode) -> dict[int, Message]:
    """Return the first fault of each row that has one, by its position."""
    faults: dict[int, Message] = {}
    if not rows:
        return faults
    columns = list(zip(*rows, strict=True))
    for column, values in zip(COLUMNS[layer].values(), columns, strict=False):
        if not _all_allowed(column, values):
            faults = dict(_value_faults(column, values)) | faults
    keys = columns[key_position(layer)]
    if len(set(keys)) < len(keys):
        faults = dict(_twice(KEYS[layer], keys)) | faults
    if layer in GEOMETRY_KINDS:
        shapes, unreadable = decoded(columns[-1], decode)
        faults = shape_faults(shapes, kinds_of(layer)) | unreadable | faults
    return faults


def shape_faults(shapes: Shapes, kinds: Sequence[str]) -> dict[int, Message]:
    """Return what is wrong with shapes in degrees that are to be of `kinds`, by their position."""
    empty = shapely.is_empty(shapes)
    types = shapely.get_type_id(shapes)
    wrong = ~empty & ~np.isin(types, [shapely.GeometryType[kind.upper()] for kind in kinds])
    with np.errstate(invalid="ignore"):
        inside = (np.abs(shapely.bounds(shapes)) <= _DEGREES).all(axis=1)
    away = ~empty & ~wrong & ~inside
    broken = ~empty & ~wrong & inside & ~shapely.is_valid(shapes)
    wanted = list(kinds)
    faults = dict.fromkeys(np.flatnonzero(empty), Message("rows.shape_empty", {"kinds": wanted}))
    for i in np.flatnonzero(wrong):
        said = {"kind": shapes[i].geom_type, "kinds": wanted}
        faults[i] = Message("rows.shape_of_kind", said)
    for i in np.flatnonzero(away):
        faults[i] = Message("rows.shape_off")
    for i in np.flatnonzero(broken):
        faults[i] = Message("rows.shape_invalid", {"reason": shapely.is_valid_reason(shapes[i])})
    return {int(i): fault for i, fault in faults.items()}


def decoded(blobs: Sequence[Any], decode: Decode) -> tuple[Shapes, dict[int, Message]]:
    """Return shapes, an empty one where none can be read, and why that is, by position."""
    try:
        return decode(blobs), {}
    except FileFormatError:
        pass
    shapes, faults = np.full(len(blobs), _NOTHING, dtype=object), {}
    for i, blob in enumerate(blobs):
        try:
            shapes[i] = decode([blob])[0]
        except FileFormatError as error:
            faults[i] = error.message
    return shapes, faults


def valid_shapes(blobs: Sequence[Any], decode: Decode) -> Shapes:
    """Return shapes to overlay: invalid ones made valid, what has no ground as nothing."""
    shapes, _ = decoded(blobs, decode)
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes[broken] = [_made_valid(shape) for shape in shapes[broken]]
    return shapes


def _made_valid(shape: shapely.Geometry) -> shapely.Geometry:
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return _NOTHING
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _all_allowed(column: Column, values: Sequence[Any]) -> bool:
    """Return whether no value is at fault; quick, because nearly always so."""
    if column.kind == "str":
        if column.words:
            return set(values) <= set(column.words) | ({None} if _may_miss(column) else set())
        kinds = set(map(type, values))
        return kinds <= ({str, type(None)} if _may_miss(column) else {str})
    array = np.asarray(values)
    least = -np.inf if column.at_least is None else column.at_least
    if column.kind == "int":
        return array.dtype.kind == "i" and bool((array >= least).all())
    if column.kind == "bool":
        return array.dtype.kind in "bi" and bool(np.isin(array, (0, 1)).all())
    return array.dtype.kind in "fi" and bool((np.isfinite(array) & (array >= least)).all())


def _value_faults(column: Column, values: Sequence[Any]) -> Iterator[tuple[int, Message]]:
    for i, value in enumerate(values):
        if not _is_allowed(column, value):
            shown = Message("rows.empty") if value is None else repr(value)[:_SHOWN]
            said = {"column": column.name, "value": shown, "wanted": column.wanted}
            yield i, Message("rows.wrong_value", said)


def _is_allowed(column: Column, value: object) -> bool:
    if value is None:
        return _may_miss(column)
    if column.kind == "bool":
        return value in (0, 1)
    if column.kind == "str":
        return isinstance(value, str) and (not column.words or value in column.words)
    if isinstance(value, float) and (column.kind == "int" or not isfinite(value)):
        return False
    return isinstance(value, int | float) and (column.at_least is None or value >= column.at_least)


def _may_miss(column: Column) -> bool:
    return column.nullable or column.derived


def _twice(key: str, values: Iterable[Any]) -> Iterator[tuple[int, Message]]:
    again = pd.Series(list(values), dtype=object).duplicated()
    for i in np.flatnonzero(again):
        yield int(i), Message("rows.key_twice", {"key": key})


def _nesting_faults(good: Sequence[Row], rows: Sequence[Row]) -> dict[int, Message]:
    """Return the grids whose parent is none of `good` one level up; then those inside them."""
    code_at, level_at, parent_at = (
        column_names("grids").index(name) for name in ("code", "level", "parent_code")
    )
    level_of: dict[str, str] = {row[code_at]: row[level_at] for row in good}
    at = {row[code_at]: i for i, row in enumerate(rows)}
    faults: dict[int, Message] = {}
    for level in (Level.LARGE, Level.MEDIUM, Level.SMALL):
        for row in [row for row in good if row[level_at] == level]:
            fault = _nesting_fault(row[code_at], level, row[parent_at], level_of)
            if fault:
                faults[at[row[code_at]]] = fault
                del level_of[row[code_at]]
    return faults


def _nesting_fault(
    code: str, level: Level, parent: str | None, level_of: Mapping[str, str]
) -> Message | None:
    """Return what is wrong with the parent of a grid; None if nothing is."""
    above = PARENT_LEVEL.get(level)
    if above is None:
        return None if parent is None else Message("rows.parent_of_large", {"parent": parent})
    if parent is None or level_of.get(parent) != above:
        said = {"parent": parent or Message("rows.empty"), "level": _TOLD[above]}
        return Message("rows.parent_not_above", said)
    if code.startswith(parent):
        return None
    return Message("rows.code_not_of_parent", {"parent": parent})
