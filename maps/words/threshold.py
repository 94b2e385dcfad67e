"""A threshold in words: one for all categories, or from the least to the most of theirs."""

from collections.abc import Collection

from geo.model.standard import Profile, Standard
from geo.routing.walking_time import Minutes
from maps.words.catalogue import say


def span_words(minutes: Minutes) -> str:
    """Return minutes, the least and the most where each category has its own.

    Examples
    --------
    >>> span_words(15.0), span_words((8.0, 15.0, 5.0))
    ('15', '5–15')
    """
    return _span(minutes, "g")


def metres_words(minutes: Minutes, profile: Profile) -> str:
    """Return what these minutes stand for at a walker's speed."""
    return _span(tuple(profile.metres(each) for each in _each(minutes)), ",.0f")


def own_words(minutes: Minutes, standard: Standard, lang: str, *, without: Collection[str]) -> str:
    """Return the minutes of each category that can be judged; empty where one counts for all."""
    if not isinstance(minutes, tuple):
        return ""
    pairs = zip(standard.categories, minutes, strict=True)
    named = [f"{getattr(c, lang)} {each:g}" for c, each in pairs if c.id not in without]
    return say(lang, "file.own", each=say(lang, "walker.separator").join(named))


def judged_minutes(minutes: Minutes, standard: Standard, *, without: Collection[str]) -> Minutes:
    """Return the thresholds of the categories that can be judged; of all where none can."""
    if not isinstance(minutes, tuple):
        return minutes
    pairs = zip(standard.categories, minutes, strict=True)
    return tuple(each for category, each in pairs if category.id not in without) or minutes


def _each(minutes: Minutes) -> tuple[float, ...]:
    return minutes if isinstance(minutes, tuple) else (minutes,)


def _span(minutes: Minutes, form: str) -> str:
    each = _each(minutes)
    return "–".join(f"{value:{form}}" for value in dict.fromkeys((min(each), max(each))))
