"""Every store runs the suite in this folder."""

import pytest

from boundaries.store import Store, open_store


def _geopackage(folder) -> Store:
    return open_store(folder / "store.gpkg", create=True)


STORES = {"geopackage": _geopackage}


@pytest.fixture(params=STORES)
def store(request, tmp_path) -> Store:
    return STORES[request.param](tmp_path)
