"""Profiles (walkers): look-up, and their speed and rules as JSON and as text."""

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
    """Return a profile with its speed and rules as JSON."""
    names = ("id", "zh", "en", "speed_m_s", "steps_pace", "slope", "climb_pace", "crossing_s")
    slope = walker.max_slope
    return {
        **{name: getattr(walker, name) for name in names},
        "slope": str(walker.slope),
        "max_slope": None if slope is None else round(slope, 4),
        "avoid": sorted(walker.avoid),
    }


def walker_text(walker: Json) -> str:
    """Return a walker of :func:`profile_detail` as a line of text."""
    parts = [str(walker["id"]), f"{walker['speed_m_s']:g} m/s"]
    if walker["avoid"]:
        parts.append(f"no {', no '.join(walker['avoid'])}")
    if walker["steps_pace"] != 1 and "steps" not in walker["avoid"]:
        parts.append(f"steps count {walker['steps_pace']:g} times")
    if walker["slope"] == SlopeRule.CLIMB:
        parts.append(f"a metre of climb counts for {walker['climb_pace']:g} m")
    elif walker["slope"] == SlopeRule.TOBLER:
        parts.append("slopes after Tobler")
    if walker["max_slope"] is not None:
        parts.append(f"no slope above {walker['max_slope']:.1%}")
    if walker["crossing_s"]:
        parts.append(f"{walker['crossing_s']:g} s at each crossing")
    return ", ".join(parts)
