"""The strip of the week and the layer of dependents: their figures are those of the service."""

import re

import pytest

from tests.browser.scene import CODE

pytestmark = pytest.mark.browser


def asked(visit, part: str, **query: object) -> dict:
    return visit.client.get(f"/districts/{CODE}/{part}", params=query).json()


def changing(week: dict) -> str:
    """Return a category that fewer reach while the gate of the bridge is closed."""
    return next(
        name
        for name, each in week["total"].items()
        if name != "all" and each["best"]["households"] > each["worst"]["households"]
    )


def test_an_hour_of_the_week_is_pressed_and_shown(visit):
    strip = asked(visit, "week", by="small")
    category = changing(strip)
    page = visit.open(f"#district={CODE}&show={category}&week=1")
    page.wait_for_selector(".week button")
    told = page.locator(".week button").evaluate_all("a => a.map(e => e.ariaLabel)")
    shares = [float(re.search(r"([\d.]+)%$", words)[1]) for words in told]
    assert len(shares) == 168
    households = strip["households"]
    assert shares == pytest.approx(
        [covered / households * 100 for covered in strip["total"][category]["covered"]], abs=0.06
    )
    assert min(shares) < max(shares)
    page.click("[data-hour='46']")
    visit.until("lifecircle.data.coverage.hours_at?.at.endsWith('22:00')")
    assert page.evaluate("lifecircle.state.now.moment") == "Tu 22:00"
    total = asked(visit, "coverage", at="Tu 22:00")["total"]["categories"][category]["covered"]
    shown = f"lifecircle.data.coverage.total.categories['{category}'].covered"
    assert page.evaluate(shown) == total
    assert strip["total"][category]["covered"][46] == total
    page.focus("[data-hour='46']")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.hour") == "70"
    page.click("[data-hour='46']")
    visit.until("lifecircle.data.coverage.hours_at === null")


def test_the_strip_of_a_building_has_its_hours(mapless_visit):
    week = asked(mapless_visit, "week", by="building")
    category = changing(week)
    row = next(row for row in week["rows"] if row["hours"][category] not in ("", "24/7"))
    pick = f"building:{row['building_id']}"
    page = mapless_visit.open(f"#district={CODE}&show={category}&week=1&pick={pick}")
    page.wait_for_selector(".week button")
    within = page.locator(".week button").evaluate_all(
        "a => a.map(e => /100\\.0%$/.test(e.ariaLabel))"
    )
    assert sum(within) == 7 * 16  # from 6 to 22 each day
    assert row["hours"][category] == "Mo-Su 06-22"
    assert "112" in page.inner_text(".week-said")


def test_who_depends_on_a_point_is_listed_drawn_and_told(visit):
    rows = asked(visit, "dependents", minutes=9)["rows"]
    page = visit.open(f"#district={CODE}&minutes=9")
    page.check("#layer-depend")
    page.wait_for_selector("[data-dependent]")
    shown = page.locator("[data-dependent]").evaluate_all("a => a.map(e => e.dataset.dependent)")
    assert shown == [row["point_id"] for row in rows[:5]]
    drawn = "lifecircle.map.querySourceFeatures('dependents').map(f => f.properties.point_id)"
    weighing = {row["point_id"] for row in rows if row["dependents"]}
    visit.until_here(lambda: set(page.evaluate(drawn)) == weighing, "a ring for each of them")
    page.click("[data-dependent] >> nth=0")
    page.wait_for_selector("#dependents")
    first = rows[0]
    assert page.inner_text("#dependents") == f"{first['dependents']:,.0f}"
    page.click("[data-key=depend-table]")
    page.wait_for_selector("#twin tbody tr[data-code]")
    assert (
        page.locator("#twin tbody tr[data-code]").first.get_attribute("data-code")
        == first["point_id"]
    )
    page.click("[data-key=close-point]")
    page.wait_for_selector("#figure-moved")
    edits = {"edits": [{"op": "close_point", "point_id": first["point_id"]}]}
    tried = visit.client.post(
        f"/districts/{CODE}/scenarios", params={"minutes": 9}, json=edits
    ).json()
    lost = next(row for row in tried["total"] if row["category"] == first["category"])["lost"]
    assert lost == first["dependents"]
