"""The planner's page on the real service: what it draws, what it says, what it asks for."""

import csv
import io
import re

import pytest
import shapely
from shapely.geometry import shape

from boundaries.standards.catalogue import load_standard
from tests.browser.conftest import Visit
from tests.browser.scene import CODE

pytestmark = pytest.mark.browser

TOWN = f"#district={CODE}"


def coverage(visit: Visit, **query: object) -> dict:
    return visit.client.get(f"/districts/{CODE}/coverage", params=query).json()


def percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def text(visit: Visit, selector: str) -> str:
    return visit.page.locator(selector).first.inner_text()


def pixel_kinds(visit: Visit) -> int:
    """Return how many different colours the map's canvas holds."""
    return visit.page.evaluate(
        """() => {
            const gl = lifecircle.map.painter.context.gl;
            const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
            const data = new Uint8Array(w * h * 4);
            gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, data);
            return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )


def press_threshold(visit: Visit, minutes: int) -> None:
    """Press a threshold and wait until the map has drawn its colours."""
    visit.page.click(f'[data-minutes="{minutes}"]')
    visit.page.wait_for_selector(f'html[data-drawn*=" {minutes} "]')


def test_figures_are_the_services_and_come_in_place(visit):
    page = visit.open(TOWN)
    assert pixel_kinds(visit) > 50
    assert visit.seen.requests
    assert not [r for r in visit.seen.requests if re.search(r"glyph|\.pbf|sprite", r)]
    assert not any("http" in r.replace(visit.seen.host, "") for r in visit.seen.requests)

    total = coverage(visit, minutes=15)["total"]
    assert text(visit, "#figure-main strong") == percent(total["coverage_all"])
    lacking = total["households"] - total["covered_all"]
    assert text(visit, "#figure-lacking strong") == f"{lacking:,.0f}"
    lowest = min(c["coverage"] for c in total["categories"].values())
    assert text(visit, "#figure-worst strong") == percent(lowest)

    before = text(visit, "#figure-main strong")
    visit.seen.requests.clear()
    press_threshold(visit, 5)
    total = coverage(visit, minutes=5)["total"]
    figure = page.locator("#figure-main strong")
    assert figure.inner_text().startswith(percent(total["coverage_all"]))
    assert percent(total["coverage_all"]) != before
    assert page.locator("#figure-main s.was").inner_text() == before
    assert not [r for r in visit.seen.requests if re.search("grids|buildings|points", r)]

    page.fill("#minutes-own", "7")
    page.press("#minutes-own", "Enter")
    visit.drawn(f"{CODE}  7 small all")
    share = coverage(visit, minutes=7)["total"]["coverage_all"]
    assert text(visit, "#figure-main strong").startswith(percent(share))


def test_the_demo_is_framed_where_its_grids_are(demo_visit):
    page = demo_visit.open()
    total = demo_visit.client.get("/districts/371602/coverage?minutes=15").json()["total"]
    assert text(demo_visit, "#figure-main strong") == percent(total["coverage_all"])
    west, south, east, north = page.evaluate("lifecircle.map.getBounds().toArray().flat()")
    grids = demo_visit.client.get("/districts/371602/grids?level=large").json()["features"]
    places = [xy for grid in grids for xy in shapely.get_coordinates(shape(grid["geometry"]))]
    assert all(west <= x <= east and south <= y <= north for x, y in places)


def test_figures_at_other_paces_and_of_another_profile(visit):
    page = visit.open(f"{TOWN}&minutes=10")
    paces = coverage(visit, minutes=10)["paces"]
    shown = " · ".join(percent(pace["coverage_all"]) for pace in paces)
    assert text(visit, "#figure-paces strong") == shown
    assert "15 分钟按 800 · 1,000 · 1,125 米计" in text(visit, "#figure-paces")
    page.select_option("#profile", "elderly")  # who waits at crossings has none
    visit.drawn(f"{CODE} elderly 10 small all")
    assert page.locator("#figure-paces").count() == 0
    assert page.locator("#profile").get_attribute("title").endswith("每次过街等 10 秒")
    share = coverage(visit, minutes=10, profile="elderly")["total"]["coverage_all"]
    assert text(visit, "#figure-main strong").startswith(percent(share))


def test_each_category_by_its_own_minutes(visit):
    page = visit.open(f"{TOWN}&pick=building:b100")
    page.click('[data-minutes="standard"]')
    visit.drawn(f"{CODE}  standard small all")
    whole = coverage(visit, tier="standard")
    assert text(visit, "#figure-main strong").startswith(percent(whole["total"]["coverage_all"]))
    assert "各类按标准" in text(visit, "#figure-main")
    assert page.locator("#minutes-own").input_value() == ""
    rows = coverage(visit, tier="standard", by="building")["rows"]
    (row,) = [row for row in rows if row["building_id"] == "b100"]
    for category, reach in row["categories"].items():
        line = page.locator(f'#inspector li[data-category="{category}"]')
        if category not in whole["without_points"]:
            assert line.get_attribute("data-status") == reach["status"]
    page.click("[data-task=gaps]")
    query = {"tier": "standard", "category": "all", "level": "small"}
    told = visit.client.get(f"/districts/{CODE}/gaps", params=query).json()
    first = page.locator(".gap >> nth=0")
    assert f"{told['rows'][0]['households']:,.0f}" in first.inner_text()
    page.reload()
    visit.drawn(f"{CODE}  standard small all")
    assert page.locator('[data-minutes="standard"]').get_attribute("aria-pressed") == "true"


def test_a_click_on_a_grid_and_on_a_building_shows_its_figures(visit):
    page = visit.open(f"{TOWN}&minutes=5")
    rows = coverage(visit, minutes=5, by="small")["rows"]
    row = next(r for r in rows if 0 < r["coverage_all"] < 1 or r["households"] > 0)
    west, south, east, north = page.evaluate(
        "code => lifecircle.data.boxes.small.get(code)", row["code"]
    )
    page.mouse.click(*visit.at((west + east) / 2, (south + north) / 2))
    page.wait_for_selector("#inspector[data-kind=grid]")
    assert text(visit, "#inspector .code") == row["code"]
    assert text(visit, "#grid-coverage") == percent(row["coverage_all"])
    shown = page.locator("#inspector .bars li b").all_inner_texts()
    assert shown == [percent(c["coverage"]) for c in row["categories"].values()]
    assert page.evaluate("lifecircle.map.getFilter('selected-outer-small')[2]") == row["code"]

    rows = coverage(visit, minutes=5, by="building")["rows"]
    row = next(r for r in rows if r["reached"] < 10)
    page.mouse.click(*visit.at(row["lon"], row["lat"]))
    page.wait_for_selector("#inspector[data-kind=building]")
    assert text(visit, "#building-reached") == f"{row['reached']} / 10"
    lines = page.locator("#inspector .bars li")
    assert lines.count() == 10
    for category, cell in row["categories"].items():
        line = page.locator(f"#inspector [data-category={category}]")
        assert line.get_attribute("data-status") == cell["status"]
        if cell["time_s"] is not None:
            minutes = float(line.locator("b").inner_text().removesuffix(" 分钟"))
            assert 0 <= minutes * 60 - cell["time_s"] < 6.001  # rounded up to a tenth


def test_the_walk_to_the_nearest_point_and_what_a_point_is(visit):
    page = visit.open(f"{TOWN}&pick=building:b010")
    row = next(r for r in coverage(visit, by="building")["rows"] if r["building_id"] == "b010")
    page.click("#inspector [data-category=catering] button")
    page.wait_for_selector("#inspector [data-category=catering] button[aria-pressed=true]")
    page.wait_for_selector("#inspector [data-category=catering] small:has-text('米')")
    metres = row["categories"]["catering"]["time_s"] * 1000 / 900
    shown = text(visit, "#inspector [data-category=catering] small")
    walked = float(re.search(r"([\d,]+) 米", shown)[1].replace(",", ""))
    # The walk that is drawn begins inside the building, its time at the outline.
    assert metres - 0.5 <= walked <= metres + 15

    visit.follow(f"{TOWN}&show=medical")
    points = visit.client.get(f"/districts/{CODE}/service-points?category=medical").json()
    feature = points["features"][0]
    page.mouse.click(*visit.at(*feature["geometry"]["coordinates"]))
    page.wait_for_selector("#inspector[data-kind=point]")
    assert text(visit, "#inspector h2") == feature["properties"]["name"]
    assert "医疗" in text(visit, "#inspector .lead")
    facts = page.locator("#inspector dl div").all_inner_texts()
    shown = [fact.replace("\n", " ") for fact in facts][-4:]
    assert shown == ["收费方式 低偿", "服务项目 配餐; 健康", "加盟商户 是", "建筑面积 320.5 m²"]


def test_a_gap_is_listed_as_the_service_ranks_it_and_framed_when_chosen_as_is_an_area(visit):
    page = visit.open(f"{TOWN}&minutes=5")
    page.click("[data-task=gaps]")
    page.wait_for_selector(".gaps .gap")
    page.select_option("#gap-category", "elderly")
    query = {"minutes": 5, "category": "elderly", "level": "small"}
    answer = visit.client.get(f"/districts/{CODE}/gaps", params=query).json()
    page.wait_for_selector('.gaps:not(:has(.gap:not([data-gap^="row:elderly:"])))')
    listed = page.locator(".gap").evaluate_all("all => all.map(each => each.dataset.gap)")
    assert listed == [f"row:elderly:{row['code']}" for row in answer["rows"]][:100]
    before = page.evaluate("lifecircle.map.getZoom()")
    chosen = answer["rows"][2]
    page.click(f'.gap[data-gap="row:elderly:{chosen["code"]}"]')
    visit.drawn(f"{CODE}  5 small elderly")
    page.wait_for_selector("#inspector[data-kind=grid]")
    west, south, east, north = chosen["bbox"]
    seen = page.evaluate("lifecircle.map.getBounds().toArray().flat()")
    assert seen[0] <= west < east <= seen[2]
    assert seen[1] <= south < north <= seen[3]
    assert page.evaluate("lifecircle.map.getZoom()") > before
    assert page.locator('.gap[aria-pressed="true"]').count() == 1
    assert text(visit, "#inspector .code") == chosen["code"]
    _area_is_framed(visit)


def _area_is_framed(visit: Visit) -> None:
    """Follow a link to the list by area, choose the first, and see it framed."""
    page = visit.follow(f"{TOWN}&minutes=5&task=gaps&gapby=area&gapcat=leisure")
    query = {"minutes": 5, "category": "leisure", "level": "small"}
    area = visit.client.get(f"/districts/{CODE}/gaps", params=query).json()["areas"][0]
    page.click(".gap >> nth=0")
    visit.drawn(f"{CODE}  5 small leisure")
    west, south, east, north = area["bbox"]
    seen = page.evaluate("lifecircle.map.getBounds().toArray().flat()")
    assert seen[0] <= west < east <= seen[2]
    assert seen[1] <= south < north <= seen[3]


def test_the_three_levels_are_coloured_and_counted(visit):
    page = visit.open(f"{TOWN}&level=large&minutes=10&show=count")
    for level in ("large", "medium", "small"):
        page.click(f"[data-value={level}]")
        visit.drawn(f"{CODE}  10 {level} count")
        rows = coverage(visit, minutes=10, by=level)["rows"]
        shown = page.locator(".ramp small").all_inner_texts()
        assert sum(int(n) for n in shown) == len(rows)
        classes = {
            row["code"]: page.evaluate(
                "([s, id]) => lifecircle.map.getFeatureState({source: s, id}).cls",
                [f"grids-{level}", row["code"]],
            )
            for row in rows
        }
        for row in rows:
            mean = row["count_mean"]
            wanted = (
                -1 if mean is None else sum(mean / 10 >= edge for edge in (0.25, 0.5, 0.75, 0.9))
            )
            assert classes[row["code"]] == wanted

    visit.follow(f"{TOWN}&minutes=5&show=leisure")
    rows = coverage(visit, minutes=5, by="building")["rows"]
    beyond = [r for r in rows if r["categories"]["leisure"]["status"] == "beyond"]
    households = sum(r["households"] for r in beyond)
    assert f"{len(beyond)} 栋 {households:,} 户" in text(visit, ".marks")


def test_synthetic_credits_the_note_and_what_is_not_in_the_data_are_said(visit):
    page = visit.open(TOWN)
    assert page.locator("#synthetic").is_visible()
    assert "合成" in text(visit, "#synthetic")
    assert "模拟数据" in text(visit, ".marks")
    assert text(visit, "#credits") == "made for tests"
    page.select_option("#district", "371602")
    visit.drawn("371602  15 small all")
    assert not page.locator("#synthetic").is_visible()
    assert "模拟" not in text(visit, ".legend")

    assert text(visit, ".inspector .note") == "测试用的小场景。"
    assert text(visit, "#figure-main strong") == "100.0%"
    assert "可评价的全部 4 类" in text(visit, "#figure-main span")
    assert text(visit, "#figure-without strong") == "6 类不在数据中"
    assert "家政、维修、" in text(visit, "#figure-without span")
    lacking, without = (
        page.locator(each).bounding_box() for each in ("#figure-lacking", "#figure-without")
    )
    assert without["y"] >= lacking["y"] + lacking["height"]  # a line of its own
    assert page.locator("#legend .square").count() == 0  # nobody lacks what is not in the data
    assert text(visit, "[data-show=repair] b") == "无服务点"
    assert text(visit, "[data-show=catering] b") == "100.0%"
    page.click("#lang")
    page.click("[data-show=repair]")
    visit.drawn("371602  15 small repair")
    assert text(visit, "#figure-main strong") == "no points"
    told = "The data has no service points of Repairs: that cannot be judged"
    assert text(visit, "#figure-main span") == told
    assert text(visit, ".inspector .note") == "A scene for tests."


def test_what_counts_in_no_category_stands_beside_and_is_drawn_when_asked_for(visit):
    page = visit.open(TOWN)
    assert page.locator("[data-show=public], [data-show=amenity]").count() == 0
    assert text(visit, "[data-named]").startswith("餐饮、家政、医疗由区里文件点名，另外 7 类")
    public = text(visit, "[data-beside=public]")
    assert "公共服务" in public
    assert "2 个社区中 1 个有政务窗口" in public
    assert "1 处" in public
    assert "2 处" in text(visit, "[data-beside=amenity]")
    drawn = """() => lifecircle.map.queryRenderedFeatures({layers: ['point-dot', 'point-badge']})
        .some((f) => f.properties.category === 'amenity')"""
    visit.until(drawn.replace("amenity", "public"))
    assert not page.evaluate(drawn)
    page.check("#layer-amenity")
    visit.until(drawn)
    (atm,) = [
        f["id"]
        for f in visit.client.get(f"/districts/{CODE}/service-points?category=amenity").json()[
            "features"
        ]
        if f["properties"]["sub"] == "atm"
    ]
    visit.open(f"{TOWN}&pick=point:{atm}&amenity=1")
    card = text(visit, "#inspector")
    assert "自动取款机" in card
    assert "不计入" in card


def _middle(visit: Visit) -> tuple[float, float]:
    """Return a place in the first large grid, degrees."""
    grids = visit.client.get(f"/districts/{CODE}/grids", params={"level": "large"}).json()
    place = shape(grids["features"][0]["geometry"]).representative_point()
    return place.x, place.y


def test_both_languages_in_full_and_switched_in_place(visit):
    page = visit.open(TOWN)
    assert page.title() == "一刻钟便民生活圈 · Lifecircle"
    page.click("#lang")
    page.wait_for_selector("html[lang=en]")
    assert page.title() == "Lifecircle · the 15-minute life circle"
    page.click("[data-task=gaps]")
    page.wait_for_selector(".gaps .gap")
    page.click("#twin-toggle")
    visible = page.locator("body").inner_text()
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", visible))
    assert chinese <= {"中文"}
    assert not re.search(
        r"\b[a-z]+\.[a-z]+_?[a-z]*\b", visible.replace(load_standard().version, "")
    )


def test_the_address_is_the_view(visit):
    page = visit.open(TOWN)
    page.click("[data-value=medium]")
    page.click("[data-show=medical]")
    page.click('[data-minutes="10"]')
    visit.drawn(f"{CODE}  10 medium medical")
    figure = re.sub(r"\s.*", "", text(visit, "#figure-main strong"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    visit.drawn(f"{CODE}  10 medium medical")
    assert text(visit, "#figure-main strong").startswith(figure)
    page.reload()
    visit.drawn(f"{CODE}  10 medium medical")


def test_the_table_is_the_maps_twin_and_every_control_has_a_name(visit):
    page = visit.open(f"{TOWN}&table=1&minutes=10")
    rows = coverage(visit, minutes=10, by="small")["rows"]
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a, [tabindex="0"]')]
            .filter((el) => el.offsetParent && !(el.textContent.trim() || el.title
                || el.getAttribute('aria-label') || el.closest('label')?.textContent.trim()))
            .map((el) => el.outerHTML.slice(0, 120))"""
    )
    assert nameless == []

    page.click("[data-sort=households]")
    first = page.locator("#twin tbody tr[data-code] >> nth=0")
    most = max(rows, key=lambda r: r["households"])
    assert first.locator("td >> nth=3").inner_text() == f"{most['households']:,.0f}"
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("户数")
    first.locator("button").press("Enter")
    page.wait_for_selector("#inspector[data-kind=grid]")
    assert text(visit, "#inspector .code") == first.get_attribute("data-code")


def test_the_download_is_exactly_what_is_seen_and_the_list_what_the_map_shows(visit):
    page = visit.open(f"{TOWN}&table=1&minutes=10&level=medium")
    page.click("[data-sort=code]")
    with page.expect_download() as caught:
        page.click("#twin-csv")
    assert caught.value.suggested_filename == f"{CODE}-synthetic-medium-standard-10min-r1.csv"
    raw = caught.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    shown = page.locator("#twin tbody tr[data-code]").evaluate_all(
        "a => a.map(e => e.dataset.code)"
    )
    assert [row["网格编码"] for row in table] == shown
    rows = {r["code"]: r for r in coverage(visit, minutes=10, by="medium")["rows"]}
    for row in table:
        known = rows[row["网格编码"]]
        assert int(row["户数"]) == known["households"]
        assert float(row["全覆盖率 (%)"]) == pytest.approx(known["coverage_all"] * 100, abs=0.051)
        assert row["来源"] == "模拟"

    visit.follow(f"{TOWN}&table=1&pick=grid:{CODE}-001-1-01")
    page.click("#inspector button.wide")
    page.check("#twin-view")
    listed = int(re.search(r"(\d+) / (\d+)", text(visit, "#twin-count"))[1])
    assert 1 <= listed < 48


def test_the_keyboard_is_enough(visit):
    page = visit.open(TOWN)
    page.keyboard.press("g")
    page.wait_for_selector(".gaps .gap")
    page.focus(".gap >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#inspector[data-kind=grid]")
    assert page.evaluate("document.activeElement.dataset.gap?.startsWith('row:')")
    page.keyboard.press("Escape")
    page.wait_for_selector("#inspector[data-kind=district]")
    page.keyboard.press("1")
    page.wait_for_selector('[data-minutes="5"][aria-pressed=true]')


def test_in_every_size_nothing_overflows_is_covered_or_cut_off(visit):
    page = visit.open(f"{TOWN}&lang=en&level=large")
    assert page.locator("#district option:checked").inner_text() == "Synthetic: Test Town"
    for width, height in ((1280, 720), (1440, 900), (1024, 768), (700, 1000)):
        visit.resize(width, height)
        _nothing_overflows(visit, width)
        if width >= 1280:
            page.mouse.move(*visit.at(*_middle(visit)))
            page.wait_for_selector("#peek:not([hidden])")
            _labels_are_apart(visit)


def _nothing_overflows(visit: Visit, width: int) -> None:
    """Check that all texts have room, and the map too."""
    page = visit.page
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    box = page.locator("#map").bounding_box()
    assert box["width"] >= 380
    assert box["height"] >= 280
    main = page.locator(".headline").evaluate("el => el.scrollWidth - el.clientWidth")
    assert main <= 0
    names = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    assert page.locator(".questions .name").evaluate_all(names) == []
    walkers, mark = (page.locator(each).bounding_box() for each in ("#profile", ".top > .ask"))
    beside = mark["x"] >= walkers["x"] + walkers["width"]
    assert beside or mark["y"] >= walkers["y"] + walkers["height"]


def _labels_are_apart(visit: Visit) -> None:
    """Check that labels over the map never cover each other."""
    boxes = [
        visit.page.locator(each).bounding_box()
        for each in ("#synthetic", "#peek", "#credits", ".maplibregl-ctrl-scale")
    ]
    rectangles = [
        shapely.box(b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for b in boxes
    ]
    for at, one in enumerate(rectangles):
        for other in rectangles[at + 1 :]:
            assert not one.intersects(other), boxes


def test_no_district_says_what_to_do(empty_visit):
    page = empty_visit.open(ready="html[data-state=empty]")
    assert "lifecircle demo" in text(empty_visit, "#notice")
    assert page.locator("#notice h2").inner_text() == "还没有辖区"


def test_a_problem_is_shown_in_the_services_words_and_can_be_tried_again(tolerant_visit):
    page = tolerant_visit.open(TOWN)
    page.select_option("#profile", "elderly")
    problem = '{"title": "No walkers today", "detail": "They are resting.", "status": 422}'
    page.route(
        "**/coverage?minutes=11*",
        lambda route: route.fulfill(
            status=422, body=problem, content_type="application/problem+json"
        ),
    )
    page.fill("#minutes-own", "11")
    page.press("#minutes-own", "Enter")
    page.wait_for_selector("html[data-state=error]")
    assert "No walkers today" in text(tolerant_visit, "#notice")
    assert "They are resting." in text(tolerant_visit, "#notice")
    page.unroute("**/coverage?minutes=11*")
    page.click("#notice button")
    tolerant_visit.drawn(f"{CODE} elderly 11 small all")
    assert not page.locator("#notice").is_visible()
