"""Integrity check: invariants that keys and triggers do not enforce."""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.geopackage.rtree import is_indexed, rtree_name
from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.interface import Store, backend_of
from boundaries.store.postgis.schema import postgis_version
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.read import layer_rows
from boundaries.store.rows.usable_rows import decoded, shape_faults, usable_rows
from boundaries.store.tables import layer_tables, record_tables
from geo.messages import Message
from geo.model.layer_columns import KEYS

_MOST_NAMED: Final = 5
_REFERENCES: Final = (
    ("workers", "grid_code", "grids"),
    ("organisations", "grid_code", "grids"),
    ("organisations", "point_id", "service_points"),
    ("entrances", "building_id", "buildings"),
    ("entrances", "point_id", "service_points"),
)


def about(store: Store) -> Message:
    """Return one line: address, database, schema and contents of a store."""
    backend = backend_of(store)
    with backend.reading() as connection:
        if isinstance(backend, GeoPackageStore):
            version = connection.scalar(sa.text("SELECT sqlite_version()"))
            kept_by = Message("store_check.geopackage", {"version": version})
        else:
            server = connection.scalar(sa.text("SHOW server_version"))
            said = {"postgis": postgis_version(connection), "server": server}
            kept_by = Message("store_check.postgis", said)
        codes = list(connection.scalars(sa.select(layer_tables.districts.c.code)))
        counted = [
            Message("store_check.counted", {"n": _count(connection, table), "layer": name})
            for name, table in layer_tables.layers.items()
        ]
    return Message(
        "store_check.about",
        {
            "place": backend.place,
            "kept_by": kept_by,
            "schema": layer_tables.SCHEMA_VERSION,
            "districts": sorted(codes) or Message("store_check.none"),
            "counted": counted,
        },
    )


def _count(connection: Connection, table: sa.Table) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def faults_of(store: Store) -> list[Message]:
    """Return the faults of a store; an empty list if there is none. Linear in the rows.

    Beside the damage (:func:`damage_of`) each row that no figure can be computed from, and each
    that names a feature that is not there.
    """
    damage = damage_of(store)
    backend = backend_of(store)
    with backend.reading() as connection:
        return [*damage, *_row_faults(backend, connection), *_reference_faults(connection)]


def damage_of(store: Store) -> list[Message]:
    """Return what a store may never have, whoever wrote it; an empty list if there is nothing.

    Checks that the file, its foreign keys and spatial indices are sound; that the log has the
    newest revision of every district and no row is of a later one; that the states of a feature do
    not overlap in time.
    """
    backend = backend_of(store)
    with backend.reading() as connection:
        if isinstance(backend, GeoPackageStore):
            file_faults = list(_file_faults(connection))
            if file_faults:
                return file_faults
        return [*_revision_faults(connection), *_past_faults(connection)]


def _file_faults(connection: Connection) -> Iterator[Message]:
    run = connection.exec_driver_sql
    for row in run("PRAGMA integrity_check").fetchall()[:_MOST_NAMED]:
        if row[0] != "ok":
            yield Message("store_check.file_damaged", {"said": row[0]})
            return
    for table, fid, parent, _ in run("PRAGMA foreign_key_check").fetchall()[:_MOST_NAMED]:
        said = {"table": table, "fid": fid, "parent": parent}
        yield Message("store_check.lost_reference", said)
    for table in layer_tables.metadata.sorted_tables:
        if not is_indexed(table):
            continue
        verdict = run("SELECT rtreecheck(?)", (rtree_name(table),)).scalar()
        if verdict != "ok":
            said = {"table": str(table.name), "said": verdict}
            yield Message("store_check.index_damaged", said)


def _revision_faults(connection: Connection) -> Iterator[Message]:
    district, changes = layer_tables.districts.c, record_tables.changes.c
    logged = (
        sa.select(sa.func.max(changes.revision))
        .where(changes.district == district.code)
        .scalar_subquery()
    )
    newest = sa.select(district.code, district.revision, logged)
    for code, revision, last in connection.execute(newest):
        if last is not None and last != revision:
            said = {"code": code, "revision": revision, "logged": last}
            yield Message("store_check.log_behind", said)
    for name, table in layer_tables.layers.items():
        later = (
            sa.select(sa.func.count())
            .select_from(table.join(layer_tables.districts, district.code == table.c.district))
            .where(table.c.since > district.revision)
        )
        number = connection.scalar(later)
        if number:
            yield Message("store_check.later_rows", {"n": number, "layer": name})


def _past_faults(connection: Connection) -> Iterator[Message]:
    """Yield the layers in which two states of a feature are valid at the same revision."""
    for name, now in layer_tables.layers.items():
        past, key = layer_tables.past[name], KEYS[name]
        backward = sa.select(sa.func.count()).where(past.c.until <= past.c.since)
        number = connection.scalar(backward)
        if number:
            yield Message("store_check.backward_rows", {"n": number, "table": str(past.name)})
        states = sa.union_all(
            sa.select(past.c.district, past.c[key].label("key"), past.c.since, past.c.until),
            sa.select(now.c.district, now.c[key], now.c.since, sa.null()),
        ).subquery()
        # a state overlaps the next one of its feature unless it ends before that one begins
        following = (
            sa.func.lead(states.c.since)
            .over(partition_by=(states.c.district, states.c.key), order_by=states.c.since)
            .label("following")
        )
        pairs = sa.select(states.c.until, following).subquery()
        overlap = sa.or_(pairs.c.until.is_(None), pairs.c.until > pairs.c.following)
        both = sa.select(sa.func.count()).where(pairs.c.following.is_not(None), overlap)
        number = connection.scalar(both)
        if number:
            yield Message("store_check.two_states", {"n": number, "layer": name})


def _row_faults(backend: Backend, connection: Connection) -> Iterator[Message]:
    """Yield the rows that reading sets aside, each with its district."""
    codes = list(connection.scalars(sa.select(layer_tables.districts.c.code)))
    for code in sorted(codes):
        yield from _boundary_faults(backend, connection, code)
        for layer in layer_tables.layers:
            rows = layer_rows(backend, connection, layer, code)
            for fault in usable_rows(layer, rows, backend.codec.decode)[1]:
                yield Message("store_check.of_district", {"code": code, "fault": fault.named})


def _boundary_faults(backend: Backend, connection: Connection, code: str) -> Iterator[Message]:
    """Yield what is wrong with the boundary of a district."""
    table, column = layer_tables.districts, [layer_tables.GEOMETRY_COLUMN]
    blobs = [row[0] for row in backend.fetch(connection, table, column, "code = ?", (code,))]
    shapes, unreadable = decoded(blobs, backend.codec.decode)
    faults = shape_faults(shapes, layer_tables.BOUNDARY_KINDS) | unreadable
    for fault in faults.values():
        yield Message("store_check.of_boundary", {"code": code, "fault": fault})


def _reference_faults(connection: Connection) -> Iterator[Message]:
    """Yield the rows that name a grid or service point that is not there.

    Organisations have no foreign key: one may be loaded before the plan, and outlives it.
    """
    for layer, column, target in _REFERENCES:
        table, other = layer_tables.layers[layer], layer_tables.layers[target]
        named = (other.c.district == table.c.district) & (other.c[KEYS[target]] == table.c[column])
        query = sa.select(table.c.district, table.c[KEYS[layer]], table.c[column]).where(
            table.c[column].is_not(None), ~sa.exists().where(named)
        )
        for code, key, value in connection.execute(query.order_by(table.c.fid)):
            said = {"code": code, "layer": layer, "key": key, "column": column, "value": value}
            yield Message("store_check.lost_feature", {**said, "target": target})
