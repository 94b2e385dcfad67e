"""Open a file of one layer: GeoJSON, GeoPackage, Shapefile (plain or zipped), CSV or Excel."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import encoding_named
from boundaries.readers.files.formats import (
    CSV,
    GEOJSON,
    GEOPACKAGE,
    LAYER_FORMATS,
    SHAPEFILE,
    WORKBOOK,
    ZIPPED_SHAPEFILE,
    FileFormat,
    agreed_format,
    cannot_open,
)
from boundaries.readers.files.geojson import read_geojson
from boundaries.readers.files.geopackage import read_geopackage
from boundaries.readers.files.shapefile import read_shapefile, read_zip
from boundaries.readers.files.source import Source
from boundaries.readers.tables.table import read_csv
from boundaries.readers.tables.workbook import read_workbook
from geo.errors import InputError

_READERS: Final[dict[FileFormat, Callable[[Path, str, LayerReport, str | None], Source]]] = {
    GEOJSON: read_geojson,
    GEOPACKAGE: read_geopackage,
    SHAPEFILE: read_shapefile,
    ZIPPED_SHAPEFILE: read_zip,
    CSV: read_csv,
    WORKBOOK: read_workbook,
}


def read_source(
    path: Path, layer: str, report: LayerReport, *, encoding: str | None = None
) -> Source:
    """Read a file as it is: its own columns, geometry and CRS (None if unknown).

    Parameters
    ----------
    path : Path
        One of :data:`boundaries.readers.files.formats.LAYER_FORMATS`, by its ending and its first
        bytes.
    layer : str
        Which layer it is for: of several layers in a file the one of this name is taken.
    report : LayerReport
        Gets notes of what the driver said and of the encoding.
    encoding : str, optional
        That the user names, for instance ``BIG5``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    EmptyError
        If it has no content.
    FileFormatError
        If the file is of another kind, damaged, beyond the limits, or holds several layers.
    InputError
        If nobody knows the encoding that the user names.
    CrsError
        If its CRS is defined by another file or address.
    """
    if encoding is not None and encoding_named(encoding) is None:
        raise InputError("reading.unknown_encoding", encoding=encoding)
    reader = _READERS[agreed_format(path, LAYER_FORMATS)]
    try:
        return reader(path, layer, report, encoding and encoding_named(encoding))
    except OSError as error:
        raise cannot_open(path, error) from error
