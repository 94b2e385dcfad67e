"""When a gate or a way is open, from its OpenStreetMap tags, in one text."""

from collections.abc import Mapping

from boundaries.import_report import LayerReport
from boundaries.readers.opening_hours import CLAUSE, is_readable
from geo.messages import Message


def hours_of(tags: Mapping[str, str]) -> str:
    """Return the hours of a gate or a way, empty where it has none.

    That is its ``opening_hours``, and behind it the conditions of ``foot:conditional``, or of
    ``access:conditional`` where no tag of ``foot`` overrides it. Conditions that compare
    (``no @ (weight>3.5)``) are about vehicles and left out.

    Examples
    --------
    >>> hours_of({"opening_hours": "06:00-22:00", "access:conditional": "no @ (Su)"})
    '06:00-22:00; no @ (Su)'
    >>> hours_of({"access:conditional": "no @ (weight>3.5)"}), hours_of({"foot": "yes"})
    ('', '')
    """
    of_all = "" if "foot" in tags else tags.get("access:conditional", "")
    conditions = tags.get("foot:conditional", of_all)
    clauses = [clause[0].strip("; ") for clause in CLAUSE.finditer(conditions)] or [conditions]
    texts = [tags.get("opening_hours", ""), *clauses]
    return "; ".join(text for text in texts if text and "<" not in text and ">" not in text)


def note_hours(row: str, hours: str, report: LayerReport) -> None:
    """Count what has hours, and name it where they cannot be read."""
    if not hours:
        return
    report.note(Message("osm.with_hours"))
    if not is_readable(hours):
        report.note(Message("osm.hours_unreadable"))
        report.named[Message(row)] = Message("osm.hours_unread", {"hours": hours})
