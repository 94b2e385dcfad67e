"""Shapes of checks and edits of a grid plan, for the API document."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.models import Meta, Outside, Shape
from geo.completeness import Met
from geo.faults import Rule
from geo.organisations import Unplaced

Line = Annotated[
    list[tuple[float, float]],
    Field(min_length=2, max_length=10_000, description="Longitude, latitude; EPSG:4326."),
]
GridCode = Annotated[str, Field(max_length=100)]


class EditIn(Shape):
    """What every edit of a grid plan may say."""

    accept: list[Literal["barrier"]] = Field(
        default=[],
        max_length=10,
        description="Faults that it may cause all the same: grids whose buildings a barrier parts. "
        "The log names them.",
    )


class SplitIn(EditIn):
    """Split a grid along a line; the part with the most households keeps the code."""

    op: Literal["split"]
    code: GridCode
    line: Line
    codes: list[GridCode] = Field(default=[], description="Of the new parts; else by the scheme.")


class MergeIn(EditIn):
    """Merge neighbouring grids; `into`, else the first, keeps its code."""

    op: Literal["merge"]
    codes: list[GridCode] = Field(min_length=1, max_length=100)
    into: GridCode | None = None


class BorderIn(EditIn):
    """Draw the border between two grids anew."""

    op: Literal["border"]
    first: GridCode
    second: GridCode
    line: Line


class TransferIn(EditIn):
    """Give a building with its ground to a neighbouring grid."""

    op: Literal["transfer"]
    building_id: str = Field(max_length=200)
    to: GridCode
    along: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=100, description="Other buildings of the same grid that go with it."
    )


class AddIn(EditIn):
    """Add a grid where none is."""

    op: Literal["add"]
    outline: Line
    parent: GridCode
    code: GridCode | None = None
    name: str = Field(default="", max_length=200)


class RetireIn(EditIn):
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


class RuleName(Shape):
    """A rule of the report."""

    id: str
    level: str = Field(description="Of its rows: large, medium, small, beat or station.")
    zh: str
    en: str


class HubRow(Shape):
    """A place that counts as a hub."""

    place_id: str = Field(description="Of the service point; row-N for a row of a table.")
    name: str
    lon: float
    lat: float
    reason: str = Field(description="Why it is unlinked; empty where it is linked.")


class StationRow(HubRow):
    """A place that counts as a station."""

    time_s: float | None = Field(description="To the nearest hub; null without a way.")
    hub_id: str | None
    grid_code: str | None = Field(description="Grid it stands in; null: a neighbour's.")
    status: Literal["within", "beyond", "unlinked"]
    households: int = Field(description="Whose nearest station it is, within the threshold.")


class UnlinkedRow(Shape):
    """A place without a way to the walk network."""

    what: Literal["hub", "station", "building"]
    id: str
    name: str
    households: int
    reason: Literal["no_network", "too_far", "blocked"]


class StationCounts(Shape):
    """What the rule of hubs and stations comes to."""

    hubs: int
    stations: int
    own_stations: int = Field(description="In a grid of the district.")
    own_stations_met: int = Field(description="Of these, with a hub within the threshold.")
    grids: int = Field(description="Small grids with households.")
    grids_met: int = Field(description="Of these, wholly in the catchment of a station.")
    households: int
    households_within: int
    unlinked_hubs: int
    unlinked_stations: int
    unlinked_buildings: int
    unlinked_households: int
    unplaced: int


class StationsShape(Shape):
    """One hub and many stations."""

    zh: str
    en: str
    default_minutes: float
    source: str = Field(description="Where the default threshold comes from.")
    verified: str
    sentence_zh: str
    sentence_en: str
    counts: StationCounts
    hubs: list[HubRow]
    stations: list[StationRow]
    unlinked: list[UnlinkedRow]


class GridRow(Shape):
    """A grid: its households by their nearest station, and the rules that it lacks."""

    code: str
    level: str
    parent_code: str | None
    name_zh: str
    name_en: str
    households: int
    within: int
    beyond: int
    unlinked: int
    share: float | None = Field(description="Within, of households; null where there are none.")
    farthest_s: float | None = Field(description="Longest walk to a station; null: no way.")
    stations: int = Field(description="That are the nearest one of some building.")
    lacks: list[str] = Field(description="Rules of its rows that are not met.")


class UnplacedRow(Shape):
    """An organisation that stands nowhere in the plan, and counts for nothing."""

    role: str
    name: str
    grid_code: str
    point_id: str
    reason: Unplaced


class CompletenessAnswer(Meta):
    """What each grid has, and what it lacks."""

    outside: Outside
    households_per_worker: int
    rules: list[RuleName]
    summary: list[dict[str, Any]] = Field(description="Per rule: met, of how many, share.")
    stations: StationsShape
    grids: list[GridRow]
    rows: list[CompletenessRow]
    unplaced: list[UnplacedRow]


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
    faults: list[FaultRow] = Field(
        description="That it newly causes; `repair` is what to do instead. Saving refuses grave "
        "ones that are not accepted."
    )
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
    renumbered: list[dict[str, str]] = Field(
        description="New codes, each for one that was another grid's before."
    )
    areas: list[dict[str, Any]] = Field(description="Ground that changes hands, by grid, m2.")
