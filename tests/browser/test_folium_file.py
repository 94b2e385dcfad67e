"""The folium file in a browser without any network."""

import pytest

from tests.browser.scene import CODE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("lang", "small"), [("zh", "小网格"), ("en", "small grids")])
def test_it_opens_with_the_network_unplugged(service, offline_page, tmp_path, lang, small):
    page, seen = offline_page
    answer = service.get(f"/districts/{CODE}/map.html", params={"lang": lang, "minutes": 10})
    assert answer.status_code == 200
    path = tmp_path / f"{lang}.html"
    path.write_bytes(answer.content)
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-control-layers label")
    assert page.locator("path.leaflet-interactive").count() == 48
    labels = page.locator(".leaflet-control-layers-base label").all_inner_texts()
    assert labels[0].strip() == small
    page.locator(".leaflet-control-layers-base label >> nth=2").click()
    assert page.locator("path.leaflet-interactive").count() == 2
    page.locator("path.leaflet-interactive >> nth=0").hover()
    assert page.locator(".leaflet-tooltip").is_visible()
    assert page.locator(".synthetic").is_visible()
    assert "made for tests" in page.locator(".credits").inner_text()
    page.emulate_media(media="print")  # by borders: background graphics are off by default
    squares = page.locator(".leaflet-marker-icon.square")
    assert squares.count() > 10
    assert squares.first.is_visible()
    thick = "all => all.map(each => getComputedStyle(each).borderTopWidth)"
    assert set(squares.evaluate_all(thick)) <= {"4px", "2px"}
    assert page.locator(".key svg.swatch").count() >= 5
    assert seen.foreign == []
    assert seen.complaints == []
    assert seen.requests == [path.as_uri()]


def test_beats_are_one_more_view_with_its_own_legend(service, offline_page, tmp_path):
    page, seen = offline_page
    answer = service.get(f"/districts/{CODE}/map.html", params={"lang": "en", "minutes": 10})
    path = tmp_path / "beats.html"
    path.write_bytes(answer.content)
    page.goto(path.as_uri())
    page.locator(".leaflet-control-layers-base label", has_text="Beats 22").click()
    assert page.locator("path.leaflet-interactive").count() == 23  # 22 beats, one grid of nobody
    assert page.locator('path[fill="url(#nobody)"]').count() == 1
    labels = page.locator(".load b").all_inner_texts()
    assert sorted(labels) == ["▲ 157", "▼ 49", "▼ 52", "▼ 54", "▼ 58"]
    assert "77.3 % of beats have 80–120 households (17 of 22)" in page.locator(".key").inner_text()
    page.locator('path[fill="#dd7d12"]').hover()
    tip = page.locator(".leaflet-tooltip").inner_text()
    assert tip.strip() == "C0: 3 small grids, 157 households, heavy"
    assert seen.foreign == []
    assert seen.complaints == []
