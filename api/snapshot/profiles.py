"""What is told of a walker beside every result: speed and rules, as members and as a line."""

from api.errors import ParameterError
from api.formats.aliases import Json
from geo.model.standard import Profile, SlopeRule, Standard


def find_profile(standard: Standard, profile_id: str) -> Profile:
    """Return a profile of a standard; raise `ParameterError` naming those there are."""
    for profile in standard.profiles:
        if profile.id == profile_id:
            return profile
    known = ", ".join(profile.id for profile in standard.profiles)
    raise ParameterError("profile", f"Got profile {profile_id!r}; wanted one of {known}.")


def profile_detail(walker: Profile) -> Json:
    """Return a walker with the speed and the rules that answers are given by."""
    names = ("id", "zh", "en", "speed_m_s", "steps_pace", "slope", "climb_pace", "crossing_s")
    slope = walker.max_slope
    return {
        **{name: getattr(walker, name) for name in names},
        "slope": str(walker.slope),
        "max_slope": None if slope is None else round(slope, 4),
        "avoid": sorted(walker.avoid),
    }


def walker_text(told: Json) -> str:
    """Return what :func:`profile_detail` tells of a walker, as a line of text."""
    parts = [str(told["id"]), f"{told['speed_m_s']:g} m/s"]
    if told["avoid"]:
        parts.append(f"no {', no '.join(told['avoid'])}")
    if told["steps_pace"] != 1 and "steps" not in told["avoid"]:
        parts.append(f"steps count {told['steps_pace']:g} times")
    if told["slope"] == SlopeRule.CLIMB:
        parts.append(f"a metre of climb counts for {told['climb_pace']:g} m")
    elif told["slope"] == SlopeRule.TOBLER:
        parts.append("slopes after Tobler")
    if told["max_slope"] is not None:
        parts.append(f"no slope above {told['max_slope']:.1%}")
    if told["crossing_s"]:
        parts.append(f"{told['crossing_s']:g} s at each crossing")
    return ", ".join(parts)
