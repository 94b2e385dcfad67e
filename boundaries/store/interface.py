"""Interface of every store."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.read import AsOf
from boundaries.store.tables.records import (
    ANONYMOUS,
    ChangeRecord,
    Deed,
    Edition,
    ImportRecord,
    Lineage,
    Version,
)
from geo.model.layers import District, Layers


class Store(Protocol):
    """Districts with their layers, changed in transactions.

    A writing method is atomic and returns the revision of the district, which grows by one per
    change; writing what is stored already keeps the revision. A reading method sees one revision
    throughout. All geometry is EPSG:4326.

    Every method that takes a `code` raises :class:`geo.errors.NotFoundError` if there is no such
    district, and every method that takes frames raises :class:`geo.errors.SchemaError` naming all
    their faults. With `based_on`, the revision that the change was computed from (0: none was
    stored), :class:`boundaries.store.tables.records.RevisionError` is raised if it is outdated.
    """

    def districts(self) -> list[District]:
        """Return all districts, by code."""
        ...

    def district(self, code: str, *, as_of: AsOf | None = None) -> District:
        """Return one district, as it is or as it was (:meth:`snapshot`)."""
        ...

    def moment(self, code: str, as_of: AsOf) -> AsOf | None:
        """Resolve a revision or day; None if it is the current state.

        A day means the last day before it on which something became true.

        Raises
        ------
        NotFoundError
            If the district was not stored then.
        InputError
            If it is a day to come.
        """
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
        is what was true then by all that is known now
        (:attr:`boundaries.store.tables.records.Deed.valid_from`).

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
        deed: Deed = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Replace a whole district; `district.revision` is ignored."""
        ...

    def replace_layer(
        self,
        code: str,
        name: str,
        frame: gpd.GeoDataFrame | pd.DataFrame,
        *,
        deed: Deed = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Replace one layer.

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
        deed: Deed = ANONYMOUS,
    ) -> int:
        """Put some features of a layer in place, and remove others, in one transaction.

        Parameters
        ----------
        code, layer : str
        put : GeoDataFrame, optional
            New features; one with a stored key replaces it.
        remove : sequence
            Keys of features to remove.
        expected : dict, optional
            Per key, the revision of the feature that the caller has seen; None for one that must
            not exist.
        deed : Deed

        Raises
        ------
        StaleError
            If a feature has changed since.
        NotFoundError
            If a feature to remove is not there.
        """
        ...

    def set_boundary(self, code: str, geometry: BaseGeometry, *, deed: Deed = ANONYMOUS) -> int:
        """Store a new boundary of a district."""
        ...

    def delete(self, code: str, *, deed: Deed = ANONYMOUS, based_on: int | None = None) -> None:
        """Remove a district with all its layers, imports and past; the log of it stays."""
        ...

    def undo(self, code: str, *, deed: Deed = ANONYMOUS, based_on: int | None = None) -> int:
        """Undo the last import of a district: store the state before it as a new revision.

        It is undone as of the day as of which it was true, unless `deed` names another. An import
        that made the district is undone by deleting it; the revision is 0 then.

        Raises
        ------
        InputError
            If something else changed the district since, or it was undone already.
        """
        ...

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports of a district, oldest first, also those that were undone."""
        ...

    def changes(
        self, code: str, *, after: int = 0, before: int | None = None, limit: int | None = None
    ) -> list[ChangeRecord]:
        """Return the log of a district, newest first, also of one that is deleted.

        `after` and `before` are revisions: only what lies between them.
        """
        ...

    def versions(self, code: str, layer: str, key: str | int) -> list[Version]:
        """Return all states of a feature, newest first; empty if it never existed."""
        ...

    def lineage(self, code: str, grid: str | None = None) -> list[Lineage]:
        """Return the predecessors of grids, oldest first; of one grid only if it is given.

        The lineage of edits by other programs is derived from the states that they left.
        """
        ...

    def retired_codes(
        self, code: str, *, given_only: bool = False, as_of: AsOf | None = None
    ) -> frozenset[str]:
        """Return the codes of grids of a district that ended, now or by a revision or a day.

        A code is among them also where another grid carries it again, as only a program that writes
        the store itself can do (:func:`geo.grids.checks.code_reuse_check.reassigned_codes`). With
        `given_only`, only those of grids that somebody gave: codes of drawn grids are not official
        and may be used again.
        """
        ...

    def editions(self, code: str) -> list[Edition]:
        """Return the editions of a district's grid plan, ordered by their date."""
        ...

    def edition(self, code: str, name: str) -> tuple[Edition, gpd.GeoDataFrame]:
        """Return an edition and its grids (EPSG:4326), as of its revision.

        Raises
        ------
        NotFoundError
            If there is no such edition.
        ConflictError
            If the grids are not those that were saved.
        """
        ...

    def save_edition(
        self, code: str, name: str, *, dated: date, note: str = "", deed: Deed = ANONYMOUS
    ) -> Edition:
        """Save the current grids as the draft of an edition, replacing its last draft.

        Raises
        ------
        InputError
            If the name cannot be one.
        EmptyError
            If the district has no grids.
        ConflictError
            If the edition is published: it never changes.
        """
        ...

    def publish_edition(self, code: str, name: str, *, deed: Deed = ANONYMOUS) -> Edition:
        """Publish a draft as it was saved; from then on it never changes.

        Raises
        ------
        NotFoundError
            If there is no such edition.
        ConflictError
            If it is published already, or its grids are not those that were saved.
        """
        ...

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        ...


def backend_of(store: Store) -> Backend:
    """Return the database of a store, for its other tables: jobs, runs."""
    if not isinstance(store, Backend):
        raise TypeError(f"{type(store).__name__} is no database")
    return store
