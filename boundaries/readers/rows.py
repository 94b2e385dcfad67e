"""Rows during import: each is accepted, repaired with a note, or rejected with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.column_names import column_in_file
from boundaries.import_report import LayerReport
from geo.messages import Message
from geo.model.keys import is_hidden_in

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Rows:
    """Rows accepted so far, and the report of repaired and rejected ones.

    Attributes
    ----------
    frame : GeoDataFrame
        Index: number of the row in the file, from 1.
    report : LayerReport
        Filled as rows are rejected; completed by :meth:`close`.
    key : str
        Column that names a row in the report, if the frame has it.
    theirs : mapping of str to str
        Our columns and what the file calls them.
    frames : Series of MapFrame, optional
        What the file says of the frame of each row, by the index of `frame`.
    parts : tuple of (str, int)
        Sheets or layers of which the rows are, in order, and how many each has; empty for one.
    """

    frame: gpd.GeoDataFrame
    report: LayerReport
    key: str = ""
    theirs: Mapping[str, str] = field(default_factory=dict)
    frames: pd.Series | None = None
    parts: tuple[tuple[str, int], ...] = ()
    _repairs: dict[Message, set[int]] = field(default_factory=dict)

    def label(self, row: int) -> Message:
        """Return how the report calls a row: its number and its key."""
        if self.key in self.frame.columns:
            value = self.frame.loc[row, self.key]
            if isinstance(value, str) and value and not is_hidden_in(value):
                return self._place(row, "reading.row_with_key", {"key": value})
        return self._place(row, "reading.row", {})

    def _place(self, row: int, code: str, said: dict[str, str]) -> Message:
        """Return how a row is called, by its number in its own part of the file."""
        number = row
        for part, n in self.parts:
            if number <= n:
                within = Message(code, {"n": number, **said})
                return Message("reading.row_of_part", {"part": part, "row": within})
            number -= n
        return Message(code, {"n": row, **said})

    def column(self, column: str) -> Message:
        """Return how the report calls a column."""
        return column_in_file(column, self.theirs.get(column))

    def reject(
        self, bad: Mask, reason: Message | Sequence[Message] | Mapping[int, Message]
    ) -> None:
        """Take out the rows of a mask; `reason` is one for all or one per row of the frame."""
        for row in np.flatnonzero(bad).tolist():
            why = reason if isinstance(reason, Message) else reason[row]
            self.report.reject(self.label(int(self.frame.index[row])), why)
        if bad.any():
            self.frame = self.frame[~bad]

    def repair(self, done: Mask, how: Message, *, by_name: bool = False) -> None:
        """Note a repair of the rows of a mask, and which they are if it is to be done `by_name`."""
        which = self.frame.index[done].tolist()
        self._repairs.setdefault(how, set()).update(which)
        for row in which if by_name else ():
            self.report.name(self.label(row), how)

    def leave_out(self, which: Mask, why: Message) -> None:
        """Take out rows that are no data, such as totals; the report counts and names them."""
        self.report.note(why, int(which.sum()))
        for row in self.frame.index[which].tolist():
            self.report.name(self.label(row), why)
        self.report.left_out += int(which.sum())
        self.frame = self.frame[~which]

    def close(self) -> None:
        """Report the repairs of the accepted rows."""
        kept = {row for row in self.frame.index.tolist() if row <= self.report.read}
        for how, rows in self._repairs.items():
            self.report.repair(how, len(rows & kept))
        self.report.accepted = len(kept)

    def text(self, column: str) -> pd.Series:
        """Return a column as stripped text; empty for a missing value or column."""
        if column not in self.frame.columns:
            return pd.Series("", index=self.frame.index, dtype="str")
        return as_text(self.frame[column])


def as_text(values: pd.Series) -> pd.Series:
    """Return values as stripped text; whole numbers without a point, missing ones empty.

    Examples
    --------
    >>> as_text(pd.Series([371602001001101.0, None, " a "], dtype=object)).tolist()
    ['371602001001101', '', 'a']
    """

    def one(value: object) -> str:
        if value is None or value is pd.NA or value is pd.NaT:
            return ""
        if isinstance(value, float | np.floating):
            if np.isnan(value):
                return ""
            return str(int(value)) if float(value).is_integer() else repr(float(value))
        return str(value).strip()

    return pd.Series([one(value) for value in values], index=values.index, dtype="str")
