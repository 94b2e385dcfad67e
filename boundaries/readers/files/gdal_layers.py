"""FlatGeobuf and file geodatabases: looked at before GDAL reads them whole."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from boundaries.import_report import LayerReport
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal, restrict_gdal
from boundaries.readers.files.limits import check_table_size
from boundaries.readers.files.source import FileHints, Source, chosen_layer
from boundaries.readers.files.zip_archive import OF_GEODATABASE
from geo.messages import Message


def read_flatgeobuf(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a FlatGeobuf file."""
    del layer, hints
    with TemporaryDirectory() as folder:
        alias = Path(folder, "in.fgb")  # a name of which GDAL parses nothing
        alias.symlink_to(path.absolute())
        check_layer(alias, FileReader.FLATGEOBUF, None, what=path.name)
        return read_by_gdal(alias, FileReader.FLATGEOBUF, what=path.name, report=report)


def read_geodatabase(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a layer of a file geodatabase, a folder ``.gdb``."""
    with TemporaryDirectory() as folder:
        alias = Path(folder, "in.gdb")
        alias.mkdir()
        for part in sorted(path.iterdir()):
            if OF_GEODATABASE.fullmatch(part.name) and part.is_file() and not part.is_symlink():
                (alias / part.name.lower()).symlink_to(part.absolute())
        return read_unpacked_geodatabase(alias, layer, report, hints, what=path.name)


def read_unpacked_geodatabase(
    folder: Path, layer: str, report: LayerReport, hints: FileHints, *, what: str
) -> Source:
    """Read a layer of a geodatabase in a folder of our own."""
    driver = FileReader.GEODATABASE
    names = layers_of(folder, what=what)
    chosen = chosen_layer(names, layer, report, hints, what=what)
    check_layer(folder, driver, chosen, what=what)
    return read_by_gdal(folder, driver, what=what, report=report, layer=chosen)


def layers_of(path: Path, *, what: str) -> list[str]:
    """Return the names of the layers of a file that have shapes."""
    restrict_gdal()
    try:
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (DataSourceError, DataLayerError) as error:
        raise unreadable(what, Message("files.damaged")) from error


def check_layer(
    path: Path, driver: FileReader, layer: str | None, *, what: str, encoding: str | None = None
) -> None:
    """Look at what a layer says of itself, before its features are read.

    `encoding` is that of the names of its columns where GDAL does not know it.

    Raises
    ------
    FileFormatError
        If it is damaged, opened by another driver than its name says, or beyond the limits.
    CrsError
        If its CRS names a file.
    """
    restrict_gdal()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said again, and reported, when features are read
            told = pyogrio.read_info(path, layer=layer, force_feature_count=True, encoding=encoding)
    except (DataSourceError, DataLayerError, ValueError, OverflowError, IndexError) as error:
        raise unreadable(what, Message("files.damaged")) from error
    if told["driver"] != str(driver):
        raise unreadable(what, Message("files.begins_otherwise", {"kind": str(driver)}))
    check_table_size(max(told["features"], 0), len(told["fields"]), what=what)
    check_names_no_file(str(told["crs"] or ""), what=what)
