"""The planner's page at ``/``: one HTML document and the folders it loads from.

The document names its files relative to itself (``static/...``, ``vendor/...``), so it works
behind any path prefix. Words and colours travel inside it as a JSON data block, which a strict
``script-src 'self'`` policy allows because nothing in it runs.
"""

from functools import cache

from geo.messages import LANGUAGES
from maps.assets import static_dir, templates
from maps.style import style
from maps.words.catalogue import say, words
from maps.words.glossary import entries, telling


@cache
def page_html(lang: str = "zh") -> str:
    """Return the page, first shown in `lang`; it carries both languages and switches in place.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`geo.messages.LANGUAGES`.
    """
    scripts = static_dir() / "js"
    modules = sorted(path.relative_to(scripts).as_posix() for path in scripts.rglob("*.js"))
    return (
        templates()
        .get_template("page.html")
        .render(
            lang=lang,
            w=words(lang),
            modules=modules,
            asks={e.id: say(lang, "term.ask", term=telling(e, lang).term) for e in entries()},
            data={
                "lang": lang,
                "style": style(),
                "words": {each: dict(words(each)) for each in LANGUAGES},
                "glossary": _glossary(),
            },
        )
    )


def _glossary() -> dict[str, dict[str, dict[str, str]]]:
    """Return id -> language -> what the page says of a term when it is asked for."""
    return {
        entry.id: {
            each: {"term": told.term, "means": told.means, "source": told.source}
            for each, told in ((lang, telling(entry, lang)) for lang in LANGUAGES)
        }
        for entry in entries()
    }
