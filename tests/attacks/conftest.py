"""What attacks stand on: hashes that cost nothing, a service with people, a canary for files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from boundaries.store.accounts import passwords
from tests.api.conftest import tiny_db
from tests.attacks.canary import Canary, canary
from tests.attacks.people import Town, served_town

__all__ = ["tiny_db"]


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hash passwords with next to no memory; production has no setting for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(1, 8, 1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return a service of two districts with people of every role; a module shares it."""
    path: Path = tmp_path_factory.mktemp("town") / "town.gpkg"
    with served_town(str(path)) as made:
        yield made


@pytest.fixture
def bird(tmp_path: Path) -> Iterator[Canary]:
    """Return a canary that hostile files point at."""
    (tmp_path / "elsewhere").mkdir()
    with canary(tmp_path / "elsewhere") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder for a hostile file; the canary is not in it."""
    (tmp_path / "files").mkdir()
    return tmp_path / "files"
