"""Shapes of the answers, for the API document; tests hold every real answer against them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo.standard import SlopeRule


class Shape(BaseModel):
    """Base: an answer has exactly the declared members."""

    model_config = ConfigDict(extra="forbid")


class Fault(Shape):
    """One fault of a request."""

    where: str = Field(description="query, path or body.")
    name: str
    message: str


class Problem(Shape):
    """RFC 9457 problem: what was got, what was wanted, what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field(default_factory=list)
    now: dict[str, Any] | None = Field(
        default=None, description="With 412: what is there now, with its `etag`; null: nothing."
    )
    changes: list[dict[str, Any]] = Field(
        default_factory=list, description="With 412: the revisions that changed it since."
    )


class Health(Shape):
    """The service is alive."""

    status: Literal["ok"]
    version: str


class Counts(Shape):
    """How much there is of what."""

    large: int
    medium: int
    small: int
    buildings: int
    households: int
    service_points: int
    walk_edges: int
    barriers: int
    gates: int
    workers: int


class Summary(Shape):
    """A district in a list."""

    code: str
    name_zh: str
    name_en: str
    revision: int = Field(description="Grows with every committed change.")
    origin: Literal["given", "osm", "drawn", "synthetic"]
    synthetic: bool = Field(description="True: not a real place; label it wherever it is shown.")
    note: str = Field(description="What a reader must know.")
    note_zh: str = Field(description="The same in Chinese; empty where nobody wrote it.")
    credits: list[str] = Field(description="Show these wherever the data is shown.")
    bbox: list[float] = Field(
        description="West, south, east, north of the grids, else of the boundary; degrees."
    )
    epsg: int = Field(description="Metric CRS in which everything is measured.")
    counts: Counts


class Districts(Shape):
    """All districts."""

    districts: list[Summary]


class CategoryShape(Shape):
    """A category of service."""

    id: str
    zh: str
    en: str
    badge_zh: str
    badge_en: str
    radius_m: float
    time_min: float
    source: str
    verified: str


class ProfileName(Shape):
    """The walker of an answer: speed, and rules for steps, slopes and crossings."""

    id: str
    zh: str
    en: str
    speed_m_s: float = Field(description="On the level.")
    steps_pace: float = Field(description="Level metres that one metre of steps counts for.")
    slope: SlopeRule = Field(description="Rule for slopes, where elevation is known.")
    climb_pace: float = Field(description="Level metres per metre climbed; of the rule climb.")
    max_slope: float | None = Field(description="Steeper streets cannot be used; null: none is.")
    crossing_s: float = Field(description="Waiting time at each crossing, seconds.")
    avoid: list[str] = Field(description="Kinds of way that cannot be used.")


class RuleShape(Shape):
    """Where a rule of a walker comes from."""

    rule: str
    source: str
    verified: str


class ProfileShape(ProfileName):
    """A walker with sources."""

    source: str
    verified: str
    rules: list[RuleShape]


class StandardShape(Shape):
    """The standard that answers are given by."""

    id: str
    version: str
    zh: str
    en: str
    minutes: list[float]
    categories: list[CategoryShape]
    profiles: list[ProfileShape]


_AS_OF = "Revision or day that was asked for; left out where none was."


class DistrictDetail(Summary):
    """A district with its boundary and standard."""

    as_of: int | str | None = Field(default=None, description=_AS_OF)

    boundary: dict[str, Any] = Field(description="GeoJSON geometry, EPSG:4326.")
    standard: StandardShape


class StandardId(Shape):
    """Identity of a standard."""

    id: str
    version: str
    fingerprint: str = Field(description="Hash of its content.")


class Provenance(Shape):
    """Whose data an answer is made of."""

    district: str
    revision: int
    origin: str
    synthetic: bool
    note: str
    note_zh: str
    credits: list[str]
    code_version: str
    as_of: int | str | None = Field(default=None, description=_AS_OF)


class WalkMeta(Provenance):
    """Provenance, walk network, standard and walker."""

    network: str = Field(description="Hash of the walk network: its layers, the walker, the code.")
    standard: StandardId
    profile: ProfileName


class Meta(WalkMeta):
    """All that is needed to defend a figure."""

    minutes: float
    metres: float = Field(description="What the threshold stands for at the profile's speed.")


class GatesAt(Shape):
    """Gates at a moment, by their opening hours."""

    at: str = Field(description="Local time of the district.")
    weekday: Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    with_hours: int = Field(description="Gates that have opening hours.")
    closed: list[str] = Field(description="Gates that count as closed because of them.")
    unreadable: list[str] = Field(
        description="Gates whose hours cannot be read; they stay as their access says."
    )


class AtMoment(Shape):
    """An answer that may be about one moment."""

    gates_at: GatesAt | None = Field(description="Null where no time was asked for.")


class Feature(Shape):
    """One GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    properties: dict[str, Any]
    geometry: dict[str, Any]


class FeatureCollection(Shape):
    """GeoJSON, EPSG:4326 in lon, lat order."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    lifecircle: dict[str, Any] = Field(description="Where the features come from.")


class Share(Shape):
    """Coverage of one category."""

    covered: float = Field(description="Households.")
    coverage: float | None = Field(description="Share 0..1; null where there are no households.")


class GridRow(Shape):
    """Coverage of one grid, or of the district."""

    code: str
    level: Literal["small", "medium", "large", "district"]
    parent_code: str | None
    name_zh: str
    name_en: str
    buildings: int
    households: float
    unlinked: float = Field(description="Households whose building meets no walkable way.")
    covered_all: float = Field(description="Households that reach every category.")
    coverage_all: float | None
    count_mean: float | None = Field(description="Categories reached by the mean household.")
    count: list[float] = Field(description="Households that reach exactly 0, 1, 2 ... categories.")
    categories: dict[str, Share]


class Reach(Shape):
    """One building's walk to the nearest point of one category."""

    time_s: float | None = Field(description="Seconds; null when unreached within two hours.")
    point_id: str | None
    status: Literal["covered", "beyond", "unlinked"]


class BuildingRow(Shape):
    """Coverage of one building."""

    building_id: str
    lon: float
    lat: float
    households: int
    reached: int = Field(description="Categories reached within the threshold.")
    categories: dict[str, Reach]


class Outside(Shape):
    """What lies in no small grid: in the total, in no row."""

    buildings: int
    households: int


class CoverageAnswer(Meta, AtMoment):
    """Coverage: sums over buildings, never over polygons."""

    by: Literal["building", "small", "medium", "large", "district"]
    rows: list[GridRow] | list[BuildingRow]
    total: GridRow
    outside: Outside
    without_points: list[str] = Field(
        description="Categories of which the data has no service point: nobody can reach them."
    )
    own_points: bool = Field(
        description="Whether only points inside the district counted, not those of neighbours."
    )
    points: int = Field(description="Service points that counted.")


class GapRow(Shape):
    """Who a category does not reach in one grid; code null: in no grid."""

    rank: int
    category: str = Field(description="A category, or all: lacks at least one.")
    code: str | None
    name_zh: str
    name_en: str
    households: float
    beyond: float
    unlinked: float
    buildings: int
    coverage: float | None
    bbox: list[float]


class GapArea(Shape):
    """Uncovered buildings that lie together; the outline is only a picture."""

    area_id: int
    category: str
    households: float
    buildings: int
    bbox: list[float]
    geometry: dict[str, Any]


class GapsAnswer(Meta, AtMoment):
    """Who is left out."""

    level: Literal["small", "medium", "large"]
    category: str | None
    rows: list[GapRow]
    areas: list[GapArea]


class WalkAnswer(WalkMeta, AtMoment):
    """The shortest walk."""

    metres: float = Field(description="Along the network, between the two access legs.")
    total_m: float = Field(description="On foot, access legs included.")
    seconds: float = Field(description="For everything, access legs included.")
    crossings_s: float = Field(description="Of these, waits at crossings.")
    climb_m: float = Field(description="Metres climbed; descents are not taken off.")
    leg_from_m: float
    leg_to_m: float
    geometry: dict[str, Any]


class PointIn(Shape):
    """A point to assign."""

    id: Any = Field(description="Echoed in the answer.")
    lon: float = Field(description="Degrees, EPSG:4326.")
    lat: float = Field(description="Degrees, EPSG:4326.")


class PointsIn(Shape):
    """A batch of points."""

    points: list[PointIn]


class Assignment(Shape):
    """Where one point lies."""

    id: Any
    large: str | None
    medium: str | None
    small: str | None
    status: Literal["inside", "on_border", "outside", "invalid"]
    reason: str = Field(description="Reason code where outside or invalid.")
    nearest: str | None = Field(description="Nearest grid of a point outside.")
    distance_m: float | None = Field(description="Metres to it.")


class AssignmentCounts(Shape):
    """Items per status."""

    inside: int
    on_border: int
    outside: int
    invalid: int


class AssignmentsAnswer(Shape):
    """A batch, item by item, in the order given."""

    district: str
    revision: int
    as_of: int | str | None = Field(default=None, description=_AS_OF)
    synthetic: bool
    items: list[Assignment]
    counts: AssignmentCounts
