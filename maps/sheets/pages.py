"""Sheets as one HTML file, a page of A4 each, with everything inside it."""

from collections.abc import Sequence
from typing import Any, Final

from geo.model.layers import District
from geo.model.vocabulary import Origin
from maps import palettes
from maps.assets import templates
from maps.sheets.content import NoticeTerm, Sheet
from maps.sheets.svg_map import draw_map
from maps.words.catalogue import noted, say, words

_MAP_MM: Final = {"card": 92.0, "notice": 118.0}
_LOW_MAP_MM: Final = {"card": 80.0, "notice": 80.0}
"""Height of the map, and where the page needs the room."""

_ROWS: Final = 11
"""Rows of a notice's table in one column beside a high map; more go into two columns, and on to
further pages."""


def sheets_html(
    sheets: Sequence[Sheet],
    *,
    district: District,
    question: tuple[str, float],
    lang: str,
    protected: bool,
    term: NoticeTerm,
) -> str:
    """Return sheets as one HTML file, the same bytes for the same input.

    Parameters
    ----------
    sheets : sequence of Sheet
    district : District
    question : tuple of str and float
        Who walks, and within how many minutes.
    lang : {'zh', 'en'}
    protected : bool
        Whether small counts are protected; each sheet says so.
    term : NoticeTerm
        Of notices.
    """
    walker, minutes = question[0], f"{question[1]:g}"
    page = templates().get_template("sheets.html")
    name = district.name_zh if lang == "zh" else district.name_en
    frame: dict[str, Any] = {
        "lang": lang,
        "w": words(lang),
        "say": lambda key, **values: say(lang, key, **values),
        "district": name,
        "title": say(lang, "sheet.file", name=name),
        "question": say(lang, "sheet.question", profile=walker, n=minutes),
        "walker": walker,
        "minutes": minutes,
        "revision": district.revision,
        "synthetic": district.origin == Origin.SYNTHETIC,
        "note": noted(district, lang),
        "credits": district.credits,
        "protected": protected,
        "term": term,
        "ink": palettes.INK,
        "ink_on": palettes.ink_on,
        "sheets": [_laid_out(sheet, lang) for sheet in sheets],
    }
    return page.render(**frame)


def _laid_out(sheet: Sheet, lang: str) -> dict[str, Any]:
    """Return a sheet with its map, its title and the columns of its table."""
    rows = len(sheet.parts)
    is_low = rows > 2 * _ROWS or (sheet.kind == "card" and (len(sheet.posts) > 1 or lang == "en"))
    height = (_LOW_MAP_MM if is_low else _MAP_MM)[sheet.kind]
    drawn = draw_map(sheet.ground, sheet.reach, height_mm=height, north=say(lang, "sheet.north"))
    is_beat = sheet.level == "beat"
    half = -(-rows // 2)
    in_two = [sheet.parts[:half], sheet.parts[half:]]
    return {
        "sheet": sheet,
        "map": drawn,
        "heading": say(lang, f"sheet.{sheet.kind}"),
        "level": say(lang, "place.beat" if is_beat else f"level.{sheet.level}_one"),
        "columns": in_two if rows > _ROWS else [sheet.parts],
        "parts_head": say(lang, f"sheet.parts_{'medium' if is_beat else sheet.level}"),
    }
