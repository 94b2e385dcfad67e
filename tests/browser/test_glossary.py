"""Marks beside terms, the box that they open, and the page of all terms."""

import pytest

from maps.words.glossary import entries, telling
from tests.browser.conftest import Visit
from tests.browser.scene import CODE
from tests.browser.test_accessibility import AXE, PANELS, SERIOUS, go

pytestmark = pytest.mark.browser

MARKS = "[...document.querySelectorAll('button.ask')].map(mark => mark.dataset.term)"
ESSENTIAL = {
    "walker", "threshold", "revision", "all_covered", "gap", "weakest", "unlinked", "grid",
    "coverage", "barrier", "whatif", "gained_lost", "beat", "roster", "worker", "synthetic",
    "isochrone",
}  # fmt: skip


def test_every_panel_has_marks_and_each_has_an_entry(mapless_visit: Visit):
    page = mapless_visit.open(f"#district={CODE}&lang=zh")
    met = set(page.evaluate(MARKS))
    for panel in PANELS:
        go(mapless_visit, "zh", panel)
        met |= set(page.evaluate(MARKS))
    assert met - {entry.id for entry in entries()} == set()
    assert met >= ESSENTIAL


def test_a_mark_is_used_with_the_keyboard_alone(mapless_visit: Visit):
    page = mapless_visit.open(f"#district={CODE}&lang=zh")
    page.evaluate(f"{AXE.read_text('utf-8')};0")
    _use_a_mark(mapless_visit, "zh")
    mapless_visit.follow(f"#district={CODE}&lang=en")
    _use_a_mark(mapless_visit, "en")


def _use_a_mark(visit: Visit, lang: str) -> None:
    """Open the box of a term, read it, and close it again."""
    page = visit.page
    beat = next(telling(entry, lang) for entry in entries() if entry.id == "all_covered")
    mark = page.locator("#headline .ask").first
    assert beat.term in mark.get_attribute("aria-label")
    mark.press("Enter")
    box = page.locator("#term")
    assert box.is_visible()
    assert page.inner_text("#term-name") == beat.term
    assert beat.means in box.inner_text()
    assert beat.source in box.inner_text()
    assert page.evaluate(SERIOUS) == []
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert page.evaluate("document.activeElement.dataset.term") == "all_covered"


def test_the_box_leads_to_the_entry_in_the_glossary(mapless_visit: Visit):
    page = mapless_visit.open(f"#district={CODE}&lang=en")
    page.click("#panel .ask[data-term=coverage]")
    address = page.locator("#term a").get_attribute("href")
    assert address == "glossary?lang=en#coverage"
    page.goto(f"{mapless_visit.seen.host}/{address}")
    assert page.locator("article:target h3").inner_text().startswith("coverage")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_in_the_glossary(visit: Visit, lang):
    page = visit.page
    page.goto(f"{visit.seen.host}/glossary?lang={lang}")
    page.evaluate(f"{AXE.read_text('utf-8')};0")
    assert page.evaluate(SERIOUS) == []
    assert page.locator("article").count() == len(entries())
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
