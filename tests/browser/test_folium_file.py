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
    assert seen.foreign == []
    assert seen.complaints == []
    assert seen.requests == [path.as_uri()]
