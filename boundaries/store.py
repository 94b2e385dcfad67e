"""The one interface of every store, and how to open one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.geopackage import GeoPackageStore
from boundaries.history import NOBODYS, ChangeRecord, Deed, ImportRecord, Version
from boundaries.postgis import PostgisStore
from boundaries.sql_store import AsOf
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
        """Return all layers of one district, rows by their key."""
        ...

    def counts(self, code: str) -> dict[str, int]:
        """Return the number of rows of each layer."""
        ...

    def snapshot(self, code: str, *, as_of: AsOf | None = None) -> tuple[District, Layers]:
        """Return a district and its layers as of one revision, the newest if none is given.

        `as_of` is a revision or a day. As of a revision it is what was stored then; as of a day it
        is what was true then by all that is known now (:attr:`boundaries.history.Deed.valid_from`).

        Raises
        ------
        NotFoundError
            If the district was not stored then.
        """
        ...

    def replace(
        self,
        district: District,
        layers: Layers,
        *,
        deed: Deed = NOBODYS,
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
        deed: Deed = NOBODYS,
        based_on: int | None = None,
    ) -> int:
        """Store one layer in place of what was there.

        New grids take away the workers of grids that are gone; the report of `deed` names them.
        """
        ...

    def edit(
        self,
        code: str,
        layer: str,
        *,
        put: gpd.GeoDataFrame | pd.DataFrame | None = None,
        remove: Sequence[str | int] = (),
        expected: Mapping[str | int, int | None] | None = None,
        deed: Deed = NOBODYS,
    ) -> int:
        """Put some features of a layer in place, and remove others, in one transaction.

        Parameters
        ----------
        code, layer : str
        put : GeoDataFrame, optional
            Features as they are to be; those of a key that is there take its place.
        remove : sequence
            Keys of features to remove.
        expected : dict, optional
            Per key, the revision since which the caller has seen the feature as it is; None for
            one that must not be there.
        deed : Deed

        Raises
        ------
        StaleError
            If a feature is not as the caller has seen it.
        NotFoundError
            If a feature to remove is not there.
        """
        ...

    def set_boundary(self, code: str, geometry: BaseGeometry, *, deed: Deed = NOBODYS) -> int:
        """Store a new boundary of a district."""
        ...

    def delete(self, code: str, *, deed: Deed = NOBODYS) -> None:
        """Remove a district with all its layers, imports and past; the log of it stays."""
        ...

    def undo(self, code: str, *, deed: Deed = NOBODYS) -> int:
        """Undo the last import of a district: store what was there before it, as a new revision.

        Raises
        ------
        InputError
            If something else changed the district since.
        """
        ...

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports that made a district what it is, oldest first."""
        ...

    def changes(self, code: str, *, limit: int | None = None) -> list[ChangeRecord]:
        """Return the log of a district, newest first, also of one that is deleted."""
        ...

    def versions(self, code: str, layer: str, key: str | int) -> list[Version]:
        """Return all states of a feature, newest first; none where there never was one."""
        ...

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        ...


def open_store(url_or_path: str | Path, *, create: bool = False) -> Store:
    """Open the store that `url_or_path` names.

    Parameters
    ----------
    url_or_path : str or Path
        Path of a GeoPackage file, with or without ``sqlite:///`` before it, or the address of a
        PostGIS database, ``postgresql+psycopg://user:password@host:port/database``.
    create : bool, default False
        Make the file, or the tables, if there are none.

    Returns
    -------
    Store

    Raises
    ------
    NotFoundError
        If there is no file, or no table, and `create` is False.
    FileFormatError
        If the file is something else; it is left as it is.
    ConflictError
        If a newer Lifecircle made the store.
    InputError
        If the file cannot be opened or made, or the database cannot be reached.
    """
    text = str(url_or_path)
    if text.startswith("postgresql"):
        return PostgisStore.open(text, create=create)
    path = text.removeprefix("sqlite:///")
    if "://" in path:
        kind = path.split("://", 1)[0]
        raise InputError(
            f"Got a {kind} address; wanted the path of a GeoPackage file, for instance "
            "lifecircle.gpkg, or postgresql+psycopg://user:password@host:port/database."
        )
    return GeoPackageStore.open(Path(path), create=create)
