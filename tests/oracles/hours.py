"""Opening hours from the text alone, and a district as it is at an hour; nothing from ``geo``.

Plain weekly rules are read: days and spans of hours, ``off``, over midnight, in the ordinary week
without holidays. What is written otherwise is left to the caller.
"""

import re
from dataclasses import replace

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = rf"(?:{'|'.join(DAYS)}|PH)"
_RULE = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:\s*,\s*{_DAY}(?:-{_DAY})?)*)?:?\s*"
    r"(?P<times>24/7|off|closed|\d\d?:\d\d-\d\d:\d\d(?:\s*,\s*\d\d?:\d\d-\d\d:\d\d)*)?"
)


def is_open(text: str, day: int, minute: int) -> bool | None:
    """Return whether hours are open on a day (0 = Monday) at a minute; None if not understood."""
    rules = []
    for part in text.strip("; ").split(";"):
        match = _RULE.fullmatch(part.strip())
        if match is None or not part.strip():
            return None
        rules.append((_days(match["days"]), match["times"] or "00:00-24:00"))
    today, over = [], []
    for at, spans in ((day, today), ((day - 1) % 7, over)):
        for days, times in rules:
            if at not in days:
                continue
            spans.clear()  # a later rule replaces what earlier ones say of its days
            if times == "24/7":
                spans.append((0, 1440))
            elif times not in ("off", "closed"):
                spans += [_span(each) for each in times.split(",")]
    return any(a <= minute < b for a, b in today) or any(minute + 1440 < b for _, b in over)


def _days(text: str | None) -> set[int]:
    if text is None:
        return set(range(7))
    found = set()
    for part in re.split(r"\s*,\s*", text):
        ends = [DAYS.index(each) for each in part.split("-") if each != "PH"]
        if len(ends) == 2:
            at = ends[0]
            while at != ends[1]:
                found.add(at)
                at = (at + 1) % 7
        found |= set(ends[-1:])
    return found


def _span(text: str) -> tuple[int, int]:
    begin, end = (int(each[:-3]) * 60 + int(each[-2:]) for each in text.strip().split("-"))
    return begin, end if end > begin else end + 1440


def at_hour(layers, is_closed):
    """Return the layers without what is closed by its hours.

    `is_closed` takes the text of a row. Ways that end at a closed gate get nodes of their own.
    """
    gates, edges, points = layers.gates.copy(), layers.walk_edges.copy(), layers.service_points
    edges = edges[[not text or not is_closed(text) for text in edges["opening_hours"]]].copy()
    fresh = min(0, int(edges[["u", "v"]].min().min()))
    for row in gates.index:
        text = gates.at[row, "opening_hours"]
        if not text or gates.at[row, "access"] == "closed" or not is_closed(text):
            continue
        gates.at[row, "access"] = "closed"
        for side in ("u", "v"):
            for edge in edges.index[edges[side] == gates.at[row, "node"]]:
                fresh -= 1
                edges.at[edge, side] = fresh
    kept = [not text or not is_closed(text) for text in points["opening_hours"]]
    return replace(layers, gates=gates, walk_edges=edges, service_points=points[kept])
