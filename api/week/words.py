"""What is remarkable about a week, in sentences."""

from collections.abc import Mapping

from api.console.terms import WEEKDAYS, term
from api.formats.aliases import Json
from geo.messages import LANGUAGES, Message, speaking
from geo.model.standard import Standard


def sentences(
    figures: Mapping[str, Json], standard: Standard, households: float, minutes: Mapping[str, float]
) -> Json:
    """Return ``sentences_zh`` and ``sentences_en``: of all categories, then of each that varies.

    Parameters
    ----------
    figures : mapping of str to dict
        Of ``all`` and of every category (:func:`api.week.answers.week`).
    standard : Standard
        For the names of categories.
    households : float
        Of the district.
    minutes : mapping of str to float
        Threshold of each category, and of ``all`` where it is one for all.
    """
    names = {
        category.id: {"zh": category.zh, "en": category.en} for category in standard.categories
    }
    result: Json = {}
    for lang in LANGUAGES:
        with speaking(lang):
            told = []
            for category, each in figures.items():
                name = str(Message("week.all")) if category == "all" else names[category][lang]
                told += _of_category(name, each, households, minutes.get(category))
            result[f"sentences_{lang}"] = told
    return result


def _of_category(name: str, each: Json, households: float, minutes: float | None) -> list[str]:
    best, worst = each["best"], each["worst"]
    if best["households"] == worst["households"]:
        return []
    said = {
        "name": name,
        "households": round(households),
        "best": round(best["households"]),
        "worst": round(worst["households"]),
        "best_at": _hour(best["hour"]),
        "worst_at": _hour(worst["hour"]),
    }
    told = [str(Message("week.range", said))]
    if each["weekdays"] is not None:
        told.append(str(Message("week.weekdays", {"name": name, **each["weekdays"]})))
    if each["not_at_night"] and minutes is not None:
        night = {"name": name, "n": round(each["not_at_night"]), "minutes": minutes}
        told.append(str(Message("week.not_at_night", night)))
    return told


def _hour(name: str) -> str:
    return f"{term(name[:2], WEEKDAYS)} {name[2:]}:00"
