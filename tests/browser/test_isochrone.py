"""Isochrones on a click: the rings, who lives in them, and what the picture is worth."""

import pytest

from geo.messages import percent
from tests.browser.conftest import Visit
from tests.browser.scene import CODE

pytestmark = pytest.mark.browser


def rings(visit: Visit, **query: object) -> list[dict]:
    params = {"minutes": "5,10,15", **query}
    found = visit.client.get(f"/districts/{CODE}/isochrones", params=params).json()["features"]
    return [f["properties"] for f in found]


def shown(visit: Visit) -> list[list[str]]:
    rows = "rows => rows.map(r => [...r.querySelectorAll('td')].map(c => c.textContent))"
    return visit.page.locator(".rings tbody tr").evaluate_all(rows)


def written(found: list[dict]) -> list[list[str]]:
    return [
        [f"{p['households']:,}", f"{p['buildings']:,}", f"{p['reached_m'] / 1000:.1f} 公里"]
        for p in found
    ]


def test_a_building_and_its_rings_as_the_service_counts_them(visit):
    page = visit.open(f"#district={CODE}&pick=building:b010")
    page.click("[data-key=isochrone]")
    page.wait_for_selector(".rings")
    lon, lat = (float(n) for n in page.evaluate("lifecircle.state.now.iso").split(","))
    found = rings(visit, lon=lon, lat=lat)
    assert shown(visit) == written(found)
    least = min(p["agreement"] for p in found)
    assert f"示意图形；户数按楼栋计，吻合度 {percent(least, 'zh')}" in page.inner_text(".marks")
    visit.until("lifecircle.map.queryRenderedFeatures({ layers: ['isochrone-line'] }).length > 0")
    page.click("#isochrone [data-value=to]")
    page.wait_for_selector("#isochrone [data-value=to][aria-pressed=true]")
    page.wait_for_selector(".rings")
    assert shown(visit) == written(rings(visit, lon=lon, lat=lat, direction="to"))
    page.reload()
    page.wait_for_selector(".rings")
    page.keyboard.press("Escape")
    page.wait_for_selector("#inspector[data-kind=district]")
    assert page.evaluate("lifecircle.data.isochrone") is None


def test_around_any_place_that_is_clicked(visit):
    page = visit.open(f"#district={CODE}")
    box = visit.client.get(f"/districts/{CODE}").json()["bbox"]
    lon, lat = box[0] - 0.0003, (box[1] + box[3]) / 2  # just outside every grid
    page.mouse.click(*visit.at(lon, lat))
    page.wait_for_selector("#inspector[data-kind=place]")
    page.click("[data-key=isochrone]")
    page.wait_for_selector(".rings")
    lon, lat = (float(n) for n in page.evaluate("lifecircle.state.now.iso").split(","))
    assert shown(visit) == written(rings(visit, lon=lon, lat=lat))


def test_a_place_without_a_street_is_told_in_place(tolerant_visit):
    page = tolerant_visit.open(f"#district={CODE}&pick=place:118.2,37.9&iso=118.2,37.9")
    params = {"lon": 118.2, "lat": 37.9}
    problem = tolerant_visit.client.get(
        f"/districts/{CODE}/isochrones", params=params, headers={"Accept-Language": "zh"}
    ).json()
    assert page.inner_text("#isochrone .fault") == problem["detail"]
