"""The folium map of a snapshot, for ``map.html`` and ``lifecircle map``."""

from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from geo.model.layers import Level
from maps.folium.folium_map import district_map


def folium_html(snapshot: Snapshot, question: CoverageQuestion, *, lang: str) -> str:
    """Return one self-contained HTML file: every level of grid, and the uncovered buildings."""
    present = set(snapshot.layers.grids["level"])
    levels = [*(str(level) for level in Level if level in present), "district"]
    coverage = {by: snapshot.coverage(by, question) for by in levels}
    coverage["building"] = snapshot.buildings(question)
    return district_map(
        snapshot.district,
        snapshot.layers,
        coverage,
        standard=snapshot.standard,
        profile=snapshot.profile(question.profile),
        minutes=question.minutes,
        network=snapshot.network_hash(question.profile),
        lang=lang,
        beats=snapshot.beats,
    )
