"""Answer about a standard."""

from dataclasses import asdict

from api.formats.aliases import Json
from api.formats.json import number
from api.snapshot.profiles import profile_detail
from boundaries.standards.json import category_to_json
from geo.model.standard import Profile, Standard


def standard_detail(standard: Standard) -> Json:
    """Return a standard with every figure's source and verified mark."""
    return {
        "id": standard.id,
        "version": standard.version,
        "zh": standard.zh,
        "en": standard.en,
        "minutes": [number(minutes) for minutes in standard.minutes],
        "categories": [category_to_json(category) for category in standard.categories],
        "beside": [category_to_json(group) for group in standard.beside],
        "profiles": [profile_with_sources(profile) for profile in standard.profiles],
    }


def profile_with_sources(profile: Profile) -> Json:
    """Return a walker with the source and the mark of its speed and of each rule."""
    return {
        **profile_detail(profile),
        "source": profile.source,
        "verified": profile.verified,
        "rules": [asdict(rule) for rule in profile.sources],
    }
