"""The hand-made district of tests/scenes.py, stored and served."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import read_settings
from api.snapshot.district import Snapshot
from boundaries.standards.catalogue import load_standard
from tests.api.serving import serving
from tests.scenes import tiny_district, tiny_store


@pytest.fixture(scope="session")
def tiny_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with the hand-made district; nobody changes it."""
    path = tmp_path_factory.mktemp("api") / "tiny.gpkg"
    tiny_store(path)
    return path


@pytest.fixture(scope="session")
def tiny_snapshot() -> Snapshot:
    """Return the hand-made district, ready to answer."""
    return Snapshot(*tiny_district(), load_standard())


@pytest.fixture(scope="session")
def client(tiny_db: Path) -> Iterator[httpx.Client]:
    """Return a client of a server of the hand-made district."""
    with serving(create_app(read_settings(db=str(tiny_db)))) as made:
        yield made
