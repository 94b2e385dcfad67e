"""Gates by their opening hours: the figures of the page are those of the service at that time."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.scene import CODE

pytestmark = pytest.mark.browser


def total(visit: Visit, **query: object) -> float:
    answer = visit.client.get(f"/districts/{CODE}/coverage", params=query).json()
    return answer["total"]["count_mean"]


def test_by_night_and_back_to_any_time(visit):
    page = visit.open(f"#district={CODE}")
    shown = "lifecircle.data.coverage.total.count_mean"
    assert page.evaluate(shown) == total(visit)
    page.select_option("[data-key=hours-day]", "Tu")
    page.wait_for_selector("#hours-told")
    assert "出入口 2 个，1 个中 1 个关闭" in page.inner_text("#hours-told")
    assert page.evaluate(shown) == total(visit, at="Tu 22:00") < total(visit)
    assert page.evaluate("lifecircle.state.now.moment") == "Tu 22:00"
    page.select_option("[data-key=hours-hour]", "12:00")
    visit.until("lifecircle.data.coverage.hours_at?.at.endsWith('12:00')")
    assert "出入口 2 个，1 个中 0 个关闭" in page.inner_text("#hours-told")
    assert page.evaluate(shown) == total(visit)
    page.select_option("[data-key=hours-day]", "")
    visit.until("lifecircle.data.coverage.hours_at === null")
    assert page.locator("#hours-told, [data-key=hours-hour]").count() == 0
    assert page.evaluate("lifecircle.state.now.moment") == ""


def test_a_link_keeps_the_time_and_an_isochrone_is_asked_anew(visit):
    page = visit.open(f"#district={CODE}&moment=Sa+23:00&pick=building:b000")
    page.click("[data-key=isochrone]")
    page.wait_for_selector(".rings")
    told = "lifecircle.data.isochrone.lifecircle.hours_at"
    assert page.evaluate(f"{told}.weekday") == "Sa"
    page.reload()
    page.wait_for_selector(".rings")
    assert page.input_value("[data-key=hours-day]") == "Sa"
    assert page.evaluate(f"{told}.weekday") == "Sa"
    page.select_option("[data-key=hours-day]", "")
    visit.until(f"lifecircle.data.isochrone && {told} === null")


def test_a_moment_that_is_none_is_left_out_and_so_is_the_control_without_hours(mapless_visit):
    page = mapless_visit.open(f"#district={CODE}&moment=tonight")
    assert page.evaluate("lifecircle.state.now.moment") == ""
    page = mapless_visit.open("#district=371602")
    mapless_visit.until("lifecircle.data.gates?.features.length === 1")
    assert page.locator("#hours").count() == 0
