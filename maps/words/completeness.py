"""Texts of the completeness report: rules, results, reasons and summary."""

from collections.abc import Mapping

from maps.words.catalogue import say


def rule_word(rule: str, lang: str) -> str:
    """Return the name of a rule that is not named after a role.

    Examples
    --------
    >>> rule_word("catchment", "en")
    'catchment of a station'
    """
    return say(lang, f"rule.{rule}")


def met_word(status: str, lang: str) -> str:
    """Return a :class:`geo.staffing.completeness.Met` in words."""
    return say(lang, f"met.{status}")


def reason_word(reason: str, lang: str, *, unplaced: bool = False) -> str:
    """Return in words why something is unlinked or unplaced."""
    return say(lang, f"stand.{reason}") if unplaced else say(lang, f"leg.{reason}")


def level_word(level: str, lang: str) -> str:
    """Return the name of the level of a row: a grid, a beat or a station.

    Examples
    --------
    >>> level_word("small", "en"), level_word("beat", "zh")
    ('Small grid', '责任片区')
    """
    if level in {"beat", "station"}:
        return say(lang, f"place.{level}")
    return say(lang, f"level.{level}_one")


def what_word(what: str, lang: str) -> str:
    """Return the name of a kind of place: hub, station or building."""
    return say(lang, f"what.{what}")


def head_word(column: str, lang: str) -> str:
    """Return the head of a column."""
    return say(lang, f"head.{column}")


def title_word(table: str, lang: str) -> str:
    """Return the title of a table."""
    return say(lang, f"plan.{table}")


def stations_sentence(counts: Mapping[str, float], lang: str, *, minutes: float) -> str:
    """Summarise the rule of one hub and many stations in sentences.

    Parameters
    ----------
    counts : mapping
        As :func:`api.completeness.answers.completeness_answer` counts.
    lang : {'zh', 'en'}
    minutes : float
    """
    if not counts["hubs"] and not counts["stations"]:
        sentences = [say(lang, "plan.neither")]
    elif not counts["stations"]:
        sentences = [say(lang, "plan.no_station")]
    else:
        sentences = [_hubs(counts, lang, minutes), _catchments(counts, lang, minutes)]
    if any(counts[f"unlinked_{what}"] for what in ("hubs", "stations", "buildings")):
        unlinked = {
            name.removeprefix("unlinked_"): f"{number:,}"
            for name, number in counts.items()
            if name.startswith("unlinked_")
        }
        sentences.append(say(lang, "plan.not_linked", **unlinked))
    if counts["unplaced"]:
        sentences.append(say(lang, "plan.nowhere", n=f"{counts['unplaced']:,}"))
    return (" " if lang == "en" else "").join(sentences)


def _hubs(counts: Mapping[str, float], lang: str, minutes: float) -> str:
    if not counts["hubs"]:
        return say(lang, "plan.no_hub")
    return say(
        lang,
        "plan.hubs",
        hubs=f"{counts['hubs']:,}",
        stations=f"{counts['stations']:,}",
        own=f"{counts['own_stations']:,}",
        near=f"{counts['own_stations_met']:,}",
        n=f"{minutes:g}",
    )


def _catchments(counts: Mapping[str, float], lang: str, minutes: float) -> str:
    return say(
        lang,
        "plan.catchments",
        whole=f"{counts['grids_met']:,}",
        grids=f"{counts['grids']:,}",
        within=f"{counts['households_within']:,}",
        households=f"{counts['households']:,}",
        n=f"{minutes:g}",
    )


def basis_words(*, lang: str, minutes: float, profile: str, metres: float, network: str) -> str:
    """Return the parameters that the walks of a report were computed with."""
    values = {"n": f"{minutes:g}", "profile": profile, "metres": f"{metres:,g}"}
    return say(lang, "plan.basis", network=network, **values)
