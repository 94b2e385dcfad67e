"""Results as files: written atomically, each with the sources of its data."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from api.formats.aliases import Json
from api.formats.csv import csv_bytes
from api.formats.json import collection, dumps, features
from api.snapshot.district import Snapshot
from api.snapshot.profiles import walker_text
from geo.errors import InputError

FORMATS: Final = (".csv", ".geojson", ".gpkg", ".parquet")


def check_folder(path: Path) -> None:
    """Raise `InputError` unless a file can be written at `path`."""
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; wanted one to write {path.name} into.")
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"Cannot write {path}; wanted a file in a folder that can be written.")


def check_target(path: Path, formats: Collection[str] = FORMATS) -> None:
    """Raise `InputError` unless `path` ends in one of `formats` and can be written."""
    if path.suffix.lower() not in formats:
        raise InputError(f"Got --out {path}; wanted a name that ends in {', '.join(formats)}.")
    check_folder(path)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a temporary file beside `path`, then rename it to `path`."""
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def export_table(
    snapshot: Snapshot,
    table: pd.DataFrame,
    path: Path,
    *,
    by: str,
    about: Json,
    name: str,
) -> list[Path]:
    """Write any table with a row per grid or building in the format of `path`.

    Parameters
    ----------
    snapshot : Snapshot
    table : DataFrame
        With a column ``code``, or ``building_id, lon, lat`` where `by` is ``building``.
    path : Path
    by : str
    about : dict
        Of :func:`api.snapshot.provenance.meta`.
    name : str
        Of the layer in a GeoPackage.

    Returns
    -------
    list of Path
        The files written.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return write_csv(_labelled(table, snapshot, by), path, about)
    frame = _with_shapes(snapshot, table, by)
    if suffix == ".geojson":
        body = _geojson(frame, about)
        write_atomically(path, lambda part: part.write_bytes(body))
    elif suffix == ".gpkg":
        write_atomically(path, lambda part: _write_gpkg(frame, part, name, about))
    else:
        write_atomically(path, lambda part: _write_parquet(frame, part, about))
    return [path]


def _labelled(table: pd.DataFrame, snapshot: Snapshot, by: str) -> pd.DataFrame:
    """Return a grid table with the origin of its data; the columns by building are fixed."""
    if by == "building":
        return table
    return table.assign(origin=str(snapshot.district.origin))


def write_csv(table: pd.DataFrame, path: Path, about: Json) -> list[Path]:
    """Write a table as CSV, and its provenance beside it in ``<name>.csv.txt``."""
    content = csv_bytes(table)
    write_atomically(path, lambda part: part.write_bytes(content))
    beside = path.with_name(path.name + ".txt")
    text = credit_text(about)
    write_atomically(beside, lambda part: part.write_text(text, "utf-8"))
    return [path, beside]


def credit_text(about: Json) -> str:
    """Return what a reader of a table must know, as lines of text."""
    standard = about["standard"]
    lines = [
        "SYNTHETIC DATA, not a real place (合成数据)" if about["synthetic"] else "",
        about["note"],
        about["note_zh"],
        *about["credits"],
        f"district {about['district']}, revision {about['revision']}, origin {about['origin']}",
        f"as of {about['as_of']}" if "as_of" in about else "",
        f"standard {standard['id']} {standard['version']} ({standard['fingerprint']})",
        f"walk network {about['network']}",
        f"profile {walker_text(about['profile'])}",
        f"threshold {about['minutes']} min = {about['metres']} m" if "minutes" in about else "",
        "service points inside the district only" if about.get("own_points") else "",
        _gates_text(about.get("gates_at")),
        f"made by Lifecircle {about['code_version']}",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _gates_text(moment: Json | None) -> str:
    if moment is None:
        return ""
    shut, unread = len(moment["closed"]), len(moment["unreadable"])
    return (
        f"gates as of {moment['weekday']} {moment['at']}: {shut} closed by their opening hours, "
        f"hours of {unread} cannot be read"
    )


def _with_shapes(snapshot: Snapshot, table: pd.DataFrame, by: str) -> gpd.GeoDataFrame:
    """Return the table as a frame in EPSG:4326."""
    if by == "building":
        rows = table
        shapes: Any = gpd.points_from_xy(rows["lon"], rows["lat"])
    else:
        rows = _labelled(table, snapshot, by)
        grids = snapshot.layers.grids.set_index("code").geometry
        boundary = [snapshot.district.boundary]
        shapes = boundary if by == "district" else grids.reindex(rows["code"]).to_numpy()
    return gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=shapes, crs=4326)


def _geojson(frame: gpd.GeoDataFrame, about: Json) -> bytes:
    key = "building_id" if "building_id" in frame else "code"
    rows = pd.DataFrame(frame.drop(columns="geometry"))
    drawn = features(frame, rows, ids=list(frame[key]))
    return dumps(collection(drawn, about))


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path, layer: str, about: Json) -> None:
    import pyogrio  # noqa: PLC0415 - heavy

    polygons = set(frame.geometry.geom_type) & {"Polygon", "MultiPolygon"}
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer,
        driver="GPKG",
        promote_to_multi=bool(polygons),
        layer_metadata={"DESCRIPTION": credit_text(about)},
        dataset_metadata={"lifecircle": dumps(about).decode()},
    )


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, about: Json) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    frame.to_parquet(path, index=False)
    table = pq.read_table(path)
    metadata = {**(table.schema.metadata or {}), b"lifecircle": dumps(about)}
    pq.write_table(table.replace_schema_metadata(metadata), path)
