"""Shapes of checks and edits of a grid plan, for the API document."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.models import Shape
from geo.completeness import Met
from geo.faults import Rule

Line = Annotated[
    list[tuple[float, float]],
    Field(min_length=2, max_length=10_000, description="Longitude, latitude; EPSG:4326."),
]
GridCode = Annotated[str, Field(max_length=100)]


class SplitIn(Shape):
    """Split a grid along a line; the part with the most households keeps the code."""

    op: Literal["split"]
    code: GridCode
    line: Line
    codes: list[GridCode] = Field(default=[], description="Of the new parts; else by the scheme.")


class MergeIn(Shape):
    """Merge neighbouring grids; `into`, else the first, keeps its code."""

    op: Literal["merge"]
    codes: list[GridCode] = Field(min_length=1, max_length=100)
    into: GridCode | None = None


class BorderIn(Shape):
    """Draw the border between two grids anew."""

    op: Literal["border"]
    first: GridCode
    second: GridCode
    line: Line


class TransferIn(Shape):
    """Give a building with its ground to a neighbouring grid."""

    op: Literal["transfer"]
    building_id: str = Field(max_length=200)
    to: GridCode


class AddIn(Shape):
    """Add a grid where none is."""

    op: Literal["add"]
    outline: Line
    parent: GridCode
    code: GridCode | None = None
    name: str = Field(default="", max_length=200)


class RetireIn(Shape):
    """Retire a grid; its ground goes to `to`, else to the sibling with the longest border."""

    op: Literal["retire"]
    code: GridCode
    to: GridCode | None = None


GridEdit = SplitIn | MergeIn | BorderIn | TransferIn | AddIn | RetireIn


class FaultRow(Shape):
    """One fault of a grid plan."""

    rule: Rule
    grave: bool = Field(description="False: advice, the plan may stay like this.")
    codes: list[str]
    lon: float | None = Field(description="A point of the fault.")
    lat: float | None
    size: float
    unit: Literal["m2", "m", "count"]
    text: str
    repair: str = Field(description="What would mend it.")


class CheckAnswer(Shape):
    """All faults of a grid plan."""

    district: str
    revision: int
    as_of: int | str | None = None
    synthetic: bool
    scheme: str | None = Field(description="Scheme that all codes follow.")
    counts: dict[str, int] = Field(description="Faults per rule; every rule is there.")
    faults: list[FaultRow]


class CompletenessRow(Shape):
    """One rule in one grid, beat or station."""

    code: str
    level: str
    rule: str
    status: Met
    value: float | None
    wanted: str
    names: str


class CompletenessAnswer(Shape):
    """What each grid has, and what it lacks."""

    district: str
    revision: int
    as_of: int | str | None = None
    synthetic: bool
    summary: list[dict[str, Any]] = Field(description="Per rule: met, of how many, share.")
    rows: list[CompletenessRow]


class EditAnswer(Shape):
    """What an edit does, or did."""

    district: str
    revision: int = Field(description="After the edit; that of the preview where nothing is saved.")
    synthetic: bool
    preview: bool = Field(description="True: nothing was changed.")
    given: list[str] = Field(description="New codes.")
    retired: list[str] = Field(description="Codes that end and are never used again.")
    lineage: list[dict[str, Any]]
    effect: list[dict[str, Any]] = Field(description="Per grid: before and after.")
    grids: dict[str, Any] = Field(description="FeatureCollection of what is new or changed.")


class RepairAnswer(Shape):
    """What a repair does, or did."""

    district: str
    revision: int = Field(description="After the repair; that of the preview if nothing is saved.")
    synthetic: bool
    preview: bool = Field(description="True: nothing was changed.")
    mended: list[dict[str, Any]]
    left: list[dict[str, Any]] = Field(description="Faults that only people can put right.")
    gone: list[str] = Field(description="Grids of which nothing is left.")
    areas: list[dict[str, Any]] = Field(description="Ground that changes hands, by grid, m2.")
