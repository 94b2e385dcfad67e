"""Opening of the snapshots that a service answers from."""

from api.settings import Settings
from api.snapshot.cache import Snapshots
from boundaries.standards.catalogue import load_standard
from boundaries.store.geopackage.connection import BUSY_S
from boundaries.store.open import open_store


def open_snapshots(settings: Settings, *, serving: bool = False) -> Snapshots:
    """Return the snapshots of the settings' database by the settings' standard.

    A service waits less long for a locked file than a command (`serving`): others wait for it.
    """
    standard = load_standard(settings.standard or None)
    return Snapshots(
        open_store(settings.db, read_wait_s=settings.lock_wait_s if serving else BUSY_S),
        standard,
        limit_bytes=settings.snapshot_bytes,
        cache=settings.cache_folder,
        last_known_s=settings.last_known_s if serving else 0.0,
    )
