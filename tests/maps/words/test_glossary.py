"""Every mark of the page has an entry, and every entry can be read in both languages."""

import re

from geo.messages import LANGUAGES
from maps.assets import static_dir, templates
from maps.glossary import glossary_html
from maps.page import page_html
from maps.words.glossary import GROUPS, entries, telling

IDS = [entry.id for entry in entries()]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def asked() -> set[str]:
    """Return the terms that marks ask for by name; the others a test in the browser meets."""
    text = "\n".join(path.read_text("utf-8") for path in (static_dir() / "js").rglob("*.js"))
    columns = re.search(r"const TERMS = \{(.*?)\n\};", text, re.DOTALL)
    assert columns
    return {
        *re.findall(r'termMark\("([a-z_0-9]+)"', text),
        *re.findall(r'\[t\("fact\.[a-z_]+"\), .*?, "([a-z_]+)"\]', text),
        *re.findall(r': "([a-z_]+)"', columns[1]),
        *re.findall(r'data-term="([a-z_]+)"', page_html()),
    }


def test_every_mark_has_an_entry():
    found = asked()
    assert len(found) > 15
    assert found - set(IDS) == set()


def test_an_entry_is_whole_in_both_languages_and_has_a_source():
    for entry in entries():
        for lang in LANGUAGES:
            told = telling(entry, lang)
            assert all((told.term, told.means, told.source, told.shown)), entry.id
        for text in (entry.zh.means, entry.zh.shown):
            assert CHINESE.search(text), entry.id
        for text in (entry.en.term, entry.en.means, entry.en.source, entry.en.shown):
            assert not CHINESE.search(text), entry.id


def test_an_entry_is_one_sentence():
    for entry in entries():
        assert entry.zh.means.count("。") == 1, entry.id
        assert entry.zh.means.endswith("。")
        assert re.findall(r"\.(?:\s|$)", entry.en.means) == ["."], entry.id


def test_ids_are_unique_and_every_group_is_known():
    assert len(set(IDS)) == len(IDS)
    assert {entry.group for entry in entries()} == set(GROUPS)


def test_no_two_entries_have_one_name():
    for lang in LANGUAGES:
        names = [telling(entry, lang).term for entry in entries()]
        assert len(set(names)) == len(names)


def test_every_entry_is_reached_on_the_page_in_both_languages():
    for lang in LANGUAGES:
        html = glossary_html(lang)
        assert f'<html lang="{lang}">' in html
        for entry in entries():
            assert html.count(f' id="{entry.id}"') == 1
            assert f'aria-labelledby="{entry.id}-term"' in html
        assert len(re.findall(r"<article ", html)) == len(IDS)
        assert not re.search(r"<script|<style|\sstyle=|https?://", html)


def test_the_page_leads_to_the_glossary():
    assert templates().get_template("glossary.html")
    view = (static_dir() / "js" / "panels" / "view_panel.js").read_text("utf-8")
    assert "glossary?lang=" in view
