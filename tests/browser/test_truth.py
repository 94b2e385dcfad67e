"""The page tells the truth: one revision, bad links, empty districts, the past, a lost map, print.

The service here has a town that changes (revision 2 has no point of ``leisure``), a district
without buildings, and one without grids.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext

from api.app import create_app
from api.settings import read_settings
from boundaries.standards.catalogue import load_standard
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.browser.conftest import WITHOUT_WEBGL, Visit, _visit
from tests.browser.scene import CODE, town
from tests.scenes import tiny_district

pytestmark = pytest.mark.browser

TOWN = f"#district={CODE}"
HOLLOW, BARE = "hollow", "bare"
REVISIONS = """[lifecircle.data.coverage, lifecircle.data.times, lifecircle.data.detail,
    lifecircle.data.isochrone?.lifecircle, lifecircle.data.points.lifecircle]
    .filter(Boolean).map(answer => answer.revision)"""


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Store]]:
    """Return a client of a service whose town changes, and its store."""
    path = tmp_path_factory.mktemp("changing") / "town.gpkg"
    store = open_store(path, create=True)
    store.replace(*town())
    district, layers = tiny_district()
    nobody = layers.buildings.iloc[:0]
    store.replace(replace(district, code=HOLLOW), replace(layers, buildings=nobody))
    without = {name: getattr(layers, name).iloc[:0] for name in ("grids", "workers")}
    store.replace(replace(district, code=BARE), replace(layers, **without))
    with serving(create_app(read_settings(db=str(path)))) as client:
        yield client, store


@pytest.fixture
def truth(window: BrowserContext, changing: tuple[httpx.Client, Store]) -> Iterator[Visit]:
    """Return a page on the changing service."""
    yield from _visit(window, changing[0])


def text(visit: Visit, selector: str) -> str:
    return " ".join(visit.page.locator(selector).first.inner_text().split())


def share(visit: Visit, **query: object) -> str:
    answer = visit.client.get(f"/districts/{CODE}/coverage", params=query).json()
    return f"{answer['total']['coverage_all'] * 100:.1f}%"


def test_another_revision_is_offered_and_nothing_of_two_is_drawn_together(truth, changing):
    page = truth.open(f"{TOWN}&minutes=9&pick=building:b010")
    store = changing[1]
    points = store.layers(CODE).service_points
    revision = store.replace_layer(CODE, "service_points", points[points["category"] != "leisure"])
    assert revision == 2
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back at the window
    page.wait_for_selector("#take-new")
    page.fill("#minutes-own", "7")
    page.press("#minutes-own", "Enter")
    truth.drawn(f"{CODE}  7 small all")
    assert text(truth, "#take-new") == "已有数据版本 2，换用"
    assert text(truth, "#figure-main strong").startswith(share(truth, minutes=7, as_of=1))
    page.click("[data-key=isochrone]")
    page.wait_for_selector(".rings")
    assert set(page.evaluate(REVISIONS)) == {1}
    assert "as_of=1" in page.locator(".foot a >> nth=0").get_attribute("href")

    page.click("#take-new")
    page.wait_for_selector("#stamp:has-text('数据版本 2')")
    truth.until("document.documentElement.dataset.state === 'ready'")
    assert page.locator("#take-new").count() == 0
    assert set(page.evaluate(REVISIONS)) == {2}
    assert text(truth, "#figure-main strong").startswith(share(truth, minutes=7))
    assert text(truth, "#figure-without strong") == "1 类不在数据中"
    assert "可评价的全部 9 类" in text(truth, "#figure-main span")
    page.wait_for_selector("#inspector [data-category=leisure] b:text-is('无服务点')")
    assert text(truth, "#inspector .kind") == "楼栋 ×"  # what was chosen still is
    page.click("[data-show=leisure]")
    truth.drawn(f"{CODE}  7 small leisure")
    page.wait_for_selector(".ramp .none span:text-is('无服务点')")
    assert page.locator("#legend .square").count() == 0  # nobody is known to lack it


def test_questions_asked_at_once_all_find_the_newer_revision(truth, changing):
    page = truth.open(f"#district={BARE}")
    before = page.evaluate("lifecircle.data.detail.revision")
    store = changing[1]
    buildings = store.layers(BARE).buildings
    more = buildings.assign(households=buildings["households"] + 1)
    assert store.replace_layer(BARE, "buildings", more) == before + 1
    page.select_option("#profile", "strict")  # asks for figures and times at once
    truth.until("lifecircle.data.coverage.profile.id === 'strict'")
    truth.until("document.documentElement.dataset.state === 'ready'")
    assert set(page.evaluate(REVISIONS)) == {before}
    assert text(truth, "#take-new") == f"已有数据版本 {before + 1}，换用"


def test_an_address_with_as_of_shows_that_past_and_edits_nothing(truth):
    page = truth.open(f"{TOWN}&minutes=9&as_of=1&task=whatif&edits=c*p00")
    assert text(truth, "#stamp span").startswith("截至 1 · 数据版本 1")
    assert text(truth, "#figure-main strong") == share(truth, minutes=9, as_of=1)
    assert "方案改动（edits=c*p00）" in text(truth, "#dropped")
    assert page.locator("[data-task=whatif]").is_disabled()
    page.keyboard.press("w")
    page.click("[data-task=gaps]")
    page.wait_for_selector(".gaps .gap")
    assert page.evaluate("lifecircle.state.now.task") == "gaps"
    page.click("#leave-past")
    page.wait_for_selector("#stamp:has-text('数据版本 2')")
    assert "as_of" not in page.url
    page.goto("about:blank")
    truth.open(f"{TOWN}&as_of=99&lang=en", ready="html[data-state=error]")
    assert text(truth, "#notice h2") == "That past state cannot be shown"
    page.click("#notice button")
    truth.drawn(f"{CODE}  15 small all")
    assert not page.locator("#notice").is_visible()


def test_what_a_link_gets_wrong_is_left_out_and_said(truth):
    wrong = "profile=x&minutes=0&at=NaN/1&as_of=2026-02-30&show=zzz&pick=grid:none&iso=7&foo=1"
    page = truth.open(f"{TOWN}&{wrong}")
    said = text(truth, "#dropped")
    for part in (*wrong.split("&"), "步行人群", "分钟数", "地图位置", "时间点", "所选对象"):
        assert part in said
    assert page.url.endswith(TOWN)
    page.click("#lang")
    assert text(truth, "#dropped").startswith("Left out, since it cannot be read or is not there:")
    page.click("#dropped button")
    assert not page.locator("#dropped").is_visible()
    page.focus("#skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel"
    assert f"district={CODE}" in page.url
    page.goto("about:blank")
    truth.open("#district=nowhere&pick=grid:none")
    assert "辖区（district=nowhere）" in text(truth, "#dropped")
    assert page.locator("#district option").count() == 3


def test_an_empty_or_broken_district_never_locks_the_page(truth):
    page = truth.open(f"#district={HOLLOW}", ready="html[data-state=error]")
    assert text(truth, "#notice h2") == "还没有可计算的数据"
    assert page.get_attribute("#notice .own-words", "lang") == "zh"
    page.click("#lang")
    assert text(truth, "#notice h2") == "There is nothing to compute on yet"
    assert page.locator("#notice .own-words").count() == 0  # they are in the language before
    page.select_option("#district", BARE)  # has buildings and no grid
    truth.drawn(f"{BARE}  15 small all")
    assert text(truth, "#figure-main strong") == "100.0 %"
    page.click("[data-task=gaps]")
    page.wait_for_selector(".say.none")
    assert text(truth, ".say.none").startswith("This district has no grids")
    page.route(f"**/districts/{CODE}/*", lambda route: route.fulfill(status=500, body="oops"))
    page.select_option("#district", CODE)
    page.wait_for_selector("#notice:has-text('The service has a fault')")
    page.select_option("#district", BARE)
    truth.drawn(f"{BARE}  15 small all")
    page.unroute(f"**/districts/{CODE}/*")
    page.select_option("#district", CODE)
    truth.drawn(f"{CODE}  15 small all")
    assert not page.locator("#notice").is_visible()


def test_what_belongs_to_the_district_before_comes_too_late(truth):
    page = truth.open(f"#district={BARE}")
    held = []
    page.route(f"**/districts/{CODE}/service-points*", lambda route: held.append(route))  # noqa: PLW0108
    page.select_option("#district", CODE)
    truth.until_here(lambda: held, "the points of the district were asked for")
    page.select_option("#district", BARE)
    truth.until("document.documentElement.dataset.state === 'ready' && lifecircle.data.points")
    points = page.evaluate("lifecircle.data.points.features.length")
    with page.expect_response(f"**/districts/{CODE}/service-points*") as answer:
        held[0].continue_()
    assert len(answer.value.json()["features"]) != points
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
    assert page.evaluate("lifecircle.data.points.features.length") == points


def test_back_goes_through_questions_and_ctrl_z_takes_edits_back(visit):
    page = visit.open(TOWN)
    steps = page.evaluate("history.length")
    page.click("[data-value=medium]")
    visit.drawn(f"{CODE}  15 medium all")
    visit.until("document.documentElement.dataset.state === 'ready'")
    for zoom in (13, 14, 15):  # looking around is no step
        page.evaluate("zoom => { lifecircle.map.setZoom(zoom) }", zoom)
        visit.until(f"lifecircle.state.now.at.startsWith('{zoom}.00')")
    page.click("[data-task=whatif]")
    page.click("#lang")
    page.click("[data-tool=add_point]")
    page.focus("#map canvas")
    page.keyboard.press("Enter")
    page.wait_for_selector("#figure-moved")
    assert page.evaluate("history.length") == steps + 3
    edits = page.evaluate("lifecircle.state.now.edits")
    assert edits

    page.keyboard.press("Control+z")
    visit.until("lifecircle.state.now.edits === '' && !document.querySelector('.pin')")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_selector(".pin")
    assert page.evaluate("lifecircle.state.now.edits") == edits
    page.click("#undo-edit")
    visit.until("lifecircle.state.now.edits === ''")
    for _ in range(5):
        page.go_back()
    visit.drawn(f"{CODE}  15 medium all")
    assert page.evaluate("lifecircle.state.now.task") == "view"
    assert page.evaluate("document.documentElement.lang") == "en"  # a language is no step
    page.go_back()
    visit.drawn(f"{CODE}  15 small all")
    page.go_forward()
    visit.drawn(f"{CODE}  15 medium all")
    visit.until("Math.abs(lifecircle.map.getZoom() - 15) < 0.01")
    page.reload()
    visit.drawn(f"{CODE}  15 medium all")


def test_a_lost_context_comes_back_with_colours_squares_and_selection(visit):
    code = f"{CODE}-001-1-01"
    page = visit.open(f"{TOWN}&minutes=5&show=leisure&pick=grid:{code}")
    seen = """() => {
        const map = lifecircle.map;
        const rows = lifecircle.data.coverage.rows.map(r => r.code);
        const homes = lifecircle.data.times.rows.map(r => r.building_id);
        return {
            classes: rows.map(id => map.getFeatureState({source: 'grids-small', id}).cls),
            squares: homes.map(id => map.getFeatureState({source: 'buildings', id}).status),
            badge: map.hasImage('badge-leisure'), square: map.hasImage('beyond'),
            chosen: map.getFilter('selected-outer-small'),
            drawn: map.queryRenderedFeatures({layers: ['point-badge', 'square-beyond']}).length,
        };
    }"""
    before = page.evaluate(seen)
    assert before["drawn"] > 10
    page.evaluate(
        """() => {
            window.context = lifecircle.map.getCanvas().getContext('webgl2')
                .getExtension('WEBGL_lose_context');
            window.context.loseContext();
        }"""
    )
    page.wait_for_selector("#map-lost:not([hidden])")
    page.click('[data-minutes="10"]')  # everything but the map goes on
    page.wait_for_selector("#figure-main span:has-text('10 分钟')")
    page.click('[data-minutes="5"]')
    page.evaluate("context.restoreContext()")
    page.wait_for_selector("#map-lost[hidden]", state="attached")
    visit.until("document.documentElement.dataset.state === 'ready'")
    assert page.evaluate(seen) == before
    visit.seen.complaints.clear()  # the browser's own words on the lost context


def test_without_webgl2_a_sentence_and_the_table(visit):
    visit.page.add_init_script(WITHOUT_WEBGL)
    page = visit.open(f"{TOWN}&minutes=5")
    assert "没有 WebGL2" in text(visit, "#no-map")
    page.locator("#twin tbody tr[data-code] >> nth=0").locator("button").press("Enter")
    page.wait_for_selector("#inspector[data-kind=grid]")
    page.click("[data-task=gaps]")
    page.click(".gap >> nth=0")
    page.wait_for_selector('.gap[aria-pressed="true"]')
    page.click("[data-task=whatif]")
    assert "没有地图" in text(visit, "#panel")
    page.keyboard.press("b")
    page.wait_for_selector("#figure-band")


def test_the_print_says_what_it_shows_and_needs_no_background_graphics(visit, tmp_path: Path):
    page = visit.open(f"{TOWN}&minutes=5&lang=en&pick=building:b100")
    page.emulate_media(media="print")
    head = text(visit, "#print-head")
    for part in (
        "Test Town", CODE, "Printed", "Standard walker · 1,000 m in 15 min", "5 min (333 m)",
        load_standard().version, "Revision 1", "1 : ", "800 m: ", "1,000 m: ", "1,125 m: ",
    ):  # fmt: skip
        assert part in head
    assert page.locator("#print-head .north").is_visible()
    assert page.locator("#credits").is_visible()
    assert page.evaluate("getComputedStyle(document.body).printColorAdjust") == "exact"
    fills = page.locator("#legend .swatch rect").evaluate_all(
        "a => a.map(e => e.getAttribute('fill'))"
    )
    assert len(set(fills)) == 6
    thick = "e => getComputedStyle(e).borderTopWidth"
    assert page.locator("#legend .square").first.evaluate(thick) == "4px"
    assert page.locator("#inspector .bar > span").first.evaluate(thick) in ("5px", "1px")
    file = tmp_path / "page.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    assert file.read_bytes().startswith(b"%PDF")
    page.emulate_media(media="screen")


def test_forced_colours_keep_the_choice_and_the_legend(browser, service, visit):
    page = visit.page
    page.emulate_media(forced_colors="active")
    visit.open(f"{TOWN}&minutes=5&pick=grid:{CODE}-001-1-01&table=1")
    fills = "a => a.map(e => getComputedStyle(e).fill)"
    assert len(set(page.locator("#legend .swatch rect").evaluate_all(fills))) == 6
    outline = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    assert page.locator('[data-show="all"]').evaluate(outline) == "solid2px"
    shown = "e => getComputedStyle(e).backgroundColor"
    row = page.locator('#twin tr[aria-selected="true"] td').first
    other = page.locator('#twin tr[aria-selected="false"] td').first
    assert row.evaluate(shown) != other.evaluate(shown)
    assert page.locator('[data-minutes="5"]').evaluate(shown) != page.locator(
        '[data-minutes="10"]'
    ).evaluate(shown)
    page.emulate_media(forced_colors="none")
