"""A real Chromium on the real service; skipped with a reason where either is missing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from api.app import create_app
from api.settings import Settings
from boundaries.demo import bincheng
from boundaries.store import open_store
from geo.errors import NotFoundError
from maps.page import vendor_dir
from tests.api.serving import serving
from tests.browser.scene import town
from tests.scenes import tiny_district

ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
READY = "html[data-state=ready]"
PATIENCE_MS = 30_000


@dataclass
class Seen:
    """What happened in a page that no test should have to ask for."""

    host: str
    foreign: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def guard(self, route: Route) -> None:
        """Let through what goes to our host; stop and remember everything else."""
        address = route.request.url
        self.requests.append(address)
        if address.startswith((self.host, "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(address)
            route.abort()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the service with the made-up town and the hand-made district."""
    path = tmp_path_factory.mktemp("browser") / "town.gpkg"
    store = open_store(path, create=True)
    store.replace(*town())
    store.replace(*tiny_district())
    with serving(create_app(Settings(db=str(path)))) as client:
        yield client


@pytest.fixture(scope="session")
def demo_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the service with the demo's Bincheng."""
    try:
        made = bincheng()
    except NotFoundError as error:
        pytest.skip(f"no demo data: {error}")
    path = tmp_path_factory.mktemp("browser") / "demo.gpkg"
    open_store(path, create=True).replace(*made)
    with serving(create_app(Settings(db=str(path)))) as client:
        yield client


@pytest.fixture(scope="session")
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a service without a district."""
    path = tmp_path_factory.mktemp("browser") / "empty.gpkg"
    open_store(path, create=True)
    with serving(create_app(Settings(db=str(path)))) as client:
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a Chromium that draws WebGL in software."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    if not (vendor_dir() / "maplibre-gl").is_dir():
        pytest.skip("no page assets: run `make dev`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page opened on the service, and what it did."""

    page: Page
    seen: Seen
    client: httpx.Client

    def open(self, fragment: str = "", *, ready: str = READY) -> Page:
        """Open the page with `fragment` and wait until the map stands still."""
        self.page.goto(f"{self.seen.host}/{fragment}")
        self.page.wait_for_selector(ready, timeout=PATIENCE_MS)
        return self.page

    def drawn(self, words: str) -> None:
        """Wait until the map shows `words`: district, profile, minutes, level, question."""
        self.page.wait_for_selector(f'html[data-drawn="{words}"]', timeout=PATIENCE_MS)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a place lies in the window, pixels."""
        found = self.page.evaluate(
            """([lon, lat]) => {
                const { x, y } = lifecircle.map.project([lon, lat]);
                const box = lifecircle.map.getCanvas().getBoundingClientRect();
                return [box.left + x, box.top + y];
            }""",
            [lon, lat],
        )
        return found[0], found[1]


def _visit(browser: Browser, client: httpx.Client, **options: object) -> Iterator[Visit]:
    host = str(client.base_url).rstrip("/")
    seen = Seen(host)
    size = {"width": 1280, "height": 720}
    context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
    page = context.new_page()
    page.route("**/*", seen.guard)
    page.on("console", lambda m: seen.complaints.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))
    page.on(
        "response",
        lambda r: seen.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None,
    )
    yield Visit(page, seen, client)
    context.close()
    assert seen.foreign == []


@pytest.fixture
def visit(browser: Browser, service: httpx.Client) -> Iterator[Visit]:
    """Return a fresh page on the service; afterwards nothing may have been complained about."""
    for visit in _visit(browser, service):
        yield visit
        assert visit.seen.complaints == []


@pytest.fixture
def demo_visit(browser: Browser, demo_service: httpx.Client) -> Iterator[Visit]:
    """Return a fresh page on the demo; afterwards nothing may have been complained about."""
    for visit in _visit(browser, demo_service):
        yield visit
        assert visit.seen.complaints == []


@pytest.fixture
def tolerant_visit(browser: Browser, service: httpx.Client) -> Iterator[Visit]:
    """Return a page on which something is meant to go wrong."""
    yield from _visit(browser, service)


@pytest.fixture
def empty_visit(browser: Browser, empty_service: httpx.Client) -> Iterator[Visit]:
    """Return a page on a service without districts."""
    yield from _visit(browser, empty_service)


@pytest.fixture
def offline_page(browser: Browser, tmp_path: Path) -> Iterator[tuple[Page, Seen]]:
    """Return a page without any network, for files."""
    seen = Seen("file://")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.route("**/*", seen.guard)
    page.on("console", lambda m: seen.complaints.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))
    yield page, seen
    context.close()
