"""Integrity check: invariants that keys and triggers do not enforce."""

from collections.abc import Iterator

import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.geopackage.triggers import is_indexed, rtree_name
from boundaries.store.interface import Store, backend_of
from boundaries.store.postgis.schema import postgis_version
from boundaries.store.rows.backend import Backend
from boundaries.store.tables import layer_tables, record_tables
from geo.errors import FileFormatError
from geo.model.layers import KEYS

_MOST_NAMED = 5


def about(store: Store) -> str:
    """Return one line: address, database, schema and contents of a store."""
    backend = backend_of(store)
    with backend.reading() as connection:
        if isinstance(backend, GeoPackageStore):
            kept_by = f"GeoPackage, SQLite {connection.scalar(sa.text('SELECT sqlite_version()'))}"
        else:
            server = connection.scalar(sa.text("SHOW server_version"))
            kept_by = f"PostGIS {postgis_version(connection)}, PostgreSQL {server}"
        codes = list(connection.scalars(sa.select(layer_tables.districts.c.code)))
        counted = [
            f"{connection.scalar(sa.select(sa.func.count()).select_from(table)):,} {name}"
            for name, table in layer_tables.layers.items()
        ]
    held = f"districts: {', '.join(sorted(codes)) or 'none'}; {', '.join(counted)}"
    return f"{backend.place} ({kept_by}, schema {layer_tables.SCHEMA_VERSION}), {held}"


def faults_of(store: Store) -> list[str]:
    """Return the faults of a store; an empty list if there is none.

    Checks that the file, its foreign keys and spatial indices are sound; that the log has the
    newest revision of every district and no row is of a later one; that the states of a feature do
    not overlap in time; that every geometry can be read and is valid. Linear in the rows.
    """
    backend = backend_of(store)
    with backend.reading() as connection:
        if isinstance(backend, GeoPackageStore):
            file_faults = list(_file_faults(connection))
            if file_faults:
                return file_faults
        return [
            *_revision_faults(connection),
            *_past_faults(connection),
            *_shape_faults(backend, connection),
        ]


def _file_faults(connection: Connection) -> Iterator[str]:
    run = connection.exec_driver_sql
    for row in run("PRAGMA integrity_check").fetchall()[:_MOST_NAMED]:
        if row[0] != "ok":
            yield f"the file is damaged: {row[0]}"
            return
    for table, fid, parent, _ in run("PRAGMA foreign_key_check").fetchall()[:_MOST_NAMED]:
        yield f"{table} {fid} refers to a row of {parent} that is not there"
    for table in layer_tables.metadata.sorted_tables:
        if not is_indexed(table):
            continue
        verdict = run("SELECT rtreecheck(?)", (rtree_name(table),)).scalar()
        if verdict != "ok":
            yield f"the index of {table.name} is damaged: {verdict}"


def _revision_faults(connection: Connection) -> Iterator[str]:
    district, changes = layer_tables.districts.c, record_tables.changes.c
    logged = (
        sa.select(sa.func.max(changes.revision))
        .where(changes.district == district.code)
        .scalar_subquery()
    )
    newest = sa.select(district.code, district.revision, logged)
    for code, revision, last in connection.execute(newest):
        if last is not None and last != revision:
            yield f"district {code} is at revision {revision}, the log at {last}"
    for name, table in layer_tables.layers.items():
        later = (
            sa.select(sa.func.count())
            .select_from(table.join(layer_tables.districts, district.code == table.c.district))
            .where(table.c.since > district.revision)
        )
        number = connection.scalar(later)
        if number:
            yield f"{number} rows of {name} are of a later revision than their district"


def _past_faults(connection: Connection) -> Iterator[str]:
    """Yield the layers in which two states of a feature are valid at the same revision."""
    for name, now in layer_tables.layers.items():
        past, key = layer_tables.past[name], KEYS[name]
        backward = sa.select(sa.func.count()).where(past.c.until <= past.c.since)
        number = connection.scalar(backward)
        if number:
            yield f"{number} rows of past_{name} end before they begin"
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
            yield f"{number} features of {name} have two states at the same revision"


def _shape_faults(backend: Backend, connection: Connection) -> Iterator[str]:
    for table in (layer_tables.districts, *layer_tables.layers.values()):
        if layer_tables.GEOMETRY_COLUMN not in table.c:
            continue
        rows = backend.fetch(connection, table, [layer_tables.GEOMETRY_COLUMN], "1=1", ())
        try:
            shapes = backend.codec.decode([row[0] for row in rows])
        except FileFormatError as error:
            yield f"{table.name}: {error}"
            continue
        number = int((~shapely.is_valid(shapes)).sum())
        if number:
            yield f"{number} shapes of {table.name} are invalid"
