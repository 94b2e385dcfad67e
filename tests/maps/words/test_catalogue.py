import re

import pytest

from api.formats.problems import KINDS
from geo.errors import InputError
from geo.messages import LANGUAGES
from maps.assets import static_dir, templates
from maps.words.catalogue import say, words

NAMES = re.compile(r"\{(\w+)\}")
HERE = static_dir().parent


def sources() -> str:
    files = [
        *static_dir().rglob("*.js"),
        *(HERE / "templates").glob("*.html"),
        *HERE.rglob("*.py"),
    ]
    return "\n".join(path.read_text("utf-8") for path in files)


def used_keys() -> set[str]:
    """Return keys that appear literally; `level.${x}` counts for every key that begins so."""
    text = sources()
    literal = set(re.findall(r"[\"'`]([a-z_]+\.[a-z_]+)[\"'`]", text))
    patterns = {
        re.escape(head) + r"[a-z_0-9]+" + re.escape(tail)
        for head, tail in re.findall(r"[\"`]([a-z_]+\.)\$?\{[^}]+\}([a-z_]*)[\"`]", text)
    }
    return {
        key for key in words("zh") if key in literal or any(re.fullmatch(p, key) for p in patterns)
    }


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(words("zh")) == list(words("en"))


def test_both_languages_fill_in_the_same_names():
    for key, text in words("zh").items():
        assert set(NAMES.findall(text)) == set(NAMES.findall(words("en")[key])), key


NEVER_ONE = {
    "headline.beats_band", "headline.beats_workers", "beats.say", "beats.pieces", "gaps.more",
    "whatif.points", "peek.change", "file.simplified", "file.beats_left_out",
}  # fmt: skip
"""Texts whose number is a limit, a band, a mean, more than a limit, or of percentage points."""


def test_every_number_of_things_has_a_singular():
    things = "households|buildings|grids|points|stations|hubs|rows|workers|beats|gates|pieces"
    plural = re.compile(rf"\{{\w+\}} (?:small )?(?:{things})\b")
    assert {key for key, text in words("en").items() if plural.search(text)} == NEVER_ONE


def test_no_text_is_empty_and_zh_is_chinese():
    assert all(text for lang in LANGUAGES for text in words(lang).values())
    latin = {"origin.osm", "legend.range", "legend.range_percent", "top.language"}
    chinese = re.compile(r"[\u4e00-\u9fff]|^[^a-zA-Z]*$|\{")
    assert {k for k, text in words("zh").items() if not chinese.search(text)} <= latin


def test_every_word_is_used_and_every_used_word_exists():
    assert set(words("zh")) - used_keys() == set()
    asked = set(re.findall(r"\bt\(\s*\"([a-z_.]+)\"", sources()))
    asked |= set(re.findall(r"say\(\s*lang,\s*\"([a-z_.]+)\"", sources()))
    assert asked - set(words("zh")) == set()


CHANGES = {
    "unprocessable", "precondition-required", "stale", "read-only", "crs", "file-format", "schema",
    "client-gone", "storage-full",
}  # fmt: skip
"""Problems of those who send or change something, which the page does not."""


def test_the_page_tells_every_problem_of_a_question_in_its_language():
    met = {kind.slug for kind in KINDS.values()} - CHANGES
    for slug in met:
        for key in (f"problem.{slug.replace('-', '_')}", f"advice.{slug.replace('-', '_')}"):
            assert key in words("zh"), key


def test_an_unknown_language_is_an_input_error():
    with pytest.raises(InputError, match="wanted one of zh, en"):
        words("de")


def test_say_fills_in():
    assert say("zh", "unit.minutes", n=15) == "15 分钟"


def test_templates_know_every_name_they_use():
    assert templates().get_template("page.html")
    assert templates().get_template("sign_in.html")
    assert templates().get_template("folium_frame.html")
