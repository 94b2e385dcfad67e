"""Signing in, what a viewer sees of it, and signing out, in a real Chromium."""

from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import BrowserContext, Page, expect

from api.app import create_app
from api.settings import read_settings
from boundaries.store.accounts import passwords
from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.browser.conftest import PATIENCE_MS, READY, WITHOUT_WEBGL
from tests.browser.scene import town
from tests.browser.test_accessibility import AXE, SERIOUS

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"  # noqa: S105 - of made-up people


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Serve the town to a viewer and a planner."""
    path = tmp_path_factory.mktemp("accounts") / "town.gpkg"
    store = open_store(path, create=True)
    store.replace(*town())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(1, 8, 1))
        for name, role in (("vera", "viewer"), ("paul", "planner")):
            AccountTable(store).add(name, PASSWORD, parse_roles([role]))
        with serving(create_app(read_settings(db=str(path), cache=""))) as client:
            yield client


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("button[type=submit]").press("Enter")


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(SERIOUS)


def test_the_unknown_signs_in_and_comes_back_to_the_view(window: BrowserContext, accounts):
    page = window.new_page()
    page.add_init_script(WITHOUT_WEBGL)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{accounts.base_url}/?lang=en#task=gaps")
    page.wait_for_url("**/sign-in**")
    assert axe(page) == []
    sign_in(page, "vera", "wrong password")
    expect(page.locator("#fault")).to_contain_text("wrong")
    assert axe(page) == []
    sign_in(page, "vera")
    page.wait_for_selector(READY)
    assert "task=gaps" in page.url
    expect(page.locator("#account-open")).to_have_text("vera")
    expect(page.locator("#protected")).to_contain_text("protected")
    (cookie,) = window.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""
    page.locator("#account-open").press("Enter")
    expect(page.locator("#account-role")).to_have_text("Viewer")
    assert axe(page) == []
    page.locator("#sign-out").press("Enter")
    page.wait_for_url("**/sign-in**")
    assert window.cookies() == []
    page.goto(f"{accounts.base_url}/?lang=zh")
    page.wait_for_url("**/sign-in?lang=zh**")
    sign_in(page, "paul")
    page.wait_for_selector(READY)
    expect(page.locator("#account-open")).to_have_text("paul")
    expect(page.locator("#protected")).to_have_count(0)
    page.close()
