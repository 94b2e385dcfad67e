"""Records of changes, imports, versions, lineage and editions."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from boundaries.import_report import ImportReport, LayerReport
from boundaries.store.tables.record_tables import EditionState
from geo.errors import ConflictError
from geo.grids.succession import SuccessionKind
from geo.model.layers import Level


class RevisionError(ConflictError):
    """The district has left the revision that a change is based on."""


class StaleError(ConflictError):
    """A feature has changed since the caller read it.

    Attributes
    ----------
    layer : str
    now : dict of str to int or None
        Current revision of each feature; None if it is gone.
    """

    def __init__(self, message: str, *, layer: str, now: dict[str, int | None]) -> None:
        super().__init__(message)
        self.layer = layer
        self.now = now


@dataclass(frozen=True, slots=True)
class Deed:
    """Metadata of a change: what, by whom, valid from when.

    Attributes
    ----------
    what : str
        Text for the log; empty for the default text of the store.
    actor : str
        Post or account; empty if unknown.
    valid_from : date, optional
        First day of validity, not in the future; today (UTC) if omitted.
    report : ImportReport, optional
        Of the import that does it.
    sha256 : str
        Of the file that was imported.
    seal : Seal, optional
        Further writes in the same transaction.
    """

    what: str = ""
    actor: str = ""
    valid_from: date | None = None
    report: ImportReport | None = None
    sha256: str = ""
    seal: "Seal | None" = None


Seal = Callable[[Connection, Deed, int], None]
"""Gets the new revision and writes in its transaction; an exception rolls the change back."""

ANONYMOUS: Final = Deed()
"""A deed without any metadata."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One row of the log: what made a revision.

    Attributes
    ----------
    revision : int
    at : str
        When it was committed, UTC, ISO 8601.
    valid_from : date
        First day of validity.
    actor, what : str
    counts : dict of str to dict of str to int
        Per layer, rows ``added``, ``changed`` and ``removed``.
    before, after : dict
        Per layer and key, the values that changed, as they were and as they became; empty where a
        change touches more than :data:`boundaries.store.rows.diff.MOST_NAMED` rows.
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
    content : dict
        Values by column; geometry as a shape under ``geometry``.
    since : int
        Revision that gave it these values.
    until : int or None
        First revision without them; None if current.
    valid_from : date
    valid_to : date or None
        First day without them; not after `valid_from` if a later, backdated change covers all its
        days.
    """

    content: dict[str, Any]
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
    undone : int or None
        The revision that undid it; None where none did.
    """

    report: ImportReport
    sha256: str
    imported_at: str
    revision: int
    undone: int | None = None

    def holds_at(self, revision: int) -> bool:
        """Return whether a district at `revision` is what this import, among others, made of it."""
        return self.revision <= revision and (self.undone is None or self.undone > revision)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which grid came from which.

    Attributes
    ----------
    revision : int
        In which it came to be.
    valid_from : date
    level : Level
    kind : SuccessionKind
    old_code, new_code : str
    share : float
        Of the old grid's area that became part of the new one, 0..1.
    """

    revision: int
    valid_from: date
    level: Level
    kind: SuccessionKind
    old_code: str
    new_code: str
    share: float


@dataclass(frozen=True, slots=True)
class Edition:
    """A grid plan as it was at one revision, under a name; a published one never changes.

    Attributes
    ----------
    name : str
    state : EditionState
    revision : int
        Of the district, whose grids it names.
    dated : date
        Day that the plan bears.
    at : str
        Of its last change, UTC, ISO 8601.
    actor, note : str
    sha256 : str
        Of the grids: codes, levels, parents, names, origins and geometry.
    """

    name: str
    state: EditionState
    revision: int
    dated: date
    at: str
    actor: str
    note: str
    sha256: str


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
