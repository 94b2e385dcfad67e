"""What-if on the page: edits by clicking, figures as the service gives them, nothing saved."""

import json
import re

import pytest

from tests.browser.conftest import Visit
from tests.browser.scene import CODE, COLUMNS, ROWS

pytestmark = pytest.mark.browser

TOWN = f"#district={CODE}&minutes=5&task=whatif"
BANK = f"/districts/{CODE}"


def click(visit: Visit, lon: float, lat: float) -> None:
    visit.page.mouse.click(*visit.at(lon, lat))


def edits(visit: Visit) -> str:
    return visit.page.evaluate("lifecircle.state.now.edits")


def tried(visit: Visit) -> None:
    """Wait until the map shows the edits that the address holds."""
    visit.until("document.documentElement.dataset.tried === lifecircle.state.now.edits")


def in_sight(visit: Visit, layer: str) -> None:
    """Wait until the map has drawn a layer, so that a click can hit it."""
    visit.until(f"lifecircle.map.queryRenderedFeatures({{ layers: ['{layer}'] }}).length > 0")


def answer(visit: Visit, tries: list[dict], **query: object) -> dict:
    params = {"minutes": 5, "by": "small", **query}
    told = {"Accept-Language": "zh"}  # as the window of these tests asks
    return visit.client.post(
        f"{BANK}/scenarios", json={"edits": tries}, params=params, headers=told
    ).json()


def total(found: dict, category: str) -> dict:
    return next(row for row in found["total"] if row["category"] == category)


def text(visit: Visit, selector: str) -> str:
    return visit.page.locator(selector).first.inner_text()


def east(visit: Visit) -> dict:
    """Return a building across the river, where five categories have no point."""
    params = {"minutes": 5, "by": "building"}
    rows = visit.client.get(f"{BANK}/coverage", params=params).json()["rows"]
    return max((r for r in rows if r["reached"] < 5), key=lambda r: (r["lon"], r["lat"]))


def crossing(visit: Visit, column: float, row: float) -> tuple[float, float]:
    west, south, east, north = visit.client.get(BANK).json()["bbox"]
    return west + (east - west) * column / COLUMNS, south + (north - south) * row / ROWS


def test_a_point_dropped_re_scores_the_district_as_the_service_does(visit):
    page = visit.open(f"{TOWN}&show=leisure")
    assert "不存" in text(visit, "#unsaved")
    home = east(visit)
    page.click("[data-tool=add_point]")
    assert page.locator("#tool-category").input_value() == "leisure"
    assert text(visit, "#tool-hint") == "点一下要设点的地方"
    click(visit, home["lon"], home["lat"])
    page.wait_for_selector("#figure-moved")
    tried(visit)
    _, name, category, lon, lat = edits(visit).split("*")
    edit = {"op": "add_point", "point_id": name, "category": category}
    found = answer(visit, [{**edit, "lon": float(lon), "lat": float(lat)}])
    row = total(found, "leisure")
    assert row["gained"] > 0
    shown = page.locator("#figure-main strong")
    before, after = (f"{row[key] * 100:.1f}%" for key in ("coverage_before", "coverage_after"))
    assert shown.locator("s.was").inner_text() == before
    assert shown.inner_text().split("\n")[0].startswith(after)
    assert text(visit, "#figure-moved strong") == f"+{row['gained']:,.0f} / 0"
    changes = [r for r in found["changes"] if r["category"] == "leisure"]
    listed = page.locator("[data-side=gained] .side").evaluate_all(
        "a => a.map(e => e.dataset.code)"
    )
    assert sorted(listed) == sorted(r["code"] for r in changes if r["gained"] > 0)
    for r in changes:
        change = r["coverage_after"] - r["coverage_before"]
        wanted = 13 + sum(change > edge + 1e-9 for edge in (0.1, 0.3)) if change else -3
        state = "c => lifecircle.map.getFeatureState({source: 'grids-small', id: c}).cls"
        assert page.evaluate(state, r["code"]) == wanted
    assert f"{row['gained']:,.0f} 户" in text(visit, ".marks")
    address, figure = page.url, shown.inner_text()
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#figure-moved")
    assert shown.inner_text() == figure


def test_every_edit_by_clicking_and_the_download_is_what_was_asked(visit):
    page = visit.open(f"{TOWN}&show=catering")
    points = visit.client.get(f"{BANK}/service-points?category=catering").json()["features"]
    gate = visit.client.get(f"{BANK}/gates").json()["features"][0]
    first, second = (f["geometry"]["coordinates"] for f in points[:2])
    home = east(visit)

    page.click("[data-tool=close_point]")
    click(visit, *first)
    page.wait_for_selector("[data-op=close_point]")
    page.click("[data-tool=move_point]")
    click(visit, *second)
    page.wait_for_selector("#tool-hint:has-text('再点')")
    click(visit, home["lon"], home["lat"])
    page.wait_for_selector("[data-op=move_point]")
    page.click("[data-tool=gate]")
    in_sight(visit, "gate-pick")
    click(visit, *gate["geometry"]["coordinates"])
    page.wait_for_selector("[data-op=close_gate]")
    page.click("[data-tool=bridge]")
    for column in (4, 5):  # a street that the river cuts
        click(visit, *crossing(visit, column, 1))
    page.click("#tool-done")
    page.wait_for_selector("[data-op=add_street]")
    page.click("[data-tool=close_street]")
    in_sight(visit, "street-pick")
    click(visit, *crossing(visit, 1.5, 4))
    page.wait_for_selector("[data-op=close_street]")
    tried(visit)

    with page.expect_download() as caught:
        page.click("#save-scenario")
    assert caught.value.suggested_filename == f"{CODE}-synthetic-scenario-standard-5min-r1.json"
    saved = json.loads(caught.value.path().read_bytes())["edits"]
    assert [e["op"] for e in saved] == [
        "close_point", "move_point", "close_gate", "add_street", "close_street",
    ]  # fmt: skip
    assert saved[0]["point_id"] == points[0]["properties"]["point_id"]
    assert saved[1]["point_id"] == points[1]["properties"]["point_id"]
    assert saved[3]["bridge"] is True
    found = total(answer(visit, saved), "catering")
    share = f"{found['coverage_after'] * 100:.1f}%"
    assert text(visit, "#figure-main strong").startswith(share)
    assert text(visit, "#figure-moved strong") == (
        f"+{found['gained']:,.0f} / −{found['lost']:,.0f}".replace("+0", "0").replace("−0", "0")
    )
    assert page.locator(".pin").count() == 5

    page.click('[data-key="drop-2"]')
    visit.until("document.querySelectorAll('.pin').length === 4")
    page.click("#clear-edits")
    visit.until("document.querySelectorAll('.pin').length === 0")
    assert edits(visit) == ""
    assert page.locator("#figure-moved").count() == 0
    assert visit.client.get(BANK).json()["revision"] == 1


def test_a_refused_edit_is_told_at_its_row(tolerant_visit):
    visit = tolerant_visit
    page = visit.open(f"{TOWN}&edits=c*p00**m*nowhere*118*37**zz")
    assert page.locator(".edit.wrong").get_attribute("data-edit") == "3"
    page.click('[data-key="drop-3"]')
    page.wait_for_selector('.edit.wrong[data-edit="2"]')
    tries = [
        {"op": "close_point", "point_id": "p00"},
        {"op": "move_point", "point_id": "nowhere", "lon": 118.0, "lat": 37.0},
    ]
    detail = answer(visit, tries)["detail"]
    assert text(visit, ".edit.wrong .fault") == detail
    page.click("#lang")
    page.wait_for_selector(".edit.wrong .fault:has-text('There is no service point')")
    page.click('[data-key="drop-2"]')
    page.wait_for_selector("#figure-moved")
    assert page.locator(".edit.wrong").count() == 0


def test_the_keyboard_places_at_the_crosshair_in_english_too(visit):
    page = visit.open(f"#district={CODE}&minutes=5&lang=en")
    page.keyboard.press("w")
    page.wait_for_selector("[data-tool=add_point]")
    page.focus("[data-tool=add_point]")
    page.keyboard.press("Enter")
    assert page.locator(".crosshair").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_selector("#figure-moved")
    middle = page.evaluate("lifecircle.map.getCenter().toArray()")
    assert [float(n) for n in edits(visit).split("*")[3:]] == pytest.approx(middle, abs=1e-6)
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", text(visit, "#panel")))
    assert chinese == set()
    page.click("[data-tool=street]")
    page.keyboard.press("Escape")
    assert page.locator("[data-tool][aria-pressed=true]").count() == 0
