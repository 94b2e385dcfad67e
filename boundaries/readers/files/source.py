"""What a reader is told and returns of a file, before columns and coordinates are understood."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd

from boundaries.import_report import LayerReport
from boundaries.plain_names import plain
from geo.arrays import BoolArray, ObjectArray
from geo.errors import FileFormatError
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


def chosen_layer(
    names: Sequence[str], layer: str, report: LayerReport, hints: FileHints, *, what: str
) -> str:
    """Return the layer that the user names, else the one called like ours, else the only one.

    Raises
    ------
    FileFormatError
        If there is none of that name, or several may be meant.

    Examples
    --------
    >>> report = LayerReport()
    >>> chosen_layer(["网格", "楼栋"], "grids", report, FileHints(part="网格"), what="a.gdb")
    '网格'
    >>> str(report.understood[0].how)
    'read 网格; not read: 楼栋'
    """
    wanted = layer if hints.part is None else hints.part
    found = [name for name in names if plain(name) == plain(wanted)]
    if hints.part is not None and not found:
        said = names or Message("reading.none")
        raise FileFormatError("files.no_such_part", what=what, part=hints.part, names=said)
    if not found and len(names) != 1:
        raise FileFormatError(
            "files.several_layers", what=what, layers=len(names), names=names, layer=layer
        )
    chosen = (found or names)[0]
    rest = [name for name in names if name != chosen]
    if rest:
        how = Message("files.sheets_taken", {"taken": [chosen], "rest": rest})
        report.understand("layer", how, "likely" if hints.part is None else "declared")
    return chosen
