"""Backup of a whole store into one GeoPackage file while it is in use, and its restore."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from boundaries.admin.check import damage_of
from boundaries.admin.copy import copy_store
from boundaries.store.geopackage.connection import check_file, check_schema, make_engine, reading
from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables import layer_tables
from geo.errors import ConflictError, FileFormatError, InputError


def backup_store(store: Store, path: Path, *, replace: bool = False) -> int:
    """Write a consistent snapshot of a whole store into a file.

    The file is written beside its place under another name, examined, and then renamed: at no time
    is there half a backup.

    Parameters
    ----------
    store : Store
    path : Path
        Of the GeoPackage file to make.
    replace : bool, default False
        Write over an older one.

    Returns
    -------
    int
        Size in bytes.

    Raises
    ------
    ConflictError
        If there is such a file and `replace` is False, or it is the store itself.
    InputError
        If it cannot be written.
    FileFormatError
        If the store is damaged; nothing is written then.
    """
    is_own = isinstance(store, GeoPackageStore) and path.exists() and path.samefile(store.path)
    if is_own or (path.exists() and not replace):
        raise ConflictError("backup.own_store" if is_own else "backup.there_already", path=path)
    with _beside(path) as draft:
        if isinstance(store, GeoPackageStore):
            _copy_file(store.path, draft)
            _end_sessions(draft)
        else:
            copy_store(store, GeoPackageStore.open(draft, create=True))
        damage = damage_of(GeoPackageStore.open(draft))
        if damage:
            raise FileFormatError("backup.would_be_damaged", damage=damage[:3])
        return draft.stat().st_size


def restore_store(
    path: Path, address: str, *, replace: bool = False, actor: str = ""
) -> dict[str, int]:
    """Restore a backup into a store, completely or not at all.

    Parameters
    ----------
    path : Path
        Of the backup, also of an older Lifecircle; it is left as it is.
    address : str
        Of the store, as :func:`boundaries.store.open.open_store` takes it; made if it is not there.
    replace : bool, default False
        Take away what the store holds (:func:`boundaries.admin.copy.copy_store`).
    actor : str, default ""

    Returns
    -------
    dict of str to int
        Number of rows per table.

    Raises
    ------
    NotFoundError, FileFormatError
        If there is no backup, it is something else, or it is damaged.
    ConflictError
        If the store holds something and `replace` is False.
    """
    with _as_of_today(path) as source:
        damage = damage_of(source)
        if damage:
            raise FileFormatError("backup.damaged", path=path, damage=damage[:3])
        target = open_store(address, create=True)
        try:
            return copy_store(source, target, replace=replace, actor=actor)
        finally:
            target.close()


@contextmanager
def _as_of_today(path: Path) -> Iterator[GeoPackageStore]:
    """Open a backup; one of an older Lifecircle as a copy that is brought up to date."""
    check_file(path, create=False)
    with reading(make_engine(path, create=False), path) as connection:
        version = check_schema(connection, path)
    if version == layer_tables.SCHEMA_VERSION:
        yield GeoPackageStore.open(path)
        return
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        copy = Path(folder) / path.name
        _copy_file(path, copy)
        yield GeoPackageStore.open(copy)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give the name of a file that takes the place of `path` in the end, or vanishes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise InputError("backup.cannot_write", path=path, reason=error.strerror) from error
    finally:
        draft.unlink(missing_ok=True)


def _end_sessions(path: Path) -> None:
    """Sign everybody out of a copy."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM sessions")


def _copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite file as of one moment, whoever is writing it."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=30)) as one,
            closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)
    except sqlite3.Error as error:
        reason, folder = str(error), target.parent
        raise InputError(
            "backup.cannot_copy", source=source, target=folder, reason=reason
        ) from error
