"""The newest change is undone on the page, after a look at what is taken back."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from api.app import create_app
from api.settings import read_settings
from boundaries.store.tables.records import Commit
from tests.api.serving import serving
from tests.browser.conftest import PATIENCE_MS, READY, WITHOUT_WEBGL
from tests.scenes import tiny_store

pytestmark = pytest.mark.browser
CODE = "371602"


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[httpx.Client]:
    """Serve a district from which a point was removed."""
    path = tmp_path / "town.gpkg"
    store = tiny_store(path)
    store.edit(CODE, "service_points", remove=["p1"], commit=Commit(what="p1 closed", actor="li"))
    with serving(create_app(read_settings(db=str(path), editable=True, cache=""))) as client:
        yield client


def points(client: httpx.Client) -> int:
    return len(client.get(f"/districts/{CODE}/service-points").json()["features"])


def test_the_newest_change_is_shown_and_taken_back(window: BrowserContext, changed: httpx.Client):
    page = window.new_page()
    page.add_init_script(WITHOUT_WEBGL)
    page.set_default_timeout(PATIENCE_MS)
    before = points(changed)
    page.goto(f"{changed.base_url}/?lang=en#district={CODE}&task=view")
    page.wait_for_selector(READY)
    page.locator("#undo-change").click()
    dialog = page.locator("#undo-dialog")
    expect(dialog).to_contain_text("Revision 2 is undone: p1 closed.")
    expect(dialog).to_contain_text("Service points: 1 come back, 0 change, 0 go")
    expect(dialog).to_contain_text("p1")
    page.locator("#undo-cancel").click()
    assert points(changed) == before
    page.locator("#undo-change").click()
    page.locator("#undo-do").click()
    expect(dialog).to_be_hidden()
    page.wait_for_selector(READY)
    assert points(changed) == before + 1


def test_nobody_is_offered_it_where_nothing_may_change(visit):
    page = visit.open(f"#district={CODE}&task=view")
    expect(page.locator("#undo-change")).to_be_hidden()
