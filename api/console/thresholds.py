"""The threshold of an answer: one for all categories, or each category's own."""

from api.formats.aliases import Json
from geo.messages import Message


def within(answer: Json) -> Message:
    """Return the minutes of an answer about several categories.

    Examples
    --------
    >>> thresholds = {"a": {"minutes": 5}, "b": {"minutes": 15}}
    >>> within({"minutes": None, "thresholds": thresholds}).text("en")
    'the 5-15 min of each category'
    """
    if answer["minutes"] is not None:
        return Message("thresholds.minutes", {"minutes": answer["minutes"]})
    return Message("thresholds.own_minutes", {"span": _span(answer, "minutes")})


def metres(answer: Json) -> Message:
    """Return the metres that these minutes stand for."""
    if answer["metres"] is not None:
        return Message("thresholds.metres", {"metres": answer["metres"]})
    return Message("thresholds.own_metres", {"span": _span(answer, "metres")})


def _span(answer: Json, figure: str) -> str:
    """Return the least and the most of a figure of the thresholds."""
    each = [threshold[figure] for threshold in answer["thresholds"].values()]
    return "-".join(f"{value:,.4g}" for value in dict.fromkeys((min(each), max(each))))
