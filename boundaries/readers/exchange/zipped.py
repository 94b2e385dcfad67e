"""The one layer of a zip archive: a file geodatabase, a table of MapInfo or a shapefile."""

from pathlib import Path
from tempfile import TemporaryDirectory

from boundaries.import_report import LayerReport
from boundaries.readers.exchange.mapinfo import read_unpacked_mapinfo
from boundaries.readers.files.gdal_layers import read_unpacked_geodatabase
from boundaries.readers.files.shapefile import read_unpacked_shapefile
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.files.zip_archive import (
    unpack_geodatabase,
    unpack_mapinfo,
    unpack_shapefile,
)
from geo.errors import InputError


def read_zip(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the one shapefile of an archive, in whatever folder and under whatever name it lies.

    A file geodatabase goes before it; a table of MapInfo is read where there is no shapefile.

    Raises
    ------
    FileFormatError
        If the archive holds none or several, is damaged or beyond the limits, or what it holds is.
    InputError
        If a layer is named of what has none.
    """
    with TemporaryDirectory(suffix=".gdb") as folder:
        if unpack_geodatabase(path, Path(folder)):
            return read_unpacked_geodatabase(Path(folder), layer, report, hints, what=path.name)
    if hints.part is not None:
        raise InputError("files.has_no_parts", what=path.name, part=hints.part)
    with TemporaryDirectory() as folder:
        if unpack_mapinfo(path, Path(folder)):
            return read_unpacked_mapinfo(Path(folder), path.name, report, hints)
    with TemporaryDirectory() as folder:
        unpack_shapefile(path, Path(folder))
        return read_unpacked_shapefile(Path(folder), path.name, report, hints)
