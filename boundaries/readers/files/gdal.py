"""The one door to GDAL: it has the drivers of our formats, no other, and no network."""

import importlib
import io
import warnings
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import ShapelyError

from boundaries.import_report import LayerReport
from boundaries.readers.files.formats import GDAL_DRIVERS, FileReader, unreadable
from boundaries.readers.files.source import Source
from geo.errors import FileFormatError
from geo.messages import Message

_RING: Final = "Non closed ring"
_NO_NETWORK: Final = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # the port "discard", where nothing listens
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
}


@cache
def restrict_gdal() -> None:
    """Leave GDAL in this process the drivers of our formats, and no way to the network.

    pyogrio cannot name the drivers that may open a file; so GDAL must not know any other. Of those
    that remain no two accept the same first bytes.
    """
    others = sorted(pyogrio.list_drivers().keys() - GDAL_DRIVERS)
    pyogrio.set_gdal_config_options({"OGR_SKIP": ",".join(others), **_NO_NETWORK})
    importlib.reload(pyogrio.core)  # registers the drivers anew, and so leaves these out


def read_by_gdal(
    source: Path | bytes, driver: FileReader, *, what: str, report: LayerReport, **options: str
) -> Source:
    """Read one layer; warnings of GDAL become notes of the report.

    A ring that does not end where it began is closed there.

    Parameters
    ----------
    source : Path or bytes
        Ending and first bytes are those of `driver`.
    driver : FileReader
    what : str
        Name of the file, for messages.
    **options
        For `pyogrio.read_dataframe`.

    Raises
    ------
    FileFormatError
        If it is damaged or has no geometry.
    """
    restrict_gdal()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = _read(source, options)
        except (DataSourceError, DataLayerError, ValueError, OverflowError, ShapelyError) as error:
            reason = str(error).split("; ", 1)[0].split("\n", 1)[0]
            raise unreadable(what, reason) from error
    for warning in caught:
        if _RING in str(warning.message):
            continue  # it is closed and counted
        said = {"driver": str(driver), "warning": str(warning.message)}
        report.note(Message("files.driver_warning", said))
    if not isinstance(result.frame, gpd.GeoDataFrame):
        raise FileFormatError("files.without_geometry", what=what, driver=str(driver))
    return result


def _read(source: Path | bytes, options: dict[str, str]) -> Source:
    def frame(on_invalid: str) -> gpd.GeoDataFrame:
        place = source if isinstance(source, Path) else io.BytesIO(source)
        return pyogrio.read_dataframe(place, on_invalid=on_invalid, **options)

    try:
        result = frame("raise")
    except ShapelyError:  # at least one shape is malformed: seldom, so the rest pays nothing
        result, without = frame("fix"), frame("ignore")
        closed = (without.geometry.isna() & result.geometry.notna()).to_numpy()
        return Source(result, {Message("reading.ring_closed"): closed})
    return Source(result)
