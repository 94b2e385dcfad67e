"""What a reader returns of a file, before columns and coordinates are understood."""

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd

from geo.arrays import BoolArray, ObjectArray
from geo.messages import Message


class FileHints(NamedTuple):
    """What the user says of a file.

    Attributes
    ----------
    encoding : str or None
        Python's name of the encoding of its text.
    part : str or None
        Layer or sheet that is meant; ``*`` for all sheets of one kind.
    columns : mapping of str to str
        Columns of ours, and what the file calls them.
    is_remembered : bool
        Whether `columns` were told for another file: those that this one lacks do not count.
    """

    encoding: str | None = None
    part: str | None = None
    columns: Mapping[str, str] = {}
    is_remembered: bool = False


class Source(NamedTuple):
    """The rows of a file.

    Attributes
    ----------
    frame : GeoDataFrame
        The file's own columns and CRS (None if unknown); geometry missing where there is none or
        it cannot be read.
    repaired : mapping of Message to ndarray of bool
        What was done to which rows while they were read.
    named : mapping of Message to ndarray of bool
        The same, of repairs whose rows are to be named one by one.
    frames : ndarray of MapFrame or None, optional
        Frame of each row's longitude and latitude, None where the file does not say it; None where
        it says it of no row.
    placeless : bool
        Whether a table has no columns of places.
    parts : tuple of (str, int)
        Sheets or layers that were read together, in order, and how many rows each has; empty where
        there is one.
    """

    frame: gpd.GeoDataFrame
    repaired: Mapping[Message, BoolArray] = {}
    named: Mapping[Message, BoolArray] = {}
    frames: ObjectArray | None = None
    placeless: bool = False
    parts: tuple[tuple[str, int], ...] = ()
