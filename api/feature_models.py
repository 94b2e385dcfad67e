"""Shapes of single features and of their past, for the API document."""

from typing import Any, Literal

from pydantic import Field

from api.models import Feature, Shape


class FeatureAbout(Shape):
    """Where a feature stands and since when it is as it is."""

    district: str
    synthetic: bool = Field(description="True: not a real place; label it wherever it is shown.")
    layer: str
    since: int = Field(description="Revision since which it is as it is; its ETag.")
    valid_from: str = Field(description="Day since which.")
    revision: int | None = Field(
        default=None, description="Of the district now; in the answer to a change."
    )


class FeatureAnswer(Feature):
    """One feature, EPSG:4326, to the last digit."""

    lifecircle: FeatureAbout


class ChangeBy(Shape):
    """Who made a revision."""

    revision: int
    at: str = Field(description="UTC, ISO 8601.")
    actor: str = Field(description="Empty where nobody said.")
    what: str


class VersionShape(Shape):
    """One state of a feature."""

    since: int = Field(description="Revision that made it so.")
    until: int | None = Field(description="First revision without it; null: it is so now.")
    valid_from: str
    valid_to: str | None = Field(description="First day without it.")
    change: ChangeBy | None = Field(description="Null where the log does not reach back so far.")
    feature: Feature


class VersionsAnswer(Shape):
    """All states of a feature, newest first."""

    district: str
    synthetic: bool
    layer: str
    key: str
    versions: list[VersionShape]


class Gone(Shape):
    """A feature was removed."""

    district: str
    layer: str
    key: str
    revision: int = Field(description="Of the district, that removed it.")


class LogRow(ChangeBy):
    """One change of a district."""

    valid_from: str = Field(description="Day as of which it is true.")
    counts: dict[str, dict[Literal["added", "changed", "removed"], int]]
    before: dict[str, Any] = Field(
        description="Per layer and key the values that changed; empty where there are many."
    )
    after: dict[str, Any]


class LogAnswer(Shape):
    """The log of a district, newest first."""

    district: str
    changes: list[LogRow]


class ImportRow(Shape):
    """One import."""

    revision: int
    source: str
    sha256: str = Field(description="Of the file; empty if there was none.")
    imported_at: str
    undone: int | None = Field(description="Revision that undid it.")
    layers: dict[str, dict[str, Any]] = Field(
        description="Per layer: read, accepted, repaired, rejected with row and reason, notes."
    )


class ImportsAnswer(Shape):
    """The imports of a district, newest first."""

    district: str
    imports: list[ImportRow]


class UndoAnswer(Shape):
    """The last import was undone."""

    district: str
    revision: int = Field(description="0 where the import had made the district: it is gone.")
    undone: int = Field(description="Revision of the import.")
    source: str


class LineageRow(Shape):
    """Which grid came from which."""

    revision: int
    valid_from: str
    level: Literal["large", "medium", "small"]
    kind: Literal["split", "merge", "move"]
    old_code: str
    new_code: str
    share: float = Field(description="Of the old grid's area, 0..1.")


class LineageAnswer(Shape):
    """Which grid came from which, oldest first."""

    district: str
    grid: str | None
    rows: list[LineageRow]


class EditionShape(Shape):
    """The grids of one revision under a name."""

    name: str
    state: Literal["draft", "published"]
    revision: int = Field(description="Of the district, whose grids it names.")
    dated: str = Field(description="Day that the plan bears.")
    at: str = Field(description="Of its last change.")
    actor: str
    note: str
    sha256: str = Field(description="Of the grids; checked whenever they are read.")


class EditionAnswer(EditionShape):
    """One edition of a district."""

    district: str


class EditionsAnswer(Shape):
    """The editions of a grid plan, by the day they bear."""

    district: str
    editions: list[EditionShape]


class EditionIn(Shape):
    """What a draft is to bear."""

    dated: str = Field(description="Day, for instance 2026-03-01.")
    note: str = Field(default="", max_length=1_000)
