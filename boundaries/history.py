"""What is kept of every change: who did what and when, what became of it, and of its import."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from boundaries.report import ImportReport, LayerReport
from geo.errors import ConflictError


class RevisionError(ConflictError):
    """The district is not at the revision that a change was worked out from."""


class StaleError(ConflictError):
    """A feature is not as it was when its change was worked out.

    Attributes
    ----------
    layer : str
    now : dict of str to int or None
        Per key, the revision since which the feature is as it is now; None where it is gone.
    """

    def __init__(self, message: str, *, layer: str, now: dict[str, int | None]) -> None:
        super().__init__(message)
        self.layer = layer
        self.now = now


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to a district, by whom, and as of when.

    Attributes
    ----------
    what : str
        In words, for the log; a store has its own words where it is empty.
    actor : str
        Who; a post or an account, empty where nobody said.
    valid_from : date, optional
        Day as of which it is true, not in the future; today (UTC) if omitted.
    report : ImportReport, optional
        Of the import that does it.
    sha256 : str
        Of the file that was imported.
    """

    what: str = ""
    actor: str = ""
    valid_from: date | None = None
    report: ImportReport | None = None
    sha256: str = ""


NOBODYS: Final = Deed()
"""A deed of which nothing is told."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One row of the log: what made a revision.

    Attributes
    ----------
    revision : int
    at : str
        When it was committed, UTC, ISO 8601.
    valid_from : date
        Day as of which it is true.
    actor, what : str
    counts : dict of str to dict of str to int
        Per layer, rows ``added``, ``changed`` and ``removed``.
    before, after : dict
        Per layer and key, the values that changed, as they were and as they became; empty where a
        change touches more than :data:`boundaries.changelog.MOST_NAMED` rows.
    """

    revision: int
    at: str
    valid_from: date
    actor: str
    what: str
    counts: dict[str, dict[str, int]]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a feature.

    Attributes
    ----------
    values : dict
        By column; geometry as a shape under ``geometry``.
    since : int
        Revision that gave it these values.
    until : int or None
        First revision without them; None while they hold.
    valid_from : date
    valid_to : date or None
        First day without them.
    """

    values: dict[str, Any]
    since: int
    until: int | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import that changed a district.

    Attributes
    ----------
    report : ImportReport
        What the import did, row by row.
    sha256 : str
        Of the file; empty if there was none.
    imported_at : str
        UTC, ISO 8601.
    revision : int
        The revision of the district that the import made.
    """

    report: ImportReport
    sha256: str
    imported_at: str
    revision: int


def report_to_json(report: ImportReport) -> str:
    """Return a report as JSON text."""
    return json.dumps(asdict(report), ensure_ascii=False)


def report_from_json(text: str) -> ImportReport:
    """Return the report that :func:`report_to_json` wrote.

    Examples
    --------
    >>> report = ImportReport("grids.geojson")
    >>> report.layer("grids").reject("row 3", "no geometry")
    >>> report_from_json(report_to_json(report)) == report
    True
    """
    value = json.loads(text)
    layers = {
        name: LayerReport(**{**layer, "rejected": [(row, why) for row, why in layer["rejected"]]})
        for name, layer in value["layers"].items()
    }
    return ImportReport(value["source"], layers)
