"""Why a building is not covered: the sentence, the walk taken apart, the remedy tried."""

import pytest

from tests.browser.scene import CODE

pytestmark = pytest.mark.browser


def explained(visit, building: str, category: str) -> dict:
    params = {"building": building, "category": category, "minutes": 5}
    return visit.client.get(f"/districts/{CODE}/explain", params=params).json()


def find(visit) -> tuple[str, str, dict]:
    """Return a building, a category out of its reach, and an explanation with a remedy."""
    params = {"minutes": 5, "by": "building"}
    rows = visit.client.get(f"/districts/{CODE}/coverage", params=params).json()["rows"]
    beyond = [
        (cell["time_s"], row["building_id"], category)
        for row in rows
        for category, cell in row["categories"].items()
        if cell["status"] == "beyond" and cell["time_s"] is not None
    ]
    for _, building, category in sorted(beyond):  # those that lack least are helped soonest
        found = explained(visit, building, category)
        if found["remedy"]:
            return building, category, found
    raise AssertionError("no building with a remedy in the town")


def test_why_is_told_drawn_and_the_remedy_tried(visit):
    building, category, found = find(visit)
    page = visit.open(f"#district={CODE}&minutes=5&pick=building:{building}")
    page.click(f"[data-why={category}]")
    page.wait_for_selector("#why")
    assert page.locator("#why p").first.inner_text() == found["sentence_zh"]
    parts = page.locator("#why .split-key li").evaluate_all("a => a.map(e => e.dataset.part)")
    keys = ("leg_from_s", "network_s", "crossings_s", "leg_to_s")
    assert parts == [key for key in keys if found["split"][key] > 0]
    visit.until(
        "lifecircle.map.queryRenderedFeatures({ layers: ['walk'] }).length > 0"
        " && lifecircle.map.queryRenderedFeatures({ layers: ['remedy', 'remedy-gate'] }).length > 0"
    )
    page.click("#lang")
    page.wait_for_selector("html[lang=en]")
    assert page.locator("#why p").first.inner_text() == found["sentence_en"]

    page.click("#try-it")
    page.wait_for_selector("#figure-moved")
    visit.until("document.documentElement.dataset.tried === lifecircle.state.now.edits")
    scenario = visit.client.post(
        f"/districts/{CODE}/scenarios",
        params={"minutes": 5},
        json={"edits": [found["remedy"]["edit"]]},
    ).json()
    row = next(r for r in scenario["total"] if r["category"] == category)
    assert row["gained"] == found["remedy"]["households"]
    assert page.inner_text("#figure-moved strong") == f"+{row['gained']:,.0f} / 0"
    assert page.locator(f"#inspector [data-category={category}][data-status=covered]").count() == 1
    assert page.locator("[data-why]").count() == 0  # the answer is about the district as it is


def test_what_is_covered_has_no_why(visit):
    page = visit.open(f"#district={CODE}&minutes=15&pick=building:b010")
    rows = page.locator("#inspector .bars li")
    for at in range(rows.count()):
        asks = rows.nth(at).locator("[data-why]").count()
        assert asks == (rows.nth(at).get_attribute("data-status") != "covered")
