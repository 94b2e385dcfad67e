"""Shapes of the answers, for the API document; tests hold every real answer against them."""

from collections.abc import Mapping
from inspect import get_annotations
from typing import Annotated, Any, ClassVar, Final, Literal, Unpack, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

from api.formats.aliases import Json
from api.version import code_version
from geo.model.standard import Profile
from geo.partition.atoms.reach import REACH_MOST_M

_VERSION: Final = code_version()


class Shape(BaseModel):
    """Base: an answer has exactly the declared members.

    A shape that shows a value of another layer takes its members over and declares only what is
    different: ``class RunParameters(Shape, of=CoverageQuestion, members={"minutes": "..."})``.
    """

    model_config = ConfigDict(extra="forbid")

    def __init_subclass__(
        cls,
        *,
        of: type | None = None,
        members: Mapping[str, str] | None = None,
        **config: Unpack[ConfigDict],
    ) -> None:
        """Declare members of a value, first and in this order, each with its description.

        Parameters
        ----------
        of : type, optional
            Dataclass or named tuple that the types are those of.
        members : dict of str to str, optional
            Member -> its description, which may be empty. A type that the shape itself declares
            for it wins.
        """
        super().__init_subclass__(**config)
        if of is None or members is None:
            return
        own, types = get_annotations(cls), get_type_hints(of)
        taken = {
            name: Annotated[own.get(name, types[name]), Field(description=words or None)]
            for name, words in members.items()
        }
        cls.__annotations__ = {**taken, **{n: own[n] for n in own if n not in taken}}


_Ends = Annotated[list[int], Field(min_length=2, max_length=2)]


class GridRulesIn(Shape):
    """What grids are drawn by; what is left out is as the district has it."""

    band: _Ends | None = Field(
        default=None, description="Least and most households of a small grid."
    )
    beat: _Ends | None = Field(default=None, description="Least and most households of a beat.")
    weights: dict[str, float | list[float]] | None = Field(
        default=None,
        max_length=10,
        description="Weights of the search: `shape`, `cut`, `crossing` (six, by what is crossed), "
        "`beat_shape`, `beat_cut`, `beat`.",
    )
    reach: float | None = Field(
        default=None,
        ge=0,
        le=REACH_MOST_M,
        description="Metres on the walk network within which detached homes join others.",
    )


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
    code: str = Field(
        default="", description="What is told, for programs; the sentence is in `detail`."
    )
    errors: list[Fault] = Field(default_factory=list)
    request_id: str = Field(
        default="", description="By it the operator finds the request in the log."
    )
    missing: str = Field(default="", description="Of a service that is not ready: what is.")
    edit: int | None = Field(
        default=None, description="Of a scenario: the edit at fault, by its index in `edits`, 0 .."
    )
    now: dict[str, Any] | None = Field(
        default=None, description="With 412: what is there now, with its `etag`; null: nothing."
    )
    changes: list[dict[str, Any]] = Field(
        default_factory=list, description="With 412: the revisions that changed it since."
    )
    limit: dict[str, Any] | None = Field(
        default=None, description="Of a job that met a limit: its `name` and `value`."
    )

    EXAMPLE: ClassVar[Json] = {
        "type": "urn:lifecircle:problem:input",
        "title": "The request is wrong",
        "status": 400,
        "detail": "Got profile 'runner'; wanted one of standard, strict, adult.",
        "errors": [
            {
                "where": "query",
                "name": "profile",
                "message": "Got profile 'runner'; wanted one of standard, strict, adult.",
            }
        ],
        "request_id": "5f0c2a91d37e4b68",
    }


class ProfileName(
    Shape,
    of=Profile,
    members={
        "id": "",
        "zh": "",
        "en": "",
        "speed_m_s": "On the level.",
        "steps_pace": "Level metres that one metre of steps counts for.",
        "slope": "Rule for slopes, where elevation is known.",
        "climb_pace": "Level metres per metre climbed; of the rule climb.",
        "max_slope": "Steeper streets cannot be used; null: none is.",
        "crossing_s": "Waiting time at each crossing, seconds.",
        "avoid": "Kinds of way that cannot be used.",
        "own_speed": "Whether the speed is the question's own.",
        "of_district": "Whether it is the district's own, and not of the standard.",
        "at_crossings": "Whether wide roads are crossed at crossings only.",
    },
):
    """The walker of an answer: speed, and rules for steps, slopes and crossings."""

    avoid: list[str]  # JSON has no sets

    EXAMPLE: ClassVar[Json] = {
        "id": "standard",
        "zh": "国标步行者",
        "en": "Standard walker",
        "speed_m_s": 1.1111111111111112,
        "steps_pace": 1.0,
        "slope": "level",
        "climb_pace": 0.0,
        "max_slope": None,
        "crossing_s": 0.0,
        "avoid": [],
        "own_speed": False,
        "of_district": False,
        "at_crossings": False,
    }


SMALL_COUNTS = "Of a viewer: counts of buildings with fewer than 5 households are 0 or 5."
AS_OF = "Revision or day that was asked for; left out where none was."


class StandardId(Shape):
    """Identity of a standard."""

    id: str
    version: str
    fingerprint: str = Field(description="Hash of its content.")

    EXAMPLE: ClassVar[Json] = {
        "id": "bincheng-2026",
        "version": "2026.4",
        "fingerprint": "0b6f4a3c9d21",
    }


class RowSetAside(Shape):
    """A row that another program left and that no figure is computed from."""

    layer: str
    key: str
    fault: str = Field(description="What is wrong with it, and what was wanted.")


class SetAside(Shape):
    """Rows of the district that no figure is computed from."""

    rows: int = Field(description="How many.")
    named: list[RowSetAside] = Field(
        description="The first of them; `lifecircle db check` has all."
    )


SET_ASIDE = (
    "Rows of another program that no figure is computed from; left out where there are none."
)


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
    as_of: int | str | None = Field(default=None, description=AS_OF)
    small_counts: Literal["protected"] | None = Field(default=None, description=SMALL_COUNTS)
    set_aside: SetAside | None = Field(default=None, description=SET_ASIDE)

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 3,
        "origin": "synthetic",
        "synthetic": True,
        "note": "Synthetic buildings and service points inside a real outline.",
        "note_zh": "真实边界内的合成楼栋与服务点。",
        "credits": ["Synthetic data by Lifecircle"],
        "code_version": _VERSION,
    }


class HouseholdsKnown(Shape):
    """The households of a district by how they are known."""

    counted: int
    estimated: int = Field(description="From outlines and storeys, or spread from a total.")
    synthetic: int


class WalkMeta(Provenance):
    """Provenance, walk network, standard and walker."""

    network: str = Field(description="Hash of the walk network: its layers, the walker, the code.")
    standard: StandardId
    profile: ProfileName
    households_known: HouseholdsKnown = Field(
        description="Households of the district by how they are known; figures add them up."
    )

    EXAMPLE: ClassVar[Json] = {
        **Provenance.EXAMPLE,
        "network": "c2a94f7be01d5386",
        "standard": StandardId.EXAMPLE,
        "profile": ProfileName.EXAMPLE,
        "households_known": {"counted": 0, "estimated": 0, "synthetic": 11684},
    }


class Meta(WalkMeta):
    """All that is needed to defend a figure."""

    minutes: float
    threshold_s: float = Field(
        description="Seconds that the threshold stands for: `time_s` up to it is covered."
    )
    metres: float = Field(description="What the threshold stands for at the profile's speed.")

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        "minutes": 15,
        "threshold_s": 900.0,
        "metres": 1000.0,
    }


class Threshold(Shape):
    """A threshold, inclusive."""

    minutes: float
    threshold_s: float = Field(description="Seconds: `time_s` up to it is covered.")
    metres: float = Field(description="At the profile's speed.")


class Tiered(WalkMeta):
    """All that is needed to defend a figure about several categories."""

    minutes: float | None = Field(description="Null where each category has its own.")
    threshold_s: float | None = Field(description="Seconds that `minutes` stand for.")
    metres: float | None = Field(description="What they stand for at the profile's speed.")
    tier: Literal["standard"] | None = Field(
        description="`standard`: each category by its own minutes."
    )
    thresholds: dict[str, Threshold] = Field(description="Of each category.")

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "tier": None,
        "thresholds": {"catering": {"minutes": 15, "threshold_s": 900.0, "metres": 1000.0}},
    }


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


class GridHead(Shape):
    """Head of a row about one grid, or about the district."""

    code: str
    level: Literal["small", "medium", "large", "district"]
    parent_code: str | None
    name_zh: str
    name_en: str
    buildings: int

    EXAMPLE: ClassVar[Json] = {
        "code": "371602001001101",
        "level": "small",
        "parent_code": "3716020010011",
        "name_zh": "第一网格",
        "name_en": "Grid 1",
        "buildings": 3,
    }
    DISTRICT: ClassVar[Json] = {
        **EXAMPLE,
        "code": "371602",
        "level": "district",
        "parent_code": None,
        "name_zh": "滨城区",
        "name_en": "Bincheng",
    }


class Outside(Shape):
    """What lies in no small grid: in the total, in no row."""

    buildings: int
    households: int


class ChangeBy(Shape):
    """Who made a revision."""

    revision: int
    at: str = Field(description="UTC, ISO 8601.")
    actor: str = Field(description="Empty where nobody said.")
    what: str

    EXAMPLE: ClassVar[Json] = {
        "revision": 7,
        "at": "2026-03-02T08:30:00+00:00",
        "actor": "planning office",
        "what": "service_points changed",
    }


StatusName = Literal["covered", "beyond", "unlinked"]


def example_collection(feature_id: str, properties: Json, geometry: Json, about: Json) -> Json:
    """Return a FeatureCollection of one feature, as an example."""
    feature = {
        "type": "Feature",
        "id": feature_id,
        "properties": properties,
        "geometry": geometry,
    }
    return {"type": "FeatureCollection", "features": [feature], "lifecircle": about}


BBOX: Final = [118.0, 37.378, 118.005, 37.382]
SQUARE: Final[Json] = {
    "type": "Polygon",
    "coordinates": [
        [[118.0, 37.378], [118.005, 37.378], [118.005, 37.382], [118.0, 37.382], [118.0, 37.378]]
    ],
}
POINT: Final[Json] = {"type": "Point", "coordinates": [118.002, 37.38]}
LINE: Final[Json] = {"type": "LineString", "coordinates": [[118.0, 37.38], [118.004, 37.382]]}
