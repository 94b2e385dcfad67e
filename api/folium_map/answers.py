"""The folium map of a snapshot: what ``map.html`` and ``lifecircle map`` give."""

from api.snapshot.district import Snapshot
from geo.model.layers import Level
from maps.folium.folium_map import district_map


def folium_html(snapshot: Snapshot, *, lang: str, minutes: float, profile: str) -> str:
    """Return one self-contained HTML file: every level of grid, and the uncovered buildings."""
    present = set(snapshot.layers.grids["level"])
    levels = [*(str(level) for level in Level if level in present), "district"]
    coverage = {by: snapshot.coverage(by, minutes=minutes, profile=profile) for by in levels}
    coverage["building"] = snapshot.buildings(minutes=minutes, profile=profile)
    return district_map(
        snapshot.district,
        snapshot.layers,
        coverage,
        standard=snapshot.standard,
        profile=snapshot.profile(profile),
        minutes=minutes,
        network=snapshot.network_hash(profile),
        lang=lang,
        beats=snapshot.beats,
    )
