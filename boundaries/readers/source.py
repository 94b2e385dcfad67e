"""Open a vector file: GeoJSON, GeoPackage, Shapefile (plain or zipped) or CSV."""

import io
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import decode_file, detect, whole_characters
from boundaries.readers.table import read_csv
from geo.errors import FileFormatError, InputError, NotFoundError

_LATIN: Final = "ISO-8859-1"
"""Maps every byte to one character and back, so text read with it is the raw bytes."""

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj")
_MOST_BYTES: Final = 2 << 30


def read_source(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    """Read a file as it is: its own columns, geometry and CRS (None if unknown).

    Parameters
    ----------
    path : Path
        ``.geojson``, ``.json``, ``.gpkg``, ``.shp``, ``.zip`` (holding a shapefile), ``.csv`` or
        ``.txt``.
    layer : str
        Which layer it is for: of several layers in a file the one of this name is taken.
    report : LayerReport
        Gets notes of what the driver said and of the encoding.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FileFormatError
        If the file is of another kind, damaged, or holds several layers.
    """
    readers: dict[str, Callable[[Path, str, LayerReport], gpd.GeoDataFrame]] = {
        ".geojson": _read_geojson,
        ".json": _read_geojson,
        ".gpkg": _read_geopackage,
        ".shp": _read_shapefile,
        ".zip": _read_zip,
        ".csv": read_csv,
        ".txt": read_csv,
    }
    if not path.exists():
        raise NotFoundError(f"There is no file {path}; wanted one to read. Check the path.")
    reader = readers.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise FileFormatError(
            f"Got {path.name}; wanted a file that ends in {', '.join(readers)}. "
            "Convert it to one of these."
        )
    try:
        frame = reader(path, layer, report)
    except OSError as error:
        raise InputError(
            f"Cannot read {path.name} ({error.strerror or error}); wanted a readable file. "
            "Check its permissions."
        ) from error
    return frame


def _read_geojson(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    del layer
    text, encoding = decode_file(path.read_bytes(), what=path.name)
    if encoding != "utf-8":
        report.note(f"text read as {encoding}")
    return _read(io.BytesIO(text.encode()), path.name, report, kind="GeoJSON")


def _read_geopackage(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    names = _layer_names(path, path.name)
    chosen = layer if layer in names else _only(names, path.name, layer)
    return _read(path, path.name, report, kind="GPKG", layer=chosen)


def _read_shapefile(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    del layer
    raw = _read(path, path.name, report, kind="ESRI Shapefile", encoding=_LATIN)
    return _decoded(raw, path.name, report)


def _read_zip(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    """Read the one shapefile of an archive, in whatever folder and under whatever name it lies."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            _unpack(archive, Path(folder), path.name, layer)
            raw = _read(
                Path(folder, "in.shp"), path.name, report, kind="ESRI Shapefile", encoding=_LATIN
            )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # or encrypted
        raise _unreadable(path.name, error) from error
    return _decoded(raw, path.name, report)


def _unpack(archive: zipfile.ZipFile, folder: Path, what: str, layer: str) -> None:
    """Copy the parts of the one shapefile to ``in.*``; names in archives have no sure encoding."""
    parts = [PurePosixPath(name) for name in archive.namelist() if "__MACOSX" not in name]
    shapes = [part for part in parts if part.suffix.lower() == ".shp"]
    _only([str(part) for part in shapes], what, layer)
    mine = [
        part
        for part in parts
        if part.with_suffix("") == shapes[0].with_suffix("") and part.suffix.lower() in _PARTS
    ]
    if sum(archive.getinfo(str(part)).file_size for part in mine) > _MOST_BYTES:
        raise FileFormatError(
            f"{what} unpacks to more than {_MOST_BYTES >> 30} GiB; wanted the shapefile of one "
            "district. Unpack it and load the .shp."
        )
    for part in mine:
        with (
            archive.open(str(part)) as packed,
            (folder / f"in{part.suffix.lower()}").open("wb") as file,
        ):
            shutil.copyfileobj(packed, file)


def _layer_names(source: str | Path, what: str) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is said again when the layer is read
            listed = pyogrio.list_layers(source)
    except (DataSourceError, DataLayerError) as error:
        raise _unreadable(what, error) from error
    return [str(name) for name, kind in listed if kind is not None]


def _only(names: Sequence[str], what: str, layer: str) -> str:
    if len(names) != 1:
        raise FileFormatError(
            f"{what} holds {len(names)} layers ({', '.join(names)}); wanted one, or one that is "
            f"called {layer}. Export the one you mean to a file of its own."
        )
    return names[0]


def _read(
    source: str | Path | io.BytesIO, what: str, report: LayerReport, *, kind: str, **options: str
) -> gpd.GeoDataFrame:
    """Read one layer by GDAL; its warnings become notes of the report."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = pyogrio.read_dataframe(source, **options)
        except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
            raise _unreadable(what, error) from error
    for warning in caught:
        report.note(f"{kind} driver: {warning.message}")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FileFormatError(
            f"{what} has no geometry; wanted a {kind} layer of places. Export it with geometry."
        )
    return frame


def _unreadable(what: str, error: Exception) -> FileFormatError:
    reason = str(error).split("; ", 1)[0].split("\n", 1)[0]
    return FileFormatError(
        f"{what} cannot be read as what its name says ({reason}); wanted an undamaged file. "
        "Open it in a GIS and export it again."
    )


def _decoded(raw: gpd.GeoDataFrame, what: str, report: LayerReport) -> gpd.GeoDataFrame:
    """Give a shapefile read as Latin-1 its true text, whatever its ``.cpg`` claims."""
    texts = [name for name in raw.columns if name != "geometry" and _is_text(raw[name])]
    names = [whole_characters(name.encode(_LATIN)) for name in raw.columns if name != "geometry"]
    values = [value.encode(_LATIN) for name in texts for value in raw[name].dropna()]
    encoding = detect([*names, *values], what=what)
    if encoding != "utf-8":
        report.note(f"text read as {encoding}")
    for name in texts:
        raw[name] = pd.Series(
            [
                value.encode(_LATIN).decode(encoding) if isinstance(value, str) else None
                for value in raw[name]
            ],
            index=raw.index,
            dtype=object,
        )
    return raw.rename(
        columns={
            name: name.encode(_LATIN).decode(encoding, errors="ignore")
            for name in raw.columns
            if name != "geometry"
        }
    )


def _is_text(values: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(values) or values.dtype == object)
