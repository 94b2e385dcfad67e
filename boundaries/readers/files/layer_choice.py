"""Which layer of a file with several is meant."""

from collections.abc import Sequence

from boundaries.import_report import LayerReport
from boundaries.plain_names import plain
from boundaries.readers.files.source import FileHints
from geo.errors import FileFormatError
from geo.messages import Message


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
