"""Beats on the page: who looks after whom, whether it is too much, and where nobody does.

The town has 22 workers (tests/browser/scene.py): 17 in the band of 80-120 households, four light
(a block each), one heavy (three blocks, 157 households); nobody looks after one block of 50.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import BrowserContext

from api.app import create_app
from api.partitions.answers import propose, save_proposal
from api.partitions.schemas import PartitionQuestion
from api.settings import read_settings
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.browser.conftest import Visit, _visit
from tests.browser.scene import BLOCK_M, CODE, block_code, town
from tests.scenes import lonlat

pytestmark = pytest.mark.browser

BEATS = f"#district={CODE}&task=beats"
DRAWN = f"{CODE}  15 small beats"
ALONE = block_code(7, 1)


def beats(visit: Visit) -> dict:
    return visit.client.get(f"/districts/{CODE}/beats").json()


def text(visit: Visit, selector: str) -> str:
    return " ".join(visit.page.locator(selector).first.inner_text().split())


def press_block(visit: Visit, column: int, row: int) -> None:
    """Press the map in a block, off its buildings and streets."""
    place = lonlat((column + 0.25) * BLOCK_M, (row + 0.25) * BLOCK_M)
    visit.page.mouse.click(*visit.at(*place))


def chosen(visit: Visit) -> str:
    """Return the worker whose beat has the double outline."""
    return visit.page.evaluate("lifecircle.map.getFilter('selected-outer-beat')")[2]


def test_headline_legend_and_colours_are_the_services_figures(visit):
    page = visit.open(BEATS)
    visit.drawn(DRAWN)
    assert text(visit, "#figure-band") == "77.3% 的责任片区在 80–120 户之内（17 / 22）"
    assert text(visit, "#figure-workers") == "22 名为民服务员，人均 97.0 户"
    assert text(visit, "#figure-unassigned") == "50 户无人负责，在 1 个小网格：河东1片8组"
    assert page.locator(".ramp small").all_inner_texts() == ["4", "17", "1"]
    assert "无人负责的小网格 1" in text(visit, ".legend .marks")
    classes = {
        code: page.evaluate(
            "id => lifecircle.map.getFeatureState({source: 'grids-small', id}).cls", code
        )
        for code in (block_code(0, 0), block_code(7, 0), block_code(7, 5), ALONE, block_code(4, 3))
    }
    assert list(classes.values()) == [21, 22, 20, -4, -1]  # in band, heavy, light, nobody, empty
    labels = page.evaluate(
        "lifecircle.map.queryRenderedFeatures({layers: ['beat-label']}).map(f => f.properties.text)"
    )
    assert {"104", "▲ 157", "▼ 58"} <= set(labels)


def test_a_press_tells_the_beat_then_its_small_grid_and_back(visit):
    page = visit.open(BEATS)
    visit.drawn(DRAWN)
    press_block(visit, 7, 0)
    page.wait_for_selector("#inspector[data-kind=beat]")
    assert text(visit, "#inspector h2") == "C0"
    assert text(visit, "#inspector .lead") == "157 户，▲ 偏多（80–120 户为适中）"
    facts = page.locator("#inspector dl").inner_text().split("\n")
    told = dict(zip(facts[::2], facts[1::2], strict=True))
    assert told == {"小网格": "3", "楼栋": "12", "大网格": "河东社区", "连片情况": "连成一片"}
    grids = page.locator("#inspector [data-grid]")
    assert grids.evaluate_all("a => a.map(e => e.dataset.grid)") == [
        block_code(column, 0) for column in (5, 6, 7)
    ]
    assert sum(int(n) for n in page.locator("#inspector [data-grid] b").all_inner_texts()) == 157
    assert chosen(visit) == "C0"

    press_block(visit, 6, 0)  # within the beat that is chosen
    page.wait_for_selector("#inspector[data-kind=grid]")
    assert text(visit, "#inspector .code") == block_code(6, 0)
    assert "157" in text(visit, "#inspector .lead")
    assert chosen(visit) == "C0"
    page.click("#inspector [data-key=worker]")
    page.wait_for_selector("#inspector[data-kind=beat]")

    press_block(visit, 7, 1)
    page.wait_for_selector("#inspector[data-kind=grid]")
    assert text(visit, "#inspector .lead") == "50 户，无人负责"
    assert chosen(visit) == ""


def test_what_wants_a_look_is_listed_and_framed(visit):
    page = visit.open(f"{BEATS}&lang=en")
    visit.drawn(DRAWN)
    listed = page.locator(".gap.beat").evaluate_all("a => a.map(e => e.dataset.pick)")
    assert listed == [f"grid:{ALONE}", *(f"beat:{w}" for w in ("C0", "D4", "D2", "D3", "D5"))]
    before = page.evaluate("lifecircle.map.getZoom()")
    page.focus(".gap.beat >> nth=2")
    page.keyboard.press("Enter")
    page.wait_for_selector("#inspector[data-kind=beat]")
    assert text(visit, "#inspector .lead") == "49 households, ▼ light (80–120 is in band)"
    visit.until(f"lifecircle.map.getZoom() > {before}")
    assert page.evaluate("document.activeElement.dataset.pick") == "beat:D4"
    page.keyboard.press("Escape")
    page.wait_for_selector("#inspector[data-kind=beats]")
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", page.locator("body").inner_text()))
    assert chinese <= {"中文"}


def test_the_roster_is_downloaded_as_seen_and_shows_the_map_what_it_shows(visit):
    page = visit.open(f"{BEATS}&table=1")
    visit.drawn(DRAWN)
    names = [(f"beats-{CODE}.csv", {"f": "csv"}), (f"{CODE}-synthetic-beats-r1.geojson", {})]
    for at, (name, query) in enumerate(names):
        with page.expect_download() as caught:
            page.click(f".links a >> nth={at}")
        assert caught.value.suggested_filename == name
        served = visit.client.get(f"/districts/{CODE}/beats", params=query).content
        assert caught.value.path().read_bytes() == served
    with page.expect_download() as caught:
        page.click("#twin-csv")
    rows = csv.DictReader(io.StringIO(caught.value.path().read_bytes().decode("utf-8-sig")))
    seen = {row["为民服务员"]: int(row["户数"]) for row in rows}
    known = {f["id"]: f["properties"]["households"] for f in beats(visit)["features"]}
    assert seen == {**known, "": 50}

    assert text(visit, "#twin-count") == "责任一览表 23 / 23 行"
    cells = page.locator("#twin tbody tr[data-code] >> nth=0").locator("td").all_inner_texts()
    assert cells[:6] == ["C0", "河东社区", "3", "12", "157", "▲ 偏多"]
    page.locator('#twin tr[data-code="B1"] button').press("Enter")
    page.wait_for_selector("#inspector[data-kind=beat]")
    assert chosen(visit) == "B1"
    page.click("[data-sort=code]")
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("为民服务员")
    press_block(visit, 7, 5)  # the last worker of all
    row = page.locator('#twin tr[aria-selected="true"]')
    row.wait_for()
    assert row.get_attribute("data-code") == "D5"
    scroller = page.locator("#twin-scroll").bounding_box()
    assert row.bounding_box()["y"] + 30 <= scroller["y"] + scroller["height"] + 1


def test_from_a_grid_to_its_beat_and_back_to_coverage(visit):
    page = visit.open(f"#district={CODE}&level=small&pick=grid:{block_code(0, 0)}")
    page.click("#inspector [data-key=worker]")
    visit.drawn(DRAWN)
    assert text(visit, "#inspector h2") == "A0"
    page.focus("#map canvas")
    page.keyboard.press("v")
    visit.drawn(f"{CODE}  15 small all")
    page.wait_for_selector("#inspector[data-kind=district]")
    assert page.locator(".ramp li").count() == 6
    page.keyboard.press("b")
    visit.drawn(DRAWN)
    assert page.evaluate("lifecircle.map.getLayoutProperty('point-dot', 'visibility')") == "none"


def test_what_belongs_to_other_tasks_is_put_away(visit):
    page = visit.open(f"#district={CODE}&minutes=5&task=gaps&gapcat=leisure")
    page.click(".gap >> nth=0")
    visit.until("lifecircle.map.querySourceFeatures('gap').length > 0")
    press_block(visit, 1, 1)
    page.click("[data-task=view]")
    page.click("[data-task=beats]")
    visit.drawn(f"{CODE}  5 small beats")
    visit.until("lifecircle.map.querySourceFeatures('gap').length === 0")
    assert "gap=" not in page.url
    page.goto("about:blank")
    visit.open(f"{BEATS}&pick=building:b000&why=leisure")
    visit.drawn(DRAWN)
    assert page.locator("#inspector").get_attribute("data-kind") == "beats"
    assert "building" not in page.evaluate("lifecircle.state.now.pick")


def test_a_link_to_a_beat_opens_it_at_the_small_grids(visit):
    page = visit.open(f"{BEATS}&level=large&pick=beat:D4&table=1")
    visit.drawn(DRAWN)
    assert text(visit, "#inspector h2") == "D4"
    assert chosen(visit) == "D4"
    row = page.locator('#twin tr[aria-selected="true"]')  # the last of 23 by households
    assert row.get_attribute("data-code") == "D4"
    scroller = page.locator("#twin-scroll").bounding_box()
    assert row.bounding_box()["y"] + 30 <= scroller["y"] + scroller["height"] + 1


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_it_fits_a_telephone_and_a_desk(visit, size):
    visit.page.set_viewport_size({"width": size[0], "height": size[1]})
    page = visit.open(f"{BEATS}&lang=en&pick=beat:C0&table=1")
    visit.drawn(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    boxes = {name: page.locator(f"#{name}").bounding_box() for name in ("map", "inspector")}
    assert boxes["map"]["height"] >= 280
    if size[0] < 760:  # what was pressed is told right below the map
        assert boxes["inspector"]["y"] < page.locator("#panel").bounding_box()["y"]
    page.emulate_media(media="print")
    assert page.locator("#legend").is_visible()
    assert page.locator("#inspector").is_visible()
    assert not page.locator("#panel").is_visible()
    page.emulate_media(media="screen")


@pytest.fixture(scope="module")
def unstaffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Store]]:
    """Return a client of a service of the town before it has workers, and its store."""
    path = tmp_path_factory.mktemp("unstaffed") / "town.gpkg"
    district, layers = town()
    store = open_store(path, create=True)
    store.replace(district, replace(layers, workers=layers.workers.iloc[:0]))
    with serving(create_app(read_settings(db=str(path)))) as client:
        yield client, store


def test_without_workers_it_says_what_to_do_and_then_shows_what_was_drawn(
    window: BrowserContext, unstaffed: tuple[httpx.Client, Store]
):
    client, store = unstaffed
    for visit in _visit(window, client):
        page = visit.open(BEATS)
        visit.drawn(DRAWN)
        assert text(visit, "#panel h2") == "尚未划定责任片区"
        assert f"lifecircle partition {CODE} --save" in text(visit, "#panel .command")
        assert text(visit, "#figure-workers") == "0 名为民服务员：尚未划定责任片区"
        assert text(visit, "#figure-unassigned").startswith("2,184 户无人负责，在 42 个小网格：")

        question = PartitionQuestion()
        save_proposal(store, propose(store, CODE, question), question, actor="test")
        found = beats(visit)
        page.click("[data-task=view]")
        visit.drawn(f"{CODE}  15 small all")
        page.click("[data-task=beats]")
        assert text(visit, "#take-new") == "已有数据版本 2，换用"
        assert text(visit, "#panel h2") == "尚未划定责任片区"  # as of revision 1
        page.click("#take-new")
        page.wait_for_selector("#figure-band")
        visit.until("document.querySelector('#stamp').textContent.startsWith('数据版本 2')")
        workers = len(found["features"])
        assert text(visit, "#figure-workers").startswith(f"{workers} ")
        assert found["lifecircle"]["households"] == 2184
        assert text(visit, "#figure-unassigned") == "0 户无人负责"
        visit.until(
            "lifecircle.map.querySourceFeatures('beats').length > 0"
            " && document.documentElement.dataset.state === 'ready'"
        )
        drawn = page.evaluate(
            "[...new Set(lifecircle.map.querySourceFeatures('beats')"
            ".map(f => f.properties.worker_code))]"
        )
        assert set(drawn) == {feature["id"] for feature in found["features"]}
        assert visit.seen.complaints == []
