"""Shapes of checks and edits of a grid plan, for the API document."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import SET_ASIDE, SMALL_COUNTS, SetAside, Shape
from geo.grids.checks.faults import Rule

Line = Annotated[
    list[tuple[float, float]],
    Field(min_length=2, max_length=10_000, description="Longitude, latitude; EPSG:4326."),
]
GridCode = Annotated[str, Field(max_length=100)]


_ABOUT: Final[Json] = {"district": "371602", "revision": 3, "synthetic": True}


class EditIn(Shape):
    """What every edit of a grid plan may say."""

    accept: list[Literal["barrier"]] = Field(
        default=[],
        max_length=10,
        description="Faults that it may cause all the same: grids whose buildings a barrier parts. "
        "The log names them.",
    )


class SplitIn(EditIn):
    """Split a grid along a line."""

    op: Literal["split"]
    code: GridCode
    line: Line
    codes: list[GridCode] = Field(default=[], description="Of the new parts; else by the scheme.")
    names: str = Field(
        default="",
        max_length=200,
        description="Rule of their names, with {name}, {code}, {n}; else that of the district.",
    )


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
    small_counts: Literal["protected"] | None = Field(default=None, description=SMALL_COUNTS)
    synthetic: bool
    scheme: str | None = Field(description="Scheme that most codes follow.")
    unfilled_m2: float = Field(
        description="Ground of the outline beyond the grids where the data is synthetic and fills "
        "a part of a real outline: that is no fault."
    )
    counts: dict[str, int] = Field(description="Faults per rule; every rule is there.")
    faults: list[FaultRow]
    set_aside: SetAside | None = Field(default=None, description=SET_ASIDE)

    EXAMPLE: ClassVar[Json] = {
        **_ABOUT,
        "scheme": "cn15",
        "unfilled_m2": 0.0,
        "counts": {
            "row": 0, "valid": 0, "collapsed": 0, "multipart": 0, "overlap": 0, "gap": 1, "hole": 0,
            "sliver": 0, "outside": 0, "matched": 0, "nested": 0, "parent": 0, "building": 0,
            "barrier": 0, "band": 0, "code": 0, "retired": 0, "order": 0,
        },
        "faults": [
            {
                "rule": "gap",
                "grave": True,
                "codes": ["371602001001101", "371602001001102"],
                "lon": 118.002,
                "lat": 37.38,
                "size": 12.5,
                "unit": "m2",
                "text": "12.50 m2 of the district lie in no grid; around it are 371602001001101, "
                "371602001001102.",
                "repair": "Give the piece to one of them, or add a grid.",
            }
        ],
    }  # fmt: skip


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

    EXAMPLE: ClassVar[Json] = {
        **_ABOUT,
        "preview": True,
        "given": [],
        "retired": ["371602001001102"],
        "lineage": [
            {
                "level": "small",
                "kind": "merge",
                "old_code": "371602001001102",
                "new_code": "371602001001101",
                "share": 1.0,
            }
        ],
        "effect": [
            {
                "code": "371602001001101",
                "area_m2_before": 40000.0,
                "households_before": 31,
                "area_m2_after": 80000.0,
                "households_after": 60,
            }
        ],
        "faults": [
            {
                "rule": "barrier",
                "grave": True,
                "codes": ["371602001001101"],
                "lon": 118.0021,
                "lat": 37.3804,
                "size": 120.0,
                "unit": "m",
                "text": "The wall 北苑围墙 parts the buildings of 371602001001101: 9 and 8.",
                "repair": "Merge grids that lie on one side of it.",
            }
        ],
        "grids": {"type": "FeatureCollection", "features": []},
    }


class RepairAnswer(Shape):
    """What a repair does, or did."""

    district: str
    revision: int = Field(description="After the repair; that of the preview if nothing is saved.")
    synthetic: bool
    preview: bool = Field(description="True: nothing was changed.")
    mended: list[dict[str, Any]]
    left: list[dict[str, Any]] = Field(
        description="Faults that only people can put right, each with `repair`."
    )
    reparented: list[dict[str, str | None]] = Field(
        description="Grids whose parent was wrong: `code` and its new `parent`."
    )
    renumbered: list[dict[str, str]] = Field(
        description="New codes, each for one that was another grid's before, or that the grids in "
        "a grid do not name."
    )
    areas: list[dict[str, Any]] = Field(description="Ground that changes hands, by grid, m2.")

    EXAMPLE: ClassVar[Json] = {
        **_ABOUT,
        "preview": True,
        "mended": [
            {
                "rule": "gap",
                "codes": ["371602001001101"],
                "text": "12.50 m2 of the district lie in no grid; around it is 371602001001101.",
            }
        ],
        "left": [],
        "reparented": [],
        "renumbered": [],
        "areas": [
            {
                "code": "371602001001101",
                "before_m2": 39_987.5,
                "after_m2": 40_000.0,
                "gained_m2": 12.5,
                "lost_m2": 0.0,
            }
        ],
    }


EDIT_IN: Final[Json] = {"op": "merge", "codes": ["371602001001101", "371602001001102"]}
