"""Every store runs the suite in this folder."""

from collections.abc import Iterator

import pytest

from boundaries.store.interface import Store
from tests.postgis import Cluster, cluster
from tests.scenes import tiny_store
from tests.stores import empty_store


@pytest.fixture(params=["geopackage", "postgis"])
def address(request, tmp_path):
    """Address of a store that is not made yet."""
    if request.param == "geopackage":
        yield str(tmp_path / "store.gpkg")
        return
    server = request.getfixturevalue("postgis")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def store(address) -> Iterator[Store]:
    made = empty_store(address)
    yield made
    made.close()


@pytest.fixture
def town(address) -> Iterator[Store]:
    """Return a store with the hand-made district, of revision 1."""
    made = tiny_store(address)
    yield made
    made.close()


@pytest.fixture
def own_postgis() -> Iterator[Cluster]:
    """Return a PostGIS server that a test may kill."""
    with cluster() as server:
        yield server
