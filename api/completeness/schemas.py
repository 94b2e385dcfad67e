"""Schemas of the completeness of grids."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Meta, Outside, Shape
from geo.staffing.completeness import Met
from geo.staffing.organisations import Unplaced


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


class LegThroughBuilding(Shape):
    """A building whose access leg is straight through another one: no free leg is known."""

    building_id: str
    name: str
    households: int
    through: str = Field(description="The first building on the leg.")


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


class CompletenessGrid(Shape):
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
    legs_through_buildings: list[LegThroughBuilding]
    grids: list[CompletenessGrid]
    rows: list[CompletenessRow]
    unplaced: list[UnplacedRow]

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "outside": {"buildings": 0, "households": 0},
        "households_per_worker": 100,
        "rules": [
            {"id": "branch", "level": "medium", "zh": "支部", "en": "branch"},
            {"id": "hub", "level": "station", "zh": "站点到中心", "en": "station to its hub"},
            {
                "id": "catchment",
                "level": "small",
                "zh": "站点服务范围",
                "en": "catchment of a station",
            },
        ],
        "summary": [
            {"rule": "branch", "level": "medium", "met": 1, "of": 2, "share": 0.5},
            {"rule": "hub", "level": "station", "met": 1, "of": 1, "share": 1.0},
            {"rule": "catchment", "level": "small", "met": 0, "of": 1, "share": 0.0},
        ],
        "stations": {
            "zh": "一中心多站点",
            "en": "one hub and many stations",
            "default_minutes": 15,
            "source": "The document names the rule without a time; that of its convenience circle "
            "is taken (一刻钟便民服务圈)",
            "verified": "unverified",
            "sentence_zh": "共有 1 个中心、1 个站点；辖区网格内的 1 个站点中，"
            "1 个在 15 分钟内能走到中心。",
            "sentence_en": "Hubs: 1, stations: 1. Of the stations in the district's grids (1), 1 "
            "have a hub within 15 minutes.",
            "counts": {
                "hubs": 1, "stations": 1, "own_stations": 1, "own_stations_met": 1, "grids": 1,
                "grids_met": 0, "households": 31, "households_within": 29, "unlinked_hubs": 0,
                "unlinked_stations": 0, "unlinked_buildings": 1, "unlinked_households": 2,
                "unplaced": 1,
            },
            "hubs": [
                {
                    "place_id": "p4", "name": "南苑便民服务中心", "lon": 118.002, "lat": 37.379,
                    "reason": "",
                }
            ],
            "stations": [
                {
                    "place_id": "p2", "name": "北苑便民服务站", "lon": 118.002, "lat": 37.381,
                    "reason": "", "time_s": 208.0, "hub_id": "p4", "grid_code": "371602001001101",
                    "status": "within", "households": 29,
                }
            ],
            "unlinked": [
                {
                    "what": "building",
                    "id": "b2",
                    "name": "2号楼",
                    "households": 2,
                    "reason": "blocked",
                }
            ],
        },
        "legs_through_buildings": [
            {"building_id": "b3", "name": "3号楼", "households": 4, "through": "b1"}
        ],
        "grids": [
            {
                "code": "371602001001101", "level": "small", "parent_code": "3716020010011",
                "name_zh": "西北网格", "name_en": "North-west", "households": 31, "within": 29,
                "beyond": 0, "unlinked": 2, "share": 0.935, "farthest_s": 252.0, "stations": 1,
                "lacks": ["catchment"],
            }
        ],
        "rows": [
            {
                "code": "3716020010011",
                "level": "medium",
                "rule": "branch",
                "status": "missing",
                "value": 0.0,
                "wanted": "1",
                "names": "",
            }
        ],
        "unplaced": [
            {
                "role": "station", "name": "河畔服务站", "grid_code": "371602001001102",
                "point_id": "", "reason": "no_place",
            }
        ],
    }  # fmt: skip
