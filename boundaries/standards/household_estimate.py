"""Households of a building estimated from footprint and storeys, where nobody counted them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from boundaries.standards.catalogue import standard_document

_MAX_LEVELS: Final = 200  # the tallest residential tower has about 100
_NUMBER: Final = re.compile(r"\s*(\d+(?:\.\d+)?)")
ESTIMATED_NOTE: Final = "Households are estimated from footprint and storeys, not counted."
ESTIMATED_NOTE_ZH: Final = "户数按建筑占地与层数估算，非登记户数。"
_NOTES_OF_BEFORE: Final = ("户数按建筑占地与层数估算，并非实数。",)
"""What districts that were stored earlier say instead."""

RESIDENTIAL: Final = "residential"
MIXED: Final = "mixed"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class HouseholdModel:
    """Assumptions of the estimate; the figures and their sources are in ``osm_households.yaml``.

    Attributes
    ----------
    floor_share : float
        Share of a storey inside dwellings, 0..1.
    m2_per_household : float
        Floor area of a household, square metres.
    persons_per_household : float
    share_60plus : float
        Share of residents of 60 and more, 0..1.
    storey_height_m : float
        Height of a storey, metres.
    min_footprint_m2 : float
        Below it a plain ``building=yes`` is no dwelling, square metres.
    default_levels : mapping of str to int
        Storeys by residential value of `building`.
    other_keys : frozenset of str
        Keys that make a plain ``building=yes`` something else than a dwelling.
    other_names : re.Pattern
        Names that do so.
    """

    floor_share: float
    m2_per_household: float
    persons_per_household: float
    share_60plus: float
    storey_height_m: float
    min_footprint_m2: float
    default_levels: Mapping[str, int]
    other_keys: frozenset[str]
    other_names: re.Pattern[str]

    def use_of(self, tags: Mapping[str, str], area_m2: float) -> str:
        """Return ``residential``, ``mixed`` or ``other``.

        A residential kind with a shop, an office or the like in it is mixed; a plain
        ``building=yes`` is residential unless it is small or a tag or its name says otherwise.
        """
        kind = building_kind(tags)
        if tags.get("building:use") in self.default_levels:
            kind = tags["building:use"]
        if kind not in self.default_levels:
            return OTHER
        hinted = any(tags.get(key, "no") != "no" for key in self.other_keys)
        if kind != "yes":
            return MIXED if hinted else RESIDENTIAL
        named = self.other_names.search(tags.get("name", "")) is not None
        return OTHER if hinted or named or area_m2 < self.min_footprint_m2 else RESIDENTIAL

    def storeys(self, tags: Mapping[str, str]) -> tuple[float, str]:
        """Return storeys and where they come from: ``tag``, ``height`` or ``assumed``."""
        tagged = levels_of(tags)
        if tagged:
            return tagged, "tag"
        height = _number(tags.get("height", tags.get("building:height", "")))
        if self.storey_height_m <= height <= _MAX_LEVELS * self.storey_height_m:
            return height // self.storey_height_m, "height"
        return self.default_levels.get(building_kind(tags), self.default_levels["yes"]), "assumed"

    def households(
        self, area_m2: npt.NDArray[np.float64], storeys: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """Return households of residential buildings, at least one each.

        Parameters
        ----------
        area_m2 : ndarray of float64, shape (n,)
            Footprint, square metres.
        storeys : ndarray of float64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)

        Examples
        --------
        >>> household_model().households(np.array([400.0, 20.0]), np.array([6.0, 1.0])).tolist()
        [18, 1]
        """
        floor_m2 = area_m2 * storeys * self.floor_share
        return np.maximum(_rounded(floor_m2 / self.m2_per_household), 1)

    def residents(self, households: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return residents of buildings with these households."""
        return _rounded(households * self.persons_per_household)

    def residents_60plus(self, residents: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return residents of 60 and more."""
        return _rounded(residents * self.share_60plus)


@cache
def household_model() -> HouseholdModel:
    """Return the assumptions of the data file."""
    document = standard_document("osm_households")
    figures = {name: float(entry["value"]) for name, entry in document["figures"].items()}
    other = document["non_residential"]
    return HouseholdModel(
        **figures,
        default_levels=document["default_levels"]["values"],
        other_keys=frozenset(other["keys"]),
        other_names=re.compile(other["names"]),
    )


def building_kind(tags: Mapping[str, str]) -> str:
    """Return the first value of `building`."""
    return tags.get("building", "").split(";")[0].strip()


def levels_of(tags: Mapping[str, str]) -> int:
    """Return storeys as tagged, 0 where the tag is missing or no sensible number.

    Examples
    --------
    >>> levels_of({"building:levels": "5.5"}), levels_of({"building:levels": "many"})
    (5, 0)
    """
    levels = _number(tags.get("building:levels", tags.get("levels", "")))
    return int(levels) if 1 <= levels <= _MAX_LEVELS else 0


def flats_of(tags: Mapping[str, str]) -> int | None:
    """Return dwellings as counted in `building:flats`, None where there is no number."""
    text = tags.get("building:flats", "").strip()
    return int(text) if text.isdecimal() else None


def _number(text: str) -> float:
    """Return the leading number of a text, 0 where there is none."""
    match = _NUMBER.match(text)
    return float(match.group(1)) if match else 0.0


def _rounded(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Round half up, the same way everywhere."""
    whole: npt.NDArray[np.int64] = np.floor(values + 0.5).astype(np.int64)
    return whole


def without_estimated_note(note: str) -> str:
    """Return the note of a district without the sentence that households are estimated.

    Examples
    --------
    >>> without_estimated_note(f"Ours. {ESTIMATED_NOTE}")
    'Ours.'
    """
    for sentence in (ESTIMATED_NOTE, ESTIMATED_NOTE_ZH, *_NOTES_OF_BEFORE):
        note = note.replace(sentence, "")
    return note.strip()


def renewed_estimated_note(note: str) -> str:
    """Return the note of a district that was stored earlier with the sentence as it is now."""
    for sentence in _NOTES_OF_BEFORE:
        note = note.replace(sentence, ESTIMATED_NOTE_ZH)
    return note
