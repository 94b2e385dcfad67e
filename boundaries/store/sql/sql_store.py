"""Store operations that are the same for every database: revisions, history, log.

Only differences are written: unchanged rows keep their ``fid``, ended rows move to the table of the
past. Reading is in :mod:`boundaries.store.rows.read`, writing in
:mod:`boundaries.store.sql.commit`, database-specific code behind
:mod:`boundaries.store.rows.backend`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from threading import Lock
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa
from cachetools import LRUCache
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Table

from boundaries.store.history import editions
from boundaries.store.history.change_log import (
    last_revision,
    log,
    read_changes,
    read_imports,
)
from boundaries.store.history.foreign_faults import with_foreign_faults
from boundaries.store.history.grids_since_drawn import read_grids_since_drawn
from boundaries.store.history.lineage import (
    ForeignLineage,
    read_foreign_lineage,
    read_lineage,
    read_retired_codes,
)
from boundaries.store.history.state import read_state
from boundaries.store.history.undo import plan_undo
from boundaries.store.rows.backend import Backend, Stamp
from boundaries.store.rows.layer_rows import district_values, encoded_boundary, to_district
from boundaries.store.rows.read import (
    AsOf,
    district_row,
    district_row_as_of,
    district_rows,
    find_district_row,
    layer_frame,
    moment,
    read_marks,
    read_versions,
)
from boundaries.store.rows.summary import Households, Summary, read_households, read_summary
from boundaries.store.rows.validate import (
    boundary_faults,
    checked_district,
    checked_layer,
    checked_layers,
)
from boundaries.store.sql.commit import commit_change, day_of, differences, with_workers
from boundaries.store.sql.feature_edits import edited
from boundaries.store.sql.undoing import described, undoing, with_followers
from boundaries.store.tables import layer_tables
from boundaries.store.tables.records import (
    ANONYMOUS,
    Basis,
    ChangeRecord,
    Commit,
    Edition,
    ImportRecord,
    Lineage,
    Mark,
    RevisionError,
    State,
    UndoPlan,
    Version,
)
from geo.errors import InputError, SchemaError
from geo.messages import Message
from geo.model.district_settings import parsed_settings
from geo.model.layers import District, Layers

_FAULTS_KEPT: Final = 256
"""Foreign edits of which it is remembered what they put at fault."""

_LINEAGES_KEPT: Final = 64
"""Districts of which the lineage of foreign edits is remembered."""


class SqlStore(Backend):
    """Districts in a database, with the methods of `Store`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._guard = Lock()
        self._foreign_faults: LRUCache[tuple[str, int, int, str], tuple[Message, ...]]
        self._foreign_faults = LRUCache(_FAULTS_KEPT)
        self._foreign_lineages: LRUCache[str, ForeignLineage] = LRUCache(_LINEAGES_KEPT)

    # --- reading ---------------------------------------------------------------------------------

    def districts(self) -> list[District]:
        """Return all districts, by code."""
        with self.reading() as connection:
            rows = [
                to_district(row, self.codec.decode)
                for row in district_rows(self, connection, "1=1")
            ]
        return sorted(rows, key=lambda district: district.code)

    def district(self, code: str, *, as_of: AsOf | None = None) -> District:
        """Return one district, as it is or as it was."""
        with self.reading() as connection:
            return to_district(self._row(connection, code, as_of), self.codec.decode)

    def marks(self, codes: Collection[str] | None = None) -> dict[str, Mark]:
        """Return the marks of districts, of all by default."""
        with self.reading() as connection:
            return read_marks(connection, codes)

    def known_marks(self) -> Mapping[str, Mark] | None:
        """Return the marks of all districts where that can be told at once."""
        return None

    def moment(self, code: str, as_of: AsOf) -> AsOf | None:
        """Resolve a revision or day; None if it is the current state."""
        with self.reading() as connection:
            return moment(self, connection, district_row(self, connection, code), as_of)

    def layers(self, code: str) -> Layers:
        """Return all layers of one district, rows by their key."""
        return self.snapshot(code)[1]

    def snapshot(self, code: str, *, as_of: AsOf | None = None) -> tuple[District, Layers]:
        """Return a district and its layers as of one revision, the newest if none is given."""
        with self.reading() as connection:
            row = self._row(connection, code, as_of)
            frames: dict[str, Any] = {
                name: layer_frame(self, connection, name, code, as_of=as_of)
                for name in layer_tables.layers
            }
        return to_district(row, self.codec.decode), Layers(**frames)

    def state(self, code: str, known: State | None = None) -> State:
        """Return a district as it is, with its layers and its mark."""
        with self.reading() as connection:
            return read_state(self, connection, code, known)

    def summary(self, code: str) -> Summary:
        """Return how much there is of what in a district, and where."""
        with self.reading() as connection:
            return read_summary(self, connection, code)

    def households(self, code: str, *, below: int) -> Households:
        """Return the households of a district, small counts by building."""
        with self.reading() as connection:
            return read_households(self, connection, code, below=below)

    def counts(self, code: str) -> dict[str, int]:
        """Return the number of rows of each layer."""
        with self.reading() as connection:
            district_row(self, connection, code)
            return {
                name: _count(connection, table, code) for name, table in layer_tables.layers.items()
            }

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports of a district, oldest first."""
        with self.reading() as connection:
            district_row(self, connection, code)
            return read_imports(connection, code)

    def changes(
        self, code: str, *, after: int = 0, before: int | None = None, limit: int | None = None
    ) -> list[ChangeRecord]:
        """Return the log of a district, newest first, also of one that is deleted."""
        with self.reading() as connection:
            records = read_changes(connection, code, after=after, before=before, limit=limit)
            if not (records or last_revision(connection, code)):
                district_row(self, connection, code)
            with self._guard:
                known = dict(self._foreign_faults)
            records = with_foreign_faults(self, connection, code, records, known=known)
        with self._guard:
            self._foreign_faults.update(known)
        return records

    def versions(self, code: str, layer: str, key: str | int) -> list[Version]:
        """Return all states of a feature, newest first; empty if it never existed."""
        _require_layer(layer)
        with self.reading() as connection:
            district_row(self, connection, code)
            return read_versions(self, connection, code, layer, key=key)

    def lineage(self, code: str, grid: str | None = None) -> list[Lineage]:
        """Return which grid came from which, oldest first; of one grid alone if it is given."""
        with self.reading() as connection:
            row = district_row(self, connection, code)
            with self._guard:
                known = self._foreign_lineages.get(code)
            foreign = read_foreign_lineage(self, connection, row, known)
            result = read_lineage(connection, code, foreign, grid)
        with self._guard:
            self._foreign_lineages[code] = foreign
        return result

    def retired_codes(
        self, code: str, *, given_only: bool = False, as_of: AsOf | None = None
    ) -> frozenset[str]:
        """Return the codes of grids of a district that ended."""
        with self.reading() as connection:
            row = self._row(connection, code, as_of)
            return read_retired_codes(self, connection, row, given_only=given_only, as_of=as_of)

    def grids_since_drawn(self, code: str) -> frozenset[str]:
        """Return the small grids with a building that came, changed or went since the outline."""
        with self.reading() as connection:
            epsg = district_row(self, connection, code)["epsg"]
            return read_grids_since_drawn(self, connection, code, epsg=epsg)

    def editions(self, code: str) -> list[Edition]:
        """Return the editions of a district's grid plan, ordered by their date."""
        with self.reading() as connection:
            district_row(self, connection, code)
            return editions.read_editions(connection, code)

    def edition(self, code: str, name: str) -> tuple[Edition, gpd.GeoDataFrame]:
        """Return an edition and its grids (EPSG:4326)."""
        with self.reading() as connection:
            district_row(self, connection, code)
            record = editions.find_edition(connection, code, name)
            return record, editions.edition_grids(self, connection, code, record)

    # --- writing ---------------------------------------------------------------------------------

    def replace(
        self,
        district: District,
        layers: Layers,
        *,
        commit: Commit = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Replace a whole district; `district.revision` is ignored."""
        values = district_values(checked_district(district), self.codec.encode)
        layers = checked_layers(layers)
        code = district.code
        with self.writing(code) as connection:
            old = find_district_row(self, connection, code)
            _check_revision(code, old, based_on)
            whole = {name: getattr(layers, name) for name in layer_tables.layers}
            diffs = differences(self, connection, code, whole, is_new=old is None)
            return commit_change(
                self, connection, code, old, commit=commit, diffs=diffs, values=values
            )

    def replace_layer(
        self,
        code: str,
        name: str,
        frame: pd.DataFrame,
        *,
        commit: Commit = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Replace one layer; removed grids take their workers along."""
        _require_layer(name)
        frame = checked_layer(name, frame)
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            _check_revision(code, old, based_on)
            frames = with_workers(self, connection, code, name, frame, commit=commit)
            diffs = differences(self, connection, code, frames)
            return commit_change(self, connection, code, old, commit=commit, diffs=diffs)

    def edit(
        self,
        code: str,
        layer: str,
        *,
        put: pd.DataFrame | None = None,
        remove: Sequence[str | int] = (),
        expected: Mapping[str | int, int | None] | None = None,
        basis: Basis | None = None,
        renamed: Mapping[str, str] | None = None,
        commit: Commit = ANONYMOUS,
    ) -> int:
        """Put some features of a layer in place, and remove others, in one transaction."""
        _require_layer(layer)
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            diffs = edited(
                self, connection, code, layer, put=put, remove=remove,
                expected=expected or {}, basis=basis, renamed=renamed or {},
                parents_follow=int(old["epsg"]) if commit.gate is not None else None,
            )  # fmt: skip
            return commit_change(self, connection, code, old, commit=commit, diffs=diffs)

    def set_boundary(self, code: str, geometry: BaseGeometry, *, commit: Commit = ANONYMOUS) -> int:
        """Store a new boundary of a district."""
        faults = boundary_faults(geometry)
        if faults:
            raise SchemaError("rows.district", code=code, faults=faults)
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            values = {layer_tables.GEOMETRY_COLUMN: encoded_boundary(geometry, self.codec.encode)}
            return commit_change(
                self, connection, code, old, commit=commit, diffs={}, values=values
            )

    def set_settings(
        self, code: str, subject: str, values: Mapping[str, Any], *, commit: Commit = ANONYMOUS
    ) -> int:
        """Store what a district sets for itself on a subject."""
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            merged = {**parsed_settings(old["settings"]), subject: dict(values)}
            kept = {name: merged[name] for name in sorted(merged) if merged[name]}
            text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
            return commit_change(
                self, connection, code, old, commit=commit, diffs={}, values={"settings": text}
            )

    def delete(self, code: str, *, commit: Commit = ANONYMOUS, based_on: int | None = None) -> None:
        """Remove a district with all its layers, imports and past; the log of it stays.

        A district of the same code made later goes on counting revisions, so that a cache never
        takes the one for the other.
        """
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            _check_revision(code, old, based_on)
            counts = {
                name: {"added": 0, "changed": 0, "removed": _count(connection, table, code)}
                for name, table in layer_tables.layers.items()
            }
            for name, table in layer_tables.layers.items():
                fids = connection.scalars(sa.select(table.c.fid).where(table.c.district == code))
                self.end(connection, name, list(fids), None)
            stamp = Stamp(int(old["revision"]) + 1, day_of(commit))
            what = commit.what or Message("history.district_deleted")
            # logged first: a file's triggers look for it
            log(connection, code, stamp, commit, what=what, values=(counts, {}, {}))
            connection.execute(
                sa.delete(layer_tables.districts).where(layer_tables.districts.c.code == code)
            )
            self.settle(connection, [table.name for table in layer_tables.metadata.sorted_tables])

    def undo_plan(self, code: str, revision: int | None = None) -> UndoPlan:
        """Return what undoing a change would do; nothing is stored."""
        with self.reading() as connection:
            row = district_row(self, connection, code)
            undo = plan_undo(self, connection, row, revision)
            return described(self, connection, row, undo)

    def undo(
        self,
        code: str,
        revision: int | None = None,
        *,
        commit: Commit = ANONYMOUS,
        based_on: int | None = None,
    ) -> int:
        """Undo a change of a district, the newest by default, as a new revision."""
        with self.writing(code) as connection:
            old = district_row(self, connection, code)
            _check_revision(code, old, based_on)
            undo = plan_undo(self, connection, old, revision)
            done = undoing(connection, code, undo, commit)
            if not undo.made_district:
                diffs = with_followers(self, connection, old, undo)
                return commit_change(
                    self, connection, code, old, commit=done, diffs=diffs, values=undo.values
                )
        self.delete(code, commit=done, based_on=int(old["revision"]))
        return 0

    def save_edition(
        self, code: str, name: str, *, dated: date, note: str = "", commit: Commit = ANONYMOUS
    ) -> Edition:
        """Save the current grids as the draft of an edition."""
        with self.writing(code) as connection:
            return editions.save_draft(
                self, connection, code, name, dated=dated, note=note, commit=commit
            )

    def publish_edition(self, code: str, name: str, *, commit: Commit = ANONYMOUS) -> Edition:
        """Publish a draft as it was saved; from then on it never changes."""
        with self.writing(code) as connection:
            return editions.publish(self, connection, code, name, commit=commit)

    # --- pieces ----------------------------------------------------------------------------------

    def _row(self, connection: Connection, code: str, as_of: AsOf | None) -> dict[str, Any]:
        row = district_row(self, connection, code)
        return row if as_of is None else district_row_as_of(self, connection, row, as_of)


def _require_layer(name: str) -> None:
    if name not in layer_tables.layers:
        raise InputError("store.unknown_layer", layer=name, known=list(layer_tables.layers))


def _check_revision(code: str, old: Mapping[str, Any] | None, based_on: int | None) -> None:
    """Raise `RevisionError` if a district has left the revision that a change is based on."""
    revision = int(old["revision"]) if old else 0
    if based_on is not None and revision != based_on:
        raise RevisionError("store.revision_left", code=code, now=revision, before=based_on)


def _count(connection: Connection, table: Table, code: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.district == code)
    return int(connection.scalar(query) or 0)
