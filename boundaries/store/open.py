"""Opening of a store by its address."""

from pathlib import Path

from boundaries.store.geopackage.connection import BUSY_S
from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.interface import Store
from boundaries.store.postgis.address import is_address, secrets, shown
from geo.errors import InputError


def place_of(url_or_path: str | Path) -> str:
    """Return where a store is, as it may be shown: without a password."""
    text = str(url_or_path)
    return shown(text) if is_address(text) else text


def secrets_of(url_or_path: str | Path) -> tuple[str, ...]:
    """Return what of a store's address nobody may read: its password, in both spellings."""
    text = str(url_or_path)
    return secrets(text) if is_address(text) else ()


def open_store(
    url_or_path: str | Path,
    *,
    create: bool = False,
    upgrade: bool = False,
    read_wait_s: float = BUSY_S,
) -> Store:
    """Open the store that `url_or_path` names.

    Parameters
    ----------
    url_or_path : str or Path
        Path of a GeoPackage file, with or without ``sqlite:///`` before it, or the address of a
        PostGIS database, ``postgresql+psycopg://user:password@host:port/database``.
    create : bool, default False
        Make the file, or the tables, if there are none.
    upgrade : bool, default False
        Bring the tables of an older Lifecircle up to date. A file always is; a database, which
        others may be using, only where it is asked for.
    read_wait_s : float
        How long a reader of a file waits for a writer that commits, seconds; readers of a database
        never wait.

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
        If a newer Lifecircle made the store, or an older one a database that is not to be upgraded.
    InputError
        If the file cannot be opened or made.
    UnavailableError
        If the file stays locked, or the database cannot be reached.

    Examples
    --------
    >>> from tests.scenes import tiny_district
    >>> store = open_store("city.gpkg", create=True)
    >>> store.replace(*tiny_district()), [district.code for district in store.districts()]
    (1, ['371602'])
    >>> store.close()
    """
    text = str(url_or_path)
    if is_address(text):
        from boundaries.store.postgis.store import PostgisStore  # noqa: PLC0415 - a driver, heavy

        return PostgisStore.open(text, create=create, upgrade=upgrade)
    path = text.removeprefix("sqlite:///")
    if "://" in path:
        kind = path.split("://", 1)[0]
        raise InputError("store.other_address", kind=kind)
    return GeoPackageStore.open(Path(path), create=create, read_wait_s=read_wait_s)
