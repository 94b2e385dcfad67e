"""What every test stands on."""

from collections.abc import Iterator

import pytest

from tests.postgis import Cluster, cluster


@pytest.fixture(scope="session", autouse=True)
def no_cache_of_the_user() -> Iterator[None]:
    """Keep compiled networks nowhere unless a test names a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECIRCLE_CACHE", "")
        yield


@pytest.fixture(scope="session")
def postgis() -> Iterator[Cluster]:
    """Return a PostGIS server of the tests' own."""
    with cluster() as server:
        yield server
