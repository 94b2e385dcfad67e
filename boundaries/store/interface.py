"""Interface of every store."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.read import AsOf
from boundaries.store.rows.summary import Households, Summary
from boundaries.store.tables.records import (
    ANONYMOUS,
    Basis,
    ChangeRecord,
    Commit,
    Edition,
    ImportRecord,
    Lineage,
    Mark,
    State,
    UndoPlan,
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

    def marks(self, codes: Collection[str] | None = None) -> dict[str, Mark]:
        """Return the marks of districts, of all by default; a code that is not stored is left out.

        It reads no geometry, and is never older than the call.
        """
        ...

    def known_marks(self) -> Mapping[str, Mark] | None:
        """Return the marks of all districts if nothing was committed since they were read.

        None if that cannot be told in microseconds, and without waiting for anybody; then
        :meth:`marks` tells.
        """
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

    def state(self, code: str, known: State | None = None) -> State:
        """Return a district as it is, with its layers and its mark.

        With a `known` earlier state only what changed since is read.
        """
        ...

    def summary(self, code: str) -> Summary:
        """Return how much there is of what in a district, and where."""
        ...

    def households(self, code: str, *, below: int) -> Households:
        """Return the sum of households, and those of buildings with 1 to `below` - 1 by name."""
        ...

    def snapshot(self, code: str, *, as_of: AsOf | None = None) -> tuple[District, Layers]:
        """Return a district and its layers as of one revision, the newest if none is given.

        `as_of` is a revision or a day. As of a revision it is what was stored then; as of a day it
        is what was true then by all that is known now
        (:attr:`boundaries.store.tables.records.Commit.valid_from`).

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
        commit: Commit = ANONYMOUS,
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
        commit: Commit = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Replace one layer.

        New grids take away the workers of grids that are gone; the report of `commit` names them.
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
        basis: Basis | None = None,
        renamed: Mapping[str, str] | None = None,
        commit: Commit = ANONYMOUS,
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
        basis : Basis, optional
            What the change was computed from.
        renamed : dict of str to str, optional
            New codes of grids that go on under another one, by the old: their workers stay.
        commit : Commit

        Raises
        ------
        StaleError
            If a feature has changed since.
        NotFoundError
            If a feature to remove is not there.
        """
        ...

    def set_boundary(self, code: str, geometry: BaseGeometry, *, commit: Commit = ANONYMOUS) -> int:
        """Store a new boundary of a district."""
        ...

    def set_settings(
        self, code: str, subject: str, values: Mapping[str, Any], *, commit: Commit = ANONYMOUS
    ) -> int:
        """Store what a district sets for itself on a subject; no values clear it.

        Other subjects of :attr:`geo.model.layers.District.settings` stay.
        """
        ...

    def delete(self, code: str, *, commit: Commit = ANONYMOUS, based_on: int | None = None) -> None:
        """Remove a district with all its layers, imports and past; the log of it stays."""
        ...

    def undo_plan(self, code: str, revision: int | None = None) -> UndoPlan:
        """Return what undoing a change would do; it raises what :meth:`undo` does."""
        ...

    def undo(
        self,
        code: str,
        revision: int | None = None,
        *,
        commit: Commit = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Undo a change of a district: put back what it changed, as a new revision.

        By default the newest change that is no undo and not undone itself, so that undos go back
        step by step. An undo is undone by its own revision. What others changed since stays.
        The newest change is undone as of the day as of which it was true, another as of today,
        unless `commit` names a day. An import that made the district is undone by deleting it; the
        revision is 0 then.

        Raises
        ------
        NotFoundError
            If there is no such revision.
        InputError
            If there is nothing to undo, or it was undone already.
        ConflictError
            If something that it changed has changed again since, or the grid plan would be newly
            at fault by undoing it after other changes.
        """
        ...

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports of a district, oldest first, also those that were undone."""
        ...

    def changes(
        self, code: str, *, after: int = 0, before: int | None = None, limit: int | None = None
    ) -> list[ChangeRecord]:
        """Return the log of a district, newest first, also of one that is deleted.

        `after` and `before` are revisions: only what lies between them. What another program wrote
        in one go tells what it put newly at fault in the grid plan.
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

    def grids_since_drawn(self, code: str) -> frozenset[str]:
        """Return the small grids with a building that came, changed or went since the outline."""
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
        self, code: str, name: str, *, dated: date, note: str = "", commit: Commit = ANONYMOUS
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

    def publish_edition(self, code: str, name: str, *, commit: Commit = ANONYMOUS) -> Edition:
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
