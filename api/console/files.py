"""Results as files: written atomically, each with the sources of its data."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from api.console.notices import hours_said, households_said, noted, unlinked_said
from api.console.terms import ORIGINS, term
from api.formats.aliases import Json
from api.formats.csv import csv_bytes
from api.formats.json import collection, dumps, features
from api.snapshot.district import Snapshot
from api.snapshot.organisations import with_organisations
from api.snapshot.profiles import walker_text
from geo.errors import InputError
from geo.messages import Message

_CURRENT_DATE: Final = "OGR_CURRENT_DATE"
_WRITTEN_AT: Final = "1970-01-01T00:00:00.000Z"
"""What a GeoPackage says of when it was written, so that the same rows give the same bytes."""

FORMATS: Final = (".csv", ".geojson", ".gpkg", ".parquet")


def check_folder(path: Path) -> None:
    """Raise `InputError` unless a file can be written at `path`."""
    folder = path.parent
    if not folder.is_dir():
        raise InputError("console.no_folder", folder=folder, name=path.name)
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise InputError("console.cannot_write", path=path)


def check_target(path: Path, formats: Collection[str] = FORMATS) -> None:
    """Raise `InputError` unless `path` ends in one of `formats` and can be written."""
    if path.suffix.lower() not in formats:
        raise InputError("console.bad_ending", path=path, known=list(formats))
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
    """Return a table with the origin of its data, and of grids with the organisations of each.

    The columns by building are fixed.
    """
    if by == "building":
        return table
    table = table.assign(origin=str(snapshot.district.origin))
    return table if by == "district" else with_organisations(table, snapshot)


def write_csv(table: pd.DataFrame, path: Path, about: Json) -> list[Path]:
    """Write a table as CSV, and its provenance beside it in ``<name>.csv.txt``."""
    content = csv_bytes(table)
    write_atomically(path, lambda part: part.write_bytes(content))
    beside = path.with_name(path.name + ".txt")
    text = credit_text(about)
    write_atomically(beside, lambda part: part.write_text(text, "utf-8"))
    return [path, beside]


def credit_text(about: Json) -> str:
    """Return what a reader of a table must know, as lines of text in the language spoken."""
    lines = [
        Message("credit.synthetic") if about["synthetic"] else "",
        noted(about),
        households_said(about) or "",
        *about["credits"],
        Message("credit.data", {**about, "origin": term(about["origin"], ORIGINS)}),
        Message("credit.as_of", about) if "as_of" in about else "",
        Message("credit.standard", about["standard"]),
        Message("credit.network", about),
        Message("credit.profile", {"walker": walker_text(about["profile"])}),
        _threshold(about),
        Message("credit.own_points") if about.get("own_points") else "",
        _hours(about.get("hours_at")),
        _judged(about.get("judged"), about.get("without_points")),
        *unlinked_said(about),
        Message("credit.made_by", {"version": about["code_version"]}),
    ]
    return "\n".join(line for each in lines if (line := str(each))) + "\n"


def _threshold(about: Json) -> Message | str:
    if about.get("tier"):
        each = [
            Message("credit.own_threshold", {"category": category, **own})
            for category, own in about["thresholds"].items()
        ]
        return Message("credit.thresholds", {"each": each})
    return Message("credit.threshold", about) if "minutes" in about else ""


def _hours(moment: Json | None) -> Message | str:
    return "" if moment is None else Message("console.hours", hours_said(moment))


def _judged(judged: list[str] | None, without: list[str] | None) -> Message | str:
    if not without or judged is None:
        return ""
    return Message("credit.judged", {"without": without, "judged": len(judged)})


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
    """Write a layer of one geometry type: of polygons in several parts only if one of them is."""
    import pyogrio  # noqa: PLC0415 - heavy

    in_parts = (frame.geometry.geom_type == "MultiPolygon").any()
    before = pyogrio.get_gdal_config_option(_CURRENT_DATE)
    pyogrio.set_gdal_config_options({_CURRENT_DATE: _WRITTEN_AT})
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            promote_to_multi=bool(in_parts),
            layer_metadata={"DESCRIPTION": credit_text(about)},
            dataset_metadata={"lifecircle": dumps(about).decode()},
        )
    finally:
        pyogrio.set_gdal_config_options({_CURRENT_DATE: before})


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, about: Json) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    frame.to_parquet(path, index=False)
    table = pq.read_table(path)
    metadata = {**(table.schema.metadata or {}), b"lifecircle": dumps(about)}
    pq.write_table(table.replace_schema_metadata(metadata), path)
