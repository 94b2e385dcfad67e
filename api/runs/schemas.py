"""Shapes of coverage runs, for the API document."""

from typing import Any, ClassVar, Final

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape, StandardId
from api.jobs.schemas import QUEUED as _QUEUED
from api.version import code_version


class WholeStandard(StandardId):
    """The standard of a run, whole."""

    content: dict[str, Any] = Field(description="Every figure with its source.")


class RunParameters(Shape):
    """What a run answers."""

    minutes: float
    own_points: bool
    at: str | None = Field(description="Local time at which gates are open or closed.")


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


class RunHead(Shape):
    """A result that was kept."""

    run: str = Field(description="Hash of the ingredients and of the result.")
    district: str
    revision: int
    kind: str
    at: str = Field(description="When it was kept; UTC, ISO 8601.")
    actor: str
    sha256: str = Field(description="Of the result as bytes; the same whenever it is run again.")
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
            "profile": "adult",
            "parameters": {"minutes": 15.0, "own_points": False, "at": None},
            "code_version": code_version(),
            "code": "90b1d2c3e4f5a687",
        },
    }


class RunsAnswer(Shape):
    """The runs of a district, newest first."""

    runs: list[RunHead]

    EXAMPLE: ClassVar[Json] = {"runs": [RunHead.EXAMPLE]}


class RunRow(Shape):
    """Households that a category reaches."""

    code: str | None = Field(description="Of the grid; null for the whole district.")
    category: str = Field(description="Of the standard, or `all`.")
    households: int
    covered: int
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
    **_QUEUED,
    "kind": "coverage",
    "parameters": {"minutes": 15.0, "profile": "adult", "own_points": False, "at": None},
}
