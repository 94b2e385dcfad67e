"""The folium map of a snapshot: what ``map.html`` and ``lifecircle map`` give."""

from api.snapshots import Snapshot
from geo.district import Level
from maps.folium_map import district_map


def folium_html(snapshot: Snapshot, *, lang: str, minutes: float, profile: str) -> str:
    """Return one self-contained HTML file with every level of grid that the district has."""
    present = set(snapshot.layers.grids["level"])
    coverage = {
        str(level): snapshot.coverage(str(level), minutes=minutes, profile=profile)
        for level in Level
        if level in present
    }
    return district_map(
        snapshot.district,
        snapshot.layers,
        coverage,
        standard=snapshot.standard,
        profile=snapshot.profile(profile),
        minutes=minutes,
        lang=lang,
    )
