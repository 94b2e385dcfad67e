"""axe-core on every panel in both languages, and nothing that is wider than a telephone."""

import pytest

from maps.assets import static_dir
from tests.browser.conftest import Visit
from tests.browser.scene import CODE

pytestmark = pytest.mark.browser

AXE = static_dir().parents[1] / "node_modules/axe-core/axe.min.js"
PANELS = {
    "grid": "pick=grid:{code}-001-1-01&table=1",
    "building": "minutes=5&pick=building:b100&why=leisure&iso=118.004,37.384",
    "point": "pick=point:p00&show=count",
    "place": "pick=place:118.004,37.384&moment=Tu+22:00&at=nowhere",
    "gaps": "task=gaps&minutes=5&table=1",
    "whatif": "task=whatif&minutes=5&edits=c*p00**a*new-1*leisure*118.004*37.384",
    "beats": "task=beats&table=1",
    "beat": "task=beats&pick=beat:C0",
    "past": "as_of=1",
}
SERIOUS = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => [each.id, each.nodes.map(node => node.html.slice(0, 160))]))"""
WIDE = """[...document.querySelectorAll('body *')].filter(element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let each = element.parentElement; each !== document.body; each = each.parentElement)
        if (getComputedStyle(each).overflowX !== 'visible') return false;
    return element.checkVisibility();
}).map(element => element.outerHTML.slice(0, 120))"""
ASKED = """(({ state: { now }, data }) => (!now.iso || data.isochrone) && (!now.why || data.why)
    && document.documentElement.dataset.state === 'ready')(lifecircle)"""


def go(visit: Visit, lang: str, panel: str) -> None:
    """Show a panel, with all that it asks for, without loading the page again."""
    fragment = f"district={CODE}&lang={lang}&{PANELS[panel].format(code=CODE)}"
    visit.follow(fragment)
    visit.until(ASKED)  # what is asked of one place may answer after the map


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_on_any_panel(visit: Visit, lang):
    assert AXE.is_file(), "no axe-core in node_modules: run `make dev`"
    page = visit.open(f"#district={CODE}&lang={lang}")
    page.evaluate(f"{AXE.read_text('utf-8')};0")
    assert page.evaluate(SERIOUS) == []
    for panel in list(PANELS)[lang == "en" :: 2]:  # each in one language, whose tree is the same
        go(visit, lang, panel)
        if panel == "whatif":
            page.click("[data-tool=add_point]")
        assert page.evaluate(SERIOUS) == [], panel


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_wider_than_a_telephone(visit: Visit, lang):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = visit.open(f"#district={CODE}&lang={lang}")
    for panel in PANELS:
        go(visit, lang, panel)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, panel
        assert page.evaluate(WIDE) == [], panel
