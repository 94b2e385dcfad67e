"""Opening of the snapshots that a service answers from."""

from api.settings import Settings
from api.snapshot.cache import Snapshots
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store


def open_snapshots(settings: Settings) -> Snapshots:
    """Return the snapshots of the settings' database by the settings' standard."""
    standard = load_standard(settings.standard or None)
    return Snapshots(
        open_store(settings.db),
        standard,
        limit=settings.snapshots,
        limit_bytes=settings.snapshot_bytes,
        cache=settings.cache_folder,
    )
