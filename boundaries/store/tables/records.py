"""Records of changes, imports, versions, lineage and editions."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from boundaries.import_report import ImportReport
from boundaries.store.tables.record_tables import EditionState
from geo.arrays import IntArray
from geo.errors import ConflictError, NotFoundError
from geo.grids.succession import SuccessionKind
from geo.messages import Message
from geo.model.layers import District, Layers
from geo.model.vocabulary import Level


class RevisionError(ConflictError):
    """The district has left the revision that a change is based on."""


class UnknownDistrictError(NotFoundError):
    """There is no such district, or none that the caller may know of.

    Attributes
    ----------
    code : str
        Of the district that was asked for.
    """

    def __init__(self, message: str, *, code: str, **parameters: Any) -> None:  # noqa: ANN401
        super().__init__(message, code=code, **parameters)
        self.code = code

    @classmethod
    def among(cls, code: str, known: Iterable[str]) -> "UnknownDistrictError":
        """Return the error that names the districts that the caller may know of."""
        listed = sorted(known)
        message = "districts.unknown" if listed else "districts.none_stored"
        return cls(message, code=code, known=listed)


class StaleError(ConflictError):
    """A feature has changed since the caller read it.

    Attributes
    ----------
    layer : str
    now : dict of str to int or None
        Current revision of each feature; None if it is gone.
    """

    def __init__(
        self,
        message: str,
        *,
        layer: str,
        now: dict[str, int | None],
        **parameters: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(message, layer=layer, **parameters)
        self.layer = layer
        self.now = now


class Mark(NamedTuple):
    """Identity of a district's content: content changed if its mark did.

    The revision alone would not do: a backup that takes the place of a store may count from an
    earlier revision on again.

    Attributes
    ----------
    revision : int
    at : str
        When the newest change was committed, UTC, ISO 8601; empty if the log does not say.
    """

    revision: int
    at: str


@dataclass(frozen=True, slots=True)
class State:
    """A district as it is, read in one transaction.

    Attributes
    ----------
    mark : Mark
    district : District
    layers : Layers
        EPSG:4326, rows by their key.
    origin : dict of str to ndarray of int64
        Of each layer that was renewed by its difference from a known state, the origins of its rows
        (:mod:`geo.model.renewal`). One that was read whole is not among them, nor one of which
        nothing changed: that is the frame of the known state.
    """

    mark: Mark
    district: District
    layers: Layers
    origin: Mapping[str, IntArray] = field(default_factory=dict)


class PlanGate(StrEnum):
    """What becomes of a change of grids that would put the plan newly at fault."""

    REFUSE = "refuse"  # nothing is stored
    TELL = "tell"  # it is stored, and the log names the faults


@dataclass(frozen=True, slots=True)
class Commit:
    """Metadata of a change: what, by whom, valid from when.

    Attributes
    ----------
    what : Message or str
        For the log, a text if somebody wrote it; empty for the default message of the store.
    actor : str
        Post or account; empty if unknown.
    valid_from : date, optional
        First day of validity, not in the future; today (UTC) if omitted.
    report : ImportReport, optional
        Of the import that does it.
    sha256 : str
        Of the file that was imported.
    before_commit : BeforeCommit, optional
        Further writes in the same transaction.
    gate : PlanGate, optional
        Whether grids pass the check of topology (:mod:`geo.grids.checks.gate`); every change of a
        user's does. Without it they are stored as they are.
    """

    what: Message | str = ""
    actor: str = ""
    valid_from: date | None = None
    report: ImportReport | None = None
    sha256: str = ""
    before_commit: "BeforeCommit | None" = None
    gate: PlanGate | None = None


BeforeCommit = Callable[[Connection, Commit, int], None]
"""Gets the new revision and writes in its transaction; an exception rolls the change back."""

ANONYMOUS: Final = Commit()
"""A commit without any metadata."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a change of some features was computed from.

    Attributes
    ----------
    revision : int
        Of the district.
    keys : frozenset of str
        Of the features, changed or next to those: they must be as they were at that revision. What
        others do elsewhere in the district does not matter.
    """

    revision: int
    keys: frozenset[str]


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
    actor : str
    what : Message
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
    what: Message
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
class UndoPlan:
    """What undoing a change would do.

    Attributes
    ----------
    revision : int
        That would be undone.
    at, actor : str
        When it was made, and by whom.
    what : Message
        What the log tells of it.
    counts : dict of str to dict of str to int
        Per layer, rows that would be ``added``, ``changed`` and ``removed``.
    keys : dict of str to list of str
        Their keys, up to a hundred of each layer.
    district : tuple of str
        Columns of the district that would change, its boundary for one.
    deletes_district : bool
    faults : tuple of Message
        What it would newly put at fault in the grid plan.
    is_newest : bool
        Whether nothing came after it: only then are such faults stored.
    """

    revision: int
    at: str
    actor: str
    what: Message
    counts: dict[str, dict[str, int]]
    keys: dict[str, list[str]]
    district: tuple[str, ...]
    deletes_district: bool
    faults: tuple[Message, ...]
    is_newest: bool


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
    return json.dumps(report.as_json(), ensure_ascii=False)


def report_from_json(text: str) -> ImportReport:
    """Return the report that :func:`report_to_json` wrote."""
    return ImportReport.from_json(json.loads(text))
