"""The one interface of every store, and how to open one."""

from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.geopackage import GeoPackageStore
from boundaries.history import ImportRecord
from boundaries.report import ImportReport
from geo.district import District, Layers
from geo.errors import InputError


class Store(Protocol):
    """Districts with their layers, changed in transactions.

    A method that changes something does all of it or nothing, and returns the revision of the
    district, which grows by one per change; what is stored already changes nothing and returns the
    revision as it was. A method that reads sees one revision from start to end. All geometry is
    EPSG:4326.

    Every method that takes a `code` raises :class:`geo.errors.NotFoundError` if there is no such
    district, and every method that takes frames raises :class:`geo.errors.SchemaError` naming all
    their faults. Where `based_on` is given, the revision that the caller has worked from (0: there
    was no such district), :class:`boundaries.history.RevisionError` is raised if it is another one
    by now.
    """

    def districts(self) -> list[District]:
        """Return all districts, by code."""
        ...

    def district(self, code: str) -> District:
        """Return one district."""
        ...

    def layers(self, code: str) -> Layers:
        """Return all layers of one district, rows in the order in which they were written."""
        ...

    def counts(self, code: str) -> dict[str, int]:
        """Return the number of rows of each layer."""
        ...

    def snapshot(self, code: str) -> tuple[District, Layers]:
        """Return a district and its layers as of the same revision."""
        ...

    def replace(
        self,
        district: District,
        layers: Layers,
        *,
        report: ImportReport | None = None,
        sha256: str = "",
        based_on: int | None = None,
    ) -> int:
        """Store a whole district in place of what was there; `district.revision` is ignored."""
        ...

    def replace_layer(
        self,
        code: str,
        name: str,
        frame: gpd.GeoDataFrame | pd.DataFrame,
        *,
        report: ImportReport | None = None,
        sha256: str = "",
        based_on: int | None = None,
    ) -> int:
        """Store one layer in place of what was there.

        New grids take away the workers of grids that are gone; `report` names them.
        """
        ...

    def set_boundary(
        self,
        code: str,
        geometry: BaseGeometry,
        *,
        report: ImportReport | None = None,
        sha256: str = "",
    ) -> int:
        """Store a new boundary of a district."""
        ...

    def delete(self, code: str) -> None:
        """Remove a district with all its layers and imports."""
        ...

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports that made a district what it is, oldest first."""
        ...


def open_store(url_or_path: str | Path, *, create: bool = False) -> Store:
    """Open the store that `url_or_path` names.

    Parameters
    ----------
    url_or_path : str or Path
        Path of a GeoPackage file, with or without ``sqlite:///`` before it.
    create : bool, default False
        Make the file if there is none.

    Returns
    -------
    Store

    Raises
    ------
    NotFoundError
        If there is no file and `create` is False.
    FileFormatError
        If the file is something else; it is left as it is.
    ConflictError
        If a newer Lifecircle made the file.
    InputError
        If the file cannot be opened or made.
    """
    text = str(url_or_path).removeprefix("sqlite:///")
    if "://" in text:
        kind = text.split("://", 1)[0]
        raise InputError(
            f"Got a {kind} address; wanted the path of a GeoPackage file, for instance "
            "lifecircle.gpkg. Other stores are not built yet."
        )
    return GeoPackageStore.open(Path(text), create=create)
