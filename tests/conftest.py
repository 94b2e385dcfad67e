"""What every test stands on."""

from collections.abc import Iterator

import pytest

from tests import guardian
from tests.compiling import compile_in_turn
from tests.postgis import Cluster, shared_cluster


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run; a worker of pytest-xdist takes part in the run of the process above it."""
    if hasattr(config, "workerinput"):
        compile_in_turn()
    else:
        guardian.begin()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take the longest tests first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def no_cache_of_the_user() -> Iterator[None]:
    """Keep compiled networks nowhere unless a test names a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECIRCLE_CACHE", "")
        yield


@pytest.fixture(scope="session")
def postgis() -> Cluster:
    """Return the PostGIS server of this run; a test makes databases of its own there."""
    return shared_cluster()
