"""Column model: the one declaration that readers, stores, schemas and answers use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.messages import Message

Value = str | int | float | bool
Kind = Literal["str", "int", "float", "bool"]


ISO_DAY: Final = (
    r"(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?!0000)(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
"""A day of the calendar, leap days among them, as 2026-01-31."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer.

    Attributes
    ----------
    name : str
    kind : {"str", "int", "float", "bool"}
    about : str
        What it says, with its unit.
    nullable : bool
        Whether a value may be unknown: None, in a column of floats NaN.
    neutral : value or None, optional
        The value that says nothing, for a frame that lacks the column; `...` where it must have it.
    initial : value or None, optional
        What a new feature is where nobody says; `neutral` if omitted.
    words : dict of str to tuple of str
        The words it may hold, each with the names under which files bring it, Chinese first.
    aliases : tuple of str
        Names of the column in files, beside its own.
    at_least : float, optional
        Least value, inclusive.
    pattern : str
        What a whole text must match.
    form : str
        Code of the message that says the same in words.
    osm_tag : str
        Key under which OpenStreetMap has it.
    unit : str
        Of its numbers, where they are shown.
    derived : bool
        Worked out from the geometry where another program leaves it empty.
    shown : bool
        Whether the layer's GeoJSON has it.
    example : value or None
        For the API document.
    """

    name: str
    kind: Kind
    about: str
    nullable: bool = False
    neutral: Value | EllipsisType | None = ...
    initial: Value | EllipsisType | None = ...
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    at_least: float | None = None
    pattern: str = ""
    form: str = ""
    osm_tag: str = ""
    unit: str = ""
    derived: bool = False
    shown: bool = True
    example: Value | None = None

    @property
    def dtype(self) -> Any:  # noqa: ANN401 - pandas-stubs know literals only
        """Data type in a frame; only floats have a value of their own for unknown."""
        if self.nullable and self.kind != "float":
            return object
        return {"str": "str", "int": "int64", "float": "float64", "bool": "bool"}[self.kind]

    @property
    def start(self) -> Value | EllipsisType | None:
        """What a new feature is where nobody says; `...` where somebody must."""
        return self.neutral if self.initial is ... else self.initial

    @property
    def wanted(self) -> Message:
        """What a value should be, as a message says it: words with their Chinese names."""
        if self.words:
            named = [
                Message("columns.word", {"word": word, "name": names[0]}) if names else word
                for word, names in self.words.items()
            ]
            return Message("columns.one_of", {"words": named})
        if self.kind == "bool":
            return Message("columns.yes_or_no", {"yes": "是", "no": "否"})
        if self.kind == "str":
            return Message(self.form or "columns.text")
        if self.at_least is None:
            return Message("columns.number")
        return Message("columns.number_from", {"least": self.at_least})

    def allows(self, value: Value) -> bool:
        """Return whether a value of the right kind is one that the column may hold."""
        if self.words:
            return value in self.words
        if isinstance(value, str):
            return not self.pattern or re.fullmatch(self.pattern, value) is not None
        return self.at_least is None or value >= self.at_least

    def typed(self, values: "pd.Series | npt.ArrayLike") -> pd.Series:
        """Return values with the type of this column; unknown ones None, or NaN among floats."""
        if self.nullable and self.kind != "float":
            given = values if isinstance(values, pd.Series) else pd.Series(values, dtype=object)
            make = {"str": str, "int": int, "bool": bool}[self.kind]
            pairs = zip(given, given.isna(), strict=True)
            known = [None if is_missing else make(value) for value, is_missing in pairs]
            return pd.Series(known, index=given.index, dtype=object)
        if isinstance(values, pd.Series):
            result: pd.Series = values.astype(self.dtype)
        else:
            array = values if self.kind == "str" else np.array(values, self.dtype)
            result = pd.Series(array, dtype=self.dtype)
        return result

    def plain(self, values: pd.Series) -> list[Value | None]:
        """Return values as a database takes them: plain Python, unknown ones None."""
        result: list[Value | None] = values.tolist()
        if self.nullable and self.kind == "float":
            return [None if np.isnan(value) else value for value in values]
        return result
