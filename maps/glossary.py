"""The page at ``/glossary``: every term with meaning, source and place; printable, no script."""

from functools import cache

from maps.assets import templates
from maps.words.catalogue import say, words
from maps.words.glossary import GROUPS, Telling, entries, telling


@cache
def glossary_html(lang: str = "zh") -> str:
    """Return the page in `lang`; each term stands in both languages.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`geo.messages.LANGUAGES`.
    """
    other = "en" if lang == "zh" else "zh"
    chapters = {
        group: (say(lang, f"glossary.{group}"), _rows(group, lang, other)) for group in GROUPS
    }
    template = templates().get_template("glossary.html")
    return template.render(lang=lang, other=other, w=words(lang), chapters=chapters)


def _rows(group: str, lang: str, other: str) -> list[tuple[str, Telling, str]]:
    """Return anchor, entry in `lang` and term in `other` of each entry of a chapter."""
    return [
        (each.id, telling(each, lang), telling(each, other).term)
        for each in entries()
        if each.group == group
    ]
