"""The embedded store: one GeoPackage file that QGIS and GDAL open as it is."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Table

from boundaries import geopackage_schema, tables
from boundaries.checks import (
    boundary_faults,
    checked_district,
    checked_layer,
    checked_layers,
    worker_faults,
)
from boundaries.geometry_type import encode
from boundaries.geopackage_rows import read_rows, refresh_contents, swap_rows
from boundaries.history import ImportRecord, RevisionError, report_from_json, report_to_json
from boundaries.layer_rows import Row, district_values, to_district, to_frame, to_rows
from boundaries.report import ImportReport
from boundaries.sqlite_file import check_file, check_schema, make_engine, reading, writing
from geo.district import District, Layers
from geo.errors import InputError, NotFoundError, SchemaError


class GeoPackageStore:
    """Districts in one GeoPackage file; see :class:`boundaries.store.Store` for the methods.

    The file keeps SQLite's rollback journal, so it is one file whenever nobody writes. A writer
    excludes other writers for its whole transaction and readers only while it commits.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """Open a file, or make it if there is none and `create` is True.

        Raises
        ------
        NotFoundError, FileFormatError, ConflictError, InputError
            As :func:`boundaries.store.open_store` says; a foreign file is left as it is.
        """
        exists = check_file(path, create=create)
        if exists:
            store = cls(path, make_engine(path, create=False))
            with reading(store._engine, path) as connection:
                version = check_schema(connection, path)
            if version < tables.SCHEMA_VERSION:
                store._upgrade()
            return store
        with writing(make_engine(path, create=True), path) as connection:
            if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None:
                geopackage_schema.create(connection)
        return cls.open(path)

    def _upgrade(self) -> None:
        """Bring a file of an older Lifecircle up to date, in one transaction."""
        with writing(self._engine, self.path) as connection:
            version = check_schema(connection, self.path)  # another program may have been first
            if version < tables.SCHEMA_VERSION:
                geopackage_schema.upgrade(connection, version)

    def districts(self) -> list[District]:
        """Return all districts, by code."""
        with reading(self._engine, self.path) as connection:
            rows = connection.execute(_district_query().order_by(tables.districts.c.code))
            return [to_district(dict(row)) for row in rows.mappings()]

    def district(self, code: str) -> District:
        """Return one district."""
        with reading(self._engine, self.path) as connection:
            return to_district(_district_row(connection, code))

    def layers(self, code: str) -> Layers:
        """Return all layers of one district, rows in the order in which they were written."""
        return self.snapshot(code)[1]

    def snapshot(self, code: str) -> tuple[District, Layers]:
        """Return a district and its layers as of the same revision."""
        with reading(self._engine, self.path) as connection:
            row = _district_row(connection, code)
            rows = {name: read_rows(connection, name, code) for name in tables.layers}
        frames: dict[str, Any] = {name: to_frame(name, part) for name, part in rows.items()}
        return to_district(row), Layers(**frames)

    def counts(self, code: str) -> dict[str, int]:
        """Return the number of rows of each layer."""
        with reading(self._engine, self.path) as connection:
            _district_row(connection, code)
            return {name: _count(connection, table, code) for name, table in tables.layers.items()}

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
        values = district_values(checked_district(district))
        layers = checked_layers(layers)
        rows = {name: to_rows(name, getattr(layers, name)) for name in tables.layers}
        code = district.code
        with writing(self._engine, self.path) as connection:
            old = _find(connection, code)
            _check_revision(code, old, based_on)
            changed = {n: r for n, r in rows.items() if r != read_rows(connection, n, code)}
            if old is not None and not changed and values.items() <= old.items():
                return int(old["revision"])
            if old is None:
                _insert_district(connection, values)
            for name, part in changed.items():
                swap_rows(connection, name, code, part)
            return _commit(
                connection,
                code,
                old,
                touched=changed,
                values=values,
                report=report,
                sha256=sha256,
            )

    def replace_layer(
        self,
        code: str,
        name: str,
        frame: pd.DataFrame,
        *,
        report: ImportReport | None = None,
        sha256: str = "",
        based_on: int | None = None,
    ) -> int:
        """Store one layer in place of what was there; new grids may take workers away."""
        if name not in tables.layers:
            raise InputError(f"Got layer {name!r}; wanted one of {', '.join(tables.layers)}.")
        frame = checked_layer(name, frame)
        rows = to_rows(name, frame)
        with writing(self._engine, self.path) as connection:
            old = _district_row(connection, code)
            _check_revision(code, old, based_on)
            if rows == read_rows(connection, name, code):
                return int(old["revision"])
            if name == "workers":
                _check_workers(connection, code, frame)
            if name == "grids":
                _remove_workers(connection, code, frame, report)
            swap_rows(connection, name, code, rows)
            touched = [name, "workers"] if name == "grids" else [name]
            return _commit(connection, code, old, touched=touched, report=report, sha256=sha256)

    def set_boundary(
        self,
        code: str,
        geometry: BaseGeometry,
        *,
        report: ImportReport | None = None,
        sha256: str = "",
    ) -> int:
        """Store a new boundary of a district."""
        faults = boundary_faults(geometry)
        if faults:
            raise SchemaError(f"District {code}: {'; '.join(faults)}.")
        values = {tables.GEOMETRY_COLUMN: encode([geometry])[0]}
        with writing(self._engine, self.path) as connection:
            old = _district_row(connection, code)
            if values.items() <= old.items():
                return int(old["revision"])
            return _commit(connection, code, old, values=values, report=report, sha256=sha256)

    def delete(self, code: str) -> None:
        """Remove a district with all its layers and imports.

        Its last revision is remembered, so that a district of the same code made later never
        repeats a revision, and a cache never takes the one for the other.
        """
        with writing(self._engine, self.path) as connection:
            old = _district_row(connection, code)
            for name in tables.layers:
                swap_rows(connection, name, code, [])
            connection.execute(sa.delete(tables.districts).where(tables.districts.c.code == code))
            _remember(connection, code, old["revision"])
            refresh_contents(connection, tables.metadata.tables)

    def imports(self, code: str) -> list[ImportRecord]:
        """Return the imports that made a district what it is, oldest first."""
        table = tables.imports
        query = sa.select(table).where(table.c.district == code).order_by(table.c.fid)
        with reading(self._engine, self.path) as connection:
            _district_row(connection, code)
            return [
                ImportRecord(
                    report_from_json(row.report), row.sha256, row.imported_at, row.revision
                )
                for row in connection.execute(query)
            ]


def _district_query() -> sa.Select[Any]:
    """Select districts with the geometry as it is stored, undecoded."""
    columns = [
        sa.type_coerce(column, sa.LargeBinary).label(column.name)
        if column.name == tables.GEOMETRY_COLUMN
        else column
        for column in tables.districts.columns
    ]
    return sa.select(*columns)


def _find(connection: Connection, code: str) -> dict[str, Any] | None:
    query = _district_query().where(tables.districts.c.code == code)
    row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None


def _district_row(connection: Connection, code: str) -> dict[str, Any]:
    row = _find(connection, code)
    if row is None:
        codes = list(connection.scalars(sa.select(tables.districts.c.code)))
        there = ", ".join(sorted(codes)) or "none"
        raise NotFoundError(
            f"Got district {code!r}; wanted one that is stored ({there}). "
            "Load it with `lifecircle load` or name another."
        )
    return row


def _check_revision(code: str, old: Mapping[str, Any] | None, based_on: int | None) -> None:
    """Raise `RevisionError` if a district is not at the revision a change was worked out from."""
    there = int(old["revision"]) if old else 0
    if based_on is not None and there != based_on:
        raise RevisionError(
            f"District {code} is at revision {there}, no longer at {based_on}; somebody else "
            "changed it meanwhile. Nothing was changed; try again."
        )


def _count(connection: Connection, table: Table, code: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.district == code)
    return int(connection.scalar(query) or 0)


def _insert_district(connection: Connection, values: Mapping[str, Any]) -> None:
    """Insert a new district with the revision that its code had when it was last deleted."""
    name = _tombstone(values["code"])
    query = sa.select(tables.settings.c.value).where(tables.settings.c.name == name)
    last = int(connection.scalar(query) or 0)
    connection.execute(sa.insert(tables.districts), {**values, "revision": last})


def _tombstone(code: str) -> str:
    return f"last_revision:{code}"


def _remember(connection: Connection, code: str, revision: int) -> None:
    name = _tombstone(code)
    connection.execute(sa.delete(tables.settings).where(tables.settings.c.name == name))
    connection.execute(sa.insert(tables.settings), {"name": name, "value": str(revision)})


def _commit(
    connection: Connection,
    code: str,
    old: Mapping[str, Any] | None,
    *,
    touched: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    report: ImportReport | None,
    sha256: str,
) -> int:
    """Write the new revision, the import and the contents; the transaction ends after this."""
    current = old or _district_row(connection, code)
    revision = int(current["revision"]) + 1
    mine = tables.districts.c.code == code
    connection.execute(
        sa.update(tables.districts).where(mine).values({**(values or {}), "revision": revision})
    )
    if report is not None:
        record = {
            "district": code,
            "revision": revision,
            "source": report.source,
            "sha256": sha256,
            "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "report": report_to_json(report),
        }
        connection.execute(sa.insert(tables.imports), record)
    refresh_contents(connection, [*touched, "districts", "imports"])
    return revision


def _check_workers(connection: Connection, code: str, workers: pd.DataFrame) -> None:
    grids = to_frame("grids", read_rows(connection, "grids", code))
    faults = worker_faults(workers, grids)
    if faults:
        raise SchemaError(f"Layer workers: {'; '.join(faults)}.")


def _remove_workers(
    connection: Connection, code: str, grids: pd.DataFrame, report: ImportReport | None
) -> None:
    """Remove the workers whose grid is not among the new small grids, and name them."""
    rows: list[Row] = read_rows(connection, "workers", code)
    small = set(grids.loc[grids["level"] == "small", "code"])
    kept = [row for row in rows if row[1] in small]
    if len(kept) == len(rows):
        return
    swap_rows(connection, "workers", code, kept)
    if report is not None:
        account = report.layer("workers")
        account.read, account.accepted = len(rows), len(kept)
        for worker, grid in (row for row in rows if row[1] not in small):
            account.reject(f"{worker} in {grid}", "the grid is gone")
