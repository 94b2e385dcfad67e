"""Shapes of coverage runs, for the API document."""

from typing import Any, ClassVar, Final

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape, StandardId
from api.jobs.schemas import JobShape
from api.parameters import CoverageQuestion
from api.version import code_version
from boundaries.store.runs import GridShare, Run


class WholeStandard(StandardId):
    """The standard of a run, whole."""

    content: dict[str, Any] = Field(description="Every figure with its source.")


class RunParameters(
    Shape,
    of=CoverageQuestion,
    members={
        "minutes": "",
        "own_points": "",
        "at": "Local time at which gates, ways and service points are open or closed.",
        "tier": "`standard`: each category by its own minutes.",
        "speed": "Speed in place of the walker's, m/s.",
        "floors": "Whether dwellings count by floor.",
        "crossings": "Whether wide roads are crossed at crossings only.",
    },
):
    """What a run answers."""

    tier: str | None = None  # runs kept before have none
    speed: float | None = None
    floors: bool = False
    crossings: bool = False


class Ingredients(Shape):
    """All that the figures of a run depend on."""

    district: str
    revision: int
    data: dict[str, str] = Field(description="Hash of the boundary and of each layer.")
    network: str = Field(description="Hash of the walk network: its layers, the walker, the code.")
    standard: StandardId
    profile: str
    parameters: RunParameters
    code_version: str
    code: str = Field(description="Hash of the code that computes.")


class WholeIngredients(Ingredients):
    """The same, with the standard whole."""

    standard: WholeStandard


class RunHead(
    Shape,
    of=Run,
    members={
        "run": "Hash of the ingredients and of the result.",
        "district": "",
        "revision": "",
        "kind": "",
        "at": "When it was kept; UTC, ISO 8601.",
        "actor": "",
        "sha256": "Of the result as bytes; the same whenever it is run again.",
    },
):
    """A result that was kept."""

    ingredients: Ingredients

    EXAMPLE: ClassVar[Json] = {
        "run": "9c1f0e6ab27d",
        "district": "371602",
        "revision": 3,
        "kind": "coverage",
        "at": "2026-11-24T08:00:02+00:00",
        "actor": "planning office",
        "sha256": "5e0c6f2a7d1b4938a6cf01e2d3b4958677a8b9c0d1e2f30415263748596a7b8c",
        "ingredients": {
            "district": "371602",
            "revision": 3,
            "data": {"boundary": "1f0a9b3c5d7e2468", "buildings": "7d21c0b6f4a3e958"},
            "network": "c2a94f7be01d5386",
            "standard": StandardId.EXAMPLE,
            "profile": "standard",
            "parameters": {
                "minutes": 15.0,
                "own_points": False,
                "at": None,
                "tier": None,
                "speed": None,
                "floors": False,
                "crossings": False,
            },
            "code_version": code_version(),
            "code": "90b1d2c3e4f5a687",
        },
    }


class RunsAnswer(Shape):
    """The runs of a district, newest first."""

    runs: list[RunHead]

    EXAMPLE: ClassVar[Json] = {"runs": [RunHead.EXAMPLE]}


class RunRow(
    Shape,
    of=GridShare,
    members={
        "code": "Of the grid; null for the whole district.",
        "category": "Of the standard, or `all`.",
        "households": "",
        "covered": "",
    },
):
    """Households that a category reaches."""

    code: str | None
    coverage: float | None = Field(description="Share 0..1; null where there are no households.")


class RunAnswer(RunHead):
    """One run with its figures."""

    ingredients: WholeIngredients
    rows: list[RunRow]

    EXAMPLE: ClassVar[Json] = {
        **RunHead.EXAMPLE,
        "ingredients": {
            **RunHead.EXAMPLE["ingredients"],
            "standard": {
                **StandardId.EXAMPLE,
                "content": {"id": "bincheng-2026", "minutes": [5, 10, 15]},
            },
        },
        "rows": [
            {
                "code": "371602001001101",
                "category": "medical",
                "households": 40,
                "covered": 30,
                "coverage": 0.75,
            }
        ],
    }


QUEUED: Final[Json] = {
    **JobShape.QUEUED,
    "kind": "coverage",
    "parameters": {
        "minutes": 15.0,
        "profile": "standard",
        "own_points": False,
        "at": None,
        "tier": None,
        "speed": None,
        "floors": False,
        "crossings": False,
    },
}
