import json
import re

import pytest

from geo.errors import InputError
from maps import palettes
from maps.assets import static_dir
from maps.page import page_html
from maps.words.catalogue import words


@pytest.mark.parametrize(("lang", "title"), [("zh", "看图"), ("en", "View")])
def test_the_page_is_written_in_the_asked_language(lang, title):
    html = page_html(lang)
    assert f'<html lang="{lang}"' in html
    assert f'data-t="rail.view">{title}<' in html


def test_the_page_carries_words_and_colours_once():
    block = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page_html())
    data = json.loads(block[1])
    assert data["words"]["en"] == dict(words("en"))
    assert data["style"]["coverage"]["colours"] == list(palettes.COVERAGE)
    assert data["style"]["coverage"]["edges"] == [0, 0.25, 0.5, 0.75, 0.9, 1]


def test_a_strict_policy_is_possible():
    html = page_html()
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert all("src=" in tag or "application/json" in tag for tag in scripts)
    assert not re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", html)


def test_every_address_is_relative_and_its_file_exists():
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page_html())
    assert addresses
    assert all(re.match(r"(static|vendor)/", address) for address in addresses)
    own = [a.removeprefix("static/") for a in addresses if a.startswith("static/")]
    assert all((static_dir() / name).is_file() for name in own)


IMPORTED = re.compile(r'^import (?:\{([^}]*)\}|\* as \w+) from "(.*)";', re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)


def test_modules_import_only_what_is_exported():
    for path in (static_dir() / "js").rglob("*.js"):
        for names, source in IMPORTED.findall(path.read_text("utf-8")):
            exported = EXPORTED.findall((path.parent / source).resolve().read_text("utf-8"))
            wanted = {name.split(" as ")[0].strip() for name in names.split(",")} - {""}
            assert wanted <= set(exported), (path.name, source)


def test_no_own_file_names_another_host():
    for path in static_dir().rglob("*.*"):
        assert set(re.findall(r"https?://[\w.]+", path.read_text("utf-8"))) <= {
            "http://www.w3.org"  # the SVG namespace
        }, path.name


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError):
        page_html("fr")
