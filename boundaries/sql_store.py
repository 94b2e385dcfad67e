"""What every store does, whatever database it lies in: revisions, history, the log.

A store writes by difference: rows that stay as they are keep their ``fid``, and rows that end move
to the table of the past. The databases differ in how rows travel and how transactions begin; that
is what :class:`SqlStore` leaves open.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Table

from boundaries import record_tables, tables
from boundaries.checks import (
    boundary_faults,
    checked_district,
    checked_layer,
    checked_layers,
    worker_faults,
)
from boundaries.history import (
    NOBODYS,
    ChangeRecord,
    Deed,
    ImportRecord,
    RevisionError,
    StaleError,
    Version,
    report_from_json,
    report_to_json,
)
from boundaries.layer_changes import Difference, Stored, difference, told
from boundaries.layer_rows import (
    Codec,
    Row,
    column_names,
    district_values,
    to_district,
    to_frame,
    to_rows,
)
from boundaries.lineage import check_retired, descents
from geo.district import KEYS, District, Layers
from geo.errors import InputError, NotFoundError, SchemaError

AsOf = int | date
"""A revision, or a day."""


NOTE_WAIT_S: Final = 30.0
"""How long a note waits for who else is writing, seconds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a change is made: the revision it makes, the day as of which it is true."""

    revision: int
    day: date


class SqlStore(ABC):
    """Districts in a database; see :class:`boundaries.store.Store` for what the methods promise."""

    codec: ClassVar[Codec]
    engine: Engine

    # --- what a database does in its own way -----------------------------------------------------

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the store until it is closed."""

    @abstractmethod
    def writing(self, code: str) -> AbstractContextManager[Connection]:
        """Give a connection that alone may change a district, and commits all or nothing."""

    @abstractmethod
    def noting(self, *, wait_s: float = NOTE_WAIT_S) -> AbstractContextManager[Connection]:
        """Give a connection that writes a short note beside the districts: a job, a run.

        It holds no district. Who else is writing is waited for up to `wait_s` seconds.

        Raises
        ------
        ConflictError
            If that was not enough; nothing was changed.
        """

    @abstractmethod
    def fetch(
        self, connection: Connection, table: Table, columns: Sequence[str], where: str, values: Row
    ) -> list[Row]:
        """Return columns of the rows for which `where` holds, geometry as binary.

        `where` is SQL with ``?`` for each of `values`.
        """

    @abstractmethod
    def insert(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Insert many rows at once."""

    @abstractmethod
    def end(
        self, connection: Connection, layer: str, fids: Sequence[int], stamp: Stamp | None
    ) -> None:
        """Take rows of a layer away, and put them in its past unless `stamp` is None."""

    @abstractmethod
    def settle(self, connection: Connection, names: Iterable[str]) -> None:
        """Do what the database wants done after some tables changed, before the commit."""

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        self.engine.dispose()

    # --- reading ---------------------------------------------------------------------------------

    def districts(self) -> list[District]:
        """Return all districts, by code."""
        with self.reading() as connection:
            rows = [
                to_district(row, self.codec.decode)
                for row in self._district_rows(connection, "1=1")
            ]
        return sorted(rows, key=lambda district: district.code)

    def district(self, code: str) -> District:
        """Return one district."""
        with self.reading() as connection:
            return to_district(self._row(connection, code), self.codec.decode)

    def layers(self, code: str) -> Layers:
        """Return all layers of one district, rows by their key."""
        return self.snapshot(code)[1]

    def snapshot(self, code: str, *, as_of: AsOf | None = None) -> tuple[District, Layers]:
        """Return a district and its layers as of one revision, the newest if none is given."""
        with self.reading() as connection:
            row = self._row(connection, code)
            if as_of is not None:
                row = self._row_as_of(connection, row, as_of)
            rows = {n: self._rows(connection, n, code, as_of=as_of) for n in tables.layers}
        frames: dict[str, Any] = {
            n: to_frame(n, part, self.codec.decode) for n, part in rows.items()
        }
        return to_district(row, self.codec.decode), Layers(**frames)

    def counts(self, code: str) -> dict[str, int]:
        """Return the number of rows of each layer."""
        with self.reading() as connection:
            self._row(connection, code)
            return {name: _count(connection, table, code) for name, table in tables.layers.items()}

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports that made a district what it is, oldest first."""
        table = record_tables.imports
        query = sa.select(table).where(table.c.district == code).order_by(table.c.fid)
        with self.reading() as connection:
            self._row(connection, code)
            return [
                ImportRecord(
                    report_from_json(row.report), row.sha256, row.imported_at, row.revision
                )
                for row in connection.execute(query)
            ]

    def changes(self, code: str, *, limit: int | None = None) -> list[ChangeRecord]:
        """Return the log of a district, newest first, also of one that is deleted."""
        table = record_tables.changes
        query = sa.select(table).where(table.c.district == code)
        query = query.order_by(table.c.revision.desc()).limit(limit)
        with self.reading() as connection:
            found = [
                ChangeRecord(
                    row.revision, row.at, row.valid_from, row.actor, row.what,
                    *(json.loads(text) for text in (row.counts, row.before, row.after)),
                )
                for row in connection.execute(query)
            ]  # fmt: skip
            if not found:
                self._row(connection, code)
        return found

    def versions(self, code: str, layer: str, key: str | int) -> list[Version]:
        """Return all states of a feature, newest first; none where there never was one."""
        _require_layer(layer)
        names = column_names(layer)
        mine, found = f"district = ? AND {KEYS[layer]} = ?", []
        with self.reading() as connection:
            self._row(connection, code)
            for table, ends in ((tables.layers[layer], ()), (tables.past[layer], _ENDS)):
                columns = [*names, "since", "valid_from", *ends]
                found += [
                    self._version(layer, row)
                    for row in self.fetch(connection, table, columns, mine, (code, key))
                ]
        return sorted(found, key=lambda version: -version.since)

    def _version(self, layer: str, row: Row) -> Version:
        n = len(column_names(layer))
        frame = to_frame(layer, [row[:n]], self.codec.decode)
        since, valid_from, until, valid_to = (*row[n:], None, None)[:4]
        values = {str(name): value for name, value in frame.iloc[0].items()}
        return Version(values, since, until, _day(valid_from), _maybe(valid_to))

    # --- writing ---------------------------------------------------------------------------------

    def replace(
        self,
        district: District,
        layers: Layers,
        *,
        deed: Deed = NOBODYS,
        based_on: int | None = None,
    ) -> int:
        """Store a whole district in place of what was there; `district.revision` is ignored."""
        values = district_values(checked_district(district), self.codec.encode)
        layers = checked_layers(layers)
        code = district.code
        with self.writing(code) as connection:
            old = self._find(connection, code)
            _check_revision(code, old, based_on)
            whole = {name: getattr(layers, name) for name in tables.layers}
            return self._write(connection, code, old, values=values, frames=whole, deed=deed)

    def replace_layer(
        self,
        code: str,
        name: str,
        frame: pd.DataFrame,
        *,
        deed: Deed = NOBODYS,
        based_on: int | None = None,
    ) -> int:
        """Store one layer in place of what was there; new grids may take workers away."""
        _require_layer(name)
        frame = checked_layer(name, frame)
        with self.writing(code) as connection:
            old = self._row(connection, code)
            _check_revision(code, old, based_on)
            frames = self._with_workers(connection, code, name, frame, deed)
            return self._write(connection, code, old, frames=frames, deed=deed)

    def edit(
        self,
        code: str,
        layer: str,
        *,
        put: pd.DataFrame | None = None,
        remove: Sequence[str | int] = (),
        expected: Mapping[str | int, int | None] | None = None,
        deed: Deed = NOBODYS,
    ) -> int:
        """Put some features of a layer in place, and remove others, in one transaction."""
        _require_layer(layer)
        put = checked_layer(layer, put) if put is not None and layer != "grids" else put
        key = KEYS[layer]
        with self.writing(code) as connection:
            old = self._row(connection, code)
            stored = self._stored(connection, layer, code)
            at = column_names(layer).index(key)
            self._check_features(layer, {s.row[at]: s.since for s in stored}, remove, expected)
            there = to_frame(layer, [each.row for each in stored], self.codec.decode)
            gone = [*remove, *(put[key] if put is not None else ())]
            kept = there[~there[key].isin(gone)]
            whole = kept if put is None else pd.concat([kept, put], ignore_index=True)
            checked = checked_layer(layer, whole)
            frames = self._with_workers(connection, code, layer, checked, deed)
            return self._write(connection, code, old, frames=frames, deed=deed)

    def set_boundary(self, code: str, geometry: BaseGeometry, *, deed: Deed = NOBODYS) -> int:
        """Store a new boundary of a district."""
        faults = boundary_faults(geometry)
        if faults:
            raise SchemaError(f"District {code}: {'; '.join(faults)}.")
        with self.writing(code) as connection:
            old = self._row(connection, code)
            values = {tables.GEOMETRY_COLUMN: self._encoded(geometry)}
            return self._write(connection, code, old, values=values, deed=deed)

    def delete(self, code: str, *, deed: Deed = NOBODYS) -> None:
        """Remove a district with all its layers, imports and past; the log of it stays.

        A district of the same code made later goes on counting revisions, so that a cache never
        takes the one for the other.
        """
        with self.writing(code) as connection:
            old = self._row(connection, code)
            counts = {
                name: {"added": 0, "changed": 0, "removed": _count(connection, table, code)}
                for name, table in tables.layers.items()
            }
            for name, table in tables.layers.items():
                self.end(connection, name, _fids(connection, table, code), None)
            connection.execute(sa.delete(tables.districts).where(tables.districts.c.code == code))
            stamp = Stamp(int(old["revision"]) + 1, _today(deed))
            what = deed.what or "district deleted"
            _log(connection, code, stamp, deed, what=what, values=(counts, {}, {}))
            self.settle(connection, [table.name for table in tables.metadata.sorted_tables])

    def undo(self, code: str, *, deed: Deed = NOBODYS) -> int:
        """Undo the last import of a district: store what was there before it, as a new revision.

        An import that made the district is undone by deleting it; the revision is 0 then.
        """
        records = self.imports(code)
        district = self.district(code)
        last = records[-1].revision if records else 0
        if last == 0 or last != district.revision:
            later = f"; revision {district.revision} came after it" if last else ""
            raise InputError(
                f"Got nothing to undo: the last import of {code} made revision {last or 'none'}"
                f"{later}. Wanted an import that is the district's newest change."
            )
        what = deed.what or f"undo of the import of {records[-1].report.source}"
        done = Deed(what, deed.actor, deed.valid_from)
        try:
            before, layers = self.snapshot(code, as_of=last - 1)
        except NotFoundError:
            self.delete(code, deed=done)
            return 0
        return self.replace(before, layers, deed=done, based_on=last)

    # --- the pieces of a change ------------------------------------------------------------------

    def _write(
        self,
        connection: Connection,
        code: str,
        old: Mapping[str, Any] | None,
        *,
        values: Mapping[str, Any] | None = None,
        frames: Mapping[str, pd.DataFrame] | None = None,
        deed: Deed,
    ) -> int:
        """Write what differs, the log and the import; return the revision."""
        rows = {
            name: to_rows(name, frame, self.codec.encode) for name, frame in (frames or {}).items()
        }
        found = {
            name: difference(name, self._stored(connection, name, code) if old else (), part)
            for name, part in rows.items()
        }
        found = {name: each for name, each in found.items() if each}
        values = values or {}
        own = {} if old is None else {k: v for k, v in values.items() if old[k] != v}
        if old is not None and not found and not own:
            return int(old["revision"])
        stamp = Stamp(_last_revision(connection, code) + 1, _today(deed))
        if old is None:
            row = {**values, "revision": stamp.revision, "since": stamp.revision}
            connection.execute(sa.insert(tables.districts), {**row, "valid_from": stamp.day})
        else:
            self._renew_district(connection, old, own, stamp)
        if "grids" in found:
            self._trace_grids(connection, code, found["grids"], stamp)
        for name, each in found.items():
            self.end(connection, name, each.ended, stamp)
            self._begin(connection, name, code, each.begun, stamp)
        counts = {name: each.counts for name, each in found.items()}
        what = deed.what or _in_words(old, own, found)
        values_told = (counts, *told(found, self.codec.decode))
        _log(connection, code, stamp, deed, what=what, values=values_told)
        _record_import(connection, code, stamp, deed)
        touched = [*found, *(f"past_{name}" for name in found), "districts", "past_districts"]
        self.settle(connection, [*touched, *_RECORDS])
        return stamp.revision

    def _begin(
        self, connection: Connection, layer: str, code: str, rows: Sequence[Row], stamp: Stamp
    ) -> None:
        """Insert rows that are true as of now."""
        columns = [*column_names(layer), "district", "since", "valid_from"]
        own = (code, stamp.revision, stamp.day)
        if rows:
            self.insert(connection, tables.layers[layer], columns, [(*row, *own) for row in rows])

    def _renew_district(
        self, connection: Connection, old: Mapping[str, Any], own: Mapping[str, Any], stamp: Stamp
    ) -> None:
        """Write a district's new values and revision; what ends moves to the past."""
        table, past = tables.districts, tables.past_districts
        mine = table.c.fid == old["fid"]
        changed: dict[str, Any] = {**own, "revision": stamp.revision}
        if own:
            names = [c.name for c in past.c if c.name in table.c and c.name != "fid"]
            kept = sa.select(
                table.c.code, *(table.c[name] for name in names),
                sa.literal(stamp.revision), sa.literal(stamp.day, sa.Date),
            ).where(mine)  # fmt: skip
            into = ["district", *names, "until", "valid_to"]
            connection.execute(sa.insert(past).from_select(into, kept))
            changed |= {"since": stamp.revision, "valid_from": stamp.day}
        connection.execute(sa.update(table).where(mine).values(changed))

    def _trace_grids(
        self, connection: Connection, code: str, found: Difference, stamp: Stamp
    ) -> None:
        """Refuse codes that were retired, and keep which grid came from which."""
        epsg = int(self._row(connection, code)["epsg"])
        past = self.fetch(
            connection, tables.past["grids"], column_names("grids"), "district = ?", (code,)
        )
        check_retired(found, to_frame("grids", past, self.codec.decode), self.codec.decode)
        rows = [
            {"district": code, "revision": stamp.revision, "valid_from": stamp.day, **row}
            for row in descents(found, self.codec.decode, epsg=epsg)
        ]
        if rows:
            connection.execute(sa.insert(record_tables.lineage), rows)

    def _with_workers(
        self, connection: Connection, code: str, name: str, frame: pd.DataFrame, deed: Deed
    ) -> dict[str, pd.DataFrame]:
        """Return a layer to write; with new grids, the workers whose grid there still is."""
        if name == "workers":
            grids = to_frame("grids", self._rows(connection, "grids", code), self.codec.decode)
            faults = worker_faults(frame, grids)
            if faults:
                raise SchemaError(f"Layer workers: {'; '.join(faults)}.")
        if name != "grids":
            return {name: frame}
        workers = to_frame("workers", self._rows(connection, "workers", code), self.codec.decode)
        stays = workers["grid_code"].isin(frame.loc[frame["level"] == "small", "code"])
        if deed.report is not None and not stays.all():
            account = deed.report.layer("workers")
            account.read, account.accepted = len(workers), int(stays.sum())
            for row in workers[~stays].itertuples():
                account.reject(f"{row.worker_code} in {row.grid_code}", "the grid is gone")
        return {name: frame, "workers": workers[stays]}

    def _check_features(
        self,
        layer: str,
        since: Mapping[str | int, int],
        remove: Sequence[str | int],
        expected: Mapping[str | int, int | None] | None,
    ) -> None:
        """Raise unless features are as the caller saw them, and those to remove are there."""
        now = {
            str(key): since.get(key)
            for key, seen in (expected or {}).items()
            if since.get(key) != seen
        }
        if now:
            named = ", ".join(
                f"{key} ({'gone' if there is None else f'now of revision {there}'})"
                for key, there in now.items()
            )
            raise StaleError(
                f"Somebody else changed {layer} meanwhile: {named}. Nothing was changed; look at "
                "what is there now and try again.",
                layer=layer,
                now=now,
            )
        lost = [str(key) for key in remove if key not in since]
        if lost:
            raise NotFoundError(
                f"Got {KEYS[layer]} {', '.join(lost)} to remove; wanted features of {layer} that "
                "are there. Nothing was changed."
            )

    # --- the pieces of reading -------------------------------------------------------------------

    def _encoded(self, geometry: BaseGeometry) -> bytes:
        return self.codec.encode(np.array([geometry], dtype=object))[0]

    def _stored(self, connection: Connection, layer: str, code: str) -> list[Stored]:
        columns = [*column_names(layer), "fid", "since"]
        rows = self.fetch(connection, tables.layers[layer], columns, "district = ?", (code,))
        return [Stored(row[-2], row[-1], row[:-2]) for row in rows]

    def _rows(
        self, connection: Connection, layer: str, code: str, *, as_of: AsOf | None = None
    ) -> list[Row]:
        """Return the rows of a layer, as they are or as they were."""
        columns, now, past = column_names(layer), tables.layers[layer], tables.past[layer]
        if as_of is None:
            return self.fetch(connection, now, columns, "district = ?", (code,))
        start, end = ("since", "until") if isinstance(as_of, int) else ("valid_from", "valid_to")
        begun = f"district = ? AND {start} <= ?"
        return [
            *self.fetch(connection, now, columns, begun, (code, as_of)),
            *self.fetch(connection, past, columns, f"{begun} AND {end} > ?", (code, as_of, as_of)),
        ]

    def _district_rows(
        self, connection: Connection, where: str, *values: str
    ) -> list[dict[str, Any]]:
        names = [column.name for column in tables.districts.c]
        rows = self.fetch(connection, tables.districts, names, where, values)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _find(self, connection: Connection, code: str) -> dict[str, Any] | None:
        rows = self._district_rows(connection, "code = ?", code)
        return rows[0] if rows else None

    def _row(self, connection: Connection, code: str) -> dict[str, Any]:
        row = self._find(connection, code)
        if row is None:
            codes = list(connection.scalars(sa.select(tables.districts.c.code)))
            there = ", ".join(sorted(codes)) or "none"
            raise NotFoundError(
                f"Got district {code!r}; wanted one that is stored ({there}). "
                "Load it with `lifecircle load` or name another."
            )
        return row

    def _row_as_of(
        self, connection: Connection, row: Mapping[str, Any], as_of: AsOf
    ) -> dict[str, Any]:
        """Return a district's row as it was."""
        code, past = row["code"], tables.past_districts
        by_revision = isinstance(as_of, int)
        start, end = ("since", "until") if by_revision else ("valid_from", "valid_to")
        names = [column.name for column in past.c if column.name in tables.districts.c]
        was = self.fetch(
            connection, past, names,
            f"district = ? AND {start} <= ? AND {end} > ?", (code, as_of, as_of),
        )  # fmt: skip
        held = row[start] <= as_of if isinstance(as_of, int) else _day(row[start]) <= as_of
        if not (held or was) or (by_revision and as_of > row["revision"]):
            raise NotFoundError(
                f"District {code} was not stored as of {as_of}; wanted a revision up to "
                f"{row['revision']} or a day since its first one. See `lifecircle log {code}`."
            )
        changes = record_tables.changes
        column = changes.c.revision if by_revision else changes.c.valid_from
        query = sa.select(sa.func.max(changes.c.revision))
        last = connection.scalar(query.where(changes.c.district == code, column <= as_of))
        own = {} if held else dict(zip(names, was[-1], strict=True))
        return {**row, **own, "revision": int(last or 0)}


_ENDS = ("until", "valid_to")
_RECORDS = ("changes", "imports", "lineage")


def _require_layer(name: str) -> None:
    if name not in tables.layers:
        raise InputError(f"Got layer {name!r}; wanted one of {', '.join(tables.layers)}.")


def _check_revision(code: str, old: Mapping[str, Any] | None, based_on: int | None) -> None:
    """Raise `RevisionError` if a district is not at the revision a change was worked out from."""
    there = int(old["revision"]) if old else 0
    if based_on is not None and there != based_on:
        raise RevisionError(
            f"District {code} is at revision {there}, no longer at {based_on}; somebody else "
            "changed it meanwhile. Nothing was changed; try again."
        )


def _today(deed: Deed) -> date:
    """Return the day as of which a deed is true."""
    today = datetime.now(UTC).date()
    if deed.valid_from is not None and deed.valid_from > today:
        raise InputError(
            f"Got {deed.valid_from} as the day from which a change is true; wanted today "
            f"({today}) or a day before."
        )
    return deed.valid_from or today


def _count(connection: Connection, table: Table, code: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.district == code)
    return int(connection.scalar(query) or 0)


def _fids(connection: Connection, table: Table, code: str) -> list[int]:
    return list(connection.scalars(sa.select(table.c.fid).where(table.c.district == code)))


def _last_revision(connection: Connection, code: str) -> int:
    """Return the last revision that a district of this code ever had."""
    table = record_tables.changes
    logged = connection.scalar(
        sa.select(sa.func.max(table.c.revision)).where(table.c.district == code)
    )
    own = tables.districts
    stored = connection.scalar(sa.select(own.c.revision).where(own.c.code == code))
    return max(int(logged or 0), int(stored or 0))


def _in_words(
    old: Mapping[str, Any] | None, own: Mapping[str, Any], found: Mapping[str, Difference]
) -> str:
    if old is None:
        return "district stored"
    named = [*(["boundary"] if tables.GEOMETRY_COLUMN in own else []), *found]
    return f"{', '.join(named) or 'district'} changed"


def _log(
    connection: Connection,
    code: str,
    stamp: Stamp,
    deed: Deed,
    *,
    what: str,
    values: tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]],
) -> None:
    counts, before, after = (json.dumps(each, ensure_ascii=False) for each in values)
    row = {
        "district": code,
        "revision": stamp.revision,
        "at": _now(),
        "valid_from": stamp.day,
        "actor": deed.actor,
        "what": what,
        "counts": counts,
        "before": before,
        "after": after,
    }
    connection.execute(sa.insert(record_tables.changes), row)
    if deed.seal is not None:
        deed.seal(connection, deed, stamp.revision)


def _record_import(connection: Connection, code: str, stamp: Stamp, deed: Deed) -> None:
    if deed.report is None:
        return
    record = {
        "district": code,
        "revision": stamp.revision,
        "source": deed.report.source,
        "sha256": deed.sha256,
        "imported_at": _now(),
        "report": report_to_json(deed.report),
    }
    connection.execute(sa.insert(record_tables.imports), record)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _day(value: date | str) -> date:
    """Return a day; SQLite's driver gives text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _maybe(value: date | str | None) -> date | None:
    return None if value is None else _day(value)
