"""A walker in words: the speed, and the rules that change the pace on the way."""

from geo.model.standard import Profile, SlopeRule
from maps.words.catalogue import say, words


def walker_title(profile: Profile, lang: str) -> str:
    """Return the name of a walker, with its speed where that is the question's own.

    Examples
    --------
    >>> walker_title(Profile("a", "成年人", "Adult", 1.1, own_speed=True), "en")
    'Adult (1.1 m/s, own)'
    """
    name = str(getattr(profile, lang))
    if not profile.own_speed:
        return name
    return say(lang, "walker.title", name=name, n=f"{profile.speed_m_s:.4g}")


def walker_words(profile: Profile, lang: str) -> str:
    """Return speed and rules as part of a sentence.

    Examples
    --------
    >>> walker_words(Profile("a", "成年人", "Adult", 1.25, slope=SlopeRule.TOBLER), "en")
    '1.25 m/s, slope-adjusted (Tobler)'
    """
    comma = say(lang, "walker.separator")
    parts = [say(lang, "walker.speed", n=f"{profile.speed_m_s:.4g}")]
    if profile.of_district:
        parts.append(say(lang, "walker.of_district"))
    if profile.own_speed:
        parts.append(say(lang, "walker.own_speed"))
    if profile.avoid:
        kinds = [words(lang).get(f"way.{kind}", kind) for kind in sorted(profile.avoid)]
        parts.append(say(lang, "walker.avoid", kinds=say(lang, "walker.or").join(kinds)))
    if profile.steps_pace != 1 and "steps" not in profile.avoid:
        parts.append(say(lang, "walker.steps", n=f"{profile.steps_pace:g}"))
    if profile.slope is SlopeRule.TOBLER:
        parts.append(say(lang, "walker.tobler"))
    elif profile.slope is SlopeRule.CLIMB:
        parts.append(say(lang, "walker.climb", n=f"{profile.climb_pace:g}"))
    if profile.max_slope is not None:
        parts.append(say(lang, "walker.max_slope", n=f"{profile.max_slope:.1%}"[:-1]))
    if profile.crossing_s:
        parts.append(say(lang, "walker.crossing", n=f"{profile.crossing_s:g}"))
    return comma.join(parts)
