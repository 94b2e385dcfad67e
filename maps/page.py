"""The planner's page at ``/``: one HTML document and the folders it loads from.

The document names its files relative to itself (``static/...``, ``vendor/...``), so it works
behind any path prefix. Words and colours travel inside it as a JSON data block, which a strict
``script-src 'self'`` policy allows because nothing in it runs.
"""

from functools import cache

from maps.assets import static_dir, templates
from maps.style import style
from maps.words.catalogue import LANGUAGES, words


@cache
def page_html(lang: str = "zh") -> str:
    """Return the page, first shown in `lang`; it carries both languages and switches in place.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`maps.words.catalogue.LANGUAGES`.
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
            data={
                "lang": lang,
                "style": style(),
                "words": {each: dict(words(each)) for each in LANGUAGES},
            },
        )
    )
