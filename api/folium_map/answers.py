"""The folium map of a snapshot, for ``map.html`` and ``lifecircle map``."""

from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from api.snapshot.paces import paces
from api.snapshot.provenance import unlinked_homes
from geo.model.vocabulary import Level
from maps.folium.folium_map import district_map


def folium_html(
    snapshot: Snapshot, question: CoverageQuestion, *, lang: str, protected: bool = False
) -> str:
    """Return one self-contained HTML file: every level of grid, and the uncovered buildings.

    It says so where the counts of the snapshot are protected.
    """
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
        minutes=snapshot.minutes(question),
        network=snapshot.network_hash(question.profile),
        lang=lang,
        paces=_shares(snapshot, question),
        beats=snapshot.beats,
        protected=protected,
        unlinked={
            "points": _unlinked_points(snapshot, question.profile),
            "buildings": _unlinked_buildings(snapshot, question.profile),
        },
    )


def _unlinked_points(snapshot: Snapshot, profile: str) -> list[tuple[str, str]]:
    """Return name, or id, and reason of each unlinked service point of a category."""
    points, reason = snapshot.layers.service_points, snapshot.snapped(profile).point_reason
    counts = points["category"].isin([category.id for category in snapshot.standard.categories])
    names = points["name"].where(points["name"] != "", points["point_id"])
    lost = (counts & (reason != "")).to_numpy()
    return list(zip(names[lost], reason[lost], strict=True))


def _unlinked_buildings(snapshot: Snapshot, profile: str) -> list[tuple[str, str]]:
    """Return name, or id, and reason of each unlinked building that is lived in."""
    buildings, reason = snapshot.layers.buildings, snapshot.snapped(profile).reason
    names = buildings["name"].where(buildings["name"] != "", buildings["building_id"])
    lost = unlinked_homes(snapshot, profile)
    return list(zip(names.iloc[lost], reason[lost], strict=True))


def _shares(snapshot: Snapshot, question: CoverageQuestion) -> dict[float, float]:
    """Return the share of households that reach all, by metres in 15 minutes; empty if unknown."""
    shares = {row["pace_m"]: row["coverage_all"] for row in paces(snapshot, question)}
    return {pace_m: share for pace_m, share in shares.items() if share is not None}
