"""A real Chromium on the real service; skipped with a reason where either is missing."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from api.settings import read_settings
from boundaries.demo import bincheng
from boundaries.store.open import open_store
from geo.errors import NotFoundError
from maps.assets import vendor_dir
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
    "--disable-gpu-rasterization",  # in software it is slower than drawing without it
    "--disable-gpu-compositing",  # and so is this, by half
    "--no-first-run",
    "--process-per-site",  # one page after another in one process, whose compiled scripts stay
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host can answer
]
READY = "html[data-state=ready]"
FILLED = """(({ map }) => ["clientWidth", "clientHeight"].every(
    side => map.getCanvas()[side] === map.getContainer()[side]))(lifecircle)"""
"""Whether the map fills its place, which may have another size by now."""
WITHOUT_WEBGL = """const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind.startsWith('webgl') ? null : get.call(this, kind, ...more);
    };"""
"""Makes a page that opens without its map, which takes a third of the time."""
PATIENCE_MS = 90_000
"""How long a test waits for what it expects; a busy machine is slow, and no fault of the page."""


@dataclass
class Seen:
    """What happened in a page that no test should have to ask for."""

    host: str
    foreign: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Remember what `page` asks for and complains about."""
        page.on("request", lambda request: self.note(request.url))
        page.on("console", lambda m: self.hear(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("response", lambda answer: self.judge(answer.status, answer.url))

    def hear(self, complaint: str) -> None:
        """Remember a complaint, unless the browser complains of its own drawing in software."""
        if "GPU stall due to ReadPixels" not in complaint:
            self.complaints.append(complaint)

    def note(self, address: str) -> None:
        """Remember a request, and whether it leaves our host."""
        self.requests.append(address)
        if not address.startswith((self.host, "data:", "blob:")):
            self.foreign.append(address)

    def judge(self, status: int, address: str) -> None:
        """Remember an answer that is no success."""
        if status >= 400:
            self.complaints.append(f"{status} {address}")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the service with the made-up town and the hand-made district."""
    path = tmp_path_factory.mktemp("browser") / "town.gpkg"
    store = open_store(path, create=True)
    store.replace(*town())
    store.replace(*tiny_district())
    with serving(create_app(read_settings(db=str(path)))) as client:
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
    with serving(create_app(read_settings(db=str(path)))) as client:
        yield client


@pytest.fixture(scope="session")
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a service without a district."""
    path = tmp_path_factory.mktemp("browser") / "empty.gpkg"
    open_store(path, create=True)
    with serving(create_app(read_settings(db=str(path)))) as client:
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
        self.page.wait_for_selector(ready)
        return self.page

    def follow(self, fragment: str) -> Page:
        """Follow a link to another `fragment` in the page that is open, without loading it anew."""
        self.page.evaluate(
            """fragment => {
                document.documentElement.dataset.state = 'asked';
                location.hash = fragment;
            }""",
            fragment,
        )
        self.page.wait_for_selector(READY)
        return self.page

    def resize(self, width: int, height: int) -> None:
        """Make the window another size and wait until the map has followed."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.until(f"innerWidth === {width} && {FILLED}")

    def drawn(self, words: str) -> None:
        """Wait until the map shows `words`: district, profile, minutes, level, question."""
        self.page.wait_for_selector(f'html[data-drawn="{words}"]')

    def until(self, condition: str) -> None:
        """Wait until a JavaScript condition holds; the page's policy forbids to eval it there."""
        self.until_here(lambda: self.page.evaluate(condition), condition)

    def until_here(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds in the test itself, such as a request that was caught."""
        patient = time.monotonic() + PATIENCE_MS / 1000
        while not holds():
            assert time.monotonic() < patient, what
            self.page.wait_for_timeout(30)

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


@pytest.fixture(scope="session")
def kept_window(browser: Browser) -> Iterator[BrowserContext]:
    """Return the window that tests use in turn: what it has loaded and compiled stays."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 720},
        device_scale_factor=0.5,  # a quarter of the pixels that are drawn without a graphics card
        reduced_motion="reduce",
        locale="zh-CN",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture(scope="session")
def kept_process(kept_window: BrowserContext, service: httpx.Client) -> None:
    """Keep a small page open, so that the process of the service's pages does not end."""
    kept_window.new_page().goto(f"{service.base_url}/static/mark.svg")


@pytest.fixture
def window(kept_window: BrowserContext, kept_process: None) -> Iterator[BrowserContext]:
    """Return a browser window without pages and cookies of a test before."""
    kept = list(kept_window.pages)
    yield kept_window
    for page in kept_window.pages:
        if page not in kept:
            page.close()
    kept_window.clear_cookies()


def _visit(window: BrowserContext, client: httpx.Client) -> Iterator[Visit]:
    seen = Seen(str(client.base_url).rstrip("/"))
    page = window.new_page()
    seen.watch(page)
    yield Visit(page, seen, client)
    page.close()
    assert seen.foreign == []


@pytest.fixture
def visit(window: BrowserContext, service: httpx.Client) -> Iterator[Visit]:
    """Return a fresh page on the service; afterwards nothing may have been complained about."""
    for visit in _visit(window, service):
        yield visit
        assert visit.seen.complaints == []


@pytest.fixture
def mapless_visit(visit: Visit) -> Visit:
    """Return a fresh page without a map, for what is told and done beside it."""
    visit.page.add_init_script(WITHOUT_WEBGL)
    return visit


@pytest.fixture
def demo_visit(window: BrowserContext, demo_service: httpx.Client) -> Iterator[Visit]:
    """Return a fresh page on the demo; afterwards nothing may have been complained about."""
    for visit in _visit(window, demo_service):
        yield visit
        assert visit.seen.complaints == []


@pytest.fixture
def tolerant_visit(window: BrowserContext, service: httpx.Client) -> Iterator[Visit]:
    """Return a page on which something is meant to go wrong."""
    yield from _visit(window, service)


@pytest.fixture
def empty_visit(window: BrowserContext, empty_service: httpx.Client) -> Iterator[Visit]:
    """Return a page on a service without districts."""
    yield from _visit(window, empty_service)


@pytest.fixture
def offline_page(browser: Browser) -> Iterator[tuple[Page, Seen]]:
    """Return a page without any network, for files."""
    seen = Seen("file://")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    seen.watch(page)
    yield page, seen
    context.close()
