"""What values are called where people read them: levels, statuses, categories, walkers.

In English they are called as options and JSON have them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geo.messages import Message, language

if TYPE_CHECKING:
    from api.formats.aliases import Json
    from geo.model.standard import Standard

LEVELS: Final = {
    "small": "terms.small",
    "medium": "terms.medium",
    "large": "terms.large",
    "district": "terms.district",
}
STATUSES: Final = {
    "covered": "terms.covered",
    "beyond": "terms.beyond",
    "unlinked": "terms.unlinked",
}
ASSIGNED: Final = {
    "inside": "terms.inside",
    "on_border": "terms.on_border",
    "outside": "terms.outside",
    "invalid": "terms.invalid",
    "not_an_object": "terms.not_an_object",
    "not_a_number": "terms.not_a_number",
    "lon_and_lat_swapped": "terms.swapped",
    "off_the_map": "terms.off_the_map",
    "in_no_grid": "terms.in_no_grid",
}
UNLINKED: Final = {
    "no_network": "terms.no_network",
    "too_far": "terms.too_far",
    "blocked": "terms.blocked",
}
ENTRANCES: Final = {
    "main": "terms.entrance_main",
    "yes": "terms.entrance_yes",
    "staircase": "terms.entrance_staircase",
    "home": "terms.entrance_home",
    "shop": "terms.entrance_shop",
    "service": "terms.entrance_service",
    "gate": "terms.entrance_gate",
    "outline": "terms.entrance_outline",
    "garage": "terms.entrance_garage",
    "emergency": "terms.entrance_emergency",
    "exit": "terms.entrance_exit",
}
METHODS: Final = {
    "2sfca": "terms.two_step",
    "e2sfca": "terms.enhanced_two_step",
    "3sfca": "terms.three_step",
    "gravity": "terms.gravity",
}
DECAYS: Final = {
    "step": "terms.decay_step",
    "linear": "terms.decay_linear",
    "gaussian": "terms.decay_gaussian",
    "exponential": "terms.decay_exponential",
    "logistic": "terms.decay_logistic",
    "zones": "terms.decay_zones",
}
GROUPS: Final = {
    "households": "terms.households",
    "residents": "terms.residents",
    "residents_60plus": "terms.residents_60plus",
    "residents_under15": "terms.residents_under15",
}
SUCCESSIONS: Final = {
    "split": "terms.split",
    "merge": "terms.merge",
    "move": "terms.move",
}
CHANGES: Final = {
    "added": "terms.added",
    "changed": "terms.changed",
    "redrawn": "terms.redrawn",
    "removed": "terms.removed",
    "retired": "terms.retired",
}
STATES: Final = {
    "queued": "terms.queued",
    "running": "terms.running",
    "done": "terms.done",
    "failed": "terms.failed",
    "cancelled": "terms.cancelled",
    "interrupted": "terms.interrupted",
    "draft": "terms.draft",
    "published": "terms.published",
    "valid": "terms.valid",
    "expired": "terms.expired",
    "revoked": "terms.revoked",
}
JOBS: Final = {
    "import": "terms.job_import",
    "partition": "terms.job_partition",
    "coverage": "terms.job_coverage",
}
RULES: Final = {
    "row": "terms.rule_row",
    "valid": "terms.rule_valid",
    "collapsed": "terms.rule_collapsed",
    "multipart": "terms.rule_multipart",
    "overlap": "terms.rule_overlap",
    "gap": "terms.rule_gap",
    "hole": "terms.rule_hole",
    "sliver": "terms.rule_sliver",
    "outside": "terms.rule_outside",
    "matched": "terms.rule_matched",
    "nested": "terms.rule_nested",
    "parent": "terms.rule_parent",
    "building": "terms.rule_building",
    "barrier": "terms.rule_barrier",
    "band": "terms.rule_band",
    "code": "terms.rule_code",
    "retired": "terms.rule_retired",
    "order": "terms.rule_order",
}
ORIGINS: Final = {
    "given": "terms.given",
    "osm": "terms.osm",
    "drawn": "terms.drawn",
    "synthetic": "terms.synthetic",
}
VERIFIED: Final = {
    "text": "terms.text",
    "second": "terms.second",
    "second-hand": "terms.second",
    "derived": "terms.derived",
    "unverified": "terms.unverified",
}
OUT_OF_BAND: Final = {
    "grid": "terms.grid",
    "beat": "terms.beat",
    "too_few_households": "terms.too_few_households",
    "out_of_reach": "terms.out_of_reach",
    "no_number_fits": "terms.no_number_fits",
    "buildings_too_large": "terms.buildings_too_large",
    "buildings_do_not_add_up": "terms.buildings_do_not_add_up",
    "nothing_around_fits": "terms.nothing_around_fits",
    "kept": "terms.kept",
    "not_found": "terms.not_found",
}
LAYERS: Final = {
    "boundary": "terms.boundary",
    "grids": "terms.grids",
    "buildings": "terms.buildings",
    "service_points": "terms.service_points",
    "walk_edges": "terms.walk_edges",
    "barriers": "terms.barriers",
    "gates": "terms.gates",
    "open_grounds": "terms.open_grounds",
    "entrances": "terms.entrances",
    "workers": "terms.workers",
    "organisations": "terms.organisations",
    "households": "terms.household_counts",
}
WEEKDAYS: Final = {
    "Mo": "terms.mo",
    "Tu": "terms.tu",
    "We": "terms.we",
    "Th": "terms.th",
    "Fr": "terms.fr",
    "Sa": "terms.sa",
    "Su": "terms.su",
}


def term(value: object, known: Mapping[str, str]) -> str:
    """Return what a value is called; as it stands where no word is known for it."""
    code = known.get(str(value))
    return str(value) if code is None else str(Message(code))


def category_names(standard: "Standard") -> Mapping[str, str]:
    """Return what each category is called, and ``all`` of them."""
    if language() != "zh":
        return {each.id: each.id for each in standard.categories} | {"all": "all"}
    named = {each.id: each.zh for each in standard.categories}
    return named | {"all": str(Message("terms.all"))}


def walker_name(walker: "Json") -> str:
    """Return what a walker of :func:`api.snapshot.profiles.profile_detail` is called."""
    name = str(walker["zh"] if language() == "zh" else walker["id"])
    speed = {"name": name, "speed": walker["speed_m_s"]}
    return str(Message("terms.own_speed", speed)) if walker["own_speed"] else name


def full_name(name_zh: str, name_en: str) -> str:
    """Return the name of a district: in English both that it has."""
    if language() == "zh":
        return name_zh or name_en
    return " ".join(dict.fromkeys((name_zh, name_en)))


def name_of(row: Mapping[str, Any]) -> str:
    """Return the name of a district or grid, the other language's where it has none."""
    first, other = ("name_zh", "name_en") if language() == "zh" else ("name_en", "name_zh")
    return str(row[first] or row[other])
