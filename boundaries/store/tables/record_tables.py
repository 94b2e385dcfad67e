"""Record tables: changes, imports, lineage of grids, editions, runs and jobs.

Imports, lineage, editions and runs are deleted with their district; :data:`changes` stays.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from boundaries.store.tables.layer_tables import INTEGER, metadata, one_of
from geo.grids.succession import SuccessionKind
from geo.model.vocabulary import Level


class JobState(StrEnum):
    """State of a job; all but the first two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # the service that ran it stopped before it was done


class EditionState(StrEnum):
    """State of an edition of a grid plan; a published one never changes."""

    DRAFT = "draft"
    PUBLISHED = "published"


def _fid() -> Column[int]:
    return Column("fid", INTEGER, primary_key=True, nullable=False)


def _district() -> Column[str]:
    owner = ForeignKey("districts.code", ondelete="CASCADE", onupdate="CASCADE")
    return Column("district", Text, owner, nullable=False)


def _text(name: str, default: str | None = None, doc: str | None = None) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=default, doc=doc)


changes: Final = Table(
    "changes",
    metadata,
    _fid(),
    _text("district", doc="no reference: what was done to a district outlives it"),
    Column("revision", INTEGER, nullable=False, doc="that the change made"),
    _text("at", doc="UTC, ISO 8601"),
    Column("valid_from", Date, nullable=False, doc="day as of which it is true"),
    _text("actor", "", doc="who; empty where nobody said"),
    _text("what", doc="what was done, in words"),
    _text("counts", "{}", doc="JSON: per layer, rows added, changed and removed"),
    _text("before", "{}", doc="JSON: per layer and key, the values that changed, as they were"),
    _text("after", "{}", doc="JSON: the same, as they are now"),
    Column(
        "foreign",
        Boolean,
        nullable=False,
        server_default=false(),
        doc="whether another program made it (QGIS, GDAL, SQL), whose edits the triggers log",
    ),
    UniqueConstraint("district", "revision"),
    sqlite_autoincrement=True,
)
"""The audit log: one row for every revision of every district."""

imports: Final = Table(
    "imports",
    metadata,
    _fid(),
    _district(),
    Column("revision", INTEGER, nullable=False, doc="revision that the import made"),
    _text("source"),
    _text("sha256", "", doc="of the file; may be empty"),
    _text("imported_at", doc="UTC, ISO 8601"),
    _text("report", doc="JSON of boundaries.import_report.ImportReport"),
    Column("undone", INTEGER, nullable=True, doc="revision that undid it"),
    Index(None, "district", "revision"),
    sqlite_autoincrement=True,
)
lineage: Final = Table(
    "lineage",
    metadata,
    _fid(),
    _district(),
    Column("revision", INTEGER, nullable=False, doc="in which it came to be"),
    Column("valid_from", Date, nullable=False),
    _text("level"),
    _text("kind"),
    _text("old_code"),
    _text("new_code"),
    Column("share", Double, nullable=False, doc="of the old grid's area, 0..1"),
    one_of("kind", SuccessionKind),
    one_of("level", Level),
    UniqueConstraint("district", "revision", "old_code", "new_code"),
    sqlite_autoincrement=True,
)
editions: Final = Table(
    "editions",
    metadata,
    _fid(),
    _district(),
    _text("name"),
    _text("state"),
    Column("revision", INTEGER, nullable=False, doc="of the district, whose grids it names"),
    Column("dated", Date, nullable=False, doc="date of the plan"),
    _text("at", doc="UTC, ISO 8601, of the last change of this row"),
    _text("actor", ""),
    _text("note", ""),
    _text("sha256", doc="of the grids: codes, parents, names and geometry"),
    one_of("state", EditionState),
    UniqueConstraint("district", "name"),
    sqlite_autoincrement=True,
)
runs: Final = Table(
    "runs",
    metadata,
    _fid(),
    _text("run"),
    _district(),
    Column("revision", INTEGER, nullable=False),
    _text("kind", doc="coverage"),
    _text("at", doc="UTC, ISO 8601"),
    _text("actor", ""),
    _text("ingredients", doc="JSON: all that the figures depend on"),
    _text("sha256", doc="of the result as bytes"),
    UniqueConstraint("run"),
    sqlite_autoincrement=True,
)
grid_coverage: Final = Table(
    "grid_coverage",
    metadata,
    _fid(),
    Column("run", Text, ForeignKey("runs.run", ondelete="CASCADE"), nullable=False),
    _text("code", doc="of the grid"),
    _text("category", doc="of the standard, or `all`"),
    Column("households", INTEGER, nullable=False),
    Column("covered", INTEGER, nullable=False, doc="households"),
    Column("coverage", Double, nullable=True, doc="0..1; none where there are no households"),
    UniqueConstraint("run", "code", "category"),
    sqlite_autoincrement=True,
)
jobs: Final = Table(
    "jobs",
    metadata,
    _fid(),
    _text("job"),
    _text("kind"),
    _text("state"),
    Column("progress", Double, nullable=False, server_default="0", doc="0..1"),
    _text("message", ""),
    _text("district", ""),
    _text("actor", ""),
    _text("parameters", "{}", doc="JSON"),
    Column("result", Text, nullable=True, doc="JSON"),
    Column("error", Text, nullable=True, doc="JSON, application/problem+json"),
    Column("upload", Text, nullable=True, doc="JSON: name, bytes and sha256 of its file"),
    _text("spool", "", doc="the spool folder with its file; only who has it may run the job"),
    _text("created_at", doc="UTC, ISO 8601"),
    Column("started_at", Text, nullable=True),
    Column("finished_at", Text, nullable=True),
    _text("service", "", doc="which process runs it"),
    Column("beat_at", Text, nullable=True, doc="when that process last said so; UTC, ISO 8601"),
    _text("request_id", "", doc="of the request that asked for it"),
    one_of("state", JobState),
    CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
    UniqueConstraint("job"),
    Index(None, "state"),
    sqlite_autoincrement=True,
)
