"""Notices on stderr beside a result: origin and credits of the data, what figures leave out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from api.console.output import listed, print_table, print_text, say
from api.console.terms import LAYERS, WEEKDAYS, term
from api.formats.aliases import Json
from geo.messages import Message, language

_NAMED = 8
"""Things of one kind that are listed by name."""

TIMED = ("service_points", "gates", "walk_edges")
"""Layers with opening hours, in the order in which they are told."""


def print_notices(about: Json) -> None:
    """Print the origin, credits and limits of an answer's figures on stderr."""
    outside = about.get("outside")
    if outside and outside["buildings"]:
        households = round(outside["households"])
        counts = {"buildings": outside["buildings"], "households": households}
        say(Message("console.outside", counts))
    if about.get("own_points"):
        say(Message("console.own_points"))
    if "as_of" in about:
        say(Message("console.as_of", {"as_of": about["as_of"], "revision": about["revision"]}))
    for lost in unlinked_said(about):
        say(lost)
    _print_set_aside(about.get("set_aside"))
    _print_hours(about.get("hours_at"))
    if mixed := households_said(about):
        say(mixed)
    note = noted(about)
    if about["synthetic"]:
        say(str(Message("console.synthetic", {"note": note})).rstrip())
    elif note:
        say(note)
    for credit in about["credits"]:
        say(credit)


def households_said(about: Json) -> Message | None:
    """Return how many households are counted and how many estimated, where some are estimated."""
    known = about.get("households_known")
    return Message("console.households_known", known) if known and known["estimated"] else None


def unlinked_said(about: Json) -> list[Message]:
    """Return the service points and lived-in buildings of an answer that meet no walkable way."""
    said = []
    points, buildings = about.get("unlinked_points"), about.get("unlinked_buildings")
    if points and points["points"]:
        each = [_unlinked(point, point["point_id"]) for point in points["named"][:_NAMED]]
        said.append(Message("console.unlinked_points", {"n": points["points"], "each": each}))
    if buildings and buildings["buildings"]:
        each = [_unlinked_building(building) for building in buildings["named"][:_NAMED]]
        counts = {"n": buildings["buildings"], "households": round(buildings["households"])}
        said.append(Message("console.unlinked_buildings", {**counts, "each": each}))
    return said


def _unlinked(place: Json, key: str) -> Message:
    """Return the name of an unlinked place, or its key, and the reason."""
    from geo.network.snap import REASON_WORDS  # noqa: PLC0415 - heavy

    why = Message(REASON_WORDS[place["reason"]])
    return Message("console.unlinked_place", {"name": place["name"] or key, "why": why})


def _unlinked_building(building: Json) -> Message:
    """Return an unlinked building, the reason, and the way nearest to it with what lies before."""
    place, way = _unlinked(building, building["building_id"]), building["way"]
    if way is None:
        return place
    code = "console.unlinked_building" if way["barrier_id"] is None else "console.unlinked_behind"
    return Message(code, {"place": place, **way})


def noted(about: Json) -> str:
    """Return the note of a district's data, in the other language where it is not translated."""
    first, other = ("note_zh", "note") if language() == "zh" else ("note", "note_zh")
    return str(about[first] or about[other])


def _print_set_aside(left: Json | None) -> None:
    """Print the rows that another program left unusable."""
    if left is None:
        return
    say(Message("console.set_aside", {"rows": left["rows"]}))
    for row in left["named"][:_NAMED]:
        say(Message("console.set_aside_row", row))
    if left["rows"] > _NAMED:
        say(Message("console.set_aside_more"))


def _print_hours(moment: Json | None) -> None:
    if moment is None:
        return
    say(Message("console.hours", hours_said(moment)))
    for layer in TIMED:
        if n := moment[layer]["unreadable"]:
            named = names(moment[layer]["unreadable_ids"])
            said = {"layer": term(layer, LAYERS), "n": n, "named": named}
            say(Message("console.hours_unreadable", said))


def hours_said(moment: Json) -> dict[str, object]:
    """Return an answer's opening hours at a moment as sentences say them."""
    each = [
        Message("console.hours_layer", {"layer": term(layer, LAYERS), **moment[layer]})
        for layer in TIMED
    ]
    return {"at": moment["at"], "weekday": term(moment["weekday"], WEEKDAYS), "each": each}


def print_missing(without: Sequence[str]) -> None:
    """Print the categories that have no service point, and so cannot be judged."""
    if without:
        say(Message("console.no_points", {"named": list(without)}))


def print_floors(answer: Json) -> None:
    """Print how dwellings count by floor, if they do."""
    if counted := answer["floors"]:
        print_text(Message("console.floors", {**counted["unknown"], **counted["lifts"]}))


def print_written(paths: Sequence[Path]) -> None:
    """Say which files were written."""
    say(Message("console.wrote", {"paths": list(paths)}))


def names(which: Sequence[str], *, limit: int = _NAMED) -> str:
    """Return names separated by commas, only the first ones where there are many."""
    return listed(which[:limit]) + (" ..." if len(which) > limit else "")


def print_named(title: Message | str, named: Mapping[str, str]) -> None:
    """Print the first places that an import lists, and what was done there."""
    rows = [{"heads.place": place, "heads.what": what} for place, what in named.items()]
    if rows:
        print_table(Message("console.named", {"title": title}), rows, limit=_NAMED)
