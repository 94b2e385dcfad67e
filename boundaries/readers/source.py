"""Open a file of one layer, whatever its format."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import encoding_named
from boundaries.readers.exchange.gml import read_gml
from boundaries.readers.exchange.mapinfo import read_mif, read_tab
from boundaries.readers.exchange.spatialite import read_spatialite
from boundaries.readers.exchange.zipped import read_zip
from boundaries.readers.files.formats import (
    CSV,
    FLATGEOBUF,
    GEODATABASE,
    GEOJSON,
    GEOJSON_LINES,
    GEOPACKAGE,
    GML,
    KML,
    KMZ,
    LAYER_FORMATS,
    MAPINFO_MIF,
    MAPINFO_TAB,
    MARKUP,
    OLD_WORKBOOK,
    PARQUET,
    SHAPEFILE,
    SPATIALITE,
    WORKBOOK,
    ZIPPED_SHAPEFILE,
    FileFormat,
    agreed_format,
    cannot_open,
)
from boundaries.readers.files.gdal_layers import read_flatgeobuf, read_geodatabase
from boundaries.readers.files.geojson import read_geojson, read_geojson_lines
from boundaries.readers.files.geopackage import read_geopackage
from boundaries.readers.files.kml import read_kml, read_kmz
from boundaries.readers.files.shapefile import read_shapefile
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.tables.geoparquet import read_geoparquet
from boundaries.readers.tables.markup import read_markup
from boundaries.readers.tables.table import read_csv
from boundaries.readers.tables.workbook import read_workbook
from geo.errors import InputError

_READERS: Final[dict[FileFormat, Callable[[Path, str, LayerReport, FileHints], Source]]] = {
    GEOJSON: read_geojson,
    GEOPACKAGE: read_geopackage,
    SHAPEFILE: read_shapefile,
    ZIPPED_SHAPEFILE: read_zip,
    GEOJSON_LINES: read_geojson_lines,
    FLATGEOBUF: read_flatgeobuf,
    GEODATABASE: read_geodatabase,
    KML: read_kml,
    KMZ: read_kmz,
    PARQUET: read_geoparquet,
    MAPINFO_TAB: read_tab,
    MAPINFO_MIF: read_mif,
    SPATIALITE: read_spatialite,
    GML: read_gml,
    CSV: read_csv,
    WORKBOOK: read_workbook,
    OLD_WORKBOOK: read_workbook,
    MARKUP: read_markup,
}


_NOTHING_SAID: Final = FileHints()
_WITH_PARTS: Final = (
    GML, GEOPACKAGE, SPATIALITE, GEODATABASE, ZIPPED_SHAPEFILE, WORKBOOK, OLD_WORKBOOK, MARKUP,
)  # fmt: skip
"""Files that may hold several layers or sheets."""


def read_source(
    path: Path, layer: str, report: LayerReport, hints: FileHints = _NOTHING_SAID
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
    hints : FileHints, optional
        What the user says: encoding, for instance ``BIG5``, layer or sheet, columns.

    Raises
    ------
    NotFoundError
        If there is no such file.
    EmptyError
        If it has no content.
    FileFormatError
        If the file is of another kind, damaged, beyond the limits, or holds several layers.
    InputError
        If nobody knows the encoding that the user names, or a layer or sheet is named of a file
        that has none.
    CrsError
        If its CRS is defined by another file or address.
    """
    known = agreed_format(path, LAYER_FORMATS)
    encoding = hints.encoding
    if encoding is not None and encoding_named(encoding) is None:
        raise InputError("reading.unknown_encoding", encoding=encoding)
    if hints.part is not None and known not in _WITH_PARTS:
        raise InputError("files.has_no_parts", what=path.name, part=hints.part)
    hints = hints._replace(encoding=encoding and encoding_named(encoding))
    try:
        return _READERS[known](path, layer, report, hints)
    except OSError as error:
        raise cannot_open(path, error) from error
